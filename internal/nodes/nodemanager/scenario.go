package nodemanager

import (
	"context"
	"os"
	"path"
	"slices"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/node"
)

// ErrNoExamples is returned when a scenario is to be made for a node whose contract
// has no examples: nothing says what a call would answer. Record one from what the
// node really does, with onex scenario record.
var ErrNoExamples = fault.New("ONEX_NODE_MANAGER_062_MISSING_REQUIRED_FILES", fault.NotFound, "the contract has no examples").
	Hinted("record a scenario from what the node does: onex scenario record NODE NAME --call '{…}'")

// NewScenario makes scenarios/NAME.yaml of a node: a call of every example in its
// contract, in order, with what the example expects. A scenario that exists is left
// alone, with [ErrExists].
func (m Manager) NewScenario(ctx context.Context, nodeName, name string, write bool) (Report, error) {
	if _, err := node.ParseName(name); err != nil {
		return Report{}, err
	}
	dirs, err := m.dirsOf([]string{nodeName})
	if err != nil {
		return Report{}, err
	}
	data, err := os.ReadFile(m.path(dirs[0], node.ContractFile))
	if err != nil {
		return Report{}, ErrNoExamples.Wrap(err, "%s", dirs[0])
	}
	c, err := node.ParseContract(data)
	if err != nil {
		return Report{}, err
	}
	made := caseOf(c, name)
	if len(made.Steps) == 0 {
		return Report{}, ErrNoExamples.With("%s", dirs[0])
	}
	text, err := node.PrintCase(made)
	if err != nil {
		return Report{}, err
	}
	to := path.Join(dirs[0], node.CasesDir, name+".yaml")
	if there, err := exists(m.path(to)); there || err != nil {
		return Report{}, ErrExists.Wrap(err, "%s", to)
	}
	r := &repair{m: m, files: map[string]edit{}}
	r.write(to, text, "the examples of the contract, one after the other")
	if write {
		if err := os.MkdirAll(m.path(path.Dir(to)), 0o755); err != nil {
			return Report{}, err
		}
	}
	return r.finish(ctx, write)
}

// caseOf calls every example that says all there is to say: not those of tools that
// write files, and not those whose arguments are refused before the tool sees them.
func caseOf(c node.Contract, name string) node.Case {
	all := node.Case{Name: name, Description: "the examples of the contract, one after the other", Dependencies: node.Real}
	for _, t := range c.Tools {
		if slices.Contains(t.Effects, node.WritesFiles) {
			continue
		}
		declared := func(code string) bool {
			return code == "" || slices.ContainsFunc(t.Errors, func(e node.ToolError) bool { return e.Code == code })
		}
		for _, e := range t.Examples {
			if !declared(e.Error) {
				continue
			}
			all.Steps = append(all.Steps, node.Step{Tool: t.Name, Input: e.Input, Expect: node.Expectation{Status: e.Status, Output: e.Output, Error: e.Error}})
		}
	}
	return all
}

func newScenario(env *console.Env, m Manager) *cobra.Command {
	var dry bool
	format := console.Text
	cmd := &cobra.Command{
		Use:   "scenario NODE NAME",
		Short: "make a scenario of the examples in a contract",
		Long: `scenario writes scenarios/NAME.yaml of a node: a call of every example in its
contract, one after the other, with what it must answer. Change it to what you want
to show; onex scenario run replays it. To write down what a node does, files and
all, use onex scenario record.`,
		Example: `  onex new scenario greeter first
  onex new scenario ./tools/resize twice --dry-run`,
		Args: func(cmd *cobra.Command, args []string) error { return arguments(cmd, args, 2) },
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be written")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m, err := inProject(env, m)
		if err != nil {
			return err
		}
		r, err := m.NewScenario(cmd.Context(), named(env, m, args[0]), args[1], !dry)
		if err != nil {
			return err
		}
		if err := show(env, format, r); err != nil || dry {
			return err
		}
		env.Next("onex scenario run " + args[0] + " --only " + args[1])
		return nil
	}
	return cmd
}
