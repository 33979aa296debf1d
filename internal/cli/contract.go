package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
	"github.com/omninode-ai/onex/registry"
)

// ErrWhichContract is returned by the contract commands for a name that is no
// contract file, no directory with one, no built-in node and no live node.
var ErrWhichContract = fault.New("ONEX_CONTRACT_082_NO_SUCH_CONTRACT", fault.NotFound, "no such contract").
	Hinted("give a contract.yaml, the directory of a node, the name of a built-in node, or of a live one (onex nodes)")

// A ContractFinding is one thing that is wrong with a contract or a manifest.
type ContractFinding struct {
	File    string     `json:"file"`
	Line    int        `json:"line"` // 0 when it is of no one line
	Column  int        `json:"column"`
	Rule    fault.Code `json:"rule"`
	Message string     `json:"message"`
}

// ContractFindings is the output of onex contract check.
type ContractFindings []ContractFinding

// Text writes a line for each, as compilers do.
func (all ContractFindings) Text(_ *console.Env, w io.Writer) {
	for _, f := range all {
		place := f.File
		if f.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
		}
		fmt.Fprintf(w, "%s: %s (%s)\n", place, f.Message, f.Rule)
	}
}

// Table lists them.
func (all ContractFindings) Table() console.Grid {
	g := console.Grid{Header: []string{"file", "line", "rule", "message"}, Empty: "the contract is sound"}
	for _, f := range all {
		g.Rows = append(g.Rows, []string{f.File, strconv.Itoa(f.Line), string(f.Rule), f.Message})
	}
	return g
}

// add takes an error apart into its findings. at finds the line of a JSON Pointer.
func (all *ContractFindings) add(file string, err error, at func(pointer string) string) {
	report := fault.ReportOf(err)
	var found ContractFindings
	for _, key := range slices.Sorted(maps.Keys(report.Details)) {
		place, text := key, report.Details[key]
		if strings.HasPrefix(key, "problem_") {
			pointer, rest, _ := strings.Cut(text, ": ")
			place, text = at(pointer), pointer+": "+rest
		}
		f := ContractFinding{File: file, Rule: report.Code, Message: text}
		line, column, _ := strings.Cut(place, ":")
		if n, err := strconv.Atoi(line); err == nil {
			f.Line = n
			f.Column, _ = strconv.Atoi(column)
		}
		found = append(found, f)
	}
	if len(found) == 0 {
		found = ContractFindings{{File: file, Rule: report.Code, Message: report.Message}}
	}
	slices.SortStableFunc(found, func(a, b ContractFinding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	*all = append(*all, found...)
}

func newContract(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contract",
		Short: "check, show, compare and draft contracts",
		Long: `A contract says what a node's tools take and give, how they fail, and what they
change. NODE is a contract.yaml, the directory of a node, the name of a built-in
node, or the name or id of a live one.`,
		Example: `  onex contract check ./greeter
  onex contract show greeter -o schema
  onex contract diff ./greeter greeter`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(console.Offer(newContractCheck(s)), newContractShow(s), newContractDiff(s), newContractDraft(s))
	return cmd
}

func newContractCheck(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [NODE...]",
		Short: "say what is wrong with contracts, by file and line",
		Long: `check reads contracts (default: all of the project) and says everything that is
wrong with them: keys, types, schemas that are none, examples that break them,
errors that are not declared, a manifest that is of something else. It runs
nothing; onex parity does.

The exit status is 1 when something is wrong.`,
		Example: `  onex contract check
  onex contract check ./greeter/contract.yaml -o json`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: s.completeContracts,
	}
	format := formatFlag(cmd, console.Text)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return s.checkContracts(cmd.Context(), args, *format) }
	return cmd
}

func (s *session) checkContracts(ctx context.Context, args []string, format console.Format) error {
	if len(args) == 0 {
		cfg, err := s.config()
		if err != nil {
			return err
		}
		if args, err = nodeDirs(cfg.Project.Root); err != nil {
			return err
		}
		if len(args) == 0 {
			return parity.ErrNoNodes.With("below %s", cfg.Project.Root)
		}
	}
	all := ContractFindings{}
	for _, arg := range args {
		if err := s.checkContract(ctx, arg, &all); err != nil {
			return err
		}
	}
	if err := s.Print(format, all); err != nil {
		return err
	}
	if len(all) > 0 {
		return console.Exit(console.ExitError)
	}
	s.Note("%d contracts are sound", len(args))
	return nil
}

func (s *session) checkContract(ctx context.Context, arg string, all *ContractFindings) error {
	path := s.within(arg)
	info, err := os.Stat(path)
	if err != nil { // no file: a node that is somewhere else
		c, err := s.contractOf(ctx, arg)
		if err == nil {
			if err := schema.CheckContract(c); err != nil {
				all.add(arg, err, func(string) string { return "" })
			}
		}
		return err
	}
	if info.IsDir() {
		all.checkDir(s, path)
		return nil
	}
	_, _ = all.checkFile(s.shown(path), path)
	return nil
}

