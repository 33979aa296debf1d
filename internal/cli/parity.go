package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/parityvalidator"
	"github.com/omninode-ai/onex/internal/telemetry"
	"github.com/omninode-ai/onex/parity"
	"github.com/omninode-ai/onex/tree"
)

// parityFormat is the flag -o of onex parity, whose formats are its own.
type parityFormat parity.Format

func (f *parityFormat) Set(s string) error {
	if !slices.Contains(parity.Formats(), parity.Format(s)) {
		return fmt.Errorf("%q is not one of %s", s, f.Type())
	}
	*f = parityFormat(s)
	return nil
}

func (f *parityFormat) String() string { return string(*f) }

func (f *parityFormat) Type() string {
	var names []string
	for _, format := range parity.Formats() {
		names = append(names, string(format))
	}
	return strings.Join(names, "|")
}

func newParity(s *session) *cobra.Command {
	var o parity.Options
	var p parityFlags
	format := parityFormat(parity.Text)
	cmd := &cobra.Command{
		Use:   "parity [NODE...]",
		Short: "run the examples of contracts on every path and compare",
		Long: `parity executes every example of every tool directly, as a process of the
command line, on every bus (memory, embedded, a Unix socket, ZeroMQ over TCP and
over a Unix socket, NATS over TCP), through a registry on each of them, and
through MCP. All answers must be the same and what the example expects:
status, result, error code, exit status, files changed and what is in them, events. What the contract
declares volatile is left out, and nothing else is.

NODE is a directory that holds a node.onex.yaml, a directory that holds such
directories, or the name of a built-in node. Without arguments all nodes of the
project are checked, except those below testdata, vendor, node_modules and hidden
directories; in a project without nodes, the built-in ones. No daemon is needed, and
none is disturbed.

The exit status is 1 when a check failed, and when nothing was checked.`,
		Example: `  onex parity
  onex parity ./greeter -o detailed
  onex parity examples --fail-fast
  onex parity -o junit > parity.xml`,
		Args: cobra.ArbitraryArgs,
	}
	flags := cmd.Flags()
	flags.VarP(&format, "output", "o", "how to print the report")
	flags.StringArrayVar(&o.Filters, "filter", nil, "check only nodes whose name fits `pattern`, as in stamp*; repeatable")
	flags.StringVar(&o.Example, "example", "", "run only this example, written `tool/example`")
	flags.StringArrayVar(&o.Paths, "path", nil, "beside direct calls, try only paths that fit `pattern`, as in nats*; repeatable")
	flags.BoolVar(&o.FailFast, "fail-fast", false, "stop at the first failure")
	flags.IntVar(&o.Parallel, "parallel", 0, "how many nodes to check at once (default twice the processors)")
	flags.DurationVar(&o.Timeout, "timeout", parity.DefaultTimeout, "how long one call may take")
	flags.StringVar(&p.history, "history", "", "add a line with the totals to `file` (JSON, one run a line)")
	flags.BoolVar(&p.trend, "trend", false, "with --history: run nothing, say how the last runs went and what got worse")
	flags.BoolVar(&p.reports, "reports", false, "write validation_report.json into the directory of each node")
	flags.BoolVar(&p.sign, "sign", false, "write and sign a receipt for each node when all checks pass: parity.receipt.json beside its contract")
	flags.StringVar(&p.receipts, "receipts", "", "with --sign: write the receipts into `dir`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p.format = parity.Format(format)
		if p.trend {
			return s.trend(p)
		}
		return s.parity(cmd.Context(), args, o, p)
	}
	cmd.AddCommand(newParityVerify(s))
	return cmd
}

// parityFlags say what to do with a report.
type parityFlags struct {
	format   parity.Format
	sign     bool
	receipts string // directory; empty for beside the contracts
	history  string // file; empty for none
	trend    bool
	reports  bool
}

