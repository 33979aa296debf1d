package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

// ErrScenarioExists is returned by onex scenario record when there is a scenario
// of that name. It is not overwritten: onex scenario run --update records it anew
// when it fails.
var ErrScenarioExists = fault.New("ONEX_CLI_025_SCENARIO_EXISTS", fault.Exists, "there is a scenario of this name").
	Hinted("choose another name, or delete it first")

// A ScenarioRow is one line of onex scenario ls.
type ScenarioRow struct {
	Node         string            `json:"node_name"`
	Scenario     string            `json:"scenario"`
	Dependencies node.Dependencies `json:"dependencies"`
	Mocks        []string          `json:"mocks"`
	Tools        []node.ToolName   `json:"tools"` // in the order in which they are called
	Description  string            `json:"description"`
}

// ScenarioRows is the output of onex scenario ls.
type ScenarioRows []ScenarioRow

// Table lists them.
func (rows ScenarioRows) Table() console.Grid {
	g := console.Grid{Header: []string{"node", "scenario", "dependencies", "calls", "description"}, Empty: "no scenarios; onex scenario record makes one"}
	for _, r := range rows {
		dependencies := string(r.Dependencies)
		if len(r.Mocks) > 0 {
			dependencies += " (" + strings.Join(r.Mocks, ", ") + ")"
		}
		g.Rows = append(g.Rows, []string{r.Node, r.Scenario, dependencies, joinTools(r.Tools), r.Description})
	}
	return g
}

func newScenario(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "scenario",
		Short: "record calls of a node, and replay them",
		Long: `A scenario is a file in the directory scenarios of a node: calls made one after
the other, and what each must answer and do to files. It is recorded from what
the node really does, read by a person, committed, and replayed ever after.`,
		Example: `  onex scenario record ./greeter first_visit --call '{"name": "Ada"}'
  onex scenario run
  onex scenario ls`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newScenarioRecord(s), newScenarioRun(s), newScenarioLs(s))
	return cmd
}

func newScenarioRecord(s *session) *cobra.Command {
	var c node.Case
	var calls []string
	cmd := &cobra.Command{
		Use:   "record NODE NAME",
		Short: "make calls, and write down what they answer",
		Long: `record makes calls in a fresh copy of the node's directory and writes them, with
what they answered and did to files, to scenarios/NAME.yaml. Read it before you
commit it: from then on it is what the node must do.

It makes them twice. What answers otherwise the second time is not recorded, and
neither is an error that the contract does not declare.

With --mock, programs of scenarios/mocks are found before those of the system;
the scenario then says that its dependencies are mock.`,
		Example: `  onex scenario record ./greeter first_visit --call '{"name": "Ada"}'
  onex scenario record ./shout both --call 'shout={"text": "hi"}' --call 'count={"text": "hi"}'
  onex scenario record ./weather rain --mock curl --call '{"city": "Bergen"}'`,
		Args: exactly(2),
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&calls, "call", nil, "a call: `arguments` as JSON, or TOOL=arguments where the node has several tools; repeatable")
	flags.StringArrayVar(&c.Mocks, "mock", nil, "a `program` of scenarios/mocks that stands in for the real one; repeatable")
	flags.StringArrayVar(&c.Fixtures, "fixture", nil, "a `file` or directory of scenarios/fixtures to begin with; repeatable")
	flags.StringVar(&c.Description, "description", "", "what it shows, in one line of `text`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c.Name = args[1]
		return s.recordScenario(cmd.Context(), args[0], c, calls)
	}
	return cmd
}

func (s *session) recordScenario(ctx context.Context, name string, c node.Case, calls []string) error {
	n, err := s.oneNode(ctx, name)
	if err != nil {
		return err
	}
	if _, err := node.ParseName(c.Name); err != nil {
		return err
	}
	c.Dependencies = node.Real
	if len(c.Mocks) > 0 {
		c.Dependencies = node.Mock
	}
	if c.Steps, err = s.stepsOf(ctx, n, calls); err != nil {
		return err
	}
	path := filepath.Join(n.Dir, node.CasesDir, c.Name+".yaml")
	if _, err := os.Stat(path); err == nil {
		return ErrScenarioExists.With("%s", s.shown(path))
	}
	return s.writeScenario(ctx, n, c, path)
}

