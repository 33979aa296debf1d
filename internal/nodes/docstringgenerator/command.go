package docstringgenerator

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/derived"
)

// Commands returns "onex docs".
func Commands(env *console.Env) []*cobra.Command {
	var in Generate
	var check bool
	format := console.Text
	cmd := &cobra.Command{
		Use:   "docs [PATH…]",
		Short: "write pages about contracts and schemas, or say which are stale",
		Long: `docs makes a Markdown page about every contract and every schema of the project, or of
the files and directories named, and an index: fields, errors, effects and examples,
as they are written there.

Nothing is written without --write. --check ends with status 1 when a page that is
there is not what it would be now, or would not be made any more. Nothing is deleted.`,
		Example: `  onex docs                    # what would be written
  onex docs --write
  onex docs ./greeter --to greeter/docs --write
  onex docs --check`,
	}
	cmd.Flags().BoolVar(&in.Write, "write", false, "write the pages")
	cmd.Flags().BoolVar(&check, "check", false, "end with status 1 when a page is stale")
	cmd.Flags().StringVar(&in.To, "to", Directory, "`directory` of the pages, relative to the project")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.MarkFlagsMutuallyExclusive("write", "check")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root, paths, err := env.Paths(args)
		if err != nil {
			return err
		}
		in.Paths = paths
		made, err := project{root}.generate(cmd.Context(), in)
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

// Text lists the pages that are not current, and counts.
func (p Pages) Text(e *console.Env, w io.Writer) {
	derived.Text(e, w, p.Pages)
	p.Summary(w)
}

// Summary counts the pages by state.
func (p Pages) Summary(w io.Writer) { fmt.Fprintln(w, derived.Totals(p.Pages)) }

// Table lists all pages.
func (p Pages) Table() console.Grid { return derived.Table(p.Pages) }
