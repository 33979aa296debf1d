package nodemanager

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/scaffold"
	"github.com/omninode-ai/onex/tree"
)

// Commands returns "onex new", and what it adds to "onex node". The root of m is
// found by each command.
func Commands(env *console.Env, m Manager) []*cobra.Command {
	add := &cobra.Command{
		Use:     "new",
		GroupID: "nodes",
		Short:   "make something new that works at once: a node, a file type, a rule, a scenario",
		Long: `new makes the files of something that works at once, and says what to do next.
What is there already is never overwritten, and either all files are written or
none.`,
		Example: `  onex new node greeter --lang python
  onex new node tools/greeter --lang go --dry-run
  onex new scenario greeter first
  onex new file-type nix --extension .nix --comment '#'
  onex new rule house-style --lang shell`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	add.AddCommand(newNode(env, m), newScenario(env, m), newFileType(env, m), newRule(env, m))
	keep := &cobra.Command{
		Use:     "node",
		Short:   "mend the files of nodes; sign and verify them",
		Long:    "node keeps the files of nodes in order.",
		Example: `  onex node fix`,
	}
	keep.AddCommand(
		newRepair(env, m, repairCommand{
			use: "contract", short: "bring contracts in line with manifests and programs",
			long: `contract gives each contract the name and the version of its manifest. A program
that speaks MCP is asked for its tools, whose descriptions and schemas go into the
contract; errors, effects and examples stay. One that is missing gets a beginning.`,
			run: Manager.RegenerateContract,
		}),
		newRepair(env, m, repairCommand{
			use: "manifest", short: "complete manifests, and derive those that are missing",
			long: `manifest gives each manifest without a uuid one. In a directory that is named and
has no manifest, it is derived from the contract and the program that lies there.`,
			run: Manager.RegenerateManifest,
		}),
		newRepair(env, m, repairCommand{
			use: "fix", short: "find what is wrong with the files of nodes, and mend it",
			long: `fix does what contract and manifest do, makes programs executable that are run by
their path, renews metadata and .onextree where nodes have them, and lists what a
person must see to. The exit status is 2 when there is such a thing.`,
			run: Manager.FixHealth,
		}),
		newRepair(env, m, repairCommand{
			use: "sync", short: "make onex.yaml list the nodes that are there",
			long: `sync adds the nodes of the project to nodes: in onex.yaml, which onex up runs, and
takes out those that are not there any more. The rest of the file stays as it is.`,
			run: Manager.Synchronize,
		}),
	)
	return []*cobra.Command{add, keep}
}

// inProject returns m for the project that the command works in; where there is none,
// the working directory becomes one.
func inProject(env *console.Env, m Manager) (Manager, error) {
	dir, err := filepath.Abs(env.Dir)
	if err != nil {
		return m, err
	}
	m.Log = env.Log
	if m.Root, err = tree.ProjectRoot(dir); err != nil {
		m.Root = dir
	}
	return m, nil
}

// within returns a path that a person wrote as one relative to the root of the project.
func within(env *console.Env, m Manager, name string) (string, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(env.Dir, name)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	below, err := filepath.Rel(m.Root, abs)
	if err != nil || !filepath.IsLocal(below) {
		return "", ErrTarget.With("%s is outside of %s", abs, m.Root)
	}
	return filepath.ToSlash(below), nil
}

func newNode(env *console.Env, m Manager) *cobra.Command {
	var in Generate
	var dry bool
	format := console.Text
	language := console.Choice[scaffold.Language]{Value: scaffold.Python, Of: scaffold.Languages()}
	cmd := &cobra.Command{
		Use:   "node NAME",
		Short: "make a node that works at once",
		Long: `node makes the directory of a new node: manifest, contract with examples, program,
scenario and a page for people. Its files are stamped, its examples were run on this
machine before it was put into its place, and onex.yaml lists it, so that onex up runs
it. NAME may be a path that ends in the name.

Nothing is fetched: a node in Go requires the standard library alone. A directory
that belongs to no project becomes one.`,
		Example: `  onex new node greeter
  onex new node tools/resize --lang go --description 'makes images smaller'
  onex new node greeter --dry-run`,
		Args: oneName,
	}
	cmd.Flags().Var(&language, "lang", "what its program is written in")
	cmd.Flags().StringVar(&in.Description, "description", "", "one line of `text` for people")
	cmd.Flags().StringVar(&in.Owner, "owner", "", "`who` answers for it (default the owner of the project)")
	cmd.Flags().BoolVar(&in.NoList, "no-list", false, "do not list it in onex.yaml")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be written")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m, err := inProject(env, m)
		if err != nil {
			return err
		}
		at, err := within(env, m, args[0])
		if err != nil {
			return err
		}
		in.Name, in.Directory, in.Language, in.Write = path.Base(at), path.Dir(at), language.Value, !dry
		r, err := m.Generate(cmd.Context(), in)
		if err != nil {
			return err
		}
		if err := show(env, format, r); err != nil {
			return err
		}
		if in.Write {
			next(env, in, shown(env, m, at))
		}
		return nil
	}
	return cmd
}

