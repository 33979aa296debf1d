package bustest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// shortWait is an AckWait that a test can wait for and a busy machine keeps.
const shortWait = 500 * time.Millisecond

var durableCases = []Case{
	{"stored", "an event that was acknowledged to its publisher is lost", func(c *check) {
		c.needs(bus.Durable)
		first := c.publishOn(c.Bus, "node_start.tester", fact(0))
		second := c.publishOn(c.Bus, "node_start.tester", fact(1))
		if first.Class != bus.Durable || first.Sequence == 0 || second.Sequence <= first.Sequence {
			c.Errorf("receipts %+v, %+v", first, second)
		}
		s := c.subscribe(facts, &bus.Options{Class: bus.Durable, Start: bus.StartAll})
		d := c.next(s)
		if d.Sequence != first.Sequence || d.Attempt != 1 || d.Class != bus.Durable || d.Subject != "node_start.tester" {
			c.Errorf("delivery %+v", d)
		}
		c.ack(d)
		if got := c.numbers(s, 1); got[0] != 1 {
			c.Errorf("second event %v", got)
		}
		c.nothing(s)
	}},
	{"directed_is_ephemeral", "answers to one caller fill the store for everybody", func(c *check) {
		c.needs(bus.Durable)
		s := c.subscribe(event.AllEvents, &bus.Options{Class: bus.Durable})
		r := c.publishOn(c.Bus, event.Subject("node_start.tester").To("r1"), fact(0))
		if r.Class != bus.Ephemeral || r.Sequence != 0 {
			c.Errorf("receipt %+v", r)
		}
		c.nothing(s)
	}},
	{"duplicate", "a publisher that retries makes everybody do the work twice", func(c *check) {
		c.needs(bus.Durable)
		s := c.subscribe(facts, &bus.Options{Class: bus.Durable})
		e := fact(1)
		first, again := c.publishOn(c.Bus, subjectOf(e), e), c.publishOn(c.Bus, subjectOf(e), e)
		if first.Duplicate || !again.Duplicate || again.Sequence != first.Sequence {
			c.Errorf("receipts %+v, %+v", first, again)
		}
		c.numbers(s, 1)
		c.nothing(s)
	}},
	{"nack", "an event whose handler failed once is never handled", func(c *check) {
		c.needs(bus.Durable)
		s := c.subscribe(facts, &bus.Options{Class: bus.Durable, Backoff: []time.Duration{time.Millisecond}})
		c.publish(fact(7))
		d := c.next(s)
		if err := d.Nack(c.within(), 0); err != nil {
			c.Fatal(err)
		}
		again := c.next(s)
		if again.Attempt != 2 || again.Event.ID != d.Event.ID || again.Sequence != d.Sequence {
			c.Errorf("second delivery: attempt %d of %s", again.Attempt, again.Event.ID)
		}
		began := time.Now()
		if err := again.Nack(c.within(), shortWait); err != nil {
			c.Fatal(err)
		}
		if third := c.next(s); third.Attempt != 3 || time.Since(began) < shortWait*9/10 {
			c.Errorf("attempt %d after %v, asked for %v", third.Attempt, time.Since(began), shortWait)
		}
	}},
	{"ack_wait", "an event is lost with the process that handled it", func(c *check) {
		c.needs(bus.Durable)
		s := c.subscribe(facts, &bus.Options{Class: bus.Durable, AckWait: shortWait})
		c.publish(fact(7))
		first := c.next(s)
		again := c.next(s)
		if again.Attempt != 2 || again.Event.ID != first.Event.ID {
			c.Errorf("attempt %d of %s", again.Attempt, again.Event.ID)
		}
		c.ack(first) // late, of an attempt that is over: harmless
		c.ack(again)
		c.ack(again)
		ctx := c.within()
		if s2 := c.subscribe(facts, &bus.Options{Class: bus.Durable}); ctx.Err() == nil {
			c.nothing(s2)
		}
	}},
	{"in_progress", "long work is started again while it is under way", func(c *check) {
		c.needs(bus.Durable)
		s := c.subscribe(facts, &bus.Options{Class: bus.Durable, AckWait: shortWait})
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
	{"dead_letter", "an event that nobody can handle is tried for ever, or vanishes", func(c *check) {
		c.needs(bus.Durable)
		s := c.subscribe(facts, &bus.Options{Class: bus.Durable, MaxDeliver: 2, Name: "reader"})
		e := fact(7)
		c.publish(e)
		for range 2 {
			if err := c.next(s).Nack(c.within(), 0); err != nil {
				c.Fatal(err)
			}
		}
		c.nothing(s)
		c.deadLetter(e, "reader", 2, "refused, attempt 2 of 2")
	}},
	{"dead_letter_after_silence", "a handler that hangs keeps an event for ever", func(c *check) {
		c.needs(bus.Durable)
		s := c.subscribe(facts, &bus.Options{Class: bus.Durable, MaxDeliver: 1, AckWait: shortWait, Name: "reader"})
		e := fact(7)
		c.publish(e)
		c.next(s)
		c.publish(fact(8))
		c.numbers(s, 1)
		// Whoever asks for the next event finds that the first is overdue.
		for ctx := c.within(); ctx.Err() == nil && c.Bus.Health(ctx).DeadLetters == 0; {
			c.nothing(s)
		}
		c.deadLetter(e, "reader", 1, "not acknowledged")
	}},
	{"terminate", "an event that is known to be futile is tried again", func(c *check) {
		c.needs(bus.Durable)
		s := c.subscribe(facts, &bus.Options{Class: bus.Durable, Name: "reader"})
		e := fact(7)
		c.publish(e)
		if err := c.next(s).Term(c.within(), "no such tool: \"x\""); err != nil {
			c.Fatal(err)
		}
		c.nothing(s)
		c.deadLetter(e, "reader", 1, "no such tool: \"x\"")
	}},
}

// deadLetter fails unless there is one dead letter, of e, as described.
func (c *check) deadLetter(e event.Event, consumer string, attempts int, reason string) {
	c.Helper()
	b, ok := c.Bus.(bus.DeadLetters)
	if !ok {
		c.Fatalf("%T has class %s and does not implement bus.DeadLetters", c.Bus, bus.Durable)
	}
	letters, err := b.DeadLetters(c.within(), 10)
	if err != nil || len(letters) != 1 {
		c.Fatalf("%d dead letters, %v", len(letters), err)
	}
	l := letters[0]
	if l.Event.ID != e.ID || l.Subject != subjectOf(e) || l.Consumer != consumer || l.Attempts != attempts || !strings.HasPrefix(l.Reason, reason) {
		c.Errorf("dead letter %+v, want %s of %q, %d attempts, %q", l, e.ID, consumer, attempts, reason)
	}
	if got := c.Bus.Health(c.within()).DeadLetters; got != 1 {
		c.Errorf("health counts %d dead letters", got)
	}
}

var positionCases = []Case{
	{"start", "a reader that must catch up misses the past, or a new one drowns in it", func(c *check) {
		c.needs(bus.Durable)
		publishAs := func(name string, n int) bus.Receipt {
			return c.publishOn(c.Bus, event.Subject("node_start."+name), fact(n))
		}
		publishAs("a", 0)
		publishAs("b", 1)
		c.distinctTime()
		since := time.Now()
		c.distinctTime()
		third := publishAs("a", 2)
		publishAs("a", 3)
		for _, tt := range []struct {
			o    bus.Options
			want []int
		}{
			{bus.Options{Start: bus.StartAll}, []int{0, 1, 2, 3}},
			{bus.Options{Start: bus.StartSeq, Sequence: third.Sequence}, []int{2, 3}},
			{bus.Options{Start: bus.StartTime, Since: since}, []int{2, 3}},
			{bus.Options{Start: bus.StartLast}, []int{1, 3}},
			{bus.Options{Start: bus.StartNew}, nil},
		} {
			tt.o.Class = bus.Durable
			s := c.subscribe(facts, &tt.o)
			if diff := cmp.Diff(tt.want, c.numbers(s, len(tt.want))); diff != "" {
				c.Errorf("start %s (-want +got):\n%s", tt.o.Start, diff)
			}
			c.nothing(s)
			s.Close()
		}
	}},
	{"resume", "a reader that restarts does its work again, or misses some", func(c *check) {
		c.needs(bus.Durable)
		o := &bus.Options{Class: bus.Durable, Name: "reader"}
		s := c.subscribe(facts, o)
		c.publish(fact(0))
		c.numbers(s, 1)
		s.Close()
		c.publish(fact(1), fact(2))
		if diff := cmp.Diff([]int{1, 2}, c.numbers(c.subscribe(facts, o), 2)); diff != "" {
			c.Errorf("after resuming (-want +got):\n%s", diff)
		}
	}},
	{"name_taken", "two readers destroy each other's position without knowing", func(c *check) {
		c.needs(bus.Durable)
		c.subscribe(facts, &bus.Options{Class: bus.Durable, Name: "reader"})
		_, err := c.Bus.Subscribe(c.within(), "node_success.*", &bus.Options{Class: bus.Durable, Name: "reader"})
		if !errors.Is(err, bus.ErrNameTaken) {
			c.Errorf("the same name with another filter: %v", err)
		}
	}},
	{"durable_group", "members of a group do the same work twice", func(c *check) {
		c.needs(bus.Durable)
		o := &bus.Options{Class: bus.Durable, Group: "workers", Queue: 2}
		a, b := c.subscribe(facts, o), c.subscribe(facts, o)
		seen := make(chan int, 40)
		for _, s := range []bus.Subscription{a, b} {
			go func() {
				for d, err := s.Next(c.within()); err == nil; d, err = s.Next(c.within()) {
					c.ack(d)
					seen <- c.number(d.Event)
				}
			}()
		}
		for n := range 20 {
			c.publish(fact(n))
		}
		var got []int
		for range 20 {
			select {
			case n := <-seen:
				got = append(got, n)
			case <-c.within().Done():
				c.Fatalf("only %v", got)
			}
		}
		select {
		case n := <-seen:
			c.Errorf("event %d went to both members", n)
		case <-time.After(quiet):
		}
		closeAll([]bus.Subscription{a, b})
		slices.Sort(got)
		if diff := cmp.Diff(count(20), got); diff != "" {
			c.Errorf("each once (-want +got):\n%s", diff)
		}
	}},
	{"restart", "everything must be started again when the bus was", func(c *check) {
		if c.Restart == nil {
			c.Skip("there is nothing behind the bus that could restart")
		}
		var back <-chan struct{}
		if n, ok := c.Bus.(bus.Notifier); ok {
			back = n.Reconnected(c.Context())
		} else {
			c.Fatalf("%T does not implement bus.Notifier", c.Bus)
		}
		live := c.subscribe(notes, nil)
		var stored bus.Subscription
		if bus.Has(c.Bus, bus.Durable) {
			stored = c.subscribe(facts, &bus.Options{Class: bus.Durable, Name: "reader", AckWait: time.Second})
			c.publish(fact(0), fact(1))
		}
		c.Restart()
		select {
		case <-back:
		case <-c.within().Done():
			c.Fatal("not connected again")
		}
		c.publish(note(7))
		if got := c.number(c.next(live).Event); got != 7 {
			c.Errorf("event %d after the restart, want 7", got)
		}
		if stored != nil {
			c.publish(fact(2))
			if diff := cmp.Diff(count(3), c.distinct(stored, 3)); diff != "" {
				c.Errorf("stored events (-want +got):\n%s", diff)
			}
		}
		if h := c.Bus.Health(c.within()); h.Reconnects != 1 || !h.Connected {
			c.Errorf("health %+v", h)
		}
	}},
}

// distinct returns the numbers of the next n different events, sorted. Events
// may come twice after a restart.
func (c *check) distinct(s bus.Subscription, n int) []int {
	c.Helper()
	seen := map[int]bool{}
	var got []int
	for len(got) < n {
		d := c.next(s)
		c.ack(d)
		if k := c.number(d.Event); !seen[k] {
			seen[k] = true
			got = append(got, k)
		}
	}
	slices.Sort(got)
	return got
}

// distinctTime makes the next stored event later than the last by any clock.
func (c *check) distinctTime() { time.Sleep(5 * time.Millisecond) }
