package nodemanager

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/plugin"
	"github.com/omninode-ai/onex/internal/scaffold"
	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/lint/rules"
	"github.com/omninode-ai/onex/tree"
)

// NewRule makes a rule of onex lint: a directory in [plugin.Dir], with its program
// and the cases that it must hold. It held them before it is put into its place. The
// errors are [plugin.ErrConfig], [lint.ErrRule], [console.ErrUsage], [ErrExists],
// [ErrTarget] and [ErrTrial]; then nothing was written.
func (m Manager) NewRule(ctx context.Context, in scaffold.Rule, write bool) (Report, error) {
	dir, err := m.placeOf(in)
	if err != nil {
		return Report{}, err
	}
	files, err := in.Files()
	if err != nil {
		return Report{}, err
	}
	r := Report{Written: write, Problems: []Problem{}}
	for _, f := range files {
		why := "its program, in " + languageName(in.Language)
		switch {
		case strings.HasPrefix(f.Path, "testdata/") && path.Base(f.Path) == path.Base(in.Case("bad")):
			why = "what it must catch"
		case strings.HasPrefix(f.Path, "testdata/"):
			why = "what it must not"
		}
		r.Changes = append(r.Changes, Change{path.Join(dir, f.Path), Create, why})
	}
	if !write {
		return r, nil
	}
	s, err := m.newStage(true)
	if err != nil {
		return Report{}, err
	}
	defer s.remove()
	for _, f := range files {
		name := path.Join(dir, f.Path)
		if err := errors.Join(s.at.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o755), s.at.WriteFile(name, f.Data, f.Mode)); err != nil {
			return Report{}, ErrTarget.Wrap(err, "%s", name)
		}
	}
	if err := s.prove(ctx, dir, in.Language); err != nil {
		return Report{}, ErrTrial.Wrap(err, "%s", in.Name)
	}
	return r, s.commit(draft{dir: dir})
}

// prove has the rule judge its cases where it lies.
func (s *stage) prove(ctx context.Context, dir string, l scaffold.Language) error {
	at := filepath.Join(s.dir, filepath.FromSlash(dir))
	if l == scaffold.Go {
		if err := build(ctx, at); err != nil {
			return err
		}
	}
	return plugin.Prove(ctx, at)
}

// placeOf checks what was asked for, and returns the directory of the rule.
func (m Manager) placeOf(in scaffold.Rule) (string, error) {
	if err := plugin.CheckName(in.Name); err != nil {
		return "", err
	}
	for _, r := range append(slices.Concat(rules.All(), lint.Own()), rules.Metadata(context.Background(), nil)) {
		if r.ID == in.Identity() || r.Name == strings.ReplaceAll(in.Name, "_", "-") {
			return "", ErrTaken.With("%s %s is a rule of onex", r.ID, r.Name).Hinted("choose another name, or another id with --id")
		}
	}
	p, ok := tree.ParsePattern(in.Pattern)
	if !ok || !p.Match(in.Case("bad")) || in.Case("bad") == in.Case("good") {
		return "", console.ErrUsage.With("--files %q: want a pattern with a * in the name of a file, as *.py", in.Pattern)
	}
	parent := path.Join(plugin.Dir, string(plugin.Validator))
	entries, err := os.ReadDir(m.path(parent))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", ErrTarget.Wrap(err, "%s", parent)
	}
	for _, e := range entries {
		if strings.TrimSuffix(e.Name(), path.Ext(e.Name())) == in.Name {
			return "", ErrExists.With("%s/%s", parent, e.Name())
		}
	}
	return path.Join(parent, in.Name), nil
}

func newRule(env *console.Env, m Manager) *cobra.Command {
	var in scaffold.Rule
	var dry bool
	format := console.Text
	language := console.Choice[scaffold.Language]{Value: scaffold.Python, Of: scaffold.Languages()}
	cmd := &cobra.Command{
		Use:   "rule NAME",
		Short: "make a rule of onex lint, with a case that it must catch and one that it must not",
		Long: `rule makes a rule of your own for onex lint: a program in .onex/plugins/validator,
and beside it, in testdata, a file in which it must find something and one in which it
must not. onex lint tries the rule on them before it uses it. The rule held its cases
on this machine before it was put into its place. docs/guides/write-a-rule.md goes on
from there.`,
		Example: `  onex new rule house-style
  onex new rule no-print --files '*.py' --id HOUSE001
  onex new rule no-print --lang go --dry-run`,
		Args: oneName,
	}
	cmd.Flags().Var(&language, "lang", "what its program is written in")
	cmd.Flags().StringVar(&in.ID, "id", "", "`id` of the rule: capital letters and three digits (default made of NAME)")
	cmd.Flags().StringVar(&in.Pattern, "files", "*", "`pattern` (as in .gitignore) of the files that it looks at")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be written")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m, err := inProject(env, m)
		if err != nil {
			return err
		}
		in.Name, in.Language = args[0], language.Value
		r, err := m.NewRule(cmd.Context(), in, !dry)
		if err != nil {
			return err
		}
		if err := show(env, format, r); err != nil || dry {
			return err
		}
		dir := shown(env, m, path.Join(plugin.Dir, string(plugin.Validator), in.Name))
		env.Next(
			"onex plugins trust validator:"+in.Name+"   # after each change, too",
			"onex lint --only "+in.Identity(),
		)
		env.Note("begin in %s: the function check, and the cases in testdata/%s", dir, in.Identity())
		return nil
	}
	return cmd
}
