package bustest

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// shortWait is an AckWait that a test can wait for and a busy machine keeps.
const shortWait = 500 * time.Millisecond

var storedCases = []Case{
	{Name: "stored", Why: "an event that was acknowledged to its publisher is lost", test: func(c *check) {
		first := c.publishOn(c.Bus, "node_start.tester", fact(0))
		second := c.publishOn(c.Bus, "node_start.tester", fact(1))
		want := bus.Durable
		if c.class == bus.Retained {
			want = bus.Ephemeral // it ends with a process: nobody shall rely on more
		}
		if first.Class != want || first.Sequence == 0 || second.Sequence <= first.Sequence {
			c.Errorf("receipts %+v, %+v", first, second)
		}
		s := c.subscribe(facts, c.stored(bus.Options{Start: bus.StartAll}))
		d := c.next(s)
		if d.Sequence != first.Sequence || d.Attempt != 1 || d.Class != c.class || d.Subject != "node_start.tester" {
			c.Errorf("delivery %+v", d)
		}
		c.ack(d)
		if got := c.numbers(s, 1); got[0] != 1 {
			c.Errorf("second event %v", got)
		}
		c.nothing(s)
	}},
	{Name: "stored_order", Why: "whoever rebuilds state from the store gets another state", test: func(c *check) {
		const n = 300
		s := c.subscribe(facts, c.stored(bus.Options{Queue: 7}))
		for i := range n {
			c.publish(fact(i))
		}
		if diff := cmp.Diff(count(n), c.numbers(s, n)); diff != "" {
			c.Errorf("order (-published +delivered):\n%s", diff)
		}
		c.nothing(s)
	}},
	{Name: "stored_fan_out", Why: "what one reader acknowledges is taken away from another", test: func(c *check) {
		a, b := c.subscribe(facts, c.stored(bus.Options{})), c.subscribe(facts, c.stored(bus.Options{}))
		c.publish(fact(0), fact(1))
		for _, s := range []bus.Subscription{a, b} {
			if diff := cmp.Diff(count(2), c.numbers(s, 2)); diff != "" {
				c.Errorf("(-published +delivered):\n%s", diff)
			}
			c.nothing(s)
		}
	}},
	{Name: "stored_concurrently", Why: "publishers that write at once overwrite each other", test: func(c *check) {
		const publishers, each = 8, 25
		s := c.subscribe(facts, c.stored(bus.Options{}))
		sequences := make(chan uint64, publishers*each)
		var wg sync.WaitGroup
		for p := range publishers {
			wg.Go(func() {
				for n := range each {
					sequences <- c.publishOn(c.Bus, "node_start.tester", fact(p*each+n)).Sequence
				}
			})
		}
		wg.Wait()
		close(sequences)
		seen := map[uint64]bool{}
		for q := range sequences {
			if seen[q] {
				c.Errorf("sequence %d is given twice", q)
			}
			seen[q] = true
		}
		got := c.numbers(s, publishers*each)
		slices.Sort(got)
		if diff := cmp.Diff(count(publishers*each), got); diff != "" {
			c.Errorf("each once (-want +got):\n%s", diff)
		}
		c.nothing(s)
	}},
	{Name: "stored_slow_reader", Why: "a reader that falls behind loses what is in the store", test: func(c *check) {
		const n = 500
		s := c.subscribe(facts, c.stored(bus.Options{Queue: 3}))
		for i := range n {
			c.publish(fact(i))
		}
		if diff := cmp.Diff(count(n), c.numbers(s, n)); diff != "" {
			c.Errorf("(-published +delivered):\n%s", diff)
		}
		c.dropped(s, bus.Drops{})
	}},
	{Name: "bounded_pending", Why: "a reader that never acknowledges is given the whole store", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{Queue: 3}))
		for i := range 10 {
			c.publish(fact(i))
		}
		var open []bus.Delivery
		for range 3 {
			open = append(open, c.next(s))
		}
		c.nothing(s)
		c.ack(open[0])
		if got := c.number(c.next(s).Event); got != 3 {
			c.Errorf("after an acknowledgement event %d, want 3", got)
		}
	}},
	{Name: "directed_is_ephemeral", Why: "answers to one caller fill the store for everybody", test: func(c *check) {
		s := c.subscribe(event.AllEvents, c.stored(bus.Options{}))
		r := c.publishOn(c.Bus, event.Subject("node_start.tester").To("r1"), fact(0))
		if r.Class != bus.Ephemeral || r.Sequence != 0 {
			c.Errorf("receipt %+v", r)
		}
		c.nothing(s)
	}},
	{Name: "duplicate", Why: "a publisher that retries makes everybody do the work twice", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{}))
		e := fact(1)
		first, again := c.publishOn(c.Bus, subjectOf(e), e), c.publishOn(c.Bus, subjectOf(e), e)
		if first.Duplicate || !again.Duplicate || again.Sequence != first.Sequence {
			c.Errorf("receipts %+v, %+v", first, again)
		}
		c.numbers(s, 1)
		c.nothing(s)
	}},
	{Name: "duplicate_of_another", Why: "a publisher that retries over a new connection is not recognised", test: func(c *check) {
		other := c.other()
		s := c.subscribe(facts, c.stored(bus.Options{}))
		e := fact(1)
		first, again := c.publishOn(c.Bus, subjectOf(e), e), c.publishOn(other, subjectOf(e), e)
		if !again.Duplicate || again.Sequence != first.Sequence {
			c.Errorf("receipts %+v, %+v", first, again)
		}
		c.numbers(s, 1)
		c.nothing(s)
	}},
	{Name: "nack", Why: "an event whose handler failed once is never handled", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{Backoff: []time.Duration{time.Millisecond}}))
		c.publish(fact(7))
		d := c.next(s)
		c.nack(d, 0)
		again := c.next(s)
		if again.Attempt != 2 || again.Event.ID != d.Event.ID || again.Sequence != d.Sequence {
			c.Errorf("second delivery: attempt %d of %s", again.Attempt, again.Event.ID)
		}
	}},
	{Name: "nack_after", Why: "a handler that asked for time is called again at once", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{}))
		c.publish(fact(7))
		began := time.Now()
		c.nack(c.next(s), shortWait)
		if d := c.next(s); d.Attempt != 2 || time.Since(began) < shortWait*9/10 {
			c.Errorf("attempt %d after %v, asked for %v", d.Attempt, time.Since(began), shortWait)
		}
	}},
	{Name: "nack_holds_up_nobody", Why: "one event that must wait stops all that come after it", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{}))
		c.publish(fact(7))
		c.nack(c.next(s), c.Patience)
		c.publish(fact(8))
		if d := c.next(s); c.number(d.Event) != 8 {
			c.Errorf("event %d, attempt %d; want 8", c.number(d.Event), d.Attempt)
		}
	}},
	{Name: "backoff", Why: "an event that fails is tried in a hot loop", test: func(c *check) {
		waits := []time.Duration{shortWait / 5, shortWait / 2}
		s := c.subscribe(facts, c.stored(bus.Options{Backoff: waits}))
		c.publish(fact(7))
		d := c.next(s)
		for _, want := range append(waits, waits[1]) { // the last repeats
			began := time.Now()
			c.nack(d, 0)
			d = c.next(s)
			if got := time.Since(began); got < want*9/10 {
				c.Errorf("attempt %d after %v, want at least %v", d.Attempt, got, want)
			}
		}
	}},
	{Name: "ack_wait", Why: "an event is lost with the process that handled it", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{AckWait: shortWait}))
		c.publish(fact(7))
		first := c.next(s)
		again := c.next(s)
		if again.Attempt != 2 || again.Event.ID != first.Event.ID {
			c.Errorf("attempt %d of %s", again.Attempt, again.Event.ID)
		}
	}},
	{Name: "late_ack", Why: "an acknowledgement that comes late, or twice, breaks something", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{AckWait: shortWait}))
		c.publish(fact(7))
		first := c.next(s)
		again := c.next(s)
		for _, d := range []bus.Delivery{first, again, again} {
			c.ack(d)
		}
		c.nack(again, 0) // of what is settled
		c.publish(fact(8))
		if got := c.numbers(s, 1); got[0] != 8 {
			c.Errorf("event %v, want 8", got)
		}
	}},
	{Name: "in_progress", Why: "long work is started again while it is under way", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{AckWait: shortWait}))
		c.publish(fact(7))
		d := c.next(s)
		began := time.Now()
		for time.Since(began) < 2*shortWait {
			if err := d.InProgress(c.within()); err != nil {
				c.Fatal(err)
			}
			c.nothing(s)
		}
		c.ack(d)
		c.nothing(s)
	}},
	{Name: "seen_live", Why: "a monitor sees each redelivery as if it were new", test: func(c *check) {
		live, s := c.subscribe(facts, nil), c.subscribe(facts, c.stored(bus.Options{}))
		c.publish(fact(7))
		c.nack(c.next(s), 0)
		c.ack(c.next(s))
		d := c.next(live)
		if d.Class != bus.Ephemeral || d.Attempt != 1 {
			c.Errorf("the live delivery is of class %s, attempt %d", d.Class, d.Attempt)
		}
		if err := errors.Join(d.Ack(c.within()), d.InProgress(c.within()), d.Term(c.within(), "none")); err != nil {
			c.Errorf("settling what needs no settling: %v", err)
		}
		if err := d.Nack(c.within(), 0); !errors.Is(err, bus.ErrUnsupported) {
			c.Errorf("asking for a live event again: %v", err)
		}
		c.nothing(live)
	}},
}

func (c *check) nack(d bus.Delivery, after time.Duration) {
	c.Helper()
	if err := d.Nack(c.within(), after); err != nil {
		c.Fatalf("refusing: %v", err)
	}
}