func (s *session) parity(ctx context.Context, args []string, o parity.Options, p parityFlags) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	found, err := s.subjects(ctx, cfg, args)
	if err != nil {
		return err
	}
	if s.TTY {
		o.Done = s.progress(len(found))
	}
	report, err := s.checked(ctx, found, o)
	if err != nil && !errors.Is(err, parity.ErrInterrupted) {
		return err
	}
	if err := errors.Join(s.writeReport(report, p.format), s.keep(found, report, p), err); err != nil {
		return err
	}
	if !report.OK() {
		return console.Exit(console.ExitError)
	}
	if p.sign {
		return s.sign(ctx, cfg, found, report, p.receipts)
	}
	return nil
}

// checked runs parity on every bus of this program.
func (s *session) checked(ctx context.Context, found []parity.Node, o parity.Options) (parity.Report, error) {
	bench, err := app.NewBench()
	if err != nil {
		return parity.Report{}, err
	}
	defer func() {
		if err := bench.Close(ctx); err != nil {
			s.Log.Warn("closing the buses of parity", "error", err)
		}
	}()
	o.Log, o.Buses, o.Files, o.Relay = telemetry.Quieter(s.Log), bench.Transports(), app.NodeFiles(), app.Relay()
	if o.CLI, err = ownProgram(); err != nil {
		return parity.Report{}, err
	}
	o.Gateways = s.gateways(o.CLI, bench)
	return parity.Run(ctx, found, &o)
}

// validate is onex parity for a tool, which may be called by others: it looks at nothing
// but the project and the built-in nodes.
func (s *session) validate(ctx context.Context, root string, v parityvalidator.Validate) (parity.Report, error) {
	for _, name := range v.Nodes {
		if _, err := tree.Below(root, root, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return parity.Report{}, err
		}
	}
	env := *s.Env
	env.Dir = root
	within := session{Env: &env, root: s.root, set: s.set}
	cfg, err := within.config()
	if err != nil {
		return parity.Report{}, err
	}
	found, err := within.subjects(ctx, cfg, v.Nodes)
	if err != nil {
		return parity.Report{}, err
	}
	return within.checked(ctx, found, parity.Options{Filters: v.Filters, Example: v.Example, Paths: v.Paths, FailFast: v.FailFast})
}

func (s *session) writeReport(report parity.Report, format parity.Format) error {
	if format == parity.YAML {
		return s.Print(console.YAML, report)
	}
	return report.Write(s.Out, format)
}

// keep writes what is wanted of a report beside showing it.
func (s *session) keep(found []parity.Node, report parity.Report, p parityFlags) error {
	var errs []error
	if p.history != "" {
		errs = append(errs, report.Entry().Append(s.within(p.history)))
	}
	if !p.reports {
		return errors.Join(errs...)
	}
	for _, n := range found {
		if n.Dir == "" {
			continue
		}
		var b bytes.Buffer
		errs = append(errs, report.Of(n.Name).Write(&b, parity.JSON), writeWhole(filepath.Join(n.Dir, host.ReportFile), b.Bytes()))
	}
	return errors.Join(errs...)
}

// trend says how the last runs went.
func (s *session) trend(p parityFlags) error {
	if p.history == "" {
		return console.ErrUsage.With("--trend needs --history FILE")
	}
	f, err := os.Open(s.within(p.history))
	if err != nil {
		return parity.ErrOptions.Wrap(err, "--history %s", p.history)
	}
	defer f.Close()
	all, err := parity.ReadHistory(f)
	if err != nil {
		return parity.ErrOptions.Wrap(err, "--history %s", p.history)
	}
	fmt.Fprint(s.Out, parity.Trend(all))
	return nil
}

// progress says which nodes are done.
func (s *session) progress(all int) func(parity.Subject) {
	done := 0
	return func(n parity.Subject) {
		done++
		s.Note("[%d/%d] %s: %d checks, %d failed", done, all, n.Name, n.Checks, n.Failed)
	}
}

// ownProgram returns how this program is started once more: by the name that it
// was found under, if that is still the same file.
func ownProgram() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	named, err := exec.LookPath(os.Args[0])
	if err != nil {
		return []string{self}, nil
	}
	if named, err = filepath.Abs(named); err != nil {
		return nil, err
	}
	a, errA := os.Stat(self)
	b, errB := os.Stat(named)
	if errA == nil && errB == nil && os.SameFile(a, b) {
		return []string{named}, nil
	}
	return []string{self}, nil
}
