package stamper

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/stamp"
)

// A checkFormat is how a check is printed. It is a flag value.
type checkFormat string

// The formats for the places where checks run, besides those of the console.
const (
	sarif  checkFormat = "sarif"  // SARIF 2.1.0, for code scanning
	github checkFormat = "github" // annotations of a GitHub workflow
	junit  checkFormat = "junit"  // JUnit's XML, for test reports

	// inToto is a statement about what is in order, if all is.
	inToto checkFormat = "in-toto"
)

func checkFormats() []string {
	var names []string
	for _, f := range console.Formats() {
		names = append(names, string(f))
	}
	return append(names, string(sarif), string(github), string(junit), string(inToto))
}

// Set parses the flag's value.
func (f *checkFormat) Set(s string) error {
	if !slices.Contains(checkFormats(), s) {
		return fmt.Errorf("%q is not one of %s", s, f.Type())
	}
	*f = checkFormat(s)
	return nil
}

func (f *checkFormat) String() string { return string(*f) }

// Type names the value in help texts.
func (f *checkFormat) Type() string { return strings.Join(checkFormats(), "|") }

// A stampFormat is how a run of stamping is printed: as a check, but for what
// only a check can say. It is a flag value.
type stampFormat struct{ checkFormat }

// Set parses the flag's value.
func (f *stampFormat) Set(s string) error {
	if s == string(inToto) {
		return fmt.Errorf("%q is not one of %s", s, f.Type())
	}
	if err := f.checkFormat.Set(s); err != nil {
		return fmt.Errorf("%q is not one of %s", s, f.Type())
	}
	return nil
}

// Type names the value in help texts.
func (f *stampFormat) Type() string {
	names := slices.DeleteFunc(checkFormats(), func(name string) bool { return name == string(inToto) })
	return strings.Join(names, "|")
}

// findings are a report of stamping in the words of a check: what failed, and
// unless it was written what is to be written.
func (p planned) findings() stamp.CheckReport {
	r := stamp.CheckReport{Summary: map[stamp.State]int{}, Files: []stamp.Finding{}}
	for _, i := range p.Files {
		f := stamp.Finding{Path: i.Path, State: stamp.OK, Reason: i.Reason, Code: i.Code, Message: i.Message}
		kind := stamp.ErrModified
		switch {
		case i.Action == stamp.Fail:
			if f.State = stamp.Malformed; i.Code == stamp.ErrNotFound.Code {
				f.State = stamp.Missing
			}
			details := fault.ReportOf(i.Err()).Details
			f.Line, _ = strconv.Atoi(details["line"])
			f.Column, _ = strconv.Atoi(details["column"])
		case i.Action == stamp.Skip:
			f.State = stamp.Skipped
		case i.Action == stamp.Keep || p.write:
		case i.Action == stamp.Add:
			f.State, kind = stamp.Unstamped, stamp.ErrUnstamped
		case i.Action == stamp.Drop:
			f.State, kind = stamp.Modified, stamp.ErrOrphan
		default:
			f.State = stamp.Outdated
		}
		if isBad(f) && f.Code == "" {
			f.Code, f.Message = kind.Code, "the metadata is to be renewed: "+i.Path
			if f.State != stamp.Outdated {
				f.Message = kind.Text + ": " + i.Path
			}
		}
		r.Summary[f.State]++
		r.Files = append(r.Files, f)
	}
	return r
}

// A form is a form of metadata as a flag value.
type form filetype.Form

func forms() []string {
	return []string{string(filetype.Full), string(filetype.Compact), string(filetype.Detached)}
}

// Set parses the flag's value.
func (f *form) Set(s string) error {
	if !slices.Contains(forms(), s) {
		return fmt.Errorf("%q is not one of %s", s, f.Type())
	}
	*f = form(s)
	return nil
}

func (f *form) String() string { return string(*f) }

// Type names the value in help texts.
func (f *form) Type() string { return strings.Join(forms(), "|") }

// printCheck writes a report in format f.
func printCheck(env *console.Env, f checkFormat, c checkView) error {
	return printFindings(env, f, c, c.CheckReport)
}

// printFindings writes r in one of the formats for places where checks run, and
// otherwise view.
func printFindings(env *console.Env, f checkFormat, view any, r stamp.CheckReport) error {
	var write func(w io.Writer, r stamp.CheckReport) error
	switch f {
	case sarif:
		write = writeSARIF
	case github:
		write = writeGitHub
	case junit:
		write = writeJUnit
	default:
		return env.Print(console.Format(f), view)
	}
	return write(env.Out, r)
}

// isBad reports whether a finding is one that makes a check fail.
func isBad(f stamp.Finding) bool { return f.State != stamp.OK && f.State != stamp.Skipped }

// level is how bad a state is: a file that nobody stamped yet is less than one
// that is not what it says.
func level(s stamp.State) string {
	switch s {
	case stamp.Unstamped, stamp.Outdated, stamp.Unsigned:
		return "warning"
	}
	return "error"
}
