package bustest

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
)

var lifecycleCases = []Case{
	{Name: "close_wakes_next", Why: "a node that waits for events never ends", test: func(c *check) {
		c.closeWakes("subscription", func(s bus.Subscription) error { return s.Close() })
		c.closeWakes("bus", func(bus.Subscription) error { return c.Bus.Close(c.within()) })
	}},
	{Name: "close_twice", Why: "a clean-up that runs twice panics or hangs", test: func(c *check) {
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
	{Name: "closed", Why: "use after Close is not told from a failure", test: func(c *check) {
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
	{Name: "close_while_publishing", Why: "shutting down under load panics or deadlocks", test: func(c *check) {
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
	{Name: "queue_outlives_close", Why: "what had arrived is thrown away at shutdown without a count", test: func(c *check) {
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
	{Name: "context", Why: "a caller that gave up is kept waiting, or costs an event", test: func(c *check) {
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
	{Name: "close_delivers", Why: "the last words of a program that ends are never heard", test: func(c *check) {
		other := c.other()
		s := c.subscribeOn(other, notes, nil)
		for n := range 100 {
			c.publish(note(n))
		}
		if err := c.Bus.Close(c.within()); err != nil {
			c.Error(err)
		}
		if diff := cmp.Diff(count(100), c.numbers(s, 100)); diff != "" {
			c.Errorf("(-published +delivered):\n%s", diff)
		}
	}},
	{Name: "close_ends_one", Why: "who leaves takes the others along", test: func(c *check) {
		a, b := c.subscribe(notes, nil), c.subscribe(notes, nil)
		c.publish(note(0))
		c.next(a)
		a.Close()
		c.publish(note(1))
		if diff := cmp.Diff(count(2), c.numbers(b, 2)); diff != "" {
			c.Errorf("the one that stayed (-published +delivered):\n%s", diff)
		}
		if _, err := a.Next(c.within()); !errors.Is(err, bus.ErrClosed) {
			c.Errorf("Next of the closed one: %v", err)
		}
		c.dropped(a, bus.Drops{})
		if h := c.Bus.Health(c.within()); h.Subscribers != 1 {
			c.Errorf("health says %d subscribers, want 1", h.Subscribers)
		}
	}},
	{Name: "close_ends_one_bus", Why: "a process that ends takes the others along", test: func(c *check) {
		other := c.other()
		s := c.subscribe(notes, nil)
		c.subscribeOn(other, notes, nil)
		c.publishOn(other, "test_note.other", note(0))
		if err := other.Close(c.within()); err != nil {
			c.Error(err)
		}
		c.publish(note(1))
		if diff := cmp.Diff(count(2), c.numbers(s, 2)); diff != "" {
			c.Errorf("the one that stayed (-published +delivered):\n%s", diff)
		}
	}},
	{Name: "close_while_subscribing", Why: "shutting down while a node starts panics, deadlocks or leaks", test: func(c *check) {
		var wg sync.WaitGroup
		started := make(chan struct{}, 4)
		for range 4 {
			wg.Go(func() {
				for n := 0; ; n++ {
					s, err := c.Bus.Subscribe(c.within(), notes, nil)
					if err != nil {
						if !errors.Is(err, bus.ErrClosed) && !errors.Is(err, bus.ErrUnavailable) {
							c.Errorf("subscribing while closing: %v", err)
						}
						return
					}
					if n == 0 {
						started <- struct{}{}
					}
					s.Close()
				}
			})
		}
		for range 4 {
			select {
			case <-started:
			case <-c.within().Done():
				c.Fatal("nobody can subscribe")
			}
		}
		if err := c.Bus.Close(c.within()); err != nil {
			c.Error(err)
		}
		wg.Wait()
	}},
	{Name: "impatient_reader", Why: "a reader that looks at the clock between events loses some", test: func(c *check) {
		const n = 200
		s := c.subscribe(notes, nil)
		var writer sync.WaitGroup
		writer.Go(func() {
			for i := range n {
				c.publish(note(i))
				pause()
			}
		})
		defer writer.Wait()
		var got []int
		for patience := c.within(); len(got) < n && patience.Err() == nil; {
			ctx, cancel := context.WithTimeout(patience, 50*time.Microsecond)
			if d, err := s.Next(ctx); err == nil {
				got = append(got, c.number(d.Event))
			}
			cancel()
		}
		if diff := cmp.Diff(count(n), got); diff != "" {
			c.Errorf("(-published +delivered):\n%s", diff)
		}
	}},
	{Name: "several_readers", Why: "workers that share one subscription do the same work, or sleep while there is some", test: func(c *check) {
		const n = 200
		s := c.subscribe(notes, nil)
		got := make(chan int, 2*n)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for d, err := s.Next(c.within()); err == nil; d, err = s.Next(c.within()) {
					got <- c.number(d.Event)
				}
			})
		}
		for i := range n {
			c.publish(note(i))
		}
		for ctx := c.within(); ctx.Err() == nil && len(got) < n; {
			pause()
		}
		s.Close()
		wg.Wait()
		close(got)
		all := slices.Sorted(func(yield func(int) bool) {
			for i := range got {
				if !yield(i) {
					return
				}
			}
		})
		if diff := cmp.Diff(count(n), all); diff != "" {
			c.Errorf("each once (-want +got):\n%s", diff)
		}
	}},
	{Name: "no_descriptor_left", Why: "a program that opens and closes buses runs out of files", test: func(c *check) {
		if c.Connect == nil || descriptors() == 0 {
			c.Skip("nothing to count")
		}
		c.useOnce() // what is behind the bus may open what it then keeps
		before := descriptors()
		for range 5 {
			c.useOnce()
		}
		for ctx := c.within(); descriptors() > before; pause() {
			if ctx.Err() != nil {
				c.Fatalf("%d descriptors before, %d after", before, descriptors())
			}
		}
	}},
	{Name: "no_goroutine_left", Why: "a program that opens and closes buses grows without end", test: func(c *check) {
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

// descriptors returns how many files the process has open, where that can be known.
func descriptors() int {
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(all)
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
