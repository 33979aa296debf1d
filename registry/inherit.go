package registry

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/omninode-ai/onex/event"
)

// Those who stand by without a common store know the leases of the one that leads: they
// ask it once, and listen. So a holder keeps its port when another takes over.

// copyLeases asks the leader for its leases.
func (s *succession) copyLeases(ctx context.Context) {
	s.leases = map[event.ID]event.Lease{}
	c, err := NewClient(ctx, s.bus, &ClientOptions{Name: s.o.Name, Timeout: leadEvery})
	if err != nil {
		return
	}
	defer c.Close()
	all, err := c.Leases(ctx)
	if err != nil {
		s.o.Log.Debug("the leases of the registry that leads are not known", "error", err)
	}
	for _, l := range all {
		s.leases[l.LeaseID] = l
	}
}

// hear takes in what the leader says of leases.
func (s *succession) hear(p event.Payload) {
	switch p := p.(type) {
	case event.PortAllocated:
		s.leases[p.LeaseID] = p.Lease
	case event.PortRenewed:
		s.leases[p.LeaseID] = p.Lease
	case event.PortReleased:
		delete(s.leases, p.LeaseID)
	case event.PortExpired:
		delete(s.leases, p.LeaseID)
	}
}

// inherit gives a new term the leases of the one before, unless the store has them.
func (s *succession) inherit(l *loop) {
	if s.o.Lead != nil || len(s.leases) == 0 {
		return
	}
	l.ports.table.Inherit(time.Now(), slices.Collect(maps.Values(s.leases)))
	s.o.Log.Warn("leases of ports are taken over from another registry", "leases", len(s.leases))
	s.leases = nil
}
