package mcpbridge

import (
	"context"
	"encoding/json"
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
	s.parts.Go(func() { s.keep(life) })
}

func (s *Server) listen(life context.Context, sub bus.Subscription) {
	for {
		if _, err := sub.Next(life); err != nil {
			return
		}
		s.changed()
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
			s.changed()
		case <-life.Done():
			return
		}
	}
}

func (s *Server) changed() {
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
	entries, err := s.registry.Tools(ctx, "")
	if err != nil {
		return err
	}
	nodes, err := s.registry.Nodes(ctx, event.NodeDiscoveryRequest{Statuses: []node.Status{node.Online, node.Unverified}})
	if err != nil {
		return err
	}
	s.lease.Store(int64(shortest(nodes)))
	s.show(s.choose(entries))
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
	form string // its JSON, to notice changes
}

// choose picks what clients may see. Of several promises under one name the
// best provider's is shown, if all of them may be.
func (s *Server) choose(entries []event.ToolEntry) map[node.ToolName]served {
	chosen := map[node.ToolName]served{}
	for name, same := range byName(entries) {
		if !s.permits(name, same) {
			continue
		}
		form, err := json.Marshal(same[0].Tool)
		if err != nil {
			s.o.Log.Warn("a tool cannot be shown", "tool", string(name), "error", err)
			continue
		}
		chosen[name] = served{same[0].Tool, string(form)}
	}
	return chosen
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
func (s *Server) show(next map[node.ToolName]served) {
	s.mu.Lock()
	last := s.tools
	s.tools = next
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
func (s *Server) tool(name node.ToolName) (node.Tool, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.tools[name]
	return t.Tool, ok
}