// writeScenario records a scenario into a file.
func (s *session) writeScenario(ctx context.Context, n parity.Node, c node.Case, path string) error {
	c, err := parity.Record(ctx, n, c, &parity.Options{Log: s.Log, Relay: app.Relay()})
	if err != nil {
		return err
	}
	data, err := node.PrintCase(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := writeWhole(path, data); err != nil {
		return err
	}
	s.Note("%s: %d calls recorded; read it before you commit it", s.shown(path), len(c.Steps))
	return nil
}

// oneNode returns the one node that name names, which must have a directory.
func (s *session) oneNode(ctx context.Context, name string) (parity.Node, error) {
	found, err := s.subject(ctx, name)
	if err != nil {
		return parity.Node{}, err
	}
	if len(found) != 1 || found[0].Dir == "" {
		return parity.Node{}, ErrUnknownNode.With("%q is not the directory of one node", name).Hinted("give a directory that holds a %s", node.ManifestFile)
	}
	return found[0], nil
}

// stepsOf reads calls as they are typed.
func (s *session) stepsOf(ctx context.Context, n parity.Node, calls []string) ([]node.Step, error) {
	if len(calls) == 0 {
		return nil, console.ErrUsage.With("no calls").Hinted(`add --call '{"name": "Ada"}'`)
	}
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	name := n.Dir
	if n.Run != "" {
		name = n.Run
	}
	h, err := s.host(ctx, cfg, name, nil, nil)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	var steps []node.Step
	for _, call := range calls {
		tool, input, named := strings.Cut(call, "=")
		if _, err := node.ParseToolName(tool); !named || err != nil {
			tool, input = "", call
		}
		t, err := pickTool(h.Contract(), node.ToolName(tool))
		if err != nil {
			return nil, err
		}
		args, err := node.Canonical(json.RawMessage(input))
		if err != nil {
			return nil, ErrArguments.Wrap(err, "--call %s", call)
		}
		steps = append(steps, node.Step{Tool: t, Input: args, Expect: node.Expectation{Status: node.Unknown}})
	}
	return steps, nil
}

func newScenarioRun(s *session) *cobra.Command {
	var o parity.Options
	var update bool
	format := parityFormat(parity.Text)
	cmd := &cobra.Command{
		Use:   "run [NODE...]",
		Short: "replay scenarios and compare",
		Long: `run replays the scenarios of nodes (without arguments, of all nodes of the
project), each in a fresh copy of the node's directory, and compares status,
result, error code and files with what was recorded. Those of fixtures (onex
plugins) are replayed, too, for built-in nodes as well. Files below scenarios that
are none, or that no scenario names, are failures.

With --update, scenarios that fail are recorded anew. The exit status is 1 when
one fails, and when there is none.`,
		Example: `  onex scenario run
  onex scenario run ./greeter --only first_visit
  onex scenario run ./greeter --update && git diff`,
		Args: cobra.ArbitraryArgs,
	}
	flags := cmd.Flags()
	flags.VarP(&format, "output", "o", "how to print the report")
	flags.StringVar(&o.Example, "only", "", "run only the scenario of this `name`")
	flags.BoolVar(&update, "update", false, "record those that fail anew")
	flags.BoolVar(&o.FailFast, "fail-fast", false, "stop at the first failure")
	flags.DurationVar(&o.Timeout, "timeout", parity.DefaultTimeout, "how long one call may take")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return s.runScenarios(cmd.Context(), args, o, parity.Format(format), update)
	}
	return cmd
}

func (s *session) runScenarios(ctx context.Context, args []string, o parity.Options, format parity.Format, update bool) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	found, err := s.subjects(ctx, cfg, args)
	if err != nil {
		return err
	}
	if !update { // what others keep is theirs to change
		if found, err = s.withFixtures(cfg, found, args); err != nil {
			return err
		}
	}
	o.Log, o.Relay = s.Log, app.Relay()
	report, err := parity.RunScenarios(ctx, found, &o)
	if err != nil && !errors.Is(err, parity.ErrInterrupted) {
		return err
	}
	if update && err == nil {
		return s.updateScenarios(ctx, found, report)
	}
	if err := errors.Join(s.writeReport(report, format), err); err != nil {
		return err
	}
	if !report.OK() {
		return console.Exit(console.ExitError)
	}
	return nil
}

// updateScenarios records those anew that failed.
func (s *session) updateScenarios(ctx context.Context, found []parity.Node, report parity.Report) error {
	updated := map[string]bool{}
	for _, r := range report.Results {
		if r.Verdict != parity.Fail || updated[r.Node+"\x00"+r.Example] {
			continue
		}
		if r.Example == "" {
			return r.Error.Err()
		}
		updated[r.Node+"\x00"+r.Example] = true
		for _, n := range found {
			if n.Name != r.Node {
				continue
			}
			path := filepath.Join(n.Dir, node.CasesDir, r.Example+".yaml")
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			c, err := node.ParseCase(data)
			if err != nil {
				return err
			}
			if err := s.writeScenario(ctx, n, c, path); err != nil {
				return err
			}
		}
	}
	s.Note("%d scenarios updated", len(updated))
	return nil
}

func newScenarioLs(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ls [NODE...]",
		Short:   "list scenarios",
		Long:    "ls lists the scenarios of nodes, and says of each whether its dependencies are real or mock.",
		Example: "  onex scenario ls",
		Args:    cobra.ArbitraryArgs,
	}
	format := formatFlag(cmd, console.Table)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		rows, err := s.listScenarios(cmd.Context(), args)
		if err := errors.Join(s.Print(*format, rows), err); err != nil {
			return err
		}
		return nil
	}
	return cmd
}

func (s *session) listScenarios(ctx context.Context, args []string) (ScenarioRows, error) {
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	found, err := s.subjects(ctx, cfg, args)
	if err != nil {
		return nil, err
	}
	if found, err = s.withFixtures(cfg, found, args); err != nil {
		return nil, err
	}
	rows := ScenarioRows{}
	var problems []error
	for _, n := range found {
		var all []node.Case
		for _, dir := range append([]string{n.Dir}, n.More...) {
			if dir == "" {
				continue
			}
			cases, err := parity.Cases(dir)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", n.Name, err))
			}
			all = append(all, cases...)
		}
		for _, c := range all {
			row := ScenarioRow{Node: n.Name, Scenario: c.Name, Dependencies: c.Dependencies, Mocks: append([]string{}, c.Mocks...), Description: c.Description}
			for _, step := range c.Steps {
				row.Tools = append(row.Tools, step.Tool)
			}
			rows = append(rows, row)
		}
	}
	return rows, errors.Join(problems...)
}