// checkFile checks one contract.yaml.
func (all *ContractFindings) checkFile(shown, path string) (node.Contract, bool) {
	data, err := os.ReadFile(path)
	var c node.Contract
	if err == nil {
		c, err = node.ParseContract(data)
	}
	if err == nil {
		err = schema.CheckContract(c)
	}
	if err != nil {
		all.add(shown, err, func(pointer string) string { return node.Position(data, pointer) })
	}
	return c, err == nil
}

// checkDir checks manifest and contract of a node, and that they belong together.
func (all *ContractFindings) checkDir(s *session, dir string) {
	manifest := filepath.Join(dir, node.ManifestFile)
	m, err := readManifest(dir)
	if err != nil {
		all.add(s.shown(manifest), err, func(string) string { return "" })
	}
	contract := filepath.Join(dir, node.ContractFile)
	if _, missing := os.Stat(contract); errors.Is(missing, fs.ErrNotExist) && err == nil && m.Runtime == node.MCP {
		return // it tells its contract when it runs
	}
	c, sound := all.checkFile(s.shown(contract), contract)
	if err != nil || !sound {
		return
	}
	if err := parity.Agree(m, c); err != nil {
		all.add(s.shown(contract), parity.ErrContract.Wrap(err, "beside %s", node.ManifestFile), func(string) string { return "" })
	}
	for _, err := range parity.Resolve(dir, m) {
		all.add(s.shown(manifest), err, func(string) string { return "" })
	}
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

// A ContractView is a contract as onex contract show prints it.
type ContractView struct{ node.Contract }

// MarshalJSON writes the contract with the keys of the file.
func (v ContractView) MarshalJSON() ([]byte, error) { return v.Contract.MarshalJSON() }

// Table has a line for each tool.
func (v ContractView) Table() console.Grid {
	g := console.Grid{Header: []string{"tool", "takes", "gives", "errors", "effects", "repeat", "examples"}, Empty: "no tools"}
	for _, t := range v.Tools {
		g.Rows = append(g.Rows, []string{
			string(t.Name), keysOf(t.Input), keysOf(t.Output), strconv.Itoa(len(t.Errors)),
			joined(t.Effects), string(cmp.Or(t.Idempotency, node.None)), strconv.Itoa(len(t.Examples)),
		})
	}
	return g
}

// keysOf lists the properties of a schema; those that are not required have a
// question mark.
func keysOf(raw json.RawMessage) string {
	var s struct {
		Properties map[string]json.RawMessage
		Required   []string
		Type       json.RawMessage
	}
	if json.Unmarshal(raw, &s) != nil || len(s.Properties) == 0 {
		return strings.Trim(string(s.Type), `"`)
	}
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		if !slices.Contains(s.Required, key) {
			key += "?"
		}
		keys = append(keys, key)
	}
	return strings.Join(keys, ", ")
}

func joined[T ~string](all []T) string {
	var words []string
	for _, w := range all {
		words = append(words, string(w))
	}
	return strings.Join(words, ", ")
}

func newContractShow(s *session) *cobra.Command {
	var asSchema bool
	cmd := &cobra.Command{
		Use:   "show NODE",
		Short: "print a contract",
		Long: `show prints the contract of NODE: a contract.yaml, the directory of a node, the
name of a built-in node, or the name or id of a live one.

With --schema it prints one JSON Schema (2020-12) whose $defs hold the input and the
output of each tool, as TOOL.input and TOOL.output.`,
		Example: `  onex contract show ./greeter
  onex contract show stamper -o yaml
  onex contract show ./greeter --schema > greeter.schema.json`,
		Args:              exactly(1),
		ValidArgsFunction: s.completeContracts,
	}
	format := formatFlag(cmd, console.Table)
	cmd.Flags().BoolVar(&asSchema, "schema", false, "print a JSON Schema of what the tools take and give")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := s.contractOf(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if asSchema {
			return s.Print(console.JSON, schemaOf(c))
		}
		return s.Print(*format, ContractView{c})
	}
	return cmd
}

// A contractSchema is the schemas of a contract in one document.
type contractSchema struct {
	Schema      string                     `json:"$schema"`
	Title       string                     `json:"title"`
	Description string                     `json:"description,omitempty"`
	Defs        map[string]json.RawMessage `json:"$defs"`
}

func schemaOf(c node.Contract) contractSchema {
	doc := contractSchema{
		Schema: "https://json-schema.org/draft/2020-12/schema", Title: strings.TrimSpace(string(c.Node) + " " + c.Version),
		Description: c.Description, Defs: map[string]json.RawMessage{},
	}
	for _, t := range c.Tools {
		doc.Defs[string(t.Name)+".input"], doc.Defs[string(t.Name)+".output"] = t.Input, t.Output
	}
	return doc
}

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
