package schemagenerator

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/derived"
)

// Commands returns "onex schemas".
func Commands(env *console.Env) []*cobra.Command {
	var in Generate
	var check bool
	format := console.Text
	cmd := &cobra.Command{
		Use:   "schemas [PATH…]",
		Short: "write JSON Schemas of tools, or say which are stale",
		Long: `schemas makes a JSON Schema of the arguments and one of the result of every tool
whose contract lies in the project, or in the files and directories named:
schemas/NODE/TOOL_input.schema.json and TOOL_output.schema.json. With --outputs, the
schemas of what onex itself prints with -o json are made, too.

Nothing is written without --write. --check ends with status 1 when a file that is
there is not what it would be now, or would not be made any more. Nothing is deleted.`,
		Example: `  onex schemas                 # what would be written
  onex schemas --write
  onex schemas ./greeter --to greeter/schemas --base https://example.org/schemas --write
  onex schemas --check`,
	}
	cmd.Flags().BoolVar(&in.Write, "write", false, "write the files")
	cmd.Flags().BoolVar(&check, "check", false, "end with status 1 when a file is stale")
	cmd.Flags().BoolVar(&in.Outputs, "outputs", false, "also of what onex itself prints")
	cmd.Flags().StringVar(&in.To, "to", Directory, "`directory` of the schemas, relative to the project")
	cmd.Flags().StringVar(&in.Base, "base", "", "`URL` that the $id of schemas of contracts begins with")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.MarkFlagsMutuallyExclusive("write", "check")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root, paths, err := env.Paths(args)
		if err != nil {
			return err
		}
		in.Paths = paths
		made, err := generator{root, env.Outputs}.generate(cmd.Context(), in)
		if err != nil {
			return err
		}
		if err := env.Print(format, made); err != nil {
			return err
		}
		return derived.End(env, made.OK, in.Write, check)
	}
	return []*cobra.Command{console.Offer(cmd, "write")}
}

// Text lists the files that are not current, and counts.
func (s Schemas) Text(e *console.Env, w io.Writer) {
	derived.Text(e, w, s.Schemas)
	s.Summary(w)
}

// Summary counts the files by state.
func (s Schemas) Summary(w io.Writer) { fmt.Fprintln(w, derived.Totals(s.Schemas)) }

// Table lists all files.
func (s Schemas) Table() console.Grid { return derived.Table(s.Schemas) }
