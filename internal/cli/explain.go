package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/catalogue"
	"github.com/omninode-ai/onex/internal/console"
)

// ErrUnknownCode is returned by "onex explain" for a code that this version
// does not have. "onex explain" without an argument lists all codes.
var ErrUnknownCode = fault.New("ONEX_CLI_005_UNKNOWN_CODE", fault.NotFound, "unknown error code").
	Hinted("onex explain lists all codes")

func newExplain(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [CODE]",
		Short: "say what an error code means and what to do about it",
		Example: `  onex explain ONEX_BUS_003_UNAVAILABLE
  onex explain onex_bus_003                        # the name may be left out`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return completeCodes(args), cobra.ShellCompDirectiveNoFileComp
		},
	}
	format := formatFlag(cmd, console.Text)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return s.Print(*format, explanations(catalogue.All()))
		}
		entry, ok := catalogue.Find(args[0])
		if !ok {
			return ErrUnknownCode.With("%q", args[0])
		}
		return s.Print(*format, explanation{entry})
	}
	return cmd
}

func completeCodes(args []string) []string {
	if len(args) > 0 {
		return nil
	}
	var codes []string
	for _, e := range catalogue.All() {
		codes = append(codes, string(e.Code)+"\t"+e.Text)
	}
	return codes
}

type explanation struct{ catalogue.Entry }

func (e explanation) Text(env *console.Env, w io.Writer) {
	fmt.Fprintf(w, "%s\n%s (class %s)\n", env.Paint(console.Bold, string(e.Code)), e.Entry.Text, e.Class)
	if e.Doc != "" {
		fmt.Fprintf(w, "\n%s\n", e.Doc)
	}
	if e.Hint != "" {
		fmt.Fprintf(w, "\nhint: %s\n", strings.ReplaceAll(e.Hint, "\n", "\n      "))
	}
}

type explanations []catalogue.Entry

func (es explanations) Table() console.Grid {
	g := console.Grid{Header: []string{"code", "class", "meaning"}}
	for _, e := range es {
		g.Rows = append(g.Rows, []string{string(e.Code), string(e.Class), e.Text})
	}
	return g
}
