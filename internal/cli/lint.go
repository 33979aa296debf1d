package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/internal/atomicfile"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/plugin"
	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/lint/rules"
)

func newLint(s *session) *cobra.Command {
	var o lint.Options
	var fix, list bool
	var explain, set string
	format := lintFormat(console.Text)
	cmd := &cobra.Command{
		Use:   "lint [PATH…]",
		Short: "find mistakes in the project's code, by rules that explain themselves",
		Long: `lint applies rules to the files of the project, or to the files and directories
named, and says what they found. Without configuration it runs the rules that find
mistakes and hardly ever are wrong (set default); in a project that has an onex.yaml
or a project.onex.yaml, also those that hold the standards of ONEX (set onex).

A finding is excused in the code, on its line or the line above, by the comment
"onex:ignore RULE reason", or for whole files in lint-exceptions.yaml. An excuse
that excuses nothing is a finding.

It ends with status 1 when something was found that is more than a note, and when
there was nothing to look at.`,
		Example: `  onex lint
  onex lint --fix src/
  onex lint --explain P001
  onex lint --only bare-except,P001 -o sarif > lint.sarif`,
		ValidArgsFunction: nil,
	}
	flags := cmd.Flags()
	flags.BoolVar(&fix, "fix", false, "mend what can be mended without harm, in all files or none")
	flags.BoolVar(&list, "list", false, "list the rules")
	flags.StringVar(&explain, "explain", "", "say why the `rule` is there, with a bad and a good example")
	flags.StringSliceVar(&o.Only, "only", nil, "run only these `rules` (ids or names), of any set")
	flags.StringSliceVar(&o.Skip, "skip", nil, "do not run these `rules`")
	flags.StringVar(&set, "set", "", "which `set` of rules: default or onex")
	flags.VarP(&format, "output", "o", "how to print the result")
	cmd.MarkFlagsMutuallyExclusive("fix", "list", "explain")
	for _, flag := range []string{"explain", "only", "skip"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, completeRules) // fails for a flag that is not there
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case list:
			known, err := s.knownRules(cmd.Context())
			if err != nil {
				return err
			}
			return s.Print(console.Format(format), ruleRows(known))
		case explain != "":
			return s.explainRule(cmd.Context(), console.Format(format), explain)
		}
		root, err := s.lintOptions(&o, set, args)
		if err != nil {
			return err
		}
		defer root.Close()
		return s.lint(cmd.Context(), root, &o, fix, format)
	}
	return cmd
}

// lintRules returns the rules for the project at root, which may be nil to only
// speak of them.
func lintRules(ctx context.Context, root *os.Root) []*lint.Rule {
	return append(rules.All(), rules.Metadata(ctx, root))
}

// knownRules returns the rules of this project, those of its validators included.
func (s *session) knownRules(ctx context.Context) ([]*lint.Rule, error) {
	_, found, err := s.plugins()
	if err != nil {
		return nil, err
	}
	return append(lintRules(ctx, nil), plugin.Rules(ctx, found)...), nil
}

func completeRules(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, r := range append(lintRules(cmd.Context(), nil), lint.Own()...) {
		names = append(names, r.ID+"\t"+r.Doc.Short)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// lintOptions reads the configuration and the paths that a person named.
func (s *session) lintOptions(o *lint.Options, set string, args []string) (*os.Root, error) {
	p, err := app.FindProject(s.Dir, s.Getenv)
	if err != nil {
		return nil, err
	}
	if err := app.CheckFile(p.Root); err != nil {
		return nil, err
	}
	text, err := atomicfile.ReadFile(filepath.Join(p.Root, app.ConfigFile))
	if err == nil {
		if o.Config, err = lint.ParseConfig(app.ConfigFile, text); err != nil {
			return nil, err
		}
	}
	if set != "" {
		if o.Config.Set = lint.Set(set); !slices.Contains(lint.Sets(), o.Config.Set) {
			return nil, console.ErrUsage.With("--set: %q is not one of default, onex", set)
		}
	}
	for _, arg := range args {
		rel, err := inProject(p.Root, s.Dir, arg)
		if err != nil {
			return nil, err
		}
		o.Paths = append(o.Paths, rel)
	}
	return os.OpenRoot(p.Root)
}

// inProject returns arg, as named in dir, relative to root, with slashes.
func inProject(root, dir, arg string) (string, error) {
	if !filepath.IsAbs(arg) {
		arg = filepath.Join(dir, arg)
	}
	if real, err := filepath.EvalSymlinks(arg); err == nil {
		arg = real
	}
	rel, err := filepath.Rel(root, arg)
	if err != nil || !filepath.IsLocal(rel) {
		return "", console.ErrUsage.With("%s is not in the project %s", arg, root)
	}
	return filepath.ToSlash(rel), nil
}

func (s *session) lint(ctx context.Context, root *os.Root, o *lint.Options, fix bool, format lintFormat) error {
	_, found, err := s.plugins()
	if err != nil {
		return err
	}
	list := append(lintRules(ctx, root), plugin.Rules(ctx, found)...)
	report, err := lint.Run(ctx, root, list, o)
	if err != nil {
		return err
	}
	if fix {
		changed, applied, err := lint.Mend(ctx, root, &report)
		if err != nil {
			return err
		}
		if len(changed) > 0 {
			s.Note("mended %d finding(s) in %s", applied, strings.Join(changed, ", "))
			if report, err = lint.Run(ctx, root, list, o); err != nil {
				return err
			}
		}
	}
	if err := s.printLint(format, list, report); err != nil {
		return err
	}
	if report.Failed() {
		return console.Exit(console.ExitError)
	}
	return nil
}

// explainRule prints one rule.
func (s *session) explainRule(ctx context.Context, format console.Format, name string) error {
	known, err := s.knownRules(ctx)
	if err != nil {
		return err
	}
	r, ok := lint.Find(slices.Concat(known, lint.Own()), name)
	if !ok {
		return lint.ErrNoRule.With("%q", name)
	}
	return s.Print(format, ruleRow(r))
}
