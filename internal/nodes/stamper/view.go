package stamper

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/stamp"
)

// planned is a report of stamping as it is printed.
type planned struct {
	stamp.Report
	all   bool // also what is kept or skipped
	write bool

	undone bool // it is of a run that was undone, not of one that was done
}

// MarshalJSON writes the report alone.
func (p planned) MarshalJSON() ([]byte, error) {
	r := p.Report
	if !p.all {
		r.Files = notable(r.Files)
	}
	return json.Marshal(r)
}

// Text lists what happens to each file, then the totals.
func (p planned) Text(env *console.Env, w io.Writer) {
	for _, i := range p.Files {
		for _, d := range i.Diagnostics {
			env.Warn("%s:%d:%d: %s [%s]", i.Path, d.Line, d.Column, d.Message, d.Code)
		}
		if p.all || i.Action != stamp.Keep && i.Action != stamp.Skip {
			fmt.Fprintf(w, "%s %s%s\n", env.Paint(actionColor(i.Action), fmt.Sprintf("%-7s", p.verb(i.Action))), oneLine(i.Path), oneLine(because(i)))
		}
	}
	p.Summary(w)
	if !p.write && p.Report.Summary[stamp.Add]+p.Report.Summary[stamp.Update]+p.Report.Summary[stamp.Drop] > 0 {
		env.Note("nothing is written yet: --write writes, --diff shows the changes")
	}
}

// Summary is the line of totals.
func (p planned) Summary(w io.Writer) {
	if p.undone {
		s := p.Report.Summary
		fmt.Fprintf(w, "%d put back; %d had not been written, %d failed\n", s[stamp.Update], s[stamp.Keep], s[stamp.Fail])
		return
	}
	verb := "would be "
	if p.write {
		verb = ""
	}
	s := p.Report.Summary
	dropped := ""
	if n := s[stamp.Drop]; n > 0 {
		dropped = fmt.Sprintf(", %d dropped", n)
	}
	fmt.Fprintf(w, "%s%d added, %d updated%s; %d up to date, %d skipped, %d failed\n",
		verb, s[stamp.Add], s[stamp.Update], dropped, s[stamp.Keep], s[stamp.Skip], s[stamp.Fail])
}

func (p planned) verb(a stamp.Action) string {
	if p.undone && a == stamp.Update {
		return "restore"
	}
	return string(a)
}

func because(i stamp.Item) string {
	if i.Note != "" && i.Action != stamp.Fail {
		return " (" + i.Note + ")"
	}
	return reason(i.Path, i.Action == stamp.Fail, string(i.Reason), i.Message, string(i.Code))
}

// reason says why after a path: a word where that is enough, the message and
// its code where somebody has to do something. The message need not repeat the
// path.
func reason(path string, wrong bool, word, message, code string) string {
	if word != "" && !wrong {
		return " (" + word + ")"
	}
	if code == "" {
		return ""
	}
	return fmt.Sprintf(": %s [%s]", shorten(path, message), code)
}

// shorten takes the path out of a message that stands beside it.
func shorten(path, message string) string {
	return strings.TrimPrefix(strings.TrimSuffix(message, ": "+path), path+": ")
}

// Table has a row for each file that Text lists.
func (p planned) Table() console.Grid {
	g := console.Grid{Header: []string{"action", "path", "code", "why"}, Empty: "every file is up to date"}
	for _, i := range p.Files {
		if !p.all && (i.Action == stamp.Keep || i.Action == stamp.Skip) {
			continue
		}
		word := string(i.Reason)
		if word == "" {
			word = shorten(i.Path, i.Message)
		}
		g.Rows = append(g.Rows, []string{string(i.Action), oneLine(i.Path), string(i.Code), oneLine(word)})
	}
	return g
}

func actionColor(a stamp.Action) console.Color {
	switch a {
	case stamp.Add, stamp.Update, stamp.Drop:
		return console.Green
	case stamp.Fail:
		return console.Red
	}
	return console.Faint
}

// checkView is a report of checking as it is printed.
type checkView struct {
	stamp.CheckReport
	fix func(stamp.Finding) string // nil: no hints
}

// MarshalJSON writes the report alone.
func (c checkView) MarshalJSON() ([]byte, error) { return json.Marshal(c.CheckReport) }

// Text lists the files, then the totals.
func (c checkView) Text(env *console.Env, w io.Writer) {
	for _, f := range c.Files {
		fmt.Fprintf(w, "%s %s%s\n", env.Paint(stateColor(f.State), fmt.Sprintf("%-10s", f.State)), oneLine(f.Path), oneLine(why(f)))
		if c.fix == nil || !isBad(f) {
			continue
		}
		if command := c.fix(f); command != "" {
			fmt.Fprintf(w, "  fix: %s\n", command)
		}
	}
	c.Summary(w)
}

// Summary is the line of totals.
func (c checkView) Summary(w io.Writer) {
	var parts []string
	for _, s := range stamp.States() {
		if n := c.CheckReport.Summary[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if parts == nil {
		parts = []string{"no files"}
	}
	fmt.Fprintln(w, strings.Join(parts, ", "))
}

// Table has a row for each file.
func (c checkView) Table() console.Grid {
	g := console.Grid{Header: []string{"state", "path", "code", "why"}, Empty: "every file is in order"}
	for _, f := range c.Files {
		word := string(f.Reason)
		if word == "" {
			word = shorten(f.Path, f.Message)
		}
		g.Rows = append(g.Rows, []string{string(f.State), oneLine(f.Path), string(f.Code), oneLine(word)})
	}
	return g
}

// warnOfLimit says that a limit kept files from being looked at: what was not
// checked is not in order.
func warnOfLimit(env *console.Env, beyond int) {
	if beyond > 0 {
		env.Warn("not looked at, being beyond --max-files: %d", beyond)
	}
}

func why(f stamp.Finding) string {
	return reason(f.Path, f.State != stamp.Skipped, string(f.Reason), f.Message, string(f.Code))
}

func stateColor(s stamp.State) console.Color {
	switch s {
	case stamp.OK:
		return console.Green
	case stamp.Skipped:
		return console.Faint
	case stamp.Unstamped, stamp.Outdated, stamp.Unsigned:
		return console.Yellow
	}
	return console.Red
}

// oneLine returns text with control characters, which names of files may hold,
// escaped as in a Go string: what is printed stays one line, and a terminal that
// gets to see it later obeys nothing.
func oneLine(text string) string {
	if strings.IndexFunc(text, unicode.IsControl) < 0 && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case unicode.IsControl(r) || r == utf8.RuneError && n == 1:
			quoted := strconv.Quote(text[:n])
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}
