package bustest

import (
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

var deadCases = []Case{
	{Name: "dead_letter", Why: "an event that nobody can handle is tried for ever, or vanishes", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{MaxDeliver: 2, Name: "reader"}))
		e := fact(7)
		c.publish(e)
		for range 2 {
			c.nack(c.next(s), 0)
		}
		c.nothing(s)
		c.deadLetter(e, "reader", 2, "refused, attempt 2 of 2")
	}},
	{Name: "dead_letter_after_silence", Why: "a handler that hangs keeps an event for ever", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{MaxDeliver: 1, AckWait: shortWait, Name: "reader"}))
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
	{Name: "terminate", Why: "an event that is known to be futile is tried again, or the reason is lost", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{Name: "reader"}))
		e := fact(7)
		c.publish(e)
		if err := c.next(s).Term(c.within(), `no such tool: "x" (Größe: 3)`); err != nil {
			c.Fatal(err)
		}
		c.nothing(s)
		c.deadLetter(e, "reader", 1, `no such tool: "x" (Größe: 3)`)
	}},
	{Name: "dead_for_one", Why: "what one reader gave up is taken away from the others", test: func(c *check) {
		a := c.subscribe(facts, c.stored(bus.Options{Name: "reader"}))
		b := c.subscribe(facts, c.stored(bus.Options{Name: "other"}))
		e := fact(7)
		c.publish(e)
		if err := c.next(a).Term(c.within(), "broken"); err != nil {
			c.Fatal(err)
		}
		if got := c.numbers(b, 1); got[0] != 7 {
			c.Errorf("the other reader got %v", got)
		}
		c.deadLetter(e, "reader", 1, "broken")
	}},
	{Name: "dead_letters_in_order", Why: "an operator sees the newest troubles only, or all of a million", test: func(c *check) {
		s := c.subscribe(facts, c.stored(bus.Options{Name: "reader"}))
		for n := range 3 {
			c.publish(fact(n))
			if err := c.next(s).Term(c.within(), "broken"); err != nil {
				c.Fatal(err)
			}
		}
		letters := c.deadLetters(2, 2)
		for n, l := range letters {
			if got := c.number(l.Event); got != n {
				c.Errorf("dead letter %d is of event %d", n, got)
			}
			if l.Sequence == 0 || time.Since(l.Time) > time.Hour {
				c.Errorf("dead letter %+v", l)
			}
		}
	}},
}

// deadLetters waits until the bus has at least want letters and returns at most limit.
func (c *check) deadLetters(limit, want int) []bus.DeadLetter {
	c.Helper()
	b, ok := c.raw.(bus.DeadLetters)
	if !ok {
		c.Fatalf("%T has class %s and does not implement bus.DeadLetters", c.raw, c.class)
	}
	for ctx := c.within(); ; pause() {
		letters, err := b.DeadLetters(ctx, limit)
		if err == nil && len(letters) == want {
			return letters
		}
		if err != nil || ctx.Err() != nil || len(letters) > want {
			c.Fatalf("%d dead letters, want %d; %v", len(letters), want, err)
		}
	}
}

// deadLetter fails unless there is one dead letter, of e, as described.
func (c *check) deadLetter(e event.Event, consumer string, attempts int, reason string) {
	c.Helper()
	l := c.deadLetters(10, 1)[0]
	if l.Event.ID != e.ID || l.Subject != subjectOf(e) || l.Consumer != consumer || l.Attempts != attempts || !strings.HasPrefix(l.Reason, reason) {
		c.Errorf("dead letter %+v, want %s of %q, %d attempts, %q", l, e.ID, consumer, attempts, reason)
	}
	if got := c.Bus.Health(c.within()).DeadLetters; got != 1 {
		c.Errorf("health counts %d dead letters", got)
	}
}
