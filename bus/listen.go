package bus

import (
	"context"
	"errors"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// ErrNobody is returned when too few subscriptions wanted a subject in time.
// Nothing was published. Start the subscriber first, look at its filter, or wait
// for longer.
var ErrNobody = fault.New("ONEX_BUS_015_NOBODY_LISTENS", fault.Timeout, "too few subscriptions").
	Hinted("start the subscriber, check its filter, or wait longer")

// Counter is implemented by buses that know who listens.
type Counter interface {
	// CountSubscribers returns to how many live subscriptions an event on s
	// would be handed now. A group counts as one.
	CountSubscribers(ctx context.Context, s event.Subject) (int, error)
}

// firstLook and longestLook bound the pauses between two counts of those who
// listen. They double.
const (
	firstLook   = 5 * time.Millisecond
	longestLook = 500 * time.Millisecond
)

// WaitForSubscribers waits until at least n subscriptions want the subject s,
// as c counts them ([CounterOf]). When ctx ends first it returns [ErrNobody] with
// how many there were.
func WaitForSubscribers(ctx context.Context, c Counter, s event.Subject, n int) error {
	have := 0
	for pause := firstLook; ; pause = min(2*pause, longestLook) {
		now, err := c.CountSubscribers(ctx, s)
		switch {
		case err == nil && now >= n:
			return nil
		case err == nil:
			have = now
		case errors.Is(err, ErrClosed) || errors.Is(err, ErrUnsupported):
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ErrNobody.Wrap(ctx.Err(), "%s has %d, not %d", s, have, n)
		}
	}
}

// CountSubscribers implements [Counter].
func (m *Memory) CountSubscribers(_ context.Context, s event.Subject) (int, error) {
	to, err := m.route(s)
	if err != nil {
		return 0, m.meter.Failed(err)
	}
	n := len(to.queues) + len(to.groups)
	if to.Class == Durable {
		n += m.store.readers(s)
	}
	return n, nil
}

// readers returns how many positions with somebody at them want a subject.
func (s *store) readers(subject event.Subject) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.consumers {
		if c.members > 0 && c.filter.Match(subject) {
			n++
		}
	}
	return n
}

// ErrUnheard is not returned: it is what a diagnostic says, once for each
// subject, when an event was published that nobody subscribed to and no store
// keeps. Either the receiver is not there yet ([WaitForSubscribers] waits for
// it) or its filter is wrong.
var ErrUnheard = fault.New("ONEX_BUS_017_UNHEARD", fault.NotFound, "nobody listens").
	Hinted("start the subscriber first, or see with `onex bus ls` who listens to what")

// rollTime is how long a roll call waits: some round trips of a loaded network.
const rollTime = 250 * time.Millisecond

// CounterOf returns who counts the subscriptions on b: b itself where it knows,
// else a roll call of the processes that are attended ([Attend]), in which each
// member of a group counts, and foreign programs do not.
func CounterOf(b Bus) Counter {
	if c, ok := b.(Counter); ok {
		return c
	}
	return rollCaller{b}
}

type rollCaller struct{ bus Bus }

// CountSubscribers implements [Counter].
func (r rollCaller) CountSubscribers(ctx context.Context, s event.Subject) (int, error) {
	all, err := RollCall(ctx, r.bus, s, rollTime, nil)
	n := 0
	for _, p := range all {
		n += p.Subscribers
	}
	return n, err
}
