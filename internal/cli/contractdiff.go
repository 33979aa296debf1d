package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

func newContractDiff(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "show how two contracts differ, and what breaks callers",
		Long: `diff prints the difference of two contracts line by line, then each change that a
caller could notice with its verdict: compatible or breaking. OLD and NEW are
contract files, directories, built-in or live nodes; for commits there is onex
breaking.

The exit status is 1 when a change breaks callers.`,
		Example: `  onex contract diff old.yaml ./greeter
  onex contract diff greeter ./greeter -o json`,
		Args:              exactly(2),
		ValidArgsFunction: s.completeContracts,
	}
	format := formatFlag(cmd, console.Text)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := s.diffContracts(cmd.Context(), args[0], args[1])
		if err != nil {
			return err
		}
		if err := s.Print(*format, d); err != nil {
			return err
		}
		if d.Step == schema.Major {
			return console.Exit(console.ExitError)
		}
		return nil
	}
	return cmd
}

// A ContractDiff is how two contracts differ.
type ContractDiff struct {
	Step    schema.Step     `json:"step"`
	Changes []schema.Change `json:"changes"`
	Diff    string          `json:"diff"` // unified, of the contracts as they are printed
}

// Text shows the lines, then the verdicts.
func (d ContractDiff) Text(_ *console.Env, w io.Writer) {
	if d.Diff == "" {
		fmt.Fprintln(w, "no difference")
		return
	}
	fmt.Fprintln(w, d.Diff)
	if len(d.Changes) == 0 {
		fmt.Fprintln(w, "no change that a caller could notice")
	}
	for _, c := range d.Changes {
		fmt.Fprintf(w, "%-10s %s%s (%s): %s\n", verdictOf(c), c.Tool, c.At, c.Category, c.Text)
	}
}

// Table lists the verdicts.
func (d ContractDiff) Table() console.Grid { return Breaks{Changes: d.Changes}.Table() }

func (s *session) diffContracts(ctx context.Context, before, after string) (d ContractDiff, err error) {
	was, err := s.contractOf(ctx, before)
	if err != nil {
		return d, err
	}
	is, err := s.contractOf(ctx, after)
	if err != nil {
		return d, err
	}
	if d.Changes, err = schema.Breaking(was, is); err != nil {
		return d, err
	}
	d.Step = schema.StepOf(d.Changes)
	if d.Changes == nil {
		d.Changes = []schema.Change{}
	}
	a, errA := node.PrintContract(was)
	b, errB := node.PrintContract(is)
	d.Diff = parity.Diff(before, after, string(a), string(b))
	return d, errors.Join(errA, errB)
}
