package cli

import (
	"cmp"
	"context"
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

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

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
	s.Note("sound: %s", plural(len(args), "contract"))
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
