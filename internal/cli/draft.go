package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/node"
)

// ErrHasContract is returned by "onex contract draft --write" for a node that has a
// contract.yaml already. Print the draft, and take over what is wanted.
var ErrHasContract = fault.New("ONEX_CONTRACT_083_CONTRACT_EXISTS", fault.Exists, "the node has a contract").
	Hinted("print the draft without --write and take over what you want, or remove contract.yaml")

func newContractDraft(s *session) *cobra.Command {
	var write bool
	cmd := &cobra.Command{
		Use:   "draft DIR",
		Short: "derive a contract from what an mcp program offers",
		Long: `draft starts the program (or reaches the url) of the node in DIR, whose runtime is
mcp, asks it for its tools, and prints a contract.yaml with their schemas. A
program does not say how its tools fail, what they change and whether they may
be repeated: state effects, idempotency and errors, and add examples, which
onex parity runs. A contract.yaml that is there already is not looked at.`,
		Example: `  onex contract draft ./files --write`,
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.draft(cmd.Context(), s.path(args[0]), write)
		},
	}
	cmd.Flags().BoolVar(&write, "write", false, "write contract.yaml into DIR")
	return cmd
}

func (s *session) draft(ctx context.Context, dir string, write bool) error {
	if _, err := os.Stat(filepath.Join(dir, node.ContractFile)); write && !errors.Is(err, fs.ErrNotExist) {
		return ErrHasContract.With("%s", filepath.Join(dir, node.ContractFile))
	}
	h, err := host.Draft(ctx, dir, &host.Options{Log: s.Log, Relay: app.Relay()})
	if err != nil {
		return err
	}
	defer h.Close()
	text, err := node.PrintContract(h.Contract())
	if err != nil {
		return err
	}
	if !write {
		_, err := s.Out.Write(text)
		return err
	}
	if err := writeWhole(filepath.Join(dir, node.ContractFile), text); err != nil {
		return err
	}
	s.Note("%s written, %s; state effects, idempotency and errors", filepath.Join(dir, node.ContractFile), plural(len(h.Contract().Tools), "tool"))
	return nil
}
