package mcpbridge

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// How closely the registry is followed.
const (
	calm    = 20 * time.Millisecond  // before asking: a thousand nodes that appear at once are one change
	settle  = 250 * time.Millisecond // after asking because of an event, once more: the registry may hear of it later than we
	recheck = 10 * time.Second       // without an event; one may have got lost
)

// watched returns what is published when the tools change: a node comes (the
// registry tells it so, in an event directed to it), or goes.
func watched() []event.Filter {
	return []event.Filter{
		event.Filter(event.KindNodeAnnounceAccepted.Token() + ".>"),
		event.FilterKind(event.KindNodeRejoined),
		event.FilterKind(event.KindNodeSuspect),
		event.FilterKind(event.KindNodeDead),
		event.FilterKind(event.KindNodeStopped),
	}
}

func (s *Server) subscribe(ctx context.Context) error {
	for _, f := range watched() {
		sub, err := s.bus.Subscribe(ctx, f, nil)
		if err != nil {
			return err
		}
		s.subs = append(s.subs, sub)
	}
	return nil
}

// follow keeps the tools as they are in the registry until life ends.
func (s *Server) follow(life context.Context) {
	for _, sub := range s.subs {
		s.parts.Go(func() { s.listen(life, sub) })
	}
	if n, ok := s.bus.(bus.Notifier); ok {
		s.parts.Go(func() { s.reconnected(life, n.Reconnected()) })
	}
	if s.o.Pins != nil {
		s.parts.Go(func() { s.lookAtPins(life) })
	}
	s.parts.Go(func() { s.keep(life) })
}

// lookAtPins asks again when another process has accepted something.
func (s *Server) lookAtPins(life context.Context) {
	for last := s.o.Pins.stamp(); rest(life, lookStep); {
		if now := s.o.Pins.stamp(); now != last {
			last = now
			s.poke()
		}
	}
}

func (s *Server) listen(life context.Context, sub bus.Subscription) {
	for {
		if _, err := sub.Next(life); err != nil {
			return
		}
		s.poke()
	}
}

// reconnected asks again after each reconnection, because events may have been
// missed.
func (s *Server) reconnected(life context.Context, again <-chan struct{}) {
	for {
		select {
		case _, ok := <-again:
			if !ok {
				return
			}
			s.poke()
		case <-life.Done():
			return
		}
	}
}

func (s *Server) poke() {
	select {
	case s.stir <- struct{}{}:
	default: // it is known already
	}
}

func (s *Server) keep(life context.Context) {
	next := time.NewTimer(recheck)
	defer next.Stop()
	for silent := false; ; {
		wait := recheck
		select {
		case <-life.Done():
			return
		case <-s.stir:
			if !rest(life, calm) {
				return
			}
			wait = settle
		case <-next.C:
		}
		err := s.refresh(life)
		if err != nil && !silent && life.Err() == nil {
			s.o.Log.Warn("the list of tools may be out of date", "error", err)
		}
		silent = err != nil
		next.Reset(wait)
	}
}

// rest waits, and reports whether life goes on.
func rest(life context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-life.Done():
		return false
	}
}

// refresh asks the registry and shows what it says. When the registry is
// silent, everything stays as it is: nodes go on serving while it is down.
func (s *Server) refresh(ctx context.Context) error {
	s.asking.Lock()
	defer s.asking.Unlock()
	entries, err := s.registry.Tools(ctx, "")
	if err != nil {
		return err
	}
	nodes, err := s.registry.Nodes(ctx, event.NodeDiscoveryRequest{Statuses: []node.Status{node.Online, node.Unverified}})
	if err != nil {
		return err
	}
	next, changed, err := s.choose(ctx, entries)
	if err != nil {
		return err
	}
	s.lease.Store(int64(shortest(nodes)))
	s.show(next, changed)
	return nil
}

// shortest returns the shortest lease of the nodes, or 0 when there is none.
func shortest(nodes []event.NodeEntry) time.Duration {
	var least time.Duration
	for _, n := range nodes {
		if least == 0 || n.TTL < least {
			least = n.TTL
		}
	}
	return least
}

// A served tool is one that clients may call.
type served struct {
	node.Tool
	form string  // its JSON, to notice changes
	only node.ID // the node to call, when others promise something else; empty for any
}

// choose picks what clients may see, and what is kept from them because it
// changed. Of several promises under one name the best provider's is shown.
func (s *Server) choose(ctx context.Context, entries []event.ToolEntry) (map[node.ToolName]served, []Difference, error) {
	pins := map[node.ToolName]Pin{}
	if s.o.Pins != nil {
		var err error
		if pins, err = s.o.Pins.Load(); err != nil {
			return nil, nil, err
		}
	}
	chosen := map[node.ToolName]served{}
	var seen, fresh []event.ToolEntry
	for name, same := range byName(entries) {
		if !s.permits(name, same) {
			continue
		}
		good, isFresh := same, false
		if s.o.Pins != nil {
			var err error
			if good, isFresh, err = accepted(pins, same); err != nil {
				return nil, nil, err
			}
			seen = append(seen, same...)
		}
		if isFresh {
			fresh = append(fresh, same[0])
		}
		if len(good) > 0 {
			chosen[name] = newServed(good, len(good) < len(same))
		}
	}
	if len(fresh) > 0 {
		if err := s.o.Pins.Pin(ctx, fresh...); err != nil {
			return nil, nil, err
		}
	}
	changed, err := Differences(pins, seen)
	return chosen, changed, err
}

func newServed(good []event.ToolEntry, others bool) served {
	x := served{Tool: good[0].Tool, form: string(encode(good[0].Tool))}
	if others && len(good[0].Providers) > 0 {
		x.only = good[0].Providers[0].NodeID
	}
	return x
}

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
	if len(s.o.Tools) > 0 && !slices.ContainsFunc(s.o.Tools, func(pattern string) bool {
		ok, err := path.Match(pattern, string(name))
		return ok && err == nil
	}) {
		return false
	}
	return !s.o.ReadOnly || !slices.ContainsFunc(promises, func(e event.ToolEntry) bool { return !readOnly(e.Tool) })
}

// show makes next what clients see, and tells them what changed.
func (s *Server) show(next map[node.ToolName]served, changed []Difference) {
	slices.SortFunc(changed, func(a, b Difference) int { return cmp.Compare(a.Tool, b.Tool) })
	s.mu.Lock()
	last := s.tools
	s.warn(changed)
	s.tools, s.changed = next, changed
	s.mu.Unlock()
	if s.o.Search {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(next)) {
		if last[name].form != next[name].form {
			if err := s.offer(next[name].Tool); err != nil {
				s.o.Log.Warn("a tool cannot be shown", "tool", string(name), "error", err)
			}
		}
	}
	var gone []string
	for name := range last {
		if _, ok := next[name]; !ok {
			gone = append(gone, string(name))
		}
	}
	if len(gone) > 0 {
		s.server.RemoveTools(gone...)
	}
}

// warn tells the operator of tools that are newly in quarantine. s.mu is held.
func (s *Server) warn(changed []Difference) {
	for _, d := range changed {
		if !slices.ContainsFunc(s.changed, func(o Difference) bool { return o.Tool == d.Tool }) {
			s.o.Log.Warn("a tool has changed and is not served until it is accepted", "tool", string(d.Tool),
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
