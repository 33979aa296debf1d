package bustest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
)

var pressureCases = []Case{
	{Name: "drop_oldest", Why: "a slow subscriber grows without bound, or loses events without a count", test: func(c *check) {
		s := c.subscribe(notes, &bus.Options{Queue: 10})
		for n := range 25 {
			c.publish(note(n))
		}
		c.settle(s, 25)
		if diff := cmp.Diff(count(25)[15:], c.numbers(s, 10)); diff != "" {
			c.Errorf("kept (-want +got):\n%s", diff)
		}
		c.dropped(s, bus.Drops{bus.DroppedOldest: 15})
	}},
	{Name: "drop_newest", Why: "the policy that was chosen is not the policy that is used", test: func(c *check) {
		s := c.subscribe(notes, &bus.Options{Queue: 10, Policy: bus.DropNewest})
		for n := range 25 {
			c.publish(note(n))
		}
		c.settle(s, 25)
		if diff := cmp.Diff(count(10), c.numbers(s, 10)); diff != "" {
			c.Errorf("kept (-want +got):\n%s", diff)
		}
		c.dropped(s, bus.Drops{bus.DroppedNewest: 15})
	}},
	{Name: "block", Why: "a subscriber that was promised every event loses some", test: func(c *check) {
		s := c.blocked()
		if s == nil {
			return // honest
		}
		defer s.Close()
		c.numbers(s, 1)
		c.publish(note(2))
		if got := c.number(c.next(s).Event); got != 2 {
			c.Errorf("event %d, want 2", got)
		}
		c.dropped(s, bus.Drops{bus.DroppedBlocked: 1})
	}},
	{Name: "block_loses_nothing", Why: "a publisher that is faster than a reader who must have everything outruns it", test: func(c *check) {
		s, err := c.Bus.Subscribe(c.within(), notes, &bus.Options{Queue: 3, Policy: bus.Block})
		if errors.Is(err, bus.ErrUnsupported) {
			return // honest
		}
		if err != nil {
			c.Fatal(err)
		}
		defer s.Close()
		const n = 200
		var writer sync.WaitGroup
		defer writer.Wait()
		writer.Go(func() {
			for i := range n {
				if _, err := c.Bus.Publish(c.within(), "test_note.tester", note(i)); err != nil {
					c.Errorf("publishing event %d: %v", i, err)
					return
				}
			}
		})
		if diff := cmp.Diff(count(n), c.numbers(s, n)); diff != "" {
			c.Errorf("(-published +delivered):\n%s", diff)
		}
		c.dropped(s, bus.Drops{})
	}},
	{Name: "block_ends_with_its_reader", Why: "a publisher waits for ever for a reader that has gone", test: func(c *check) {
		s, err := c.Bus.Subscribe(c.within(), notes, &bus.Options{Queue: 1, Policy: bus.Block})
		if errors.Is(err, bus.ErrUnsupported) {
			return // honest
		}
		if err != nil {
			c.Fatal(err)
		}
		c.publish(note(0))
		done := make(chan error, 1)
		ctx := c.within()
		go func() {
			_, err := c.Bus.Publish(ctx, "test_note.tester", note(1))
			done <- err
		}()
		s.Close()
		if err := <-done; err != nil {
			c.Errorf("the publisher was not let go: %v", err)
		}
	}},
	{Name: "slow_subscriber", Why: "one stuck subscriber stops all the others", test: func(c *check) {
		stuck, fast := c.subscribe(notes, &bus.Options{Queue: 1}), c.subscribe(notes, nil)
		for n := range 500 {
			c.publish(note(n))
			if got := c.number(c.next(fast).Event); got != n {
				c.Fatalf("event %d, want %d", got, n)
			}
		}
		c.settle(stuck, 500)
		c.dropped(stuck, bus.Drops{bus.DroppedOldest: 499})
		c.dropped(fast, bus.Drops{})
	}},
	{Name: "accounted", Why: "events disappear between the counters", test: func(c *check) {
		const publishers, each = 4, 250
		s := c.subscribe(notes, &bus.Options{Queue: 50})
		var delivered atomic.Uint64
		var reader, writers sync.WaitGroup
		reader.Go(func() {
			for {
				if _, err := s.Next(context.Background()); err != nil {
					return
				}
				delivered.Add(1)
			}
		})
		for range publishers {
			writers.Go(func() {
				for n := range each {
					c.publish(note(n))
				}
			})
		}
		writers.Wait()
		for ctx := c.within(); ctx.Err() == nil && delivered.Load()+s.Dropped().Total() < publishers*each; {
			pause()
		}
		s.Close()
		reader.Wait()
		if got := delivered.Load() + s.Dropped().Total(); got != publishers*each {
			c.Errorf("%d delivered + %v dropped = %d, published %d", delivered.Load(), s.Dropped(), got, publishers*each)
		}
	}},
	{Name: "health", Why: "an operator is told numbers that are not true", test: func(c *check) {
		s := c.subscribe(notes, &bus.Options{Queue: 2})
		last := note(4)
		c.publish(note(0), note(1), note(2), note(3), last)
		c.settle(s, 5)
		c.numbers(s, 1)
		if _, err := c.Bus.Publish(c.within(), "test_note", note(0)); err == nil {
			c.Error("a malformed subject is accepted")
		}
		h := c.Bus.Health(c.within())
		if h.Backend == "" || !h.Connected {
			c.Errorf("backend %q, connected %t", h.Backend, h.Connected)
		}
		h.Backend, h.Detail = "", ""
		want := bus.Health{
			Connected: true, Events: 5, Delivered: 1, Errors: 1, Drops: bus.Drops{bus.DroppedOldest: 3},
			LastEvent: last.Time, Subscribers: 1, QueueDepth: 1,
		}
		if diff := cmp.Diff(want, h); diff != "" {
			c.Errorf("health (-want +got):\n%s", diff)
		}
	}},
	{Name: "unsupported", Why: "a guarantee that was asked for is silently replaced by a weaker one", test: func(c *check) {
		for _, tt := range []struct {
			o    bus.Options
			want fault.Class
		}{
			{bus.Options{Start: bus.StartAll}, fault.Unsupported},
			{bus.Options{Name: "n"}, fault.Unsupported},
			{bus.Options{Class: "sometimes"}, fault.Invalid},
			{bus.Options{Policy: "hope"}, fault.Invalid},
			{bus.Options{Queue: -1}, fault.Invalid},
			{bus.Options{Queue: bus.MaxQueue + 1}, fault.Invalid},
			{bus.Options{Group: "a b"}, fault.Invalid},
			{bus.Options{Class: bus.Durable, Policy: bus.DropNewest}, fault.Unsupported},
		} {
			s, err := c.Bus.Subscribe(c.within(), facts, &tt.o)
			if got := fault.ClassOf(err); got != tt.want {
				c.Errorf("%+v: %v, want an error of class %s", tt.o, err, tt.want)
			}
			if s != nil {
				s.Close()
			}
		}
		for _, class := range []bus.Class{bus.Durable, bus.Retained} {
			if bus.Has(c.Bus, class) {
				continue
			}
			if _, err := c.Bus.Subscribe(c.within(), facts, &bus.Options{Class: class}); !errors.Is(err, bus.ErrUnsupported) {
				c.Errorf("a subscription of class %s: %v", class, err)
			}
		}
		if bus.Has(c.Bus, bus.Durable) {
			return
		}
		if r := c.publishOn(c.Bus, "node_start.tester", fact(1)); r.Class != bus.Ephemeral {
			c.Errorf("the receipt claims class %s", r.Class)
		}
	}},
}

func (c *check) dropped(s bus.Subscription, want bus.Drops) {
	c.Helper()
	if diff := cmp.Diff(want, s.Dropped()); diff != "" {
		c.Errorf("drops (-want +got):\n%s", diff)
	}
}

// blocked returns a subscription that blocks publishers, with one event in its queue,
// which is full; nil on a bus that has none such.
func (c *check) blocked() bus.Subscription {
	s, err := c.Bus.Subscribe(c.within(), notes, &bus.Options{Queue: 1, Policy: bus.Block})
	if errors.Is(err, bus.ErrUnsupported) {
		return nil
	}
	if err != nil {
		c.Fatal(err)
	}
	c.publish(note(0))
	ctx, cancel := context.WithTimeout(context.Background(), quiet)
	defer cancel()
	if _, err := c.Bus.Publish(ctx, "test_note.tester", note(1)); !errors.Is(err, bus.ErrQueueFull) {
		c.Errorf("publishing to a full queue: %v", err)
	}
	return s
}
