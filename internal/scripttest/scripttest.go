// Package scripttest runs the scripts in testdata/script of a package against its own
// commands, in the process of the test:
//
//	func TestScripts(t *testing.T) { scripttest.Run(t, stamper.Commands, nil) }
//
// A script says "onex stamp --write"; its streams are those of the script, what it
// fails with is said as onex says it, and "!" means that it must end with another
// status than 0. What commands do as programs of their own is tested in cmd/onex. For
// tests only.
package scripttest

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/golden"
)

// Run runs the scripts. prepare completes the environment of each command; nil for
// nothing.
func Run(t *testing.T, commands func(*console.Env) []*cobra.Command, prepare func(*console.Env)) {
	t.Helper()
	onex := func(ts *testscript.TestScript, neg bool, args []string) {
		env := &console.Env{
			Exe: "/opt/onex/bin/onex", Dir: ts.MkAbs("."), Out: ts.Stdout(), Err: ts.Stderr(),
			Getenv: ts.Getenv, Log: slog.New(slog.DiscardHandler),
			Data: func() (string, error) { return ts.Getenv("WORK") + "-data", nil },
		}
		if prepare != nil {
			prepare(env)
		}
		if status := env.Fail(run(commands(env), args)); (status != console.ExitOK) != neg {
			ts.Fatalf("onex %s ends with status %d", strings.Join(args, " "), status)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: golden.Updating(),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"onex": onex},
	})
}

// run runs the command that args begin with.
func run(commands []*cobra.Command, args []string) error {
	i := slices.IndexFunc(commands, func(c *cobra.Command) bool { return len(args) > 0 && c.Name() == args[0] })
	if i < 0 {
		return console.ErrUsage.With("there is no command %q", args)
	}
	cmd := commands[i]
	cmd.SetArgs(args[1:])
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	return cmd.Execute()
}
