package treegenerator

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/tree"
)

// Commands returns "onex tree".
func Commands(env *console.Env) []*cobra.Command {
	var write, check bool
	format := console.Text
	cmd := &cobra.Command{
		Use:   "tree",
		Short: "show, write or check what the project holds",
		Long: `tree lists the files of the project, as git and .onexignore say. --write records
them in .onextree, which belongs into the repository; --check compares the record
with the files and ends with status 1 when they disagree.`,
		Example: `  onex tree
  onex tree --write
  onex tree --check`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&write, "write", false, "write .onextree")
	cmd.Flags().BoolVar(&check, "check", false, "compare .onextree with the files")
	cmd.MarkFlagsMutuallyExclusive("write", "check")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		root, err := tree.ProjectRoot(env.Dir)
		if err != nil {
			return err
		}
		p := project{root}
		if check {
			return p.printCheck(cmd, env, format)
		}
		n, err := p.build(cmd.Context())
		if err != nil || !write {
			return errOr(err, func() error { return env.Print(format, (*view)(n)) })
		}
		changed, err := p.write(n)
		return errOr(err, func() error {
			env.Note("%s: %s", tree.FileName, wrote(changed, n.Files()))
			return nil
		})
	}
	return []*cobra.Command{cmd}
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
