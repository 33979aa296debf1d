package bus

import (
	"context"
	"slices"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// ErrNoLetter is returned when a dead letter is named that is not there: it was
// redriven already, was the oldest of too many, or never was. "onex bus dead ls"
// lists those that are kept.
var ErrNoLetter = fault.New("ONEX_BUS_014_NO_DEAD_LETTER", fault.NotFound, "no such dead letter").
	Hinted("list those that are kept with `onex bus dead ls`")

// Redriver is implemented by buses whose dead letters can have another life.
type Redriver interface {
	// Redrive stores the event of the dead letter with this number once more,
	// as it was, under its ID and correlation, and removes the letter. Every
	// durable subscription that wants the subject gets the event, also those
	// that handled it before: they know it by its ID. A letter that is not
	// there is [ErrNoLetter]. When an error leaves open whether the event was
	// stored, the letter stays, and redriving it again stores nothing twice.
	Redrive(ctx context.Context, number uint64) (Receipt, error)
}

// Redrive implements [Redriver].
func (m *Memory) Redrive(ctx context.Context, number uint64) (Receipt, error) {
	letter, sequence, err := m.store.redrive(number)
	if err != nil {
		return Receipt{}, m.meter.Failed(err)
	}
	to, err := m.route(letter.Subject)
	if err != nil {
		return Receipt{}, m.meter.Failed(err)
	}
	r := Receipt{Class: Durable, Sequence: sequence}
	d := Delivery{Subject: letter.Subject, Event: letter.Event, Attempt: 1, Class: Ephemeral}
	r.Subscribers, err = to.deliver(ctx, d)
	return r, m.meter.Failed(err)
}

// redrive stores the event of a dead letter again.
func (s *store) redrive(number uint64) (DeadLetter, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return DeadLetter{}, 0, ErrClosed
	}
	i := slices.IndexFunc(s.dead, func(l DeadLetter) bool { return l.Number == number })
	if i < 0 {
		return DeadLetter{}, 0, ErrNoLetter.With("number %d", number)
	}
	letter := s.dead[i]
	size, err := letterSize(letter)
	if err != nil {
		return DeadLetter{}, 0, err
	}
	s.dead = slices.Delete(s.dead, i, i+1)
	return letter, s.append(letter.Subject, letter.Event, size), nil
}

func letterSize(l DeadLetter) (int, error) {
	text, err := event.Encode(l.Event)
	return len(text), err
}
