package bus

import (
	"context"
	"time"

	"github.com/omninode-ai/onex/event"
)

// A Delivery is one event on its way to one subscription.
//
// The methods speak of durable deliveries; calling one twice, or late, after the
// event went to somebody else, is harmless. An ephemeral delivery needs no
// acknowledgement: Ack, Term and InProgress do nothing, and Nack returns
// [ErrUnsupported], because nobody can send it again.
type Delivery struct {
	Subject  event.Subject
	Event    event.Event
	Sequence uint64 // in the store; 0 for ephemeral
	Attempt  int    // 1 for the first
	Class    Class  // of the subscription

	acker Acker
}

// An Acker settles one durable delivery. Backends implement it.
type Acker interface {
	// Ack says that the event has been dealt with. It may return before that is
	// recorded: an acknowledgement that gets lost makes a duplicate, no more.
	Ack(ctx context.Context) error

	// Nack asks for another attempt after a time; zero means the
	// subscription's Backoff. After the last attempt it makes a dead letter.
	Nack(ctx context.Context, after time.Duration) error

	// Term makes the event a dead letter now, with a reason.
	Term(ctx context.Context, reason string) error

	// InProgress begins the AckWait anew.
	InProgress(ctx context.Context) error
}

// NewDelivery returns a durable delivery that a settles. It is meant for
// backends; an ephemeral delivery is a Delivery value without acker.
func NewDelivery(s event.Subject, e event.Event, sequence uint64, attempt int, a Acker) Delivery {
	return Delivery{Subject: s, Event: e, Sequence: sequence, Attempt: attempt, Class: Durable, acker: a}
}

// Ack says that the event has been dealt with and need not come again. It still
// may, when the connection or the process ends before that is recorded.
func (d Delivery) Ack(ctx context.Context) error {
	if d.acker == nil {
		return nil
	}
	return d.acker.Ack(ctx)
}

// Nack asks for another attempt, after the given time or, when that is zero,
// as the subscription's Backoff says. The attempt that was the last makes a
// dead letter instead.
func (d Delivery) Nack(ctx context.Context, after time.Duration) error {
	if d.acker == nil {
		return ErrUnsupported.With("an ephemeral event cannot come again")
	}
	return d.acker.Nack(ctx, after)
}

// Term gives the event up: it becomes a dead letter with this reason.
func (d Delivery) Term(ctx context.Context, reason string) error {
	if d.acker == nil {
		return nil
	}
	return d.acker.Term(ctx, reason)
}

// InProgress says that the event is still being worked on and begins its
// AckWait anew.
func (d Delivery) InProgress(ctx context.Context) error {
	if d.acker == nil {
		return nil
	}
	return d.acker.InProgress(ctx)
}
