// Package console is the one place where commands meet a person or a script:
// what goes to standard output, in which format, and how an error is said.
//
//	env.Print(format, nodes)   // a value, as text, table, JSON or YAML
//	env.Note("stamped %d files", n)
//	status := env.Fail(err)    // onex: <message>, hint: <what to do>
//
// Machine output goes to Out alone and everything else to Err. Colour and
// progress appear only when Err is a terminal and NO_COLOR is unset.
//
// An [Env] carries everything that is global to a process, so that commands
// can be tested without one.
package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/stamp"
)

// Exit statuses that do not come from a result (node.Result.ExitStatus).
const (
	ExitOK    = 0
	ExitError = 1
	ExitUsage = 64 // EX_USAGE of sysexits.h: the command line itself is wrong
)

// ErrUsage is returned when a command line cannot be understood: an unknown
// command or flag, a missing or surplus argument, a value out of its set. The
// process exits with status 64.
var ErrUsage = fault.New("ONEX_CLI_003_INVALID_COMMAND_ARGS", fault.Invalid, "invalid command line").
	Hinted("run the command with --help to see its arguments")

// An Env is what a command may use of the process around it.
type Env struct {
	Exe    string              // path of this program, to run it again
	Dir    string              // working directory
	Typed  string              // of Dir, with -C; empty when it is where the process was started
	In     io.Reader           // standard input
	Out    io.Writer           // results, for people and programs
	Err    io.Writer           // everything else
	Getenv func(string) string // environment
	Screen bool                // Out is a terminal
	Width  int                 // of Out in characters; 0 when it is not known or no terminal
	TTY    bool                // Err is a terminal
	Color  bool                // colour may be used
	Log    *slog.Logger        // diagnostics; never nil

	Keys func() (sshsig.Keys, error) // of the project's configuration
	Data func() (string, error)      // directory for what must survive, of this project

	Extend func(context.Context, *stamp.Options) error // by the plugins of this project; nil when there are none

	// Publish tells the bus of the project, when there is one: without a daemon it
	// does nothing. Nil where there can be none.
	Publish func(ctx context.Context, p event.Payload, correlation event.ID) error

	Outputs []schema.Output // the JSON that the commands of this program print
}

// Note writes a line for the person at the terminal.
func (e *Env) Note(format string, args ...any) {
	e.say(fmt.Sprintf(format+"\n", args...))
}

// Next says what to do next, a line for each step. The steps are commands for the
// directory that this one worked in.
func (e *Env) Next(steps ...string) {
	where := ""
	if e.Typed != "" {
		where = ", in " + e.Typed
	}
	if len(steps) == 1 {
		e.Note("next%s: %s", where, steps[0])
		return
	}
	e.Note("\nnext%s:\n  %s", where, strings.Join(steps, "\n  "))
}

// Line writes a line of a result that comes piece by piece.
func (e *Env) Line(text string) error {
	if e.Screen {
		text = e.harmless(text)
	}
	_, err := io.WriteString(e.Out, text+"\n")
	return err
}

// Warn writes a line that a person should not overlook.
func (e *Env) Warn(format string, args ...any) {
	e.say(fmt.Sprintf("onex: %s %s\n", e.Paint(Yellow, "warning:"), fmt.Sprintf(format, args...)))
}

// Fail says what went wrong and returns the exit status for it. A [Status]
// among err's tree is obeyed; when nothing but a status is there, nothing is
// said.
func (e *Env) Fail(err error) int {
	if err == nil {
		return ExitOK
	}
	var quiet *Status
	if errors.As(err, &quiet) {
		return quiet.Code
	}
	report := reportOf(err)
	e.say(fmt.Sprintf("onex: %s\n", oneLine(report.Message)))
	if report.Code != fault.ErrUncoded.Code {
		e.say(fmt.Sprintf("code: %s\n", e.Paint(Faint, string(report.Code))))
	}
	if report.Hint != "" {
		e.say(fmt.Sprintf("hint: %s\n", strings.ReplaceAll(report.Hint, "\n", "\n      ")))
	}
	if errors.Is(err, ErrUsage) {
		return ExitUsage
	}
	return ExitError
}

// Interrupted says in one line, if at all, what became of a command that was
// told to stop: not that it was.
func (e *Env) Interrupted(err error) {
	report := reportOf(err)
	var quiet *Status
	if !errors.As(err, &quiet) && report.Code != fault.ErrUncoded.Code {
		e.say(fmt.Sprintf("onex: %s\n", strings.ReplaceAll(report.Message, "\n", " ")))
	}
}

// Report prints err for programs, which read Out alone, when they asked for JSON
// or YAML: as a [fault.Report]. A [Status] reports nothing, because the output
// has said it all.
func (e *Env) Report(f Format, err error) {
	var quiet *Status
	if err == nil || f != JSON && f != YAML || errors.As(err, &quiet) {
		return
	}
	_ = e.Print(f, reportOf(err)) // Fail says it, too
}

// reportOf is err as it is shown: without the secrets that a program or a server put
// into it, because what is printed ends in logs. What is wrong with a command line is
// said in its own words.
func reportOf(err error) fault.Report {
	r := fault.ReportOf(err)
	if errors.Is(err, ErrUsage) {
		return r
	}
	r.Message, r.Hint = event.CleanText(r.Message), event.CleanText(r.Hint)
	details := make(map[string]string, len(r.Details))
	for key, value := range r.Details {
		details[key] = event.CleanText(value)
	}
	if r.Details != nil {
		r.Details = details
	}
	return r
}

// say writes to Err.
func (e *Env) say(text string) {
	if e.TTY {
		text = e.harmless(text)
	}
	io.WriteString(e.Err, text)
}

// oneLine keeps the first line of a message on the line that says onex:, and
// indents the others.
func oneLine(message string) string {
	return strings.ReplaceAll(strings.TrimRight(message, "\n"), "\n", "\n  ")
}

// A Status ends a command with an exit status and no further words: the output
// has said it all.
type Status struct{ Code int }

func (s *Status) Error() string { return fmt.Sprintf("exit status %d", s.Code) }

// Exit returns the error that ends a command with code; nil for 0.
func Exit(code int) error {
	if code == ExitOK {
		return nil
	}
	return &Status{code}
}
