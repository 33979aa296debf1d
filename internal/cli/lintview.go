package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/internal/ci"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/lint"
)

// RuleRow is one rule in the output of "onex lint --list" and "--explain".
type RuleRow struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Set     lint.Set   `json:"set"`
	Level   lint.Level `json:"level"`
	Files   []string   `json:"files"`
	Fixable bool       `json:"fixable"`
	Short   string     `json:"short"`
	Why     string     `json:"why"`
	Bad     string     `json:"bad"`
	Good    string     `json:"good"`
	Fix     string     `json:"fix,omitempty"`
}

func ruleRow(r *lint.Rule) RuleRow {
	return RuleRow{r.ID, r.Name, r.Set, r.Level, append([]string{}, r.Files...), r.Doc.Fix != "", r.Doc.Short, r.Doc.Why, r.Doc.Bad, r.Doc.Good, r.Doc.Fix}
}

// Text says what a person wants to know who met the rule.
func (r RuleRow) Text(env *console.Env, w io.Writer) {
	fmt.Fprintf(w, "%s %s (%s, set %s)\n%s\n\n%s\n", env.Paint(console.Bold, r.ID), r.Name, r.Level, r.Set, r.Short, r.Why)
	fmt.Fprintf(w, "\nnot so:\n%s\nbut so:\n%s", example(r.Bad), example(r.Good))
	if r.Fix != "" {
		fmt.Fprintf(w, "\n--fix: %s\n", r.Fix)
	}
}

func example(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}

// RuleRows is the output of "onex lint --list".
type RuleRows []RuleRow

func ruleRows(list []*lint.Rule) RuleRows {
	var rows RuleRows
	for _, r := range append(list, lint.Own()...) {
		rows = append(rows, ruleRow(r))
	}
	return rows
}

// Table lists one rule in a line.
func (rs RuleRows) Table() console.Grid {
	g := console.Grid{Header: []string{"id", "name", "set", "level", "fix", "finds"}}
	for _, r := range rs {
		fix := ""
		if r.Fixable {
			fix = "yes"
		}
		g.Rows = append(g.Rows, []string{r.ID, r.Name, string(r.Set), string(r.Level), fix, r.Short})
	}
	return g
}

// lintFormat is how a report is printed. It is a flag value.
type lintFormat string

func lintFormats() []string {
	var names []string
	for _, f := range console.Formats() {
		names = append(names, string(f))
	}
	return append(names, "sarif", "github", "junit")
}

// Set parses the flag's value.
func (f *lintFormat) Set(text string) error {
	if !slices.Contains(lintFormats(), text) {
		return fmt.Errorf("%q is not one of %s", text, f.Type())
	}
	*f = lintFormat(text)
	return nil
}

func (f *lintFormat) String() string { return string(*f) }

// Type names the value in help texts.
func (f *lintFormat) Type() string { return strings.Join(lintFormats(), "|") }

func (s *session) printLint(f lintFormat, list []*lint.Rule, r lint.Report) error {
	switch f {
	case "sarif":
		return ci.SARIF(s.Out, "onex lint", "onexLint/v1", ciFindings(list, r))
	case "github":
		return ci.GitHub(s.Out, ciFindings(list, r))
	case "junit":
		return ci.JUnit(s.Out, ciCases(r))
	}
	return s.Print(console.Format(f), lintView{r})
}

func ciFindings(rules []*lint.Rule, r lint.Report) []ci.Finding {
	var list []ci.Finding
	known := slices.Concat(rules, lint.Own())
	for _, d := range r.Findings {
		f := ci.Finding{Rule: ci.Rule{ID: d.Rule, Name: d.Name, Text: d.Message, Help: "onex lint --explain " + d.Rule},
			Level: string(d.Level), Path: d.Path, Line: d.Line, Column: d.Column, Message: d.Message, Key: d.Message}
		if rule, ok := lint.Find(known, d.Rule); ok {
			f.Rule.Text, f.Rule.Help = rule.Doc.Short, rule.Doc.Why
		}
		list = append(list, f)
	}
	return list
}

