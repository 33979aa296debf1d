package parity

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/node"
)

// A Format is how a report is written.
type Format string

// The formats.
const (
	Summarized Format = "summary"  // the totals
	Text       Format = "text"     // what is wrong, with differences, and the totals
	Detailed   Format = "detailed" // every check
	JSON       Format = "json"     // the [Report]
	YAML       Format = "yaml"     // the same value as YAML, which the command line writes
	JUnit      Format = "junit"    // XML as CI systems read it
	SARIF      Format = "sarif"    // JSON as code scanners read it
)

// Formats returns all formats.
func Formats() []Format { return []Format{Text, Summarized, Detailed, JSON, YAML, JUnit, SARIF} }

// Write writes the report in one of [Formats].
func (r Report) Write(w io.Writer, f Format) error {
	switch f {
	case JSON:
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(r)
	case JUnit:
		return r.junit(w)
	case SARIF:
		return r.sarif(w)
	}
	var b strings.Builder
	if f == Detailed {
		r.detailed(&b)
	}
	if f != Summarized {
		r.findings(&b)
	}
	r.totals(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Report) totals(b *strings.Builder) {
	s := r.Summary
	what := "Parity Validation"
	if slices.ContainsFunc(r.Results, func(c Result) bool { return c.Check == CheckScenario }) {
		what = "Scenarios"
	}
	fmt.Fprintf(b, "%s: %s\n%s\n", what, r.Status, r.Message)
	fmt.Fprintf(b, "Results: %d passed, %d failed, %d warnings, %d skipped; %d nodes, %d calls\n",
		s.Passed, s.Failed, s.Warned, s.Skipped, s.Nodes, s.Executed)
	if s.Accepted > 0 {
		fmt.Fprintf(b, "Accepted: %d differences, for reasons given in %s\n", s.Accepted, node.AcceptFile)
	}
	if r.Stopped {
		b.WriteString("Stopped before everything was checked\n")
	}
}

// detailed lists every check by node.
func (r Report) detailed(b *strings.Builder) {
	b.WriteString("Paths:\n")
	for _, p := range r.Paths {
		fmt.Fprintf(b, "  %-14s %s\n", p.Path, p.How)
	}
	last := ""
	for _, c := range r.Results {
		if c.Node != last {
			fmt.Fprintf(b, "\n%s (%s)\n", c.Node, c.Version)
			last = c.Node
		}
		message, _, _ := strings.Cut(c.Message, "\n")
		fmt.Fprintf(b, "  %s %s: %s\n", signs()[c.Verdict], c.title(), message)
	}
	b.WriteString("\n")
	r.metrics(b)
}

// metrics says how long the calls of each path took.
func (r Report) metrics(b *strings.Builder) {
	b.WriteString("Performance:\n")
	for _, p := range r.Paths {
		var times []float64
		for _, c := range r.Results {
			if c.Path == p.Path && c.Time > 0 {
				times = append(times, c.Time)
			}
		}
		if len(times) == 0 {
			continue
		}
		slices.Sort(times)
		fmt.Fprintf(b, "  %-14s %4d answers, median %.1f ms, longest %.1f ms\n", p.Path, len(times), times[len(times)/2], times[len(times)-1])
	}
	b.WriteString("\n")
}

func signs() map[Verdict]string {
	return map[Verdict]string{Pass: "✓", Fail: "✗", Skip: "⊘", Warn: "⚠", Accept: "≈"}
}

// title names a check within its node.
func (c Result) title() string {
	parts := []string{string(c.Check)}
	if c.Tool != "" {
		parts = append(parts, strings.TrimSuffix(string(c.Tool)+"/"+c.Example, "/"))
	}
	if c.Path != "" {
		parts = append(parts, "["+string(c.Path)+"]")
	}
	return strings.Join(parts, " ")
}

// findings shows what is wrong, worst first.
func (r Report) findings(b *strings.Builder) {
	for _, c := range r.Results {
		if c.Verdict != Fail {
			continue
		}
		fmt.Fprintf(b, "FAIL %s %s\n     %s\n", c.Node, c.title(), indent(c.Message))
		if c.Error != nil && c.Error.Details["error"] != "" {
			fmt.Fprintf(b, "     it says: %s\n", indent(c.Error.Details["error"]))
		}
		if c.Diff != "" {
			fmt.Fprintf(b, "     %s\n", indent(strings.TrimSuffix(c.Diff, "\n")))
		}
		fmt.Fprintf(b, "     again: %s\n\n", c.Again)
	}
	warned := false
	for _, c := range r.Results {
		if c.Verdict == Warn {
			fmt.Fprintf(b, "warning: %s: %s\n", c.Node, indent(c.Message))
			warned = true
		}
	}
	if warned {
		b.WriteString("\n")
	}
}

func indent(s string) string { return strings.ReplaceAll(s, "\n", "\n     ") }

// The elements of JUnit's XML, as far as CI systems agree on them
// (github.com/testmoapp/junitxml).
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitMessage `xml:"failure"`
		Skipped *junitMessage `xml:"skipped"`
		Output  string        `xml:"system-out,omitempty"` // of a warning
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

func (r Report) junit(w io.Writer) error {
	doc := junitSuites{Name: "onex parity", Tests: r.Summary.Checks, Failures: r.Summary.Failed, Skipped: r.Summary.Skipped, Time: seconds(r.Duration)}
	for _, c := range r.Results {
		i := slices.IndexFunc(doc.Suites, func(s junitSuite) bool { return s.Name == c.Node })
		if i < 0 {
			i = len(doc.Suites)
			doc.Suites = append(doc.Suites, junitSuite{Name: c.Node})
		}
		doc.Suites[i].add(c)
	}
	if r.Status == node.Failed && r.Summary.Failed == 0 { // nothing was checked: no case says so
		doc.Failures++
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(c Result) {
	j := junitCase{Class: c.Node, Name: c.title(), Time: seconds(c.Time)}
	s.Tests++
	switch c.Verdict {
	case Fail:
		s.Failures++
		j.Failure = &junitMessage{Message: c.Message, Type: string(c.Error.Code), Text: c.Diff + "again: " + c.Again}
	case Skip:
		s.Skipped++
		j.Skipped = &junitMessage{Message: c.Message}
	case Warn:
		j.Output = "warning: " + c.Message
	}
	s.Cases = append(s.Cases, j)
}

func seconds(ms float64) string { return fmt.Sprintf("%.3f", ms/1000) }
