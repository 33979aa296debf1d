package treegenerator

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/tree"
)

// Commands returns "onex tree".
func Commands(env *console.Env) []*cobra.Command {
	var write, check, skipped bool
	var reasons []string
	var o tree.Options
	format := console.Text
	source := console.Choice[tree.Source]{Value: tree.Filesystem, Of: tree.Sources()}
	mode := console.Choice[tree.Traversal]{Value: tree.Recursive, Of: tree.Traversals()}
	cmd := &cobra.Command{
		Use:   "tree [DIR]",
		Short: "show, write or check what the project holds",
		Long: `tree lists the files of the project, as git and .onexignore say. --write records
them in .onextree, which belongs into the repository; --check compares the record
with the files and ends with status 1 when they disagree. --skipped lists what is
not among the files, and why.

DIR is a directory with a record of its own, such as that of a node; without it the
project is meant.`,
		Example: `  onex tree
  onex tree --mode shallow
  onex tree --skipped --reason too_large,symlink
  onex tree --write
  onex tree --check
  onex tree ./greeter --write`,
		Args: cobra.MaximumNArgs(1),
	}
	cmd.Flags().BoolVar(&write, "write", false, "write .onextree")
	cmd.Flags().BoolVar(&check, "check", false, "compare .onextree with the files")
	cmd.Flags().BoolVar(&skipped, "skipped", false, "list what was met and is not among the files, and why")
	cmd.Flags().StringSliceVar(&reasons, "reason", nil, "with --skipped: only for this `reason`, such as too_large")
	cmd.Flags().Var(&source, "source", "where the files are learnt from")
	cmd.Flags().Var(&mode, "mode", "how deep directories are looked into")
	cmd.Flags().IntVar(&o.MaxFiles, "max-files", 0, "no more than this `number` of files")
	cmd.Flags().Int64Var(&o.MaxSize, "max-size", 0, fmt.Sprintf("no files of more than this `number` of bytes (default %d)", tree.MaxSize))
	cmd.MarkFlagsMutuallyExclusive("write", "check", "skipped")
	for _, part := range []string{"source", "mode", "max-files", "max-size"} { // the record is of the whole project
		cmd.MarkFlagsMutuallyExclusive("write", part)
		cmd.MarkFlagsMutuallyExclusive("check", part)
	}
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root, err := rootOf(env, args)
		if err != nil {
			return err
		}
		p := project{root}
		o.Source, o.Traversal, o.Drifted = source.Value, mode.Value, warn(env)
		switch {
		case check:
			return p.printCheck(cmd, env, format)
		case skipped:
			return p.printSkipped(cmd.Context(), env, &o, reasons, format)
		case len(reasons) > 0:
			return console.ErrUsage.With("--reason needs --skipped")
		}
		n, err := p.build(cmd.Context(), &o)
		if err != nil || !write {
			return errOr(err, func() error { return env.Print(format, (*view)(n)) })
		}
		changed, err := p.write(n)
		return errOr(err, func() error {
			env.Note("%s: %s", tree.FileName, wrote(changed, n.Files()))
			return nil
		})
	}
	return []*cobra.Command{console.Offer(cmd, "write")}
}

// rootOf returns the directory that is meant.
func rootOf(env *console.Env, args []string) (string, error) {
	if len(args) == 0 {
		return tree.ProjectRoot(env.Dir)
	}
	dir := args[0]
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(env.Dir, dir)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", tree.ErrRoot.With("%q is no directory", args[0])
	}
	return dir, nil
}

// warn returns what tells a person how .onextree differs.
func warn(env *console.Env) func([]tree.Drift) {
	return func(drifts []tree.Drift) {
		for _, d := range drifts {
			env.Warn("%s [%s]", d.Message, d.Code)
		}
	}
}

// SkippedFiles is the output of "onex tree --skipped".
type SkippedFiles []tree.Skipped

// Table lists them.
func (s SkippedFiles) Table() console.Grid {
	g := console.Grid{Header: []string{"reason", "path"}, Empty: "nothing was skipped"}
	for _, f := range s {
		g.Rows = append(g.Rows, []string{string(f.Reason), f.Path})
	}
	return g
}

func (p project) printSkipped(ctx context.Context, env *console.Env, o *tree.Options, reasons []string, format console.Format) error {
	for _, r := range reasons {
		if !slices.Contains(tree.Reasons(), tree.Reason(r)) {
			return console.ErrUsage.With("--reason: %q is not one of %v", r, tree.Reasons())
		}
	}
	root, err := os.OpenRoot(p.root)
	if err != nil {
		return err
	}
	defer root.Close()
	o.Gone = true
	_, skipped, err := tree.List(ctx, root, o)
	if err != nil {
		return err
	}
	list := SkippedFiles{}
	for _, s := range skipped {
		if len(reasons) == 0 || slices.Contains(reasons, string(s.Reason)) {
			list = append(list, s)
		}
	}
	return env.Print(format, list)
}

func errOr(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}

func wrote(changed bool, files int) string {
	if !changed {
		return fmt.Sprintf("up to date (%d files)", files)
	}
	return fmt.Sprintf("written (%d files)", files)
}

func (p project) printCheck(cmd *cobra.Command, env *console.Env, format console.Format) error {
	result, err := p.check(cmd.Context(), Check{})
	if err != nil {
		return err
	}
	if err := env.Print(format, result); err != nil {
		return err
	}
	if result.OK {
		env.Note("%s agrees with the files", tree.FileName)
		return nil
	}
	return console.Exit(console.ExitError)
}

// Table lists the drift.
func (c Checked) Table() console.Grid {
	g := console.Grid{Header: []string{"code", "path", "message"}, Empty: "no drift"}
	for _, d := range c.Drift {
		g.Rows = append(g.Rows, []string{string(d.Code), d.Path, d.Message})
	}
	return g
}

// A view is a tree as a person wants to see it.
type view tree.Node

// Text draws the tree.
func (v *view) Text(env *console.Env, w io.Writer) {
	fmt.Fprintln(w, env.Paint(console.Bold, v.Name))
	draw(w, env, v.Children, "")
}

func draw(w io.Writer, env *console.Env, nodes []*tree.Node, indent string) {
	for i, n := range nodes {
		branch, below := "├── ", "│   "
		if i == len(nodes)-1 {
			branch, below = "└── ", "    "
		}
		name := n.Name
		if n.Type == tree.Directory {
			name = env.Paint(console.Bold, name+"/")
		}
		fmt.Fprintf(w, "%s%s%s\n", indent, branch, name)
		draw(w, env, n.Children, indent+below)
	}
}
