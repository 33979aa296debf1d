package ipcbus

import (
	"context"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// Last implements [bus.Historian], for what the hub keeps.
func (b *Bus) Last(ctx context.Context, f event.Filter) (bus.Kept, error) {
	var sequence, at uint64
	answer, err := b.askHub(ctx, frame{kind: kindLast, body: []byte(f)})
	if err == nil {
		_, err = takeNumbers(answer, &sequence, &at)
	}
	if err != nil || sequence == 0 {
		return bus.Kept{}, b.meter.Failed(err)
	}
	return bus.Kept{Sequence: sequence, Time: time.Unix(0, int64(at))}, nil
}

// Redrive implements [bus.Redriver]. Retained subscriptions get the event;
// ephemeral ones, which saw it when it was published, do not.
func (b *Bus) Redrive(ctx context.Context, number uint64) (bus.Receipt, error) {
	r := bus.Receipt{Class: bus.Ephemeral, Subscribers: -1}
	answer, err := b.askHub(ctx, frame{kind: kindRedrive, body: numbers(number)})
	if err == nil {
		_, err = takeNumbers(answer, &r.Sequence)
	}
	if err != nil {
		return bus.Receipt{}, b.meter.Failed(err)
	}
	return r, nil
}

// CountSubscribers implements [bus.Counter]. Each group counts as one.
func (b *Bus) CountSubscribers(ctx context.Context, s event.Subject) (int, error) {
	if _, err := b.target(s); err != nil {
		return 0, b.meter.Failed(err)
	}
	n, err := b.countSubscribers(ctx, s)
	return n, b.meter.Failed(err)
}

// askHub asks with a number of its own, for a limited time.
func (b *Bus) askHub(ctx context.Context, f frame) (frame, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	l, err := b.connected(ctx)
	if err != nil {
		return frame{}, err
	}
	f.ref = b.refs.Add(1)
	answer, _, err := l.ask(ctx, f)
	return answer, b.unavailable(err)
}

// lastKept tells the sequence of the last kept event of a filter, and when it came.
func (g *guest) lastKept(ctx context.Context, f frame) error {
	kept, err := g.hub.ring.Last(ctx, event.Filter(f.body))
	if err != nil {
		return g.refuse(f.ref, err)
	}
	var at uint64
	if kept.Sequence > 0 {
		at = uint64(kept.Time.UnixNano())
	}
	return g.answer(frame{kind: kindAck, ref: f.ref, body: numbers(kept.Sequence, at)})
}

// redrive gives a dead letter another life.
func (g *guest) redrive(ctx context.Context, f frame) error {
	var number uint64
	if _, err := takeNumbers(f, &number); err != nil {
		return err
	}
	r, err := g.hub.ring.Redrive(ctx, number)
	if err != nil {
		return g.refuse(f.ref, err)
	}
	return g.answer(frame{kind: kindAck, ref: f.ref, body: numbers(r.Sequence)})
}
