package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/node"
)

// maxOutput bounds, in bytes, what is kept of each stream: both and their escapes fit
// into one event.
const maxOutput = 128 << 10

// grace is how long the streams of a command that was killed may stay open.
const grace = time.Second

// Run is what cli_run takes.
type Run struct {
	Args []string `json:"args" jsonschema:"the command and its arguments, as they are typed after onex"`
}

// Ran is what cli_run answers.
type Ran struct {
	Exit      int    `json:"exit_status"`
	Out       string `json:"stdout"`
	Err       string `json:"stderr"`
	Truncated bool   `json:"truncated" jsonschema:"one of the streams had more than 128 KiB; the rest is left out"`
}

// ResultStatus is a warning when the command did not end with 0.
func (r Ran) ResultStatus() node.Result {
	if r.Exit == 0 {
		return node.Success
	}
	return node.Warning
}

func (c caller) run(ctx context.Context, in Run) (Ran, error) {
	if c.program.Commands == nil {
		return Ran{}, ErrRun.With("this program has no commands")
	}
	if err := allowed(c.program.Commands(), in.Args); err != nil {
		return Ran{}, err
	}
	argv := slices.Concat(c.program.Argv, in.Args)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	out, diagnostics := &capped{}, &capped{}
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = c.root, out, diagnostics, grace
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return Ran{}, ctx.Err()
	case err != nil && !errors.As(err, &exit):
		return Ran{}, ErrRun.Wrap(err, "%s", argv[0])
	}
	return Ran{cmd.ProcessState.ExitCode(), out.text(), diagnostics.text(), out.more || diagnostics.more}, nil
}

// allowed reports whether a command line may be run for others: the command is offered,
// none of its flags changes something, none of the program's is given, and no argument
// leads out of the project.
func allowed(root *cobra.Command, args []string) error {
	cmd, rest, err := root.Find(args)
	if err != nil || cmd == root {
		return ErrUnknown.With("%q", strings.Join(args, " "))
	}
	refused, offered := console.Offered(cmd)
	if !offered {
		return ErrNotOffered.With("%q", nameOf(cmd))
	}
	for _, arg := range rest {
		if leadsOut(arg) {
			return ErrNotOffered.With("%q leads out of the project", arg)
		}
	}
	var wrong error
	_ = cmd.ParseFlags(rest) // the command itself says what is wrong with them
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(refused, f.Name) || cmd.InheritedFlags().Lookup(f.Name) != nil {
			wrong = ErrNotOffered.With("%q with --%s", nameOf(cmd), f.Name)
		}
	})
	return wrong
}

// leadsOut reports whether an argument is, or has in its value, a path out of the
// project.
func leadsOut(arg string) bool {
	for part := range strings.FieldsFuncSeq(arg, func(r rune) bool { return r == '=' || r == ',' }) {
		if filepath.IsAbs(part) || strings.HasPrefix(part, "/") || slices.Contains(strings.FieldsFunc(part, func(r rune) bool { return r == '/' || r == '\\' }), "..") {
			return true
		}
	}
	return false
}

// A capped buffer keeps the beginning of what is written. The buffer is no part of its
// method set: io.Copy would fill it past the limit by ReadFrom.
type capped struct {
	kept bytes.Buffer
	more bool
}

func (c *capped) Write(p []byte) (int, error) {
	room := min(len(p), maxOutput-c.kept.Len())
	c.more = c.more || room < len(p)
	c.kept.Write(p[:room])
	return len(p), nil
}

func (c *capped) text() string { return strings.ToValidUTF8(c.kept.String(), "\uFFFD") }
