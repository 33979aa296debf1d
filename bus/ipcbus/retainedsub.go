package ipcbus

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
)

// retainedQueue bounds the deliveries that were asked for and nobody waits for
// any more: callers of Next that gave up.
const retainedQueue = bus.MaxQueue

// maxReason bounds the reason of a dead letter, which is for people.
const maxReason = 4096

// A retainedSub is a retained subscription: it asks the hub for one delivery
// for each call of Next that waits.
type retainedSub struct {
	*member
	queue *bus.Queue
	made  time.Time

	mu      sync.Mutex
	waiting int    // calls of Next
	asked   int    // deliveries that are on their way
	last    uint64 // the highest sequence that came
	unsure  map[uint64]struct{}
}

func newRetainedSub(m *member) *retainedSub {
	// Deliveries are dropped here only when a million calls of Next gave up.
	queue := bus.NewQueue(retainedQueue, bus.DropNewest, &m.bus.meter)
	return &retainedSub{member: m, queue: queue, made: time.Now(), unsure: map[uint64]struct{}{}}
}

// order asks, on the same hub, to go on where we were, and on another for all
// it has: that is what was published since the old one ended.
func (s *retainedSub) order(l *link) order {
	o := s.o
	before := s.on()
	switch {
	case before == nil || before.hub.Hub == l.hub.Hub && (o.Name != "" || o.Group != ""):
		// The first time, or the hub knows where we were.
	case before.hub.Hub != l.hub.Hub:
		o.Start = bus.StartAll
	default:
		o = s.goOn(o)
	}
	return orderOf(s.filter, o)
}

// goOn returns options that begin with the first delivery that was not settled.
func (s *retainedSub) goOn(o bus.Options) bus.Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.last > 0:
		o.Start, o.Sequence = bus.StartSeq, s.last+1
		for sequence := range s.unsure {
			o.Sequence = min(o.Sequence, sequence)
		}
	case o.Start == bus.StartNew:
		o.Start, o.Since = bus.StartTime, s.made
	}
	return o
}

// restored asks again for what was on its way over the old link.
func (s *retainedSub) restored(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before := s.on(); before != nil && before.hub.Hub != l.hub.Hub {
		s.last = 0
		clear(s.unsure)
	}
	s.link.Store(l)
	s.asked = 0
	s.ask()
}

// ask asks for as many deliveries as are waited for. The caller holds mu.
func (s *retainedSub) ask() {
	n := s.waiting - s.asked - s.queue.Len()
	l := s.on()
	if n <= 0 || l == nil {
		return
	}
	if l.out.send(frame{kind: kindCredit, ref: s.id, body: numbers(uint64(n))}) == nil {
		s.asked += n
	}
}

// Next implements [bus.Subscription].
func (s *retainedSub) Next(ctx context.Context) (bus.Delivery, error) {
	s.wait(1)
	defer s.wait(-1)
	d, err := s.queue.Next(ctx)
	if err == nil {
		s.bus.meter.Retried(d.Subject, d.Event.ID, cmp.Or(s.o.Name, s.o.Group, string(s.filter)), d.Attempt)
	}
	return d, err
}

func (s *retainedSub) wait(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting += n
	if n > 0 {
		s.ask()
	}
}

// receive runs on the link's goroutine.
func (s *retainedSub) receive(l *link, d bus.Delivery) {
	s.mu.Lock()
	if s.on() == l {
		s.asked--
	}
	s.last = max(s.last, d.Sequence)
	if len(s.unsure) > 2*s.o.Queue { // of attempts that the hub gave up
		clear(s.unsure)
	}
	s.unsure[d.Sequence] = struct{}{}
	s.mu.Unlock()
	a := &settlement{sub: s, link: l, sequence: d.Sequence}
	settled := bus.NewDelivery(d.Subject, d.Event, d.Sequence, d.Attempt, a)
	settled.Class = Retained
	_ = s.queue.Push(context.Background(), settled) // fails on a closed queue only
}

func (s *retainedSub) drop(r bus.Reason, n uint64) {
	s.mu.Lock()
	s.asked -= int(min(n, uint64(max(s.asked, 0)))) // what was on its way and is none
	s.ask()
	s.mu.Unlock()
	s.queue.Drop(r, n)
}

func (s *retainedSub) Dropped() bus.Drops { return s.queue.Dropped() }

func (s *retainedSub) Len() int { return s.queue.Len() }

func (s *retainedSub) abandon() { _ = s.queue.Close() } // never fails

// Close implements [bus.Subscription].
func (s *retainedSub) Close() error {
	s.bus.remove(s.id)
	return s.queue.Close()
}

func (s *retainedSub) settled(sequence uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.unsure, sequence)
}

// A settlement settles one delivery, over the link that it came by.
type settlement struct {
	sub      *retainedSub
	link     *link
	sequence uint64
}

func (a *settlement) Ack(ctx context.Context) error {
	a.sub.settled(a.sequence)
	return a.send(ctx, frame{kind: kindAck, body: numbers(a.sequence)})
}

func (a *settlement) Nack(ctx context.Context, after time.Duration) error {
	return a.send(ctx, frame{kind: kindNack, body: numbers(a.sequence, uint64(max(after, 0)))})
}

func (a *settlement) Term(ctx context.Context, reason string) error {
	a.sub.settled(a.sequence)
	reason = reason[:min(len(reason), maxReason)]
	return a.send(ctx, frame{kind: kindNack, flags: flagTerm, body: append(numbers(a.sequence, 0), reason...)})
}

func (a *settlement) InProgress(ctx context.Context) error {
	return a.send(ctx, frame{kind: kindAck, flags: flagProgress, body: numbers(a.sequence)})
}

func (a *settlement) send(ctx context.Context, f frame) error {
	f.ref = a.sub.id
	for {
		_, err := a.link.out.add(f)
		switch {
		case err == nil:
			a.link.out.flush()
			return nil
		case err != errFull && a.sub.bus.isClosed():
			return bus.ErrClosed
		case err != errFull:
			return ErrSettle.Wrap(err, "sequence %d", a.sequence)
		}
		if err := a.link.out.await(ctx); ctx.Err() != nil {
			return err
		}
	}
}
