package lint

import "fmt"

// A Pass is a rule at work: what it may look at, and where it says what it found.
type Pass struct {
	Rule    *Rule
	File    *File    // of Rule.File
	Files   []*File  // of Rule.Project: those that the rule wants, by path
	Project *Project // what is known of the project

	found  []Diagnostic
	errors []error
	idle   bool
}

// A Diagnostic is something that a rule found. Line and Column count from 1,
// columns in bytes; 0 means the file as a whole.
type Diagnostic struct {
	Rule    string `json:"rule"` // its id
	Name    string `json:"name"` // its name
	Level   Level  `json:"level"`
	Path    string `json:"path"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
	Fix     *Fix   `json:"fix,omitempty"`
}

// String is the finding in the form of compilers.
func (d Diagnostic) String() string {
	return fmt.Sprintf("%s: %s: %s [%s]", d.Position(), d.Level, d.Message, d.Rule)
}

// Position is path:line:column, as far as they are known.
func (d Diagnostic) Position() string {
	if d.Line == 0 {
		return d.Path
	}
	return fmt.Sprintf("%s:%d:%d", d.Path, d.Line, max(d.Column, 1))
}

// A Fix mends a finding in its file without changing what the program does
// otherwise. Message says what it does.
type Fix struct {
	Message string `json:"message"`
	Edits   []Edit `json:"edits"`
}

// An Edit replaces the bytes From to To (not included) of the file.
type Edit struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	New  string `json:"new"`
}

// Report says what was found at an offset in f; a negative one means the file as a
// whole.
func (p *Pass) Report(f *File, offset int, format string, args ...any) {
	p.ReportFix(f, offset, nil, format, args...)
}

// ReportAt is Report at another level than that of the rule.
func (p *Pass) ReportAt(level Level, f *File, offset int, format string, args ...any) {
	p.Report(f, offset, format, args...)
	p.found[len(p.found)-1].Level = level
}

// ReportFix is Report with a way to mend it.
func (p *Pass) ReportFix(f *File, offset int, fix *Fix, format string, args ...any) {
	d := Diagnostic{Rule: p.Rule.ID, Name: p.Rule.Name, Level: p.Rule.Level, Path: f.Path, Message: fmt.Sprintf(format, args...), Fix: fix}
	if offset >= 0 {
		d.Line, d.Column = f.Position(offset)
	}
	p.found = append(p.found, d)
}

// Fail says that the rule could not do its work. The run goes on with others and
// then fails.
func (p *Pass) Fail(err error) { p.errors = append(p.errors, err) }

// Idle says that a rule about the project found nothing in it to judge: no node, no
// layer. The report names it.
func (p *Pass) Idle() { p.idle = true }
