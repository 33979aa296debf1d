package bustest

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
)

var lifecycleCases = []Case{
	{"close_wakes_next", "a node that waits for events never ends", func(c *check) {
		c.closeWakes("subscription", func(s bus.Subscription) error { return s.Close() })
		c.closeWakes("bus", func(bus.Subscription) error { return c.Bus.Close(c.within()) })
	}},
	{"close_twice", "a clean-up that runs twice panics or hangs", func(c *check) {
		s := c.subscribe(notes, nil)
		for range 2 {
			if err := s.Close(); err != nil {
				c.Errorf("closing the subscription: %v", err)
			}
		}
		for range 2 {
			if err := c.Bus.Close(c.within()); err != nil {
				c.Errorf("closing the bus: %v", err)
			}
		}
	}},
	{"closed", "use after Close is not told from a failure", func(c *check) {
		s := c.subscribe(notes, nil)
		if err := c.Bus.Close(c.within()); err != nil {
			c.Fatal(err)
		}
		_, publishErr := c.Bus.Publish(c.within(), "test_note.tester", note(0))
		_, subscribeErr := c.Bus.Subscribe(c.within(), notes, nil)
		_, nextErr := s.Next(c.within())
		for call, err := range map[string]error{"Publish": publishErr, "Subscribe": subscribeErr, "Next": nextErr} {
			if !errors.Is(err, bus.ErrClosed) {
				c.Errorf("%s after Close: %v", call, err)
			}
		}
	}},
	{"close_while_publishing", "shutting down under load panics or deadlocks", func(c *check) {
		s := c.subscribe(notes, nil)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					if _, err := c.Bus.Publish(c.within(), "test_note.tester", note(0)); err != nil {
						if !errors.Is(err, bus.ErrClosed) && !errors.Is(err, bus.ErrUnavailable) {
							c.Errorf("publishing while closing: %v", err)
						}
						return
					}
				}
			})
		}
		c.next(s)
		if err := c.Bus.Close(c.within()); err != nil {
			c.Error(err)
		}
		wg.Wait()
	}},
	{"queue_outlives_close", "what had arrived is thrown away at shutdown without a count", func(c *check) {
		s := c.subscribe(notes, nil)
		c.publish(note(0), note(1))
		c.settle(s, 2)
		s.Close()
		if got := c.numbers(s, 2); got[0] != 0 || got[1] != 1 {
			c.Errorf("after Close: %v", got)
		}
		if _, err := s.Next(c.within()); !errors.Is(err, bus.ErrClosed) {
			c.Errorf("Next on the empty queue: %v", err)
		}
	}},
	{"context", "a caller that gave up is kept waiting, or costs an event", func(c *check) {
		s := c.subscribe(notes, nil)
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_, nextErr := s.Next(ended)
		_, publishErr := c.Bus.Publish(ended, "test_note.tester", note(0))
		_, subscribeErr := c.Bus.Subscribe(ended, notes, nil)
		for call, err := range map[string]error{"Next": nextErr, "Publish": publishErr, "Subscribe": subscribeErr} {
			if !errors.Is(err, context.Canceled) {
				c.Errorf("%s with an ended context: %v", call, err)
			}
		}
		c.publish(note(1))
		if got := c.number(c.next(s).Event); got != 1 {
			c.Errorf("event %d was delivered first, want 1", got)
		}
	}},
	{"no_goroutine_left", "a program that opens and closes buses grows without end", func(c *check) {
		if c.Connect == nil {
			c.Bus.Close(c.within())
			return
		}
		c.useOnce() // what is behind the bus may start what it then keeps
		before := goleak.IgnoreCurrent()
		for range 5 {
			c.useOnce()
		}
		// The other side, which may live in this process, learns of an end in its
		// own time; Find itself waits half a second.
		patience := c.within()
		err := goleak.Find(before)
		for err != nil && patience.Err() == nil {
			err = goleak.Find(before)
		}
		if err != nil {
			c.Error(err)
		}
	}},
}

// useOnce opens a bus, uses everything, and closes it.
func (c *check) useOnce() {
	c.Helper()
	b := c.Connect()
	for _, class := range b.Classes() {
		c.subscribeOn(b, facts, &bus.Options{Class: class})
	}
	c.publishOn(b, "node_start.tester", fact(0))
	caller, err := bus.NewCaller(c.within(), b, "caller-1")
	if err != nil {
		c.Fatal(err)
	}
	if err := b.Close(c.within()); err != nil {
		c.Error(err)
	}
	if err := caller.Close(); err != nil {
		c.Error(err)
	}
}

// closeWakes fails unless end makes a waiting Next return ErrClosed.
func (c *check) closeWakes(what string, end func(bus.Subscription) error) {
	c.Helper()
	s := c.subscribe(notes, nil)
	woken := make(chan error, 1)
	go func() {
		_, err := s.Next(context.Background())
		woken <- err
	}()
	if err := end(s); err != nil {
		c.Errorf("closing the %s: %v", what, err)
	}
	select {
	case err := <-woken:
		if !errors.Is(err, bus.ErrClosed) {
			c.Errorf("Next after closing the %s: %v", what, err)
		}
	case <-time.After(c.Patience):
		c.Errorf("Next still waits after closing the %s", what)
	}
}

// settle waits until at least n events have reached the queues of the bus.
func (c *check) settle(s bus.Subscription, n int) {
	c.Helper()
	ctx := c.within()
	for ctx.Err() == nil {
		if c.Bus.Health(ctx).QueueDepth+int(s.Dropped().Total()) >= n {
			return
		}
		pause()
	}
	c.Fatalf("%d deliveries waiting and %v dropped, want %d in all", c.Bus.Health(ctx).QueueDepth, s.Dropped(), n)
}

// pause gives way while polling for what has no event of its own.
func pause() { time.Sleep(time.Millisecond) }
