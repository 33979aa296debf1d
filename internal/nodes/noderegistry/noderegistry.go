// Package noderegistry is the node node_registry: the registry as a tool, for
// programs and agents that call tools and know nothing of the bus.
//
// Its tools are registry_nodes and registry_tools.
package noderegistry

import (
	"context"
	"embed"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

//go:embed node.onex.yaml contract.yaml
var files embed.FS

// New returns the node that asks the registry on b. Without a bus its tools
// answer registry.ErrUnavailable.
func New(b bus.Bus, o *host.Options) (*host.Host, error) {
	h, err := host.Embedded(files, o)
	if err != nil {
		return nil, err
	}
	a := asker{b}
	unavailable := []node.ToolError{{
		Code: string(registry.ErrUnavailable.Code), Description: registry.ErrUnavailable.Text,
	}}
	host.Handle(h, "registry_nodes", "list the nodes that the registry knows", a.nodes, &host.ToolOptions{
		Idempotency: node.Pure, Errors: unavailable, Volatile: []string{"/nodes"},
	})
	host.Handle(h, "registry_tools", "list the tools that can be called", a.tools, &host.ToolOptions{
		Idempotency: node.Pure, Errors: unavailable, Volatile: []string{"/tools"},
	})
	return h, nil
}

// An asker asks the registry.
type asker struct{ bus bus.Bus }

// with runs f with a client of the registry.
func (a asker) with(ctx context.Context, f func(*registry.Client) error) error {
	if a.bus == nil {
		return registry.ErrUnavailable.With("there is no bus")
	}
	c, err := registry.NewClient(ctx, a.bus, &registry.ClientOptions{Name: "node_registry"})
	if err != nil {
		return err
	}
	defer c.Close()
	return f(c)
}

// NodesQuery is what registry_nodes takes.
type NodesQuery struct {
	Names []string `json:"names,omitempty" jsonschema:"names or ids of nodes; none means all"`
	All   bool     `json:"all,omitempty" jsonschema:"also nodes that take no calls"`
}

// Nodes is what registry_nodes answers.
type Nodes struct {
	Nodes []Node `json:"nodes"`
}

// A Node is one node as the registry sees it.
type Node struct {
	NodeID      node.ID          `json:"node_id"`
	Name        node.Name        `json:"name"`
	Version     string           `json:"version"`
	Incarnation node.Incarnation `json:"incarnation"`
	Status      node.Status      `json:"status"`
	Reason      string           `json:"reason"`
	Since       time.Time        `json:"since"`
	Runtime     node.Runtime     `json:"runtime"`
	Tools       []node.ToolName  `json:"tools"`
	Endpoint    string           `json:"endpoint"`
}

func (a asker) nodes(ctx context.Context, q NodesQuery) (out Nodes, err error) {
	out.Nodes = []Node{}
	err = a.with(ctx, func(c *registry.Client) error {
		entries, err := c.Nodes(ctx, event.NodeDiscoveryRequest{NodeFilter: q.Names})
		for _, n := range entries {
			if q.All || n.Status.Routable() {
				out.Nodes = append(out.Nodes, NodeOf(n))
			}
		}
		return err
	})
	return out, err
}

// NodeOf returns what the registry says of a node.
func NodeOf(n event.NodeEntry) Node {
	tools := n.Tools
	if tools == nil {
		tools = []node.ToolName{}
	}
	return Node{n.NodeID, n.Name, n.Version, n.Incarnation, n.Status, n.Reason, n.Since, n.Runtime, tools, n.Endpoint}
}

// ToolsQuery is what registry_tools takes.
type ToolsQuery struct {
	Name node.ToolName `json:"name,omitempty" jsonschema:"only this tool"`
}

// Tools is what registry_tools answers.
type Tools struct {
	Tools []Tool `json:"tools"`
}

// A Tool is one tool and how many nodes offer it.
type Tool struct {
	Name        node.ToolName    `json:"name"`
	Description string           `json:"description"`
	Idempotency node.Idempotency `json:"idempotency"`
	Effects     []node.Effect    `json:"effects"`
	Providers   int              `json:"providers"`
}

func (a asker) tools(ctx context.Context, q ToolsQuery) (out Tools, err error) {
	out.Tools = []Tool{}
	err = a.with(ctx, func(c *registry.Client) error {
		entries, err := c.Tools(ctx, q.Name)
		for _, e := range entries {
			t := Tool{e.Tool.Name, e.Tool.Description, e.Tool.Idempotency, e.Tool.Effects, len(e.Providers)}
			if t.Effects == nil {
				t.Effects = []node.Effect{}
			}
			out.Tools = append(out.Tools, t)
		}
		return err
	})
	return out, err
}
