package bustest

import (
	"errors"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

var positionCases = []Case{
	{Name: "start_new", Why: "a new reader drowns in the past", test: func(c *check) {
		c.startsWith(nil, func(past) bus.Options { return bus.Options{Start: bus.StartNew} })
	}},
	{Name: "start_all", Why: "a reader that must know everything misses the past", test: func(c *check) {
		c.startsWith([]int{0, 1, 2, 3}, func(past) bus.Options { return bus.Options{Start: bus.StartAll} })
	}},
	{Name: "start_sequence", Why: "a reader that kept its own position cannot go on from it", test: func(c *check) {
		c.startsWith([]int{2, 3}, func(p past) bus.Options { return bus.Options{Start: bus.StartSeq, Sequence: p.third} })
	}},
	{Name: "start_time", Why: "what happened since ten o'clock cannot be found out", test: func(c *check) {
		c.startsWith([]int{2, 3}, func(p past) bus.Options { return bus.Options{Start: bus.StartTime, Since: p.since} })
	}},
	{Name: "start_last", Why: "the state of things cannot be had without all of their history", test: func(c *check) {
		c.startsWith([]int{1, 3}, func(past) bus.Options { return bus.Options{Start: bus.StartLast} })
	}},
	{Name: "start_filtered", Why: "a replay brings what the reader does not want", test: func(c *check) {
		c.remember()
		s := c.subscribe("node_start.b", c.stored(bus.Options{Start: bus.StartAll}))
		if diff := cmp.Diff([]int{1}, c.numbers(s, 1)); diff != "" {
			c.Errorf("(-want +got):\n%s", diff)
		}
		c.nothing(s)
	}},
	{Name: "resume", Why: "a reader that restarts does its work again, or misses some", test: func(c *check) {
		o := c.stored(bus.Options{Name: "reader"})
		s := c.subscribe(facts, o)
		c.publish(fact(0))
		c.numbers(s, 1)
		s.Close()
		c.publish(fact(1), fact(2))
		s = c.subscribe(facts, o)
		if diff := cmp.Diff([]int{1, 2}, c.numbers(s, 2)); diff != "" {
			c.Errorf("after resuming (-want +got):\n%s", diff)
		}
		c.nothing(s)
	}},
	{Name: "resume_elsewhere", Why: "a node that moves to another process loses its position", test: func(c *check) {
		other := c.other()
		o := c.stored(bus.Options{Name: "reader"})
		s := c.subscribe(facts, o)
		c.publish(fact(0))
		c.numbers(s, 1)
		s.Close()
		c.publish(fact(1))
		if diff := cmp.Diff([]int{1}, c.numbers(c.subscribeOn(other, facts, o), 1)); diff != "" {
			c.Errorf("after resuming (-want +got):\n%s", diff)
		}
	}},
	{Name: "resume_unsettled", Why: "what was being worked on when a reader ended is never finished", test: func(c *check) {
		o := c.stored(bus.Options{Name: "reader", AckWait: shortWait})
		s := c.subscribe(facts, o)
		c.publish(fact(0), fact(1))
		c.next(s) // and it ends before it has dealt with it
		s.Close()
		if diff := cmp.Diff(count(2), c.distinct(c.subscribe(facts, o), 2)); diff != "" {
			c.Errorf("after resuming (-want +got):\n%s", diff)
		}
	}},
	{Name: "position_wins", Why: "a reader that always asks for everything does everything at every start", test: func(c *check) {
		o := c.stored(bus.Options{Name: "reader", Start: bus.StartAll})
		c.publish(fact(0))
		s := c.subscribe(facts, o)
		c.numbers(s, 1)
		s.Close()
		s = c.subscribe(facts, o)
		c.nothing(s)
	}},
	{Name: "name_taken", Why: "two readers destroy each other's position without knowing", test: func(c *check) {
		c.subscribe(facts, c.stored(bus.Options{Name: "reader"}))
		s, err := c.Bus.Subscribe(c.within(), "node_success.*", c.stored(bus.Options{Name: "reader"}))
		if !errors.Is(err, bus.ErrNameTaken) {
			c.Errorf("the same name with another filter: %v", err)
		}
		if s != nil {
			s.Close()
		}
	}},
}

// past is what a case about positions must know of the events before it.
type past struct {
	third uint64    // the sequence of the third event
	since time.Time // a time between the second event and the third
}

// remember publishes four events: 0, 2 and 3 on one subject, 1 on another.
func (c *check) remember() (p past) {
	c.Helper()
	publishAs := func(name string, n int) bus.Receipt {
		return c.publishOn(c.Bus, event.Subject("node_start."+name), fact(n))
	}
	publishAs("a", 0)
	publishAs("b", 1)
	c.distinctTime()
	p.since = time.Now()
	c.distinctTime()
	p.third = publishAs("a", 2).Sequence
	publishAs("a", 3)
	return p
}

// startsWith fails unless a subscription that begins as o says gets want of the
// past, and then what is new.
func (c *check) startsWith(want []int, o func(past) bus.Options) {
	c.Helper()
	s := c.subscribe(facts, c.stored(o(c.remember())))
	if diff := cmp.Diff(want, c.numbers(s, len(want))); diff != "" {
		c.Errorf("of the past (-want +got):\n%s", diff)
	}
	c.nothing(s)
	c.publish(fact(4))
	if got := c.numbers(s, 1); got[0] != 4 {
		c.Errorf("then event %v, want 4", got)
	}
	c.nothing(s)
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
