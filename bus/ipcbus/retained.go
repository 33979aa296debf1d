package ipcbus

import (
	"context"
	"encoding/binary"
	"math"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// Retained is [bus.Retained]. The hub keeps the latest events of durable kinds,
// within Options.Retain.
const Retained = bus.Retained

// complete is [bus.Options.Complete], without the class Durable.
func complete(o *bus.Options) (bus.Options, error) {
	c, err := o.Complete()
	if err == nil && c.Class == bus.Durable {
		return c, bus.ErrUnsupported.With("class %s: the hub keeps events in memory, which is class %s", bus.Durable, Retained)
	}
	return c, err
}

// A reader is a retained subscription, seen from the hub: it sends one delivery
// for each that the client asked for.
type reader struct {
	guest   *guest
	id      uint64
	sub     bus.Subscription
	ackWait time.Duration
	limit   int // of deliveries that wait to be settled
	cancel  context.CancelFunc
	wake    chan struct{}

	mu     sync.Mutex
	asked  uint64
	unsure map[uint64]handed // by sequence
}

// handed is a delivery that its reader has not settled.
type handed struct {
	bus.Delivery
	at time.Time
}

// retain puts the event in the ring. It is done when there is nothing left to
// do for it: the event was there, or is not one.
func (g *guest) retain(ctx context.Context, p *routed, fl flags, s event.Subject, pub *publication) (done bool, err error) {
	e, err := p.decode(fl)
	if err != nil {
		return true, g.refuse(pub.ref, err)
	}
	r, err := g.hub.ring.Publish(ctx, s, e)
	if err != nil {
		return true, g.refuse(pub.ref, err)
	}
	pub.sequence, pub.duplicate = r.Sequence, r.Duplicate
	if r.Duplicate {
		pub.count = 0
		return true, pub.settled()
	}
	return false, nil
}

func (g *guest) read(ctx context.Context, id uint64, f event.Filter, o bus.Options) error {
	o.Class = bus.Durable
	s, err := g.hub.ring.Subscribe(ctx, f, &o)
	if err != nil {
		return g.refuse(id, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &reader{
		guest: g, id: id, sub: s, ackWait: o.AckWait, limit: o.Queue, cancel: cancel,
		wake: make(chan struct{}, 1), unsure: map[uint64]handed{},
	}
	g.readers[id] = r
	g.hub.tasks.Go(func() { r.run(ctx) })
	return g.answer(frame{kind: kindReady, ref: id})
}

// run sends deliveries until ctx ends.
func (r *reader) run(ctx context.Context) {
	for {
		if err := r.awaitCredit(ctx); err != nil {
			return
		}
		d, err := r.sub.Next(ctx)
		if err != nil {
			return
		}
		r.remember(d)
		if r.send(ctx, d) != nil {
			return
		}
	}
}

func (r *reader) awaitCredit(ctx context.Context) error {
	for {
		r.mu.Lock()
		if r.asked > 0 {
			r.asked--
			r.mu.Unlock()
			return nil
		}
		r.mu.Unlock()
		select {
		case <-r.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *reader) ask(n uint64) {
	r.mu.Lock()
	r.asked += n
	r.mu.Unlock()
	signal(r.wake)
}

func (r *reader) send(ctx context.Context, d bus.Delivery) error {
	text, err := event.Encode(d.Event)
	if err != nil {
		return err // it was decoded here
	}
	p := post{sequence: d.Sequence, id: d.Event.ID, attempt: d.Attempt, subject: d.Subject, text: text}
	for {
		if err = r.guest.out.addPost(flagRetained, r.id, &p); err != errFull {
			break
		}
		if err = r.guest.out.await(ctx); err != nil {
			break
		}
	}
	r.guest.out.flush()
	return err
}

// remember keeps d until it is settled. What the ring has given up or will give
// again by itself is let go of when there is too much.
func (r *reader) remember(d bus.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if len(r.unsure) >= r.limit {
		for sequence, h := range r.unsure {
			if now.Sub(h.at) > r.ackWait {
				delete(r.unsure, sequence)
			}
		}
	}
	r.unsure[d.Sequence] = handed{d, now}
}

// find returns the delivery that is to be settled, and forgets it unless it
// goes on.
func (r *reader) find(sequence uint64, goesOn bool) (bus.Delivery, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h, ok := r.unsure[sequence]
	if ok && goesOn {
		h.at = time.Now()
		r.unsure[sequence] = h
	} else {
		delete(r.unsure, sequence)
	}
	return h.Delivery, ok
}

func (r *reader) close() {
	r.cancel()
	_ = r.sub.Close() // never fails
}

// settle does what a client says of a delivery. What is settled already, or
// never was delivered, is ignored: the contract says so.
func (g *guest) settle(ctx context.Context, f frame) error {
	var sequence uint64
	rest, err := takeNumbers(f, &sequence)
	if err != nil {
		return err
	}
	var wait uint64
	if f.kind == kindNack {
		if len(rest) < 8 {
			return ErrFrame.With("NACK of %d bytes", len(f.body))
		}
		wait, rest = binary.BigEndian.Uint64(rest), rest[8:]
	}
	r := g.readers[f.ref]
	if r == nil {
		return nil
	}
	goesOn := f.flags&flagProgress != 0
	d, ok := r.find(sequence, goesOn)
	if !ok {
		return nil
	}
	switch {
	case goesOn:
		err = d.InProgress(ctx)
	case f.kind == kindAck:
		err = d.Ack(ctx)
	case f.flags&flagTerm != 0:
		err = d.Term(ctx, string(rest))
	default:
		err = d.Nack(ctx, time.Duration(min(wait, math.MaxInt64)))
	}
	return err // only when the hub is closing
}
