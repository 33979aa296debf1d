package cli

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/golden"
)

// TestCommandPageIsCurrent renders docs/cli.md from the commands themselves.
func TestCommandPageIsCurrent(t *testing.T) {
	root := newRoot(&console.Env{
		Dir: ".", Out: io.Discard, Err: io.Discard,
		Getenv: func(string) string { return "" }, Log: slog.New(slog.DiscardHandler),
	})
	var b strings.Builder
	b.WriteString("# Commands\n\nGenerated from the source by `make docs`. Results go to standard output, everything else to standard error.\n" +
		"The JSON of every listing is described by a schema in [schemas](../schemas).\n\n" +
		"Exit status: `invoke` and `run --once` end with that of the result (success 0, error 1, warning 2, partial 3, skipped 4,\n" +
		"fixed 5, info 6); every other command with 0 when all is well and 1 when not; a wrong command line with 64.\n" +
		"A command that Ctrl-C or SIGTERM ends before it is done ends with 130 or 143; `up` and `run`, which are meant to be ended so, with 0.\n" +
		"With `-o json` or `-o yaml` an error is printed on standard output, too, as [schemas/error.json](../schemas/error.json) describes it.\n")
	commands := 0
	for _, c := range root.Commands() {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		writeCommand(&b, c)
		commands++
	}
	b.WriteString("\n## Every command\n\n```\n" + flags(root.PersistentFlags()) + "```\n")
	if commands == 0 {
		t.Fatal("there are no commands")
	}
	golden.Check(t, "../../docs/cli.md", []byte(b.String()))
}

func writeCommand(b *strings.Builder, c *cobra.Command) {
	text := c.Long
	if text == "" {
		text = c.Short
	}
	fmt.Fprintf(b, "\n## %s\n\n`%s`\n\n%s\n", c.CommandPath(), c.UseLine(), text)
	if c.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", unindented(c.Example))
	}
	if f := flags(c.LocalNonPersistentFlags()); f != "" {
		fmt.Fprintf(b, "\n```\n%s```\n", f)
	}
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			writeCommand(b, sub)
		}
	}
}

func flags(set *pflag.FlagSet) string {
	return strings.ReplaceAll(set.FlagUsages(), ` (default ".")`, "")
}

func unindented(text string) string {
	return strings.TrimPrefix(strings.ReplaceAll(text, "\n  ", "\n"), "  ")
}

// TestEveryCommandHelps holds that each command says what it does, and that each
// which does something itself shows an example.
func TestEveryCommandHelps(t *testing.T) {
	root := newRoot(&console.Env{Dir: ".", Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }})
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			return
		}
		if c.Short == "" || c.Short != strings.TrimSuffix(strings.ToLower(c.Short[:1])+c.Short[1:], ".") {
			t.Errorf("%s: %q is not a line in lower case without a period", c.CommandPath(), c.Short)
		}
		if !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s shows no example of itself", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	for _, c := range root.Commands() {
		visit(c)
	}
}

// TestExamplesOfHelpAreCommands holds that each command in the examples of the help
// exists, and takes the flags that it is shown with.
func TestExamplesOfHelpAreCommands(t *testing.T) {
	call := regexp.MustCompile(`\bonex ((?:'[^']*'|"[^"]*"|[^|;&#>)'"\n])*)`)
	word := regexp.MustCompile(`'[^']*'|"[^"]*"|[^\s'"]+`)
	env := &console.Env{Dir: ".", Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }}
	checked := 0
	var visit func(*cobra.Command)
	visit = func(shown *cobra.Command) {
		for _, m := range call.FindAllStringSubmatch(shown.Example, -1) {
			args := word.FindAllString(m[1], -1)
			for i, arg := range args {
				args[i] = strings.Trim(arg, `'"`)
			}
			c, rest, err := newRoot(env).Find(args)
			if err == nil {
				err = c.ParseFlags(rest)
			}
			if err != nil || c.Parent() == nil && len(rest) > 0 {
				t.Errorf("the help of %q shows onex %s: %v", shown.CommandPath(), m[1], err)
			}
			checked++
		}
		for _, sub := range shown.Commands() {
			visit(sub)
		}
	}
	visit(newRoot(env))
	if checked < 50 {
		t.Errorf("%d examples are checked", checked)
	}
}
