package registry

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// Times of those who share a bus.
const (
	// leadEvery is how often a registry that leads says so, and leadTTL the silence
	// after which those who follow look for another. It is three times as long, so
	// that one lost word is nothing.
	leadEvery = time.Second
	leadTTL   = 3 * time.Second

	// rivalWait is how long a registry that would lead listens for one that does. On
	// one machine or in one network the answer takes milliseconds; who starts a
	// registry waits for it.
	rivalWait = 75 * time.Millisecond

	// shuffle spreads those who follow, so that as a rule one is first.
	shuffle = 250 * time.Millisecond
)

// A Leadership decides which of several registries leads, better than a bus alone
// can: by a lease in a store that they share.
type Leadership interface {
	// Campaign returns when this registry leads. Its error is that of ctx, or of
	// a store that cannot be used at all.
	Campaign(ctx context.Context) (Term, error)
}

// A Term is the time in which one registry leads.
type Term struct {
	Token  uint64          // fences off those who led before: it only grows
	Over   <-chan struct{} // closed when somebody else may lead; nil when only the bus tells
	Resign func()          // lets somebody else lead at once; nil when there is nothing to do
}

// A succession is what a registry does on a bus that it may share.
type succession struct {
	o        Options
	bus      bus.Bus
	ready    sync.Once
	followed bool                     // another led since this one last did, so what this one knows is old
	leases   map[event.ID]event.Lease // of the one that leads, as far as they are known
}

// serve leads whenever nobody else does, until ctx ends.
func (s *succession) serve(ctx context.Context) error {
	for deposed := false; ; deposed = true {
		term, err := s.await(ctx, deposed)
		if err != nil {
			return unlessOver(ctx, err)
		}
		err = s.lead(ctx, term)
		if term.Resign != nil {
			term.Resign()
		}
		if !errors.Is(err, ErrAnotherRegistry) {
			return err
		}
		s.o.Log.Warn("another registry leads; this one stands by", "error", err)
		s.followed = true
	}
}

func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// await returns when this registry may lead.
func (s *succession) await(ctx context.Context, deposed bool) (Term, error) {
	if s.o.Lead == nil {
		return Term{}, s.follow(ctx, deposed)
	}
	type result struct {
		term Term
		err  error
	}
	elected := make(chan result, 1)
	go func() {
		term, err := s.o.Lead.Campaign(ctx)
		elected <- result{term, err}
	}()
	standby := time.NewTimer(rivalWait)
	defer standby.Stop()
	for {
		select {
		case r := <-elected:
			return r.term, r.err
		case <-standby.C: // somebody else leads
			s.standBy("")
		}
	}
}

// follow returns when nobody leads any more, as far as the bus can tell. Who was
// deposed knows that somebody leads.
func (s *succession) follow(ctx context.Context, deposed bool) error {
	sub, err := s.bus.Subscribe(ctx, event.Filter("*."+string(s.o.Name)), nil)
	if err != nil {
		return err
	}
	defer sub.Close()
	for ; ; deposed = false {
		if !deposed {
			leader, err := s.leader(ctx)
			if err == nil && leader == "" {
				return nil
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.standBy(leader)
		}
		s.copyLeases(ctx)
		if err := s.silence(ctx, sub); err != nil {
			return err
		}
		if err := sleep(ctx, rand.N(shuffle)); err != nil {
			return err
		}
	}
}

func (s *succession) standBy(leader string) {
	if !s.followed {
		s.o.Log.Warn("another registry leads; this one stands by", "registry", leader)
	}
	s.followed = true
	s.ready.Do(s.o.Ready)
}

// silence returns when the leader says goodbye, or nothing for leadTTL.
func (s *succession) silence(ctx context.Context, sub bus.Subscription) error {
	for {
		wait, cancel := context.WithTimeout(ctx, leadTTL)
		d, err := sub.Next(wait)
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.DeadlineExceeded):
			return nil
		case err != nil:
			return err
		}
		s.hear(d.Event.Payload)
		if p, ok := d.Event.Payload.(event.NodeStopped); ok && string(p.NodeID) == d.Event.NodeID {
			return nil
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leader returns the registry that answers on the bus, "" when none does. It
// fails when the bus cannot be asked.
func (s *succession) leader(ctx context.Context) (string, error) {
	caller, err := bus.NewCaller(ctx, s.bus, s.o.ID)
	if err != nil {
		return "", err
	}
	defer caller.Close()
	bounded, cancel := context.WithTimeout(ctx, rivalWait)
	defer cancel()
	q := event.NodeDiscoveryRequest{NodeFilter: []string{s.o.ID}} // nobody's id, so that the answer is short
	a, err := caller.Do(bounded, event.NewSubject(q.Kind(), s.o.Name), event.New(s.o.ID, q, event.ID{}))
	if errors.Is(err, bus.ErrNoAnswer) {
		return "", nil
	}
	if p, ok := a.Payload.(event.NodeDiscoveryResponse); ok && p.RegistryID != s.o.ID {
		return p.RegistryID, nil
	}
	return "", err
}

// sayItLeads tells those who follow, until ctx ends.
func (l *loop) sayItLeads(ctx context.Context) {
	to := event.NewSubject(event.KindNodeHeartbeat, l.o.Name)
	tick := time.NewTicker(leadEvery)
	defer tick.Stop()
	for {
		p := event.NodeHeartbeat{NodeID: node.ID(l.o.ID), Incarnation: node.Incarnation(l.term.Token)}
		publish(ctx, l.bus, l.log, to, event.New(l.o.ID, p, event.ID{}))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// goodbye lets those who follow lead at once.
func (l *loop) goodbye() {
	ctx, cancel := context.WithTimeout(context.Background(), leadEvery)
	defer cancel()
	p := event.NodeStopped{NodeID: node.ID(l.o.ID), Name: l.o.Name, Reason: "the registry was stopped"}
	publish(ctx, l.bus, l.log, event.NewSubject(p.Kind(), l.o.Name), event.New(l.o.ID, p, event.ID{}))
}

// rival deals with another registry that leads, too: two that began at the same
// moment, or were cut off from each other. The one with the larger token goes on,
// and without tokens the older one, whose id is smaller.
func (l *loop) rival(id string, token uint64) {
	if id == "" || id == l.o.ID {
		return
	}
	if token > l.term.Token || token == l.term.Token && id < l.o.ID {
		l.end(ErrAnotherRegistry.With("%s", id))
		return
	}
	if l.rivals[id] || len(l.rivals) >= maxRivals {
		return
	}
	l.rivals[id] = true
	l.log.Warn("another registry claims to lead this bus; it will give way", "registry", id)
}

// maxRivals bounds those who are remembered as told of.
const maxRivals = 100
