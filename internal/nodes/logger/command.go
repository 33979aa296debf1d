package logger

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/console"
)

// Where "onex log" writes.
type place string

const (
	toStdout  place = "stdout"
	toStderr  place = "stderr"
	toFile    place = "file"
	toBoth    place = "both"
	toNowhere place = "null"
)

// Commands returns "onex log".
func Commands(env *console.Env) []*cobra.Command {
	var in Log
	var pairs []string
	var noBus bool
	level := console.Choice[Level]{Value: Level(event.LevelInfo), Of: Levels()}
	least := console.Choice[Level]{Value: Level(event.LevelTrace), Of: Levels()}
	format := console.Choice[Format]{Value: JSON, Of: Formats()}
	to := console.Choice[place]{Of: []place{toStdout, toStderr, toFile, toBoth, toNowhere}}
	cmd := &cobra.Command{
		Use:     "log MESSAGE",
		GroupID: "nodes",
		Short:   "write a structured log entry, and tell the bus",
		Long: `log writes one entry in the format that is wanted, for scripts and for people. When
the daemon of the project is up, the entry is published as STRUCTURED_LOG, too, where
onex events shows it. Secrets are replaced in both.

With --file the entry is added to the end of a file; --to both writes it to standard
output as well. An error or a critical entry that would not be seen goes to standard
error, too. An entry below --min-level is skipped: the exit status is 4.`,
		Example: `  onex log 'backup done' --tag backup --context files=12
  onex log 'disk is full' --level error --output-format text
  onex log started --file logs/today.csv --output-format csv`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return console.ErrUsage.With("%s takes one argument, not %d", cmd.CommandPath(), len(args)).Hinted("put the message into quotes")
			}
			return nil
		},
	}
	cmd.Flags().Var(&level, "level", "how much it matters")
	cmd.Flags().Var(&least, "min-level", "skip entries below")
	cmd.Flags().Var(&format, "output-format", "how the entry looks")
	cmd.Flags().StringArrayVar(&in.Tags, "tag", nil, "`word` to find it by; repeatable")
	cmd.Flags().StringArrayVar(&pairs, "context", nil, "what belongs to it, as `key=value`; repeatable")
	cmd.Flags().StringVar(&in.Correlation, "correlation-id", "", "`UUID` of what it belongs to")
	cmd.Flags().StringVar(&in.Timestamp, "timestamp", "", "`when` it happened, as 2026-11-22T18:00:00Z (default now)")
	cmd.Flags().StringVar(&in.File, "file", "", "add it to the end of this `file`")
	cmd.Flags().Var(&to, "to", "where it is written (default stdout, or the file)")
	cmd.Flags().BoolVar(&noBus, "no-bus", false, "do not publish it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in.Message, in.Level, in.MinLevel, in.Format = args[0], level.Value, least.Value, format.Value
		where := to.Value
		if where == "" && in.File != "" {
			where = toFile
		}
		where = cmp.Or(where, toStdout)
		if (where == toFile || where == toBoth) != (in.File != "") {
			return console.ErrUsage.With("--to %s with --file %q", where, in.File)
		}
		if in.File != "" {
			in.Target = File
		}
		var err error
		if in.Context, err = contextOf(pairs); err != nil {
			return err
		}
		e, err := in.Entry()
		if err != nil {
			return err
		}
		if Level(e.Level).Below(in.MinLevel) {
			return console.Exit(4) // node.Skipped
		}
		if !noBus && env.Publish != nil {
			if err := env.Publish(cmd.Context(), e.Payload(), e.Correlation); err != nil {
				env.Warn("the entry was not published: %v", err)
			}
		}
		return write(env, e, in, where)
	}
	return []*cobra.Command{cmd}
}

// write writes the entry where it is wanted.
func write(env *console.Env, e Entry, in Log, where place) error {
	text, err := e.Format(in.Format)
	if err != nil {
		return err
	}
	if where == toStdout || where == toBoth {
		if err := env.Line(strings.TrimSuffix(string(text), "\n")); err != nil {
			return err
		}
	}
	severe := !Level(e.Level).Below(Level(event.LevelError))
	if where == toStderr || severe && (where == toFile || where == toNowhere) {
		fmt.Fprint(env.Err, string(text))
	}
	if in.File == "" {
		return nil
	}
	return addTo(env, in.File, text)
}

// addTo adds an entry to a file that a person names, wherever it lies.
func addTo(env *console.Env, name string, text []byte) error {
	if !filepath.IsAbs(name) {
		name = filepath.Join(env.Dir, name)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return ErrOutput.Wrap(err, "%s", name)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return ErrOutput.Wrap(err, "%s", name)
	}
	return nil
}

func contextOf(pairs []string) (map[string]string, error) {
	all := map[string]string{}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if _, twice := all[key]; !ok || key == "" || twice {
			return nil, console.ErrUsage.With("--context %s: want key=value, each key once", pair)
		}
		all[key] = value
	}
	return all, nil
}
