package stamper

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// A FoundFunction is a function marked as a tool, and where it is.
type FoundFunction struct {
	Path string `json:"path"`
	funcs.Function
}

// Functions is the output of "onex functions".
type Functions []FoundFunction

// Table shows what a person looks for.
func (fs Functions) Table() console.Grid {
	g := console.Grid{Header: []string{"name", "language", "place", "inputs", "description"}, Empty: "no function is marked with @onex:function"}
	for _, f := range fs {
		g.Rows = append(g.Rows, []string{
			f.Name, string(f.Language), fmt.Sprintf("%s:%d", f.Path, f.Line), strings.Join(f.Inputs, ", "), f.Description,
		})
	}
	return g
}

func newFunctions(env *console.Env) *cobra.Command {
	var s selection
	var every bool
	format := console.Table
	cmd := &cobra.Command{
		Use:   "functions [PATH…]",
		Short: "list the functions that are marked as tools",
		Long: `functions reads the sources of the project, or those named, and lists the
functions whose comment is marked with @onex:function: what they take and give,
their error codes and side effects. It reads Python, JavaScript, TypeScript, Go,
shell, Rust and Java. Lines count from the first line after the metadata block,
so that stamping does not move them.`,
		Example: `  onex functions
  onex functions --every src -o json`,
	}
	cmd.Flags().StringArrayVar(&s.include, "include", nil, "only files that match this `pattern` (as in .gitignore)")
	cmd.Flags().StringArrayVar(&s.exclude, "exclude", nil, "no files that match this `pattern`")
	cmd.Flags().BoolVar(&every, "every", false, "every function, marked or not")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root, o, err := s.open(env, args)
		if err != nil {
			return err
		}
		defer root.Close()
		found, err := functions(cmd.Context(), env, root, o, every)
		if err != nil {
			return err
		}
		return env.Print(format, found)
	}
	return cmd
}

// functions searches the selected files; what is wrong in one of them is told
// to the person and keeps nothing from being found.
func functions(ctx context.Context, env *console.Env, root *os.Root, o *stamp.Options, every bool) (Functions, error) {
	files, _, err := tree.List(ctx, root, &tree.Options{Paths: o.Paths, Include: o.Include, Exclude: o.Exclude})
	if err != nil {
		return nil, err
	}
	types := filetype.Standard()
	found := Functions{}
	for _, f := range files {
		list, diagnostics, err := search(root, types, f.Path, every)
		if err != nil {
			return nil, err
		}
		for _, d := range diagnostics {
			env.Warn("%s:%d:%d: %s [%s]", f.Path, d.Line, d.Column, d.Message, d.Code)
		}
		for _, fn := range list {
			found = append(found, FoundFunction{f.Path, fn})
		}
	}
	return found, nil
}

// search returns the functions of one file; none when its language has none.
func search(root *os.Root, types *filetype.Set, path string, every bool) ([]funcs.Function, []funcs.Diagnostic, error) {
	t, ok := types.Find(path, nil)
	if !ok {
		return nil, nil, nil
	}
	lang, err := funcs.ParseLanguage(t.Name)
	if err != nil {
		return nil, nil, nil
	}
	data, err := root.ReadFile(path)
	if err != nil {
		return nil, nil, stamp.ErrRead.Wrap(err, "%s", path)
	}
	parts, err := t.Split(data)
	if err != nil {
		return nil, nil, nil // onex check tells what is wrong with its block
	}
	find := funcs.Find
	if every {
		find = funcs.All
	}
	list, diagnostics := find(lang, parts.Body)
	return list, diagnostics, nil
}
