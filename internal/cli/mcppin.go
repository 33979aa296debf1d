package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

func newMCPPin(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "pin [TOOL…]",
		Short: "remember the definitions of tools as they are now",
		Long: `pin accepts the definitions of the named tools, or of all that are offered now,
where none is remembered yet. onex mcp does the same for each tool that it sees
for the first time; pin does it before a client can. A prompt is named prompt:NAME,
a template of resources template:URI.`,
		Example: `  onex mcp pin
  onex mcp pin greet prompt:review`,
		RunE: func(cmd *cobra.Command, names []string) error {
			return s.onPins(cmd.Context(), names, func(ctx context.Context, p *mcpbridge.Pins, all []event.ToolEntry) error {
				if err := p.Pin(ctx, all...); err != nil {
					return err
				}
				s.Note("%s pinned", plural(len(all), "definition"))
				return nil
			})
		},
	}
}

func newMCPDiff(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "diff [TOOL…]",
		Short: "show how the definitions of tools differ from those that were accepted",
		Long: `diff compares the named tools, prompts (prompt:NAME) and templates of resources
(template:URI), or all, with their accepted definitions. Each line
is a place in the contract: + is new, - is gone, ~ has changed. The exit status
is 1 when something differs.`,
		Example: `  onex mcp diff
  onex mcp diff greet || onex mcp accept greet`,
		RunE: func(cmd *cobra.Command, names []string) error {
			return s.onPins(cmd.Context(), names, func(_ context.Context, p *mcpbridge.Pins, all []event.ToolEntry) error {
				changed, err := differences(p, all)
				if err != nil {
					return err
				}
				for _, d := range changed {
					s.printDifference(d)
				}
				return console.Exit(min(len(changed), console.ExitError))
			})
		},
	}
}

func (s *session) printDifference(d mcpbridge.Difference) {
	fmt.Fprintf(s.Out, "%s (accepted from %s, now offered by %s)\n", d.Tool, d.Was, d.Node)
	if len(d.Changes) == 0 {
		fmt.Fprintf(s.Out, "  the same definition, by another node: %s\n", d.By)
	}
	for _, c := range d.Changes {
		fmt.Fprintf(s.Out, "  %s\n", c)
	}
}

func newMCPAccept(s *session) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "accept TOOL…",
		Short: "accept changed definitions of tools, so that they are served again",
		Example: `  onex mcp accept greet
  onex mcp accept prompt:review
  onex mcp accept --all`,
		RunE: func(cmd *cobra.Command, names []string) error {
			if all == (len(names) > 0) {
				return console.ErrUsage.With("%s takes names of tools or --all", cmd.CommandPath())
			}
			return s.onPins(cmd.Context(), names, s.accept)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "accept every changed definition")
	return cmd
}

func (s *session) accept(ctx context.Context, p *mcpbridge.Pins, entries []event.ToolEntry) error {
	changed, err := differences(p, entries)
	if err != nil {
		return err
	}
	if len(changed) == 0 {
		return mcpbridge.ErrNothingToAccept
	}
	var accepted []event.ToolEntry
	for _, d := range changed {
		s.printDifference(d)
		accepted = append(accepted, d.Now)
	}
	if err := p.Accept(ctx, accepted...); err != nil {
		return err
	}
	s.Note("%s accepted", plural(len(accepted), "definition"))
	return nil
}

func differences(p *mcpbridge.Pins, entries []event.ToolEntry) ([]mcpbridge.Difference, error) {
	pins, err := p.Load()
	if err != nil {
		return nil, err
	}
	return mcpbridge.Differences(pins, entries)
}

// onPins calls f with the project's pins and the named definitions as they are
// offered now, or all for no names.
func (s *session) onPins(ctx context.Context, names []string, f func(context.Context, *mcpbridge.Pins, []event.ToolEntry) error) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	if err := cfg.Project.Prepare(); err != nil {
		return err
	}
	return s.onBus(ctx, func(cfg app.Config, b bus.Bus) error {
		all, err := mcpbridge.Offered(ctx, b, &mcpbridge.Options{Log: s.Log, Invoke: *cfg.Caller("mcp", s.Log)})
		if err != nil {
			return err
		}
		for _, name := range names {
			if !slices.ContainsFunc(all, func(e event.ToolEntry) bool { return e.Tool.Name == node.ToolName(name) }) {
				return invoke.ErrNoTool.With("%q", name)
			}
		}
		if len(names) > 0 {
			all = slices.DeleteFunc(all, func(e event.ToolEntry) bool { return !slices.Contains(names, string(e.Tool.Name)) })
		}
		return f(ctx, mcpbridge.NewPins(cfg.Project.DataDir), all)
	})
}
