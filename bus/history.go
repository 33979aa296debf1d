package bus

import (
	"context"
	"errors"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

const (
	// historyQueue is how many past events are on their way at once.
	historyQueue = 1000

	// historyQuiet is how long a store may deliver nothing while events that it
	// said it has are missing: far longer than a loaded server needs for one.
	historyQuiet = 10 * time.Second
)

// Historian is implemented by buses that keep events, in the class [Durable] or
// [Retained].
type Historian interface {
	// Last returns the last kept event on a subject that f matches. Its Sequence
	// is 0 when there is none.
	Last(ctx context.Context, f event.Filter) (Kept, error)
}

// Kept is where an event is in a store.
type Kept struct {
	Sequence uint64
	Time     time.Time // when it was stored
}

// A Range says which kept events are wanted. The zero value means all.
type Range struct {
	Start    Start     // default StartAll
	Since    time.Time // for StartTime
	Sequence uint64    // for StartSeq
	To       uint64    // last sequence wanted; 0 means the last that there is
	Until    time.Time // events that happened later are left out; zero means none
}

// History calls each with the kept events that f matches, in the order of their
// sequence, up to the last that was kept when History was called. It leaves no
// trace in the store: no position moves, and nobody else misses an event. An error of
// each ends it and is returned. A bus that keeps nothing returns [ErrUnsupported].
//
// That the past is asked for, and how much of it was delivered or why none was, is
// published as EVENT_REPLAY_REQUESTED, then EVENT_REPLAY_DELIVERED or
// EVENT_REPLAY_FAILED, once for each call. As all diagnostics they are ephemeral,
// so that no History contains them.
func History(ctx context.Context, b Bus, f event.Filter, r Range, each func(Delivery) error) error {
	class, h, err := keeper(ctx, b)
	if err != nil {
		return err
	}
	t := &telling{bus: b, id: event.NewID().String(), replay: event.Replay{
		Backend: b.Health(ctx).Backend, Filter: f, Since: r.Since, From: r.Sequence, To: r.To,
	}}
	t.publish(ctx, event.EventReplayRequested{Replay: t.replay})
	err = history(ctx, b, f, r, class, h, func(d Delivery) error {
		t.count++
		t.stopped = each(d)
		return t.stopped
	})
	t.end(ctx, err)
	return err
}

// A telling tells of one replay.
type telling struct {
	bus     Bus
	id      string
	replay  event.Replay
	count   uint64
	stopped error // by whom the events are for
}

func (t *telling) end(ctx context.Context, err error) {
	if err != nil && t.stopped == nil {
		t.publish(ctx, event.EventReplayFailed{Replay: t.replay, Error: fault.ReportOf(err)})
		return
	}
	t.publish(ctx, event.EventReplayDelivered{Replay: t.replay, Count: t.count})
}

// publish tries once to publish a diagnostic, also when ctx has ended.
func (t *telling) publish(ctx context.Context, p event.Payload) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTime)
	defer cancel()
	_, _ = t.bus.Publish(ctx, event.NewSubject(p.Kind(), "bus"), event.Redact(event.New(t.id, p, event.ID{})))
}

func history(ctx context.Context, b Bus, f event.Filter, r Range, class Class, h Historian, each func(Delivery) error) error {
	last, err := h.Last(ctx, f)
	if err != nil {
		return err
	}
	end := last.Sequence
	if r.To > 0 {
		end = min(end, r.To)
	}
	if end == 0 || r.Sequence > end || r.Since.After(last.Time) {
		return nil
	}
	if r.Start == "" {
		r.Start = StartAll
	}
	sub, err := b.Subscribe(ctx, f, &Options{
		Class: class, Queue: historyQueue, Start: r.Start, Since: r.Since, Sequence: r.Sequence,
	})
	if err != nil {
		return err
	}
	defer sub.Close()
	return readPast(ctx, sub, end, r.Until, each)
}

// keeper returns in which class b keeps events, and who knows how many.
func keeper(ctx context.Context, b Bus) (Class, Historian, error) {
	h, ok := b.(Historian)
	switch {
	case ok && Has(b, Durable):
		return Durable, h, nil
	case ok && Has(b, Retained):
		return Retained, h, nil
	}
	return "", nil, ErrUnsupported.With("past events: the bus %s keeps none", b.Health(ctx).Backend)
}

// readPast reads until the event with the sequence end, or one behind it.
func readPast(ctx context.Context, sub Subscription, end uint64, until time.Time, each func(Delivery) error) error {
	for {
		d, err := nextPast(ctx, sub)
		switch {
		case err != nil:
			return err
		case d.Sequence > end:
			return nil
		}
		_ = d.Ack(ctx) // the position is ours alone and ends with us
		if until.IsZero() || !d.Event.Time.After(until) {
			if err := each(d); err != nil {
				return err
			}
		}
		if d.Sequence == end {
			return nil
		}
	}
}

// nextPast is Next for a delivery that is known to come.
func nextPast(ctx context.Context, sub Subscription) (Delivery, error) {
	quiet, cancel := context.WithTimeout(ctx, historyQuiet)
	defer cancel()
	d, err := sub.Next(quiet)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = ErrUnavailable.With("kept events stopped coming for %v", historyQuiet)
	}
	return d, err
}

// Last implements [Historian].
func (m *Memory) Last(_ context.Context, f event.Filter) (Kept, error) {
	if err := checkFilter(f); err != nil {
		return Kept{}, err
	}
	s := m.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Kept{}, ErrClosed
	}
	for i := len(s.entries) - 1; i >= 0; i-- {
		if e := s.entries[i]; f.Match(e.subject) {
			return Kept{e.sequence, e.at}, nil
		}
	}
	return Kept{}, nil
}
