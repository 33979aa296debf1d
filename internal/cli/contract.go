package cli

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// ErrWhichContract is returned by the contract commands for a name that is no
// contract file, no directory with one, no built-in node and no live node.
var ErrWhichContract = fault.New("ONEX_CONTRACT_082_NO_SUCH_CONTRACT", fault.NotFound, "no such contract").
	Hinted("give a contract.yaml, the directory of a node, the name of a built-in node, or of a live one (onex nodes)")

func newContract(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contract",
		Short: "check, show, compare and draft contracts",
		Long: `A contract says what a node's tools take and give, how they fail, and what they
change. NODE is a contract.yaml, the directory of a node, the name of a built-in
node, or the name or id of a live one.`,
		Example: `  onex contract check ./greeter
  onex contract show greeter --schema
  onex contract diff ./greeter greeter`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(console.Offer(newContractCheck(s)), newContractShow(s), newContractDiff(s), newContractDraft(s))
	return cmd
}

// contractOf finds a contract by what people call it.
func (s *session) contractOf(ctx context.Context, name string) (node.Contract, error) {
	path := s.within(name)
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		data, err := os.ReadFile(path)
		if err != nil {
			return node.Contract{}, err
		}
		return node.ParseContract(data)
	}
	if _, err := os.Stat(filepath.Join(path, node.ContractFile)); err == nil {
		return contractFrom(inDir(path))
	}
	for _, b := range nodes.All() {
		if string(b.Name) != name {
			continue
		}
		cfg, err := s.config()
		if err != nil {
			return node.Contract{}, err
		}
		h, err := s.host(ctx, cfg, name, nil, nil)
		if err != nil {
			return node.Contract{}, err
		}
		defer h.Close()
		return h.Contract(), nil
	}
	return s.liveContract(ctx, name)
}

func (s *session) liveContract(ctx context.Context, name string) (c node.Contract, err error) {
	err = s.onRegistry(ctx, func(ctx context.Context, client *registry.Client) error {
		entries, err := client.Nodes(ctx, event.NodeDiscoveryRequest{NodeFilter: []string{name}, Detail: true})
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Contract != nil {
				c = *e.Contract
				return nil
			}
		}
		return ErrWhichContract.With("%q", name)
	})
	if fault.ClassOf(err) == fault.Unavailable {
		return c, ErrWhichContract.Wrap(err, "%q is no file, and the live nodes cannot be asked", name)
	}
	return c, err
}

// completeContracts offers directories, and the built-in nodes.
func (s *session) completeContracts(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return builtinNames(), cobra.ShellCompDirectiveDefault
}
