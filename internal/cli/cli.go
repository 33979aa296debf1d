// Package cli is the command line: it parses arguments, asks the packages below
// for what they know, and prints the answer. It decides nothing itself.
//
//	status := cli.Main(ctx, os.Args[1:], cli.Process())
//
// The verbs that belong to a built-in node come from internal/nodes as values,
// so that no node is named here.
package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes"
	clinode "github.com/omninode-ai/onex/internal/nodes/cli"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/internal/telemetry"
)

// Process returns the environment of this process.
func Process() *console.Env {
	dir, err := os.Getwd()
	if err != nil {
		dir = "." // every use of it reports the real problem
	}
	tty := term.IsTerminal(int(os.Stderr.Fd()))
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	width, _, _ := term.GetSize(int(os.Stdout.Fd())) // 0 when it is no terminal
	return &console.Env{
		Exe: executable(), Dir: dir, In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv,
		Screen: term.IsTerminal(int(os.Stdout.Fd())), Width: width, TTY: tty, Color: tty && !plain && term.IsTerminal(int(os.Stdout.Fd())),
		Log: slog.New(slog.DiscardHandler),
	}
}

// executable returns the path under which this program was called, which may be
// a link that says what it is; os.Executable would look behind it.
func executable() string {
	path, err := exec.LookPath(os.Args[0])
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return os.Args[0]
	}
	return path
}

// Main runs one command line and returns the exit status of the process.
func Main(ctx context.Context, args []string, env *console.Env) int {
	root := newRoot(env)
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		completeChoices(root)
	}
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	err = usage(cmd, err)
	if status, ok := signaled(ctx); ok && err != nil {
		env.Interrupted(err)
		return status
	}
	env.Report(asked(args), err)
	return env.Fail(err)
}

// asked returns the format that a command line asks for, which may be too
// wrong to be parsed.
func asked(args []string) console.Format {
	for i, a := range args {
		switch {
		case a == "--":
			return ""
		case (a == "-o" || a == "--output") && i+1 < len(args):
			return console.Format(args[i+1])
		}
		for _, flag := range []string{"--output=", "-o=", "-o"} {
			if f, ok := strings.CutPrefix(a, flag); ok && f != "" {
				return console.Format(f)
			}
		}
	}
	return ""
}

// A session is what the commands of one process share.
type session struct {
	*console.Env
	root *cobra.Command
	set  []string // of --set: key=value
}

func newRoot(env *console.Env) *cobra.Command {
	s := &session{Env: env}
	env.Keys, env.Data, env.Outputs, env.Publish = s.keys, s.data, outputs(), s.tell
	env.Extend = s.extend
	s.root = &cobra.Command{
		Use:   "onex",
		Short: "tools and files that say what they are, and prove it",
		Long: `onex makes the tools and files of a project say what they are, and proves that
they tell the truth.

Nodes announce their tools on an event bus; a live registry lets people,
programs and agents find and invoke them by name, checked against a contract.
Files carry a metadata block that notices every change after it was stamped.`,
		Example:       rootExample,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version().Version,
	}
	s.root.SetIn(env.In)
	s.root.SetOut(env.Out)
	s.root.SetErr(env.Err)
	s.root.SetFlagErrorFunc(badFlag)
	s.root.DisableSuggestions = true // the hint makes them
	for _, setting := range app.Settings() {
		if setting.Flag != "" {
			// pflag takes the first word in backquotes for the name of the value.
			doc := strings.ReplaceAll(setting.Doc, "`", "")
			if setting.Default != "" {
				doc += " (default " + setting.Default + ")"
			}
			s.root.PersistentFlags().String(setting.Flag, "", doc)
		}
	}
	s.root.PersistentFlags().StringArrayVar(&s.set, "set", nil, "a `setting=value` of docs/configuration.md, for this command; may be repeated")
	s.root.PersistentFlags().StringVarP(&env.Dir, "directory", "C", env.Dir, "work as if started in `dir`")
	_ = s.root.RegisterFlagCompletionFunc("set", completeSetting) // fails for a flag that is not there
	started := env.Dir
	s.root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if s.root.PersistentFlags().Changed("directory") {
			env.Typed = env.Dir
		}
		if !filepath.IsAbs(env.Dir) {
			env.Dir = filepath.Join(started, env.Dir)
		}
		if info, err := os.Stat(env.Dir); env.Typed != "" && (err != nil || !info.IsDir()) {
			return console.ErrUsage.With("-C %s: there is no such directory", env.Dir)
		}
		s.startLog()
		return s.checkFlags()
	}
	s.addCommands()
	return s.root
}

