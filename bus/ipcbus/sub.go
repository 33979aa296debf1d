package ipcbus

import (
	"context"
	"sync/atomic"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// creditShare is the part of its queue that a subscription with the policy
// block lets be taken before it tells the hub: one frame for many events.
const creditShare = 8

// newSub returns a subscription that is known here and not live yet.
func (b *Bus) newSub(f event.Filter, o bus.Options) subscription {
	base := &member{bus: b, id: b.refs.Add(1), filter: f, o: o}
	var s subscription
	if o.Class == Retained {
		s = newRetainedSub(base)
	} else {
		s = &ephemeralSub{member: base, Queue: bus.NewQueue(o.Queue, o.Policy, &b.meter).Named(f, o)}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs[base.id] = s
	return s
}

// A member is what subscriptions of both classes have.
type member struct {
	bus    *Bus
	id     uint64
	filter event.Filter
	o      bus.Options
	link   atomic.Pointer[link] // on which it is live; nil before the first
}

func (m *member) number() uint64 { return m.id }

func (m *member) on() *link { return m.link.Load() }

// An ephemeralSub is an ephemeral subscription: the hub sends, a queue keeps.
type ephemeralSub struct {
	*member
	*bus.Queue
	taken atomic.Int64 // since the hub was told; for the policy block
}

func (s *ephemeralSub) order(*link) order { return orderOf(s.filter, s.o) }

func (s *ephemeralSub) restored(l *link) { s.link.Store(l) }

// receive runs on the link's goroutine. It does not wait: the hub sends no more
// than a queue that blocks has room for.
func (s *ephemeralSub) receive(_ *link, d bus.Delivery) {
	_ = s.Push(context.Background(), d) // fails on a closed queue only
}

func (s *ephemeralSub) drop(r bus.Reason, n uint64) { s.Queue.Drop(r, n) }

// Next implements [bus.Subscription].
func (s *ephemeralSub) Next(ctx context.Context) (bus.Delivery, error) {
	d, err := s.Queue.Next(ctx)
	if err == nil && s.o.Policy == bus.Block {
		s.makeRoom()
	}
	return d, err
}

// makeRoom tells the hub of room in the queue when there is enough to tell.
func (s *ephemeralSub) makeRoom() {
	n := s.taken.Add(1)
	if n < int64(max(1, s.o.Queue/creditShare)) || !s.taken.CompareAndSwap(n, 0) {
		return
	}
	if l := s.on(); l != nil {
		_ = l.out.send(frame{kind: kindCredit, ref: s.id, body: numbers(uint64(n))}) // the next link begins with a full credit
	}
}

func (s *ephemeralSub) abandon() { _ = s.Queue.Close() } // never fails

// Close implements [bus.Subscription].
func (s *ephemeralSub) Close() error {
	s.bus.remove(s.id)
	return s.Queue.Close()
}
