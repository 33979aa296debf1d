package registryloader

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/artifact"
	"github.com/omninode-ai/onex/internal/console"
)

// Commands returns "onex artifacts".
func Commands(env *console.Env) []*cobra.Command {
	var in Load
	var types []string
	format := console.Text
	cmd := &cobra.Command{
		Use:   "artifacts [PATH…]",
		Short: "list the nodes, contracts, schemas and tools that the project offers",
		Long: `artifacts finds what the project, or the files and directories named, offers:
` + strings.Join(artifact.Type("").Values(), ", ") + `. An artifact
is there when its file is; there is no list to be kept. Each is checked, and what is
wrong with it is said; then the exit status is 1.

What a file called .wip marks as work in progress is counted, and listed with
--include-wip.`,
		Example: `  onex artifacts
  onex artifacts --types nodes,contracts -o json
  onex artifacts ./greeter --include-wip`,
	}
	cmd.Flags().StringSliceVar(&types, "types", nil, "only artifacts of this `type`, such as nodes; repeatable")
	cmd.Flags().BoolVar(&in.IncludeWIP, "include-wip", false, "also what is work in progress")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	_ = cmd.RegisterFlagCompletionFunc("types", cobra.FixedCompletions(artifact.Type("").Values(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root, paths, err := env.Paths(args)
		if err != nil {
			return err
		}
		in.Paths = paths
		for _, t := range types {
			in.Types = append(in.Types, artifact.Type(t))
		}
		loaded, err := project{root}.load(cmd.Context(), in)
		if err != nil {
			return err
		}
		if err := env.Print(format, loaded); err != nil || len(loaded.Problems) == 0 {
			return err
		}
		return console.Exit(console.ExitError)
	}
	return []*cobra.Command{console.Offer(cmd)}
}

// Text lists the artifacts, what is wrong, and how many there are.
func (l Loaded) Text(e *console.Env, w io.Writer) {
	for _, a := range l.Artifacts {
		state := ""
		switch {
		case !a.Valid:
			state = "  " + e.Paint(console.Red, "invalid")
		case a.WIP:
			state = "  " + e.Paint(console.Yellow, "work in progress")
		}
		fmt.Fprintf(w, "%-10s %s  %s%s\n", a.Type, a.Path, e.Paint(console.Bold, strings.TrimSpace(a.Name+" "+a.Version)), state)
	}
	for _, p := range l.Problems {
		fmt.Fprintf(w, "%s: %s\n  code: %s\n", p.Path, strings.ReplaceAll(p.Message, "\n", "\n  "), p.Code)
	}
	if l.Summary(w); len(l.Counts)+len(l.Problems) == 0 {
		fmt.Fprintln(w, "no node, contract, schema or tool is here")
	}
}

// Summary counts the artifacts by type.
func (l Loaded) Summary(w io.Writer) {
	for _, c := range l.Counts {
		fmt.Fprintf(w, "%s: %d valid", c.Type, c.Valid)
		for _, also := range []struct {
			n    int
			what string
		}{{c.Invalid, "invalid"}, {c.WIP, "in progress"}} {
			if also.n > 0 {
				fmt.Fprintf(w, ", %d %s", also.n, also.what)
			}
		}
		fmt.Fprintln(w)
	}
}

// Table lists the artifacts.
func (l Loaded) Table() console.Grid {
	g := console.Grid{Header: []string{"type", "name", "version", "valid", "wip", "path"}, Empty: "no artifacts"}
	for _, a := range l.Artifacts {
		g.Rows = append(g.Rows, []string{string(a.Type), a.Name, a.Version, strconv.FormatBool(a.Valid), strconv.FormatBool(a.WIP), a.Path})
	}
	return g
}
