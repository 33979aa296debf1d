package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// A Handler deals with one delivery. It may see an event more than once and is
// idempotent by the event's ID.
type Handler func(ctx context.Context, d Delivery) error

// Handle subscribes and calls h with one delivery after the other until ctx
// ends or the bus closes, and returns ctx's error or [ErrClosed]. The
// subscription is closed when it returns. To know that the subscription is live
// before going on, call Subscribe and then [Serve].
func Handle(ctx context.Context, b Bus, f event.Filter, o *Options, h Handler) error {
	sub, err := b.Subscribe(ctx, f, o)
	if err != nil {
		return err
	}
	defer sub.Close()
	return Serve(ctx, b, sub, o, h)
}

// Serve is [Handle] for a subscription of b that was made with o.
//
// A delivery is settled by h's result: acknowledged when it is nil; given up
// when its class says that trying again is futile (invalid, unsupported,
// corrupt) or the attempt was the last, with the error as the reason; else tried
// again after the subscription's Backoff. A panic in h is an error like any
// other. Failures are counted in the bus's Health.
func Serve(ctx context.Context, b Bus, sub Subscription, o *Options, h Handler) error {
	opts, err := o.Complete()
	if err != nil {
		return err
	}
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		err = call(ctx, h, d)
		if counter, ok := b.(interface{ HandlerFailed(error) }); ok && err != nil {
			counter.HandlerFailed(err)
		}
		// A settlement that fails is as if it were never tried: the event
		// comes again, which handlers expect.
		_ = settle(ctx, d, opts.MaxDeliver, err)
	}
}

func call(ctx context.Context, h Handler, d Delivery) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = ErrHandler.With("%s %s: %v", d.Subject, d.Event.ID, r)
		}
	}()
	return h(ctx, d)
}

func settle(ctx context.Context, d Delivery, maxDeliver int, err error) error {
	ctx = context.WithoutCancel(ctx) // what was done is recorded, even if we stop now
	switch {
	case d.Class == Ephemeral:
		return nil
	case err == nil:
		return d.Ack(ctx)
	case errors.Is(err, context.Canceled):
		return d.Nack(ctx, 0)
	case futile(err):
		return d.Term(ctx, err.Error())
	case d.Attempt >= maxDeliver:
		return d.Term(ctx, fmt.Sprintf("attempt %d of %d: %v", d.Attempt, maxDeliver, err))
	}
	return d.Nack(ctx, 0)
}

func futile(err error) bool {
	switch fault.ClassOf(err) {
	case fault.Invalid, fault.Unsupported, fault.Corrupt:
		return true
	}
	return false
}
