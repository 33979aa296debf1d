package node

import (
	"encoding/json"
	"io/fs"
	"strings"
)

// CasesDir is the directory, beside the contract, that holds a node's scenarios.
const CasesDir = "scenarios"

// CaseName returns the name of the case that a file of [CasesDir] holds. A hidden
// file holds none: it is of some program, as the manifest of the files' metadata.
func CaseName(file string) (name string, ok bool) {
	name, ok = strings.CutSuffix(file, ".yaml")
	return name, ok && !strings.HasPrefix(file, ".")
}

// A Case is a scenario: calls of one node, made one after the other, and what each
// must answer and do. It is one file of [CasesDir].
type Case struct {
	Name         string // that of the file, without .yaml
	Description  string
	Dependencies Dependencies
	Mocks        []string // programs of CasesDir/mocks that stand in for others; with Mock only
	Fixtures     []string // files and directories of CasesDir/fixtures that lie in the node's directory when the case begins
	Steps        []Step   // at least one
}

// Dependencies say what a scenario was recorded with, and is run with.
type Dependencies string

// The kinds of dependencies. A case says one of them plainly: a green mock shows
// nothing of what it stands for.
const (
	Real Dependencies = "real" // whatever the node uses, it uses
	Mock Dependencies = "mock" // some programs are replaced by stand-ins
)

// A Step is one call.
type Step struct {
	Tool   ToolName
	Input  json.RawMessage
	Expect Expectation
}

// An Expectation is all that a call must answer and do. A part of the output that
// the contract declares volatile may be anything.
type Expectation struct {
	Status Result // required
	Output json.RawMessage
	Error  string       // code
	Files  []FileChange // of the node's directory; all there are
}

// A FileChange is what became of one file.
type FileChange struct {
	Name     string // with slashes
	Change   Change
	Contents *string // of a file that was added or written; nil when the contract calls them volatile
}

// A Change is what can become of a file.
type Change string

// The changes.
const (
	Added   Change = "added"
	Removed Change = "removed"
	Written Change = "written"
)

// ParseCase reads a scenario. It reports every problem of the file in one
// [ErrCase], by line and column. A step without an expectation is one.
func ParseCase(data []byte) (Case, error) {
	var d decoder
	v, problems := fromYAML(data)
	d.problems = problems
	var c Case
	if len(problems) == 0 {
		c = d.testCase(v)
	}
	if err := d.err(ErrCase, ""); err != nil {
		return Case{}, err
	}
	return c, nil
}

// PrintCase writes c as a file that [ParseCase] reads back as c.
func PrintCase(c Case) ([]byte, error) {
	v, err := c.value()
	if err != nil {
		return nil, err
	}
	var d decoder
	d.testCase(v)
	if err := d.err(ErrCase, ""); err != nil {
		return nil, err
	}
	return appendYAML(nil, v, 0), nil
}

func (d *decoder) testCase(v *value) Case {
	var c Case
	d.object(v,
		field{key: "scenario", required: true, read: func(v *value) { c.Name = d.name(v) }},
		field{key: "description", read: func(v *value) { c.Description = d.text(v) }},
		field{key: "dependencies", required: true, read: func(v *value) { c.Dependencies = word(d, v, []Dependencies{Real, Mock}) }},
		field{key: "mocks", read: func(v *value) { c.Mocks = d.inside(v) }},
		field{key: "fixtures", read: func(v *value) { c.Fixtures = d.inside(v) }},
		field{key: "steps", required: true, read: func(v *value) { d.each(v, func(item *value) { c.Steps = append(c.Steps, d.step(item)) }) }},
	)
	switch {
	case v.kind != object:
	case c.Dependencies == Mock && len(c.Mocks) == 0:
		d.fail(v, "dependencies are mock, and mocks names none")
	case c.Dependencies == Real && len(c.Mocks) > 0:
		d.fail(v, "dependencies are real, and mocks names some")
	case len(c.Steps) == 0:
		d.fail(v, "there are no steps")
	}
	return c
}

// inside reads names of files that lie in a directory.
func (d *decoder) inside(v *value) []string {
	var out []string
	d.each(v, func(item *value) {
		out = append(out, d.form(item, func(s string) string {
			if !fs.ValidPath(s) || s == "." {
				return quote(s) + " is not the name of a file in it"
			}
			return ""
		}))
	})
	return out
}

func (d *decoder) step(v *value) Step {
	var s Step
	d.object(v,
		field{key: "tool", required: true, read: func(v *value) { s.Tool = ToolName(d.name(v)) }},
		field{key: "input", required: true, null: true, read: func(v *value) { s.Input = d.raw(v) }},
		field{key: "expect", required: true, read: func(v *value) { s.Expect = d.expect(v) }},
	)
	return s
}

func (d *decoder) expect(v *value) Expectation {
	var e Expectation
	d.object(v,
		field{key: "status", required: true, read: func(v *value) { e.Status = d.result(v) }},
		field{key: "output", null: true, read: func(v *value) { e.Output = d.raw(v) }},
		field{key: "error", read: func(v *value) { e.Error = d.errorCode(v) }},
		field{key: "files", read: func(v *value) { d.each(v, func(item *value) { e.Files = append(e.Files, d.fileChange(item)) }) }},
	)
	switch {
	case v.kind != object:
	case (e.Error != "") != (e.Status == Failed):
		d.fail(v, "an error goes with the status error, and with no other")
	case e.Error != "" && e.Output != nil:
		d.fail(v, "a step expects either an output or an error")
	case e.Status == Success && e.Output == nil:
		d.fail(v, "a step that succeeds expects an output")
	}
	return e
}

func (d *decoder) fileChange(v *value) FileChange {
	var f FileChange
	d.object(v,
		field{key: "name", required: true, read: func(v *value) { f.Name = d.text(v) }},
		field{key: "change", required: true, read: func(v *value) { f.Change = word(d, v, []Change{Added, Removed, Written}) }},
		field{key: "contents", read: func(v *value) { s := d.text(v); f.Contents = &s }},
	)
	return f
}

func (c Case) value() (*value, error) {
	v := &value{kind: object}
	v.put("scenario", textOf(c.Name))
	v.putText("description", c.Description)
	v.put("dependencies", textOf(c.Dependencies))
	v.putTexts("mocks", c.Mocks)
	v.putTexts("fixtures", c.Fixtures)
	var steps []*value
	for _, s := range c.Steps {
		step := &value{kind: object}
		step.put("tool", textOf(s.Tool))
		if err := step.putRaw("input", s.Input); err != nil {
			return nil, err
		}
		expect, err := s.Expect.value()
		if err != nil {
			return nil, err
		}
		step.put("expect", expect)
		steps = append(steps, step)
	}
	v.putList("steps", steps)
	v.locate()
	return v, nil
}

func (e Expectation) value() (*value, error) {
	v := &value{kind: object}
	v.put("status", textOf(e.Status))
	if err := v.putRaw("output", e.Output); err != nil {
		return nil, err
	}
	v.putText("error", e.Error)
	v.putList("files", valuesOf(e.Files, FileChange.value))
	return v, nil
}

func (f FileChange) value() *value {
	v := &value{kind: object}
	v.put("name", textOf(f.Name))
	v.put("change", textOf(f.Change))
	if f.Contents != nil {
		v.put("contents", &value{kind: text, text: *f.Contents})
	}
	return v
}