func oneName(cmd *cobra.Command, args []string) error { return arguments(cmd, args, 1) }

func arguments(cmd *cobra.Command, args []string, n int) error {
	if len(args) != n {
		return console.ErrUsage.With("%s takes %d argument(s), not %d", cmd.CommandPath(), n, len(args)).Hinted("usage: %s", cmd.UseLine())
	}
	return nil
}

// shown returns a path of the project as a person in the working directory writes it.
func shown(env *console.Env, m Manager, at string) string {
	abs, err := filepath.Abs(env.Dir)
	if err != nil {
		return m.path(at)
	}
	below, err := filepath.Rel(abs, m.path(at))
	if err != nil || strings.HasPrefix(below, "..") {
		return m.path(at)
	}
	return "./" + filepath.ToSlash(below)
}

// next says what to do with a new node.
func next(env *console.Env, in Generate, dir string) {
	main := map[scaffold.Language]string{scaffold.Go: "main.go", scaffold.Python: "main.py", scaffold.Shell: "main.sh", scaffold.JavaScript: "main.mjs"}
	quoted := dir
	if strings.ContainsAny(dir, " \t'\"$&;()*?[]#~<>|\\`!{}") {
		quoted = "'" + strings.ReplaceAll(dir, "'", `'\''`) + "'"
	}
	up := "onex up &                # if it is running already: onex run " + quoted + " &"
	if in.NoList {
		up = "onex up --node " + quoted + " &"
	}
	env.Next(
		"onex run "+quoted+` --once --input '{"name": "Ada"}'`,
		"onex parity "+quoted,
		up,
		"onex invoke "+string(in.Name)+` --args '{"name": "Ada"}'`,
	)
	env.Note("begin in %s/contract.yaml and %s/%s; after changes: onex stamp %s --write", dir, dir, main[in.Language], quoted)
}

// A repairCommand is one of those below "onex node".
type repairCommand struct {
	use, short, long string
	run              func(Manager, context.Context, Select) (Report, error)
}

func newRepair(env *console.Env, m Manager, c repairCommand) *cobra.Command {
	var in Select
	format := console.Text
	cmd := &cobra.Command{
		Use:   c.use + " [NODE...]",
		Short: c.short,
		Long: c.long + `

NODE is a directory or the name of a node of the project; without it all are meant.
Nothing is written without --write.`,
		Example: "  onex node " + c.use + "\n  onex node " + c.use + " greeter --write",
		Args:    cobra.ArbitraryArgs,
	}
	cmd.Flags().BoolVar(&in.Write, "write", false, "write the files")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m, err := inProject(env, m)
		if err != nil {
			return err
		}
		for _, arg := range args {
			in.Nodes = append(in.Nodes, named(env, m, arg))
		}
		r, err := c.run(m, cmd.Context(), in)
		if err != nil {
			return err
		}
		if err := show(env, format, r); err != nil {
			return err
		}
		return console.Exit(r.ResultStatus().ExitStatus())
	}
	return cmd
}

// named returns an argument relative to the root when it is a directory, else as it is.
func named(env *console.Env, m Manager, arg string) string {
	if at, err := within(env, m, arg); err == nil {
		if info, err := os.Stat(m.path(at)); err == nil && info.IsDir() {
			return at
		}
	}
	return arg
}

// Text lists what changes, and what is left to a person.
func (r Report) Text(env *console.Env, w io.Writer) {
	would := "would "
	if r.Written {
		would = ""
	}
	for _, c := range r.Changes {
		fmt.Fprintf(w, "%s%s  %s  %s\n", would, c.Action, env.Paint(console.Bold, c.Path), env.Paint(console.Faint, c.Why))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "%s: %s\n", p.Node, p.Text)
		if p.Hint != "" {
			fmt.Fprintf(w, "  hint: %s\n", p.Hint)
		}
	}
	if len(r.Changes) == 0 && len(r.Problems) == 0 {
		fmt.Fprintln(w, "nothing to do")
	}
}

// show prints a report, and tells a person who might think otherwise that it is a plan.
func show(env *console.Env, format console.Format, r Report) error {
	if err := env.Print(format, r); err != nil {
		return err
	}
	if len(r.Changes) > 0 && !r.Written {
		env.Note("nothing was written")
	}
	return nil
}

// Table has a line for each change and each problem.
func (r Report) Table() console.Grid {
	g := console.Grid{Header: []string{"what", "where", "why"}, Empty: "nothing to do"}
	for _, c := range r.Changes {
		g.Rows = append(g.Rows, []string{string(c.Action), c.Path, c.Why})
	}
	for _, p := range r.Problems {
		g.Rows = append(g.Rows, []string{"problem", p.Node, p.Text})
	}
	return g
}
