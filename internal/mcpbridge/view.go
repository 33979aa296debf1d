package mcpbridge

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// A served tool is one that clients may call.
type served struct {
	node.Tool
	form string    // its JSON, to notice changes
	only node.ID   // the node to call, when others promise something else; empty for any
	from []node.ID // who offers it so
}

// A view is what the registry offers, parted into what clients see and what is
// kept from them because it changed.
type view struct {
	tools   map[node.ToolName]served
	changed []Difference
	fresh   []event.ToolEntry // seen for the first time, and pinned
}

// choose makes a view of what the registry offers. Of several promises under one
// name the best provider's is shown.
func (s *Server) choose(ctx context.Context, entries []event.ToolEntry) (view, error) {
	v := view{tools: map[node.ToolName]served{}}
	var permitted [][]event.ToolEntry
	for name, same := range byName(entries) {
		if name != host.RequestTool && s.permits(name, same) {
			permitted = append(permitted, same)
		}
	}
	if s.gate == nil {
		for _, same := range permitted {
			v.tools[same[0].Tool.Name] = newServed(same, false)
		}
		return v, nil
	}
	err := s.gate.pass(ctx, &v, permitted)
	return v, err
}

func newServed(good []event.ToolEntry, others bool) served {
	x := served{Tool: good[0].Tool, form: string(encode(good[0].Tool))}
	if others && len(good[0].Providers) > 0 {
		x.only = good[0].Providers[0].NodeID
	}
	for _, e := range good {
		for _, p := range e.Providers {
			x.from = append(x.from, p.NodeID)
		}
	}
	return x
}

func byTool(a, b Difference) int { return cmp.Compare(a.Tool, b.Tool) }

func byName(entries []event.ToolEntry) map[node.ToolName][]event.ToolEntry {
	all := map[node.ToolName][]event.ToolEntry{}
	for _, e := range entries {
		all[e.Tool.Name] = append(all[e.Tool.Name], e)
	}
	return all
}

// permits reports whether clients may call a tool that is promised in these
// ways.
func (s *Server) permits(name node.ToolName, promises []event.ToolEntry) bool {
	return Profile{Tools: s.o.Tools, ReadOnly: s.o.ReadOnly}.permits(name, promised(promises)...)
}

// show makes v what clients see, tells them what changed, and reports whether
// anything did.
func (s *Server) show(v view) bool {
	next, changed := v.tools, v.changed
	slices.SortFunc(changed, byTool)
	s.mu.Lock()
	last, before := s.tools, s.changed
	s.tools, s.changed = next, changed
	s.mu.Unlock()
	s.warn(before, changed)
	var fresh []node.Tool
	for _, name := range slices.Sorted(maps.Keys(next)) {
		if last[name].form != next[name].form {
			fresh = append(fresh, next[name].Tool)
		}
	}
	var gone []string
	for name := range last {
		if _, ok := next[name]; !ok {
			gone = append(gone, string(name))
		}
	}
	if !s.o.Search {
		s.offerAll(fresh, gone)
	}
	return len(fresh) > 0 || len(gone) > 0 || len(before) != len(changed)
}

func (s *Server) offerAll(fresh []node.Tool, gone []string) {
	for _, t := range fresh {
		if err := s.offer(t); err != nil {
			s.o.Log.Warn("a tool cannot be shown", "tool", string(t.Name), "error", err)
		}
	}
	if len(gone) > 0 {
		s.server.RemoveTools(gone...)
	}
}

// tellUpdates tells those who subscribed to our resources that they are others
// now.
func (s *Server) tellUpdates(ctx context.Context, uris ...string) {
	for _, uri := range uris {
		_ = s.server.ResourceUpdated(ctx, &mcp.ResourceUpdatedNotificationParams{URI: uri}) // to those who are there
	}
}

// warn tells the operator what is newly in quarantine.
func (s *Server) warn(before, changed []Difference) {
	for _, d := range changed {
		if !slices.ContainsFunc(before, func(o Difference) bool { return o.Tool == d.Tool }) {
			s.o.Log.Warn("a definition has changed and is not served until it is accepted", "tool", string(d.Tool),
				"node", string(d.Node), "hint", "onex mcp diff "+string(d.Tool))
		}
	}
}

// offer gives a tool to the SDK, which panics at schemas that it does not like.
func (s *Server) offer(t node.Tool) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.server.RemoveTools(string(t.Name))
			err = fmt.Errorf("the sdk refuses it: %v", r)
		}
	}()
	s.server.AddTool(definition(t), s.handler(t))
	return nil
}

// tool returns a tool that clients see.
func (s *Server) tool(name node.ToolName) (served, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.tools[name]
	return t, ok
}