// ciCases makes a test of every rule that ran, and one of each finding.
func ciCases(r lint.Report) []ci.Case {
	var cases []ci.Case
	for _, id := range r.Rules {
		c := ci.Case{Name: id, Path: "lint/" + id}
		if slices.Contains(r.Idle, id) {
			c.Skipped = "there is no file that it looks at"
		}
		cases = append(cases, c)
	}
	for _, d := range r.Findings {
		cases = append(cases, ci.Case{Name: d.Rule + " " + d.Position(), Path: d.Path, Failed: d.Message, Kind: string(d.Level), Details: d.String()})
	}
	return cases
}

// lintView is a report as a person reads it.
type lintView struct{ lint.Report }

// notesOfRule is how many notes of one rule a person is shown: what fails the run is
// not to be lost among them.
const notesOfRule = 3

// Text prints a finding in a line, as compilers do, and what is to be done. Notes
// come last.
func (v lintView) Text(env *console.Env, w io.Writer) {
	var notes []lint.Diagnostic
	shown, more := map[string]int{}, 0
	line := func(d lint.Diagnostic) {
		fmt.Fprintf(w, "%s: %s: %s %s\n", d.Position(), env.Paint(levelColor(d.Level), string(d.Level)), d.Message, env.Paint(console.Faint, "["+d.Rule+" "+d.Name+"]"))
	}
	for _, d := range v.Findings {
		switch {
		case d.Level != lint.Note:
			line(d)
		case shown[d.Rule] < notesOfRule:
			shown[d.Rule]++
			notes = append(notes, d)
		default:
			more++
		}
	}
	for _, d := range notes {
		line(d)
	}
	v.Summary(w)
	if more > 0 {
		env.Note("%d more note(s) of the same rules; -o table shows them", more)
	}
	if len(v.Idle) > 0 {
		env.Note("nothing to look at for %d of %d rule(s): %s", len(v.Idle), len(v.Rules), ranges(v.Idle))
	}
	for _, skipped := range v.Skipped {
		how := "was not looked at"
		if skipped.Partly {
			how = "was looked at in part"
		}
		env.Warn("%s %s: %s", skipped.Path, how, skipped.Reason)
	}
	if len(v.PassedOver) > 0 {
		env.Note("no rule that ran looks at %s", some(v.PassedOver))
	}
	if v.Fixable() > 0 {
		env.Note("onex lint --fix mends %d of them", v.Fixable())
	}
	if len(v.Findings) > 0 {
		first := max(0, slices.IndexFunc(v.Findings, func(d lint.Diagnostic) bool { return d.Level != lint.Note }))
		env.Note("onex lint --explain %s says why", v.Findings[first].Rule)
	}
}

// somePaths is how many files a line names: a hook may hand over hundreds.
const somePaths = 5

// some names paths, the first ones of many.
func some(paths []string) string {
	if more := len(paths) - somePaths; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(paths[:somePaths], ", "), more)
	}
	return strings.Join(paths, ", ")
}

// ranges writes ids that follow each other as one: E001-E003 G001.
func ranges(ids []string) string {
	sorted := slices.Sorted(slices.Values(ids))
	var parts []string
	for from := 0; from < len(sorted); {
		to := from
		for to+1 < len(sorted) && follows(sorted[to], sorted[to+1]) {
			to++
		}
		parts = append(parts, sorted[from])
		if to > from {
			parts[len(parts)-1] += "-" + sorted[to]
		}
		from = to + 1
	}
	return strings.Join(parts, " ")
}

// follows reports whether b is the id after a: an id ends with three digits.
func follows(a, b string) bool {
	at := len(a) - len("001")
	number, err := strconv.Atoi(a[at:])
	return err == nil && b == fmt.Sprintf("%s%03d", a[:at], number+1)
}

func levelColor(l lint.Level) console.Color {
	switch l {
	case lint.Error:
		return console.Red
	case lint.Warning:
		return console.Yellow
	}
	return console.Faint
}

// Summary counts.
func (v lintView) Summary(w io.Writer) {
	fmt.Fprintf(w, "%d finding(s), %d excused; %d rules on %d files\n", len(v.Findings), v.Excused, len(v.Rules), v.Files)
}

// Table lists the findings.
func (v lintView) Table() console.Grid {
	g := console.Grid{Header: []string{"where", "level", "rule", "message"}, Empty: "nothing found"}
	for _, d := range v.Findings {
		g.Rows = append(g.Rows, []string{d.Position(), string(d.Level), d.Rule, d.Message})
	}
	return g
}
