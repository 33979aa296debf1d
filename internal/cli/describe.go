package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/near"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// ErrNothingDescribed is returned when NAME is neither a node nor a tool that
// the registry knows. "onex nodes" lists the nodes and their tools.
var ErrNothingDescribed = fault.New("ONEX_CLI_023_NOT_REGISTERED", fault.NotFound, "the registry knows no node and no tool of this name").
	Hinted("onex nodes lists nodes and their tools")

func newDescribe(s *session) *cobra.Command {
	var explain bool
	cmd := &cobra.Command{
		Use:   "describe [NAME]",
		Short: "say all that is known of a node, a tool, a file, or of everything",
		Long: `describe asks the live registry about a tool or a node, or reads the metadata of
a file. NAME is the path of a file, a tool's name, a node's name, name@version,
or the beginning of a node's id. Without a NAME it describes everything at once:
nodes, tools with their contracts and providers by version, collisions, who is on
the bus and listens to what, and leased ports.

--explain adds the history of a node: each change of its status, when it
happened, and why. For a tool it lists every node that offers it or did, and says
why calls are or are not routed to it.`,
		Example: `  onex describe greet
  onex describe greeter --explain
  onex describe greet --explain
  onex describe -o json | jq .event_buses
  onex describe ./README.md`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: s.completeAll,
	}
	format := formatFlag(cmd, console.Text)
	cmd.Flags().BoolVar(&explain, "explain", false, "add the history, and why the node is or is not routable")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return s.describeAll(cmd.Context(), *format)
		}
		if known, err := s.describeLocally(cmd.Context(), args[0]); err != nil || known != nil {
			if err != nil {
				return err
			}
			return s.Print(*format, known)
		}
		cfg, err := s.config()
		if err != nil {
			return err
		}
		return s.onRegistry(cmd.Context(), func(ctx context.Context, c *registry.Client) error {
			all, err := describe(ctx, cfg, c, args[0], explain)
			if err != nil {
				return err
			}
			if len(all) == 1 {
				return s.Print(*format, all[0])
			}
			return s.Print(*format, all)
		})
	}
	return cmd
}

// describeAll describes everything.
func (s *session) describeAll(ctx context.Context, format console.Format) error {
	return s.onBus(ctx, func(cfg app.Config, b bus.Bus) error {
		client, err := registry.NewClient(ctx, b, &registry.ClientOptions{Name: self, Timeout: cfg.Timeout})
		if err != nil {
			return err
		}
		defer client.Close()
		o, err := s.overview(ctx, cfg, b, client)
		if err != nil {
			return elsewhere(s, cfg, err)
		}
		return s.Print(format, o)
	})
}

// describeLocally asks the built-in nodes what they know without a bus.
func (s *session) describeLocally(ctx context.Context, name string) (console.Texter, error) {
	for _, builtin := range nodes.All() {
		if builtin.Describe == nil {
			continue
		}
		if known, err := builtin.Describe(ctx, s.Env, name); err != nil || known != nil {
			return known, err
		}
	}
	return nil, nil
}

// descriptions are several nodes of one name, or several promises made under one
// tool's name.
type descriptions []Description

func (ds descriptions) Text(env *console.Env, w io.Writer) {
	for i, d := range ds {
		if i > 0 {
			fmt.Fprintln(w)
		}
		d.Text(env, w)
	}
}

// describe prefers a tool to a node of the same name, unless an explanation is
// wanted: that of a node has more to say.
func describe(ctx context.Context, cfg app.Config, c *registry.Client, name string, explain bool) (descriptions, error) {
	if explain {
		nodes, err := describeNodes(ctx, cfg, c, name, explain)
		if err != nil || len(nodes) > 0 {
			return nodes, err
		}
	}
	if tool, err := node.ParseToolName(name); err == nil {
		tools, err := describeTools(ctx, c, tool, explain)
		if err != nil || len(tools) > 0 {
			return tools, err
		}
	}
	nodes, err := describeNodes(ctx, cfg, c, name, explain)
	if err == nil && len(nodes) == 0 {
		err = nothingDescribed(ctx, c, name)
	}
	return nodes, err
}

// nothingDescribed names the nodes and tools that name was probably meant to be.
func nothingDescribed(ctx context.Context, c *registry.Client, name string) error {
	unknown := ErrNothingDescribed.With("%q", name)
	entries, err := c.Select(ctx, registry.Filter{})
	if err != nil {
		return unknown
	}
	var names []string
	for _, e := range entries {
		names = append(names, string(e.Name))
		for _, t := range e.Tools {
			names = append(names, string(t))
		}
	}
	if words := near.Words(name, names); len(words) > 0 {
		return unknown.Hinted("%sonex nodes lists nodes and their tools", meant(words))
	}
	return unknown
}

// describeTools returns one description for each promise made under a tool's name.
func describeTools(ctx context.Context, c *registry.Client, name node.ToolName, explain bool) (all descriptions, err error) {
	tools, err := c.Tools(ctx, name)
	if err != nil {
		if fault.ClassOf(err) == fault.NotFound {
			err = nil
		}
		return nil, err
	}
	for _, t := range tools {
		d := toolDescription(t)
		d.Promises = len(tools)
		all = append(all, Description{Source: "live", Tool: d})
	}
	if explain && len(all) > 0 {
		all[0].Tool.Routes, err = routes(ctx, c, name, tools)
	}
	return all, err
}

// routes says of every node that offers a tool, or did, why it gets calls or not.
func routes(ctx context.Context, c *registry.Client, name node.ToolName, tools []event.ToolEntry) ([]Route, error) {
	nodes, err := c.Select(ctx, registry.Filter{Tool: name})
	list := []Route{}
	for _, n := range nodes {
		r := Route{n.NodeID, n.Name, n.Version, n.Status, n.Status.Routable(), routed(n.Status) + ": " + n.Reason, n.Since}
		if own := promiseOf(n.NodeID, tools); own > 0 {
			r.Why = fmt.Sprintf("only when it is chosen by version or trust: it promises something else under this name than %s does", tools[0].Providers[0].Name)
		} else if own < 0 && r.Routed {
			r.Why = "yes, when the best are too busy: too many nodes offer this tool to list it among the providers"
		}
		list = append(list, r)
	}
	return list, err
}

// promiseOf returns which of the promises a node makes; -1 when it is not listed.
func promiseOf(id node.ID, tools []event.ToolEntry) int {
	return slices.IndexFunc(tools, func(t event.ToolEntry) bool {
		return slices.ContainsFunc(t.Providers, func(p event.Provider) bool { return p.NodeID == id })
	})
}

func describeNodes(ctx context.Context, cfg app.Config, c *registry.Client, name string, explain bool) (descriptions, error) {
	entries, err := c.Nodes(ctx, event.NodeDiscoveryRequest{NodeFilter: []string{name}, Detail: true})
	if err != nil {
		return nil, err
	}
	var all descriptions
	for _, n := range entries {
		all = append(all, Description{Source: "live", Node: nodeDescription(cfg, n, explain)})
	}
	return all, nil
}
