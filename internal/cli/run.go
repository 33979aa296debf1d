package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/internal/process"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// ErrUnknownNode is returned when NODE is neither a directory with a
// node.onex.yaml nor the name of a built-in node. The hint lists the built-in
// nodes.
var ErrUnknownNode = fault.New("ONEX_CLI_021_NODE_NOT_FOUND", fault.NotFound, "no such node")

// ErrWhichTool is returned by "onex run --once" for a node with several tools
// when --tool does not say which is meant, or names one that it does not have.
var ErrWhichTool = fault.New("ONEX_CLI_002_MISSING_TARGET_NODE", fault.Invalid, "which tool is not clear").
	Hinted("name one with --tool")

func newRun(s *session) *cobra.Command {
	var once bool
	var tool, input string
	cmd := &cobra.Command{
		Use:   "run NODE",
		Short: "run a node on the bus, or one of its tools once",
		Long: `run hosts a node until it is told to stop: it announces the node, serves its
tools, and says goodbye. NODE is a directory with a node.onex.yaml, the name of
a built-in node, or a plugin, as tool:shout.

With --once it executes one tool directly, without a bus and without a registry,
checked against the same contract; the exit status is that of the result.`,
		Example: `  onex run ./greeter
  onex run ./greeter --once --input '{"name": "Ada"}'`,
		Args: exactly(1),
	}
	format := formatFlag(cmd, console.Text)
	cmd.Flags().BoolVar(&once, "once", false, "execute one tool and exit")
	cmd.Flags().StringVar(&tool, "tool", "", "with --once: which `tool` (default: the only one)")
	cmd.Flags().StringVar(&input, "input", "{}", "with --once: arguments: a JSON object, @`file`, or -")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if once {
			return s.runOnce(cmd.Context(), args[0], node.ToolName(tool), input, *format)
		}
		return s.runOnBus(cmd.Context(), args[0])
	}
	return cmd
}

// runOnBus hosts the node until the context ends.
func (s *session) runOnBus(ctx context.Context, name string) error {
	return s.staying(ctx, "onex run "+filepath.Base(name), func(cfg app.Config, b bus.Bus) error {
		w := cfg.Watch(app.WatchOptions{Log: s.Log, Bus: b, From: self, Nodes: true})
		defer w.Close()
		h, err := s.host(ctx, cfg, name, b, w.Recorder())
		if err != nil {
			return err
		}
		defer h.Close()
		err = h.Run(ctx, b)
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			return nil
		}
		return err
	})
}

// host makes the host of a directory or of a built-in node.
func (s *session) host(ctx context.Context, cfg app.Config, name string, b bus.Bus, rec trace.Recorder) (*host.Host, error) {
	options := &host.Options{Log: s.Log, Trace: rec, Process: process.Self(), Access: cfg.Guard(s.Log), Relay: app.Relay(), Ready: func(a host.Accepted) {
		s.Note("%s is ready: %s (node %s, incarnation %d)", a.Name, joinTools(a.Tools), a.NodeID, a.Incarnation)
	}}
	dir, err := s.nodeOfPlugin(ctx, name)
	if err != nil {
		return nil, err
	}
	if dir = or(dir, name); !filepath.IsAbs(dir) {
		dir = filepath.Join(s.Dir, name)
	}
	if _, err := os.Stat(filepath.Join(dir, node.ManifestFile)); err == nil {
		return host.Load(ctx, dir, options)
	}
	for _, builtin := range nodes.All() {
		if string(builtin.Name) == name {
			return builtin.Host(nodes.Deps{Root: cfg.Project.Root, Data: cfg.Project.DataDir, Bus: b, Log: s.Log, Host: options, Program: s.program()})
		}
	}
	return nil, ErrUnknownNode.With("%q", name).
		Hinted("give a directory that holds a %s, or one of: %s", node.ManifestFile, strings.Join(builtinNames(), ", "))
}

func builtinNames() []string {
	var names []string
	for _, b := range nodes.All() {
		names = append(names, string(b.Name))
	}
	return names
}

// runOnce calls a tool of the node directly.
func (s *session) runOnce(ctx context.Context, name string, tool node.ToolName, input string, format console.Format) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	args, err := s.readArguments(input)
	if err != nil {
		return err
	}
	h, err := s.host(ctx, cfg, name, nil, nil)
	if err != nil {
		return err
	}
	defer h.Close()
	if tool, err = pickTool(h.Contract(), tool); err != nil {
		return err
	}
	ctx, d := s.direct(ctx, cfg, h.Manifest().Name, string(tool), object(args))
	out := h.Call(ctx, tool, args)
	d.end(out.Status, object(out.Result), failure(out))
	return s.answer(format, invoke.Reply{
		ToolName: tool, Status: out.Status, Result: out.Result, Error: out.Error,
		CorrelationID: host.Correlation(ctx).String(), DurationMS: float64(out.Duration.Microseconds()) / 1000, Outcome: outcomeOf(out),
	}, nil)
}

// outcomeOf says whether a tool that was called directly took effect.
func outcomeOf(o host.Outcome) invoke.Outcome {
	switch {
	case o.Rejected:
		return invoke.NotRun
	case o.Error != nil && o.Error.Class.Retryable():
		return invoke.Unknown
	}
	return invoke.Completed
}

func failure(out host.Outcome) error {
	if out.Error == nil {
		return nil
	}
	return out.Error.Err()
}

// pickTool returns the tool asked for, or the only one.
func pickTool(c node.Contract, asked node.ToolName) (node.ToolName, error) {
	var names []node.ToolName
	for _, t := range c.Tools {
		names = append(names, t.Name)
	}
	switch {
	case asked == "" && len(names) == 1:
		return names[0], nil
	case asked != "" && slices.Contains(names, asked):
		return asked, nil
	}
	return "", ErrWhichTool.With("%s has the tools %s", c.Node, fmt.Sprint(names))
}