const rootExample = `  onex up &                                        # bus, registry, built-in nodes
  onex nodes                                       # who is alive
  onex invoke stamp_check --args '{"paths":["."]}' # call a tool by name
  onex stamp --diff                                # what stamping would change`

// config reads the configuration of the project that the command works in.
func (s *session) config() (app.Config, error) {
	p, err := app.FindProject(s.Dir, s.Getenv)
	if err != nil {
		return app.Config{}, err
	}
	flags, err := s.flags()
	if err != nil {
		return app.Config{}, err
	}
	cfg, err := app.Load(p, s.Getenv, flags)
	if err != nil {
		return app.Config{}, err
	}
	cfg.Version = version().Version
	if s.root.PersistentFlags().Changed("signing-key") { // from where the person is, not the project
		cfg.Keys.Options.Dir = s.Dir
	}
	dir := p.Root
	if s.root.PersistentFlags().Changed("allowed-signers") {
		dir = s.Dir
	}
	if !filepath.IsAbs(cfg.Keys.Allowed) {
		cfg.Keys.Allowed = filepath.Join(dir, cfg.Keys.Allowed)
	}
	return cfg, nil
}

// data returns where the project keeps what must survive.
func (s *session) data() (string, error) {
	p, err := app.FindProject(s.Dir, s.Getenv)
	if err != nil {
		return "", err
	}
	return p.Data()
}

// program is what this program tells its nodes of itself.
func (s *session) program() nodes.Program {
	argv, err := ownProgram()
	if err != nil {
		argv = []string{s.Exe} // as it was called
	}
	return nodes.Program{Outputs: s.Outputs, Parity: s.validate, Extend: s.extendAt, Line: clinode.Program{Argv: argv, Commands: func() *cobra.Command {
		env := *s.Env
		env.Out, env.Err, env.Log = io.Discard, io.Discard, slog.New(slog.DiscardHandler)
		return newRoot(&env)
	}}}
}

// keys reads of the configuration what concerns signatures.
func (s *session) keys() (sshsig.Keys, error) {
	cfg, err := s.config()
	return cfg.Keys, err
}

// flags returns the settings of the command line, as app.Load wants them.
func (s *session) flags() (map[string]string, error) {
	flags := map[string]string{}
	for _, text := range s.set {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, console.ErrUsage.With("--set %s: want setting=value", text)
		}
		if err := app.CheckSetting(key, value); err != nil {
			return nil, badUsage{err}
		}
		flags[key] = value
	}
	for _, setting := range app.Settings() {
		if f := s.root.PersistentFlags().Lookup(setting.Flag); setting.Flag != "" && f.Changed {
			flags[setting.Flag] = f.Value.String()
		}
	}
	return flags, nil
}

// checkFlags refuses settings on the command line that cannot be, also where
// the command does not need them.
func (s *session) checkFlags() error {
	if _, err := s.flags(); err != nil {
		return err
	}
	for _, setting := range app.Settings() {
		f := s.root.PersistentFlags().Lookup(setting.Flag)
		if setting.Flag == "" || !f.Changed {
			continue
		}
		if err := setting.Check(f.Value.String()); err != nil {
			return console.ErrUsage.With("--%s: %s", setting.Flag, err)
		}
	}
	return nil
}

// startLog directs diagnostics to standard error at the configured level. A
// broken configuration is reported by the command that needs it.
func (s *session) startLog() {
	if cfg, err := s.config(); err == nil {
		s.Log = telemetry.NewLogger(s.Err, &telemetry.LogOptions{
			Level: cfg.LogLevel, Events: cfg.LogEvents, Format: telemetry.LogFormat(cfg.LogFormat),
		})
	}
}

// formatFlag adds the flag --output with the default that fits the command.
func formatFlag(cmd *cobra.Command, fallback console.Format) *console.Format {
	f := fallback
	cmd.Flags().VarP(&f, "output", "o", "how to print the result")
	return &f
}

// atMost refuses more than n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return console.ErrUsage.With("%s takes at most %d argument(s), not %d", cmd.CommandPath(), n, len(args)).
				Hinted("usage: %s; quote a filter, which the shell would expand", cmd.UseLine())
		}
		return nil
	}
}

// exactly refuses a wrong number of arguments in the words of the usage line.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return console.ErrUsage.With("%s takes %d argument(s), not %d", cmd.CommandPath(), n, len(args)).
				Hinted("usage: %s", cmd.UseLine())
		}
		return nil
	}
}
