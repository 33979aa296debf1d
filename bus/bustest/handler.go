package bustest

import (
	"context"
	"errors"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
)

// errAgain is a handler's error that may not come again.
var errAgain = errors.New("the database is away")

// futile is one that will.
func futile() error { return bus.ErrOptions.With("no such field") }

var handlerCases = []Case{
	{Name: "handler_error", Why: "a handler that fails once is never called again", test: func(c *check) {
		got := c.handle(bus.Options{}, 3, func(attempt int) error {
			if attempt < 3 {
				return errAgain
			}
			return nil
		})
		if diff := cmp.Diff([]int{1, 2, 3}, got); diff != "" {
			c.Errorf("attempts (-want +got):\n%s", diff)
		}
		if h := c.Bus.Health(c.within()); h.Errors != 2 || h.Delivered != 3 || h.Redelivered != 2 {
			c.Errorf("health %+v, want 2 errors, 3 deliveries, 2 of them again", h)
		}
	}},
	{Name: "handler_panic", Why: "one event that makes a handler panic ends the program", test: func(c *check) {
		got := c.handle(bus.Options{}, 2, func(attempt int) error {
			if attempt == 1 {
				panic("nil map")
			}
			return nil
		})
		if diff := cmp.Diff([]int{1, 2}, got); diff != "" {
			c.Errorf("attempts (-want +got):\n%s", diff)
		}
	}},
	{Name: "handler_futile", Why: "what can never succeed is tried until nobody looks any more", test: func(c *check) {
		got := c.handle(bus.Options{Name: "reader"}, 1, func(int) error { return futile() })
		if diff := cmp.Diff([]int{1}, got); diff != "" {
			c.Errorf("attempts (-want +got):\n%s", diff)
		}
		if l := c.deadLetters(10, 1)[0]; l.Reason != futile().Error() || l.Attempts != 1 {
			c.Errorf("dead letter %+v", l)
		}
	}},
	{Name: "handler_gives_up", Why: "the last error of a handler is not in the dead letter", test: func(c *check) {
		c.handle(bus.Options{Name: "reader", MaxDeliver: 2}, 2, func(int) error { return errAgain })
		if l := c.deadLetters(10, 1)[0]; l.Reason != "attempt 2 of 2: the database is away" || l.Attempts != 2 {
			c.Errorf("dead letter %+v", l)
		}
	}},
}

// handle publishes one event and serves it with h until it was called calls
// times. It returns the attempts that h saw.
func (c *check) handle(o bus.Options, calls int, h func(attempt int) error) []int {
	c.Helper()
	s := c.subscribe(facts, c.stored(o))
	c.publish(fact(7))
	ctx, cancel := context.WithTimeout(context.Background(), c.Patience)
	defer cancel()
	var got []int
	err := bus.Serve(ctx, c.Bus, s, c.stored(o), func(_ context.Context, d bus.Delivery) error {
		got = append(got, d.Attempt)
		if len(got) == calls {
			defer cancel()
		}
		return h(d.Attempt)
	})
	if !errors.Is(err, context.Canceled) {
		c.Errorf("Serve: %v after attempts %v, want the end of its context", err, got)
	}
	c.nothing(s)
	return got
}
