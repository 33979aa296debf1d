package stamper

import (
	"fmt"
	"io"
	"slices"
	"strings"

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
	var write func(w io.Writer, r stamp.CheckReport) error
	switch f {
	case sarif:
		write = writeSARIF
	case github:
		write = writeGitHub
	case junit:
		write = writeJUnit
	default:
		return env.Print(console.Format(f), c)
	}
	return write(env.Out, c.CheckReport)
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
