package mcpbridge

import (
	"context"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

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
	var err error
	s.updated, err = s.bus.Subscribe(ctx, event.FilterKind(event.KindNodeResourceUpdated), nil)
	return err
}

// follow keeps the tools as they are in the registry until life ends.
func (s *Server) follow(life context.Context) {
	for _, sub := range s.subs {
		s.parts.Go(func() { s.listen(life, sub) })
	}
	s.parts.Go(func() { s.updates(life, s.updated) })
	s.parts.Go(func() { s.keepExtras(life) })
	if n, ok := s.bus.(bus.Notifier); ok {
		s.parts.Go(func() { s.reconnected(life, n.Reconnected(life)) })
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

// stirExtras makes extra look again; it must not hold up the list of tools, for
// programs may be slow to answer.
func (s *Server) stirExtras() {
	select {
	case s.again <- struct{}{}:
	default:
	}
}

// keepExtras keeps what programs offer beside tools as it is, until life ends.
func (s *Server) keepExtras(life context.Context) {
	for {
		select {
		case <-s.again:
			s.refreshExtras(life)
		case <-life.Done():
			return
		}
	}
}

// updates tells clients of changed resources of programs until sub is closed.
func (s *Server) updates(life context.Context, sub bus.Subscription) {
	for {
		d, err := sub.Next(life)
		if err != nil {
			return
		}
		if p, ok := d.Event.Payload.(event.NodeResourceUpdated); ok && !isOurs(p.URI) {
			_ = s.server.ResourceUpdated(life, &mcp.ResourceUpdatedNotificationParams{URI: p.URI}) // to those who are there
		}
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
		s.stirExtras()
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
	v, err := s.choose(ctx, entries)
	if err != nil {
		return err
	}
	s.lease.Store(int64(shortest(nodes)))
	if s.show(v) {
		s.tellUpdates(ctx, nodesURI, toolsURI, quarURI)
	}
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
