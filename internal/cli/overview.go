package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// An Overview is all that the registry knows, in one document: the output of "onex
// describe" without a name.
type Overview struct {
	Source     string         `json:"source"` // "live": asked of the registry just now
	Nodes      NodeRows       `json:"nodes"`
	Missing    []app.Broken   `json:"missing"` // what the daemon of this project was to run and does not
	Tools      []ToolOverview `json:"tools"`   // that can be called, by name
	Collisions []Collision    `json:"collisions"`
	Buses      []BusEndpoint  `json:"event_buses"`
	Ports      PortLeases     `json:"ports"`
}

// A ToolOverview is one promise made under a tool's name.
type ToolOverview struct {
	Contract node.Tool     `json:"contract"`
	Versions []ToolVersion `json:"versions"` // of the nodes that offer it, the newest first
}

// A ToolVersion is who offers a tool in one version of a node.
type ToolVersion struct {
	Name      node.Name  `json:"node"`
	Version   string     `json:"version"`
	Providers []Provider `json:"providers"`
}

// A Collision is a tool's name under which different things are promised.
type Collision struct {
	Tool     node.ToolName `json:"tool"`
	Promises [][]node.ID   `json:"promises"` // who makes each; calls go to the first
}

// A BusEndpoint is a process on the bus.
type BusEndpoint struct {
	Protocol    string             `json:"protocol"` // of the bus: nats, ipc, zmq
	Endpoint    string             `json:"endpoint_uri"`
	Name        string             `json:"name"` // of the program
	PID         int                `json:"pid"`
	Active      bool               `json:"active"`
	Subscribers int                `json:"subscriber_count"`
	Filters     []FilterSubscribed `json:"subscriptions"`
}

// A FilterSubscribed is what a process listens to.
type FilterSubscribed struct {
	Filter event.Filter `json:"filter"`
	Class  bus.Class    `json:"class"`
	Queue  int          `json:"queue_depth"`
}

// overview asks the registry and everybody on the bus.
func (s *session) overview(ctx context.Context, cfg app.Config, b bus.Bus, c *registry.Client) (Overview, error) {
	o := Overview{Source: "live", Missing: s.broken(cfg), Tools: []ToolOverview{}, Collisions: []Collision{}, Buses: []BusEndpoint{}, Ports: PortLeases{}}
	if o.Missing == nil {
		o.Missing = []app.Broken{}
	}
	nodes, err := c.Nodes(ctx, event.NodeDiscoveryRequest{})
	if err != nil {
		return o, err
	}
	o.Nodes = nodeRows(nodes, false)
	tools, err := c.Tools(ctx, "")
	if err != nil {
		return o, err
	}
	for _, t := range tools {
		o.Tools = append(o.Tools, toolOverview(t))
	}
	o.Collisions = collisions(tools)
	leases, err := c.Leases(ctx)
	if err != nil {
		return o, err
	}
	for _, l := range leases {
		o.Ports = append(o.Ports, leaseRow(l))
	}
	pongs, err := bus.RollCall(ctx, b, "", rollTime, nil)
	for _, p := range pongs {
		o.Buses = append(o.Buses, endpointOf(p))
	}
	slices.SortFunc(o.Buses, func(a, b BusEndpoint) int { return a.PID - b.PID })
	return o, err
}

func toolOverview(t event.ToolEntry) ToolOverview {
	o := ToolOverview{Contract: t.Tool, Versions: []ToolVersion{}}
	for _, p := range toolDescription(t).Providers {
		at := slices.IndexFunc(o.Versions, func(v ToolVersion) bool { return v.Name == p.Name && v.Version == p.Version })
		if at < 0 {
			at = len(o.Versions)
			o.Versions = append(o.Versions, ToolVersion{Name: p.Name, Version: p.Version})
		}
		o.Versions[at].Providers = append(o.Versions[at].Providers, p)
	}
	slices.SortStableFunc(o.Versions, func(a, b ToolVersion) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), registry.CompareVersions(b.Version, a.Version))
	})
	return o
}

// collisions returns the names under which more than one thing is promised.
func collisions(tools []event.ToolEntry) []Collision {
	all := []Collision{}
	for i := 0; i < len(tools); {
		name := tools[i].Tool.Name
		c := Collision{Tool: name}
		for ; i < len(tools) && tools[i].Tool.Name == name; i++ {
			var ids []node.ID
			for _, p := range tools[i].Providers {
				ids = append(ids, p.NodeID)
			}
			c.Promises = append(c.Promises, ids)
		}
		if len(c.Promises) > 1 {
			all = append(all, c)
		}
	}
	return all
}

func endpointOf(p event.BusPong) BusEndpoint {
	e := BusEndpoint{Protocol: p.Backend, Endpoint: p.Endpoint, Name: p.Name, PID: p.PID, Subscribers: -1, Filters: []FilterSubscribed{}}
	var h bus.Health
	if json.Unmarshal(p.Health, &h) == nil {
		e.Active, e.Subscribers = h.Connected, h.Subscribers
	}
	var byFilter struct {
		All []bus.SubscriptionInfo `json:"list"`
	}
	if json.Unmarshal(p.Subscriptions, &byFilter) == nil {
		for _, f := range byFilter.All {
			e.Filters = append(e.Filters, FilterSubscribed{f.Filter, f.Class, f.Queue})
		}
	}
	return e
}

// Text shows what a person looks for first.
func (o Overview) Text(env *console.Env, w io.Writer) {
	fmt.Fprintf(w, "%s\n", env.Paint(console.Bold, "nodes"))
	for _, n := range o.Nodes {
		fmt.Fprintf(w, "  %-20s %-10s %-10s %-10s %s\n", n.Name, n.Version, n.Status, n.Trust, n.Reason)
	}
	for _, m := range o.Missing {
		fmt.Fprintf(w, "  %-20s %-10s %-10s %-10s %s\n", "–", "–", "missing", "–", m.Node+": "+m.Error.Message)
	}
	fmt.Fprintf(w, "\n%s\n", env.Paint(console.Bold, "tools"))
	for _, t := range o.Tools {
		fmt.Fprintf(w, "  %-24s %s\n", t.Contract.Name, t.Contract.Description)
		for _, v := range t.Versions {
			fmt.Fprintf(w, "    %s %s: %s\n", v.Name, v.Version, plural(len(v.Providers), "provider"))
		}
	}
	for _, c := range o.Collisions {
		fmt.Fprintf(w, "  %s %s: %d different promises; calls go to the first\n", env.Paint(console.Yellow, "collision"), c.Tool, len(c.Promises))
	}
	fmt.Fprintf(w, "\n%s\n", env.Paint(console.Bold, "on the bus"))
	for _, e := range o.Buses {
		fmt.Fprintf(w, "  %-24s pid %-8d %-6s %s, %s\n", e.Name, e.PID, e.Protocol, e.Endpoint, plural(e.Subscribers, "subscription"))
	}
	if len(o.Ports) > 0 {
		fmt.Fprintf(w, "\n%s\n", env.Paint(console.Bold, "ports"))
	}
	for _, p := range o.Ports {
		fmt.Fprintf(w, "  %-6d %-8s %s\n", p.Port, p.Protocol, or(p.Name, p.Requester))
	}
}
