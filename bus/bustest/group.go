package bustest

import (
	"slices"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
)

var groupCases = []Case{
	{Name: "group", Why: "work shared by a group is done twice or not at all", test: func(c *check) {
		const members, events = 3, 300
		var mu sync.Mutex
		var got []int
		var wg sync.WaitGroup
		var subs []bus.Subscription
		used := 0
		for range members {
			s := c.subscribe(notes, &bus.Options{Group: "workers"})
			subs = append(subs, s)
			wg.Go(func() {
				mine := 0
				for d, err := s.Next(c.within()); err == nil; d, err = s.Next(c.within()) {
					mu.Lock()
					got = append(got, c.number(d.Event))
					done := len(got) == events
					mu.Unlock()
					mine++
					if done {
						closeAll(subs)
					}
				}
				mu.Lock()
				defer mu.Unlock()
				if mine > 0 {
					used++
				}
			})
		}
		for n := range events {
			c.publish(note(n))
		}
		wg.Wait()
		slices.Sort(got)
		if diff := cmp.Diff(count(events), got); diff != "" {
			c.Errorf("each once (-want +got):\n%s", diff)
		}
		if used < 2 {
			c.Errorf("%d of %d members were used", used, members)
		}
	}},
	{Name: "group_leaves", Why: "work is given to a member that has gone", test: func(c *check) {
		o := &bus.Options{Group: "workers"}
		var subs []bus.Subscription
		for range 3 {
			subs = append(subs, c.subscribe(notes, o))
		}
		subs[0].Close()
		subs[1].Close()
		for n := range 20 {
			c.publish(note(n))
		}
		if diff := cmp.Diff(count(20), c.numbers(subs[2], 20)); diff != "" {
			c.Errorf("the one that stayed (-published +delivered):\n%s", diff)
		}
	}},
	{Name: "groups_apart", Why: "two kinds of workers take each other's work", test: func(c *check) {
		subs := []bus.Subscription{
			c.subscribe(notes, &bus.Options{Group: "painters"}),
			c.subscribe(notes, &bus.Options{Group: "writers"}),
			c.subscribe(notes, nil),
		}
		c.publish(note(0), note(1))
		for i, s := range subs {
			if diff := cmp.Diff(count(2), c.numbers(s, 2)); diff != "" {
				c.Errorf("subscription %d (-published +delivered):\n%s", i, diff)
			}
			c.nothing(s)
		}
	}},
	{Name: "group_across", Why: "workers in several processes all do the same work", test: func(c *check) {
		other := c.other()
		o := &bus.Options{Group: "workers"}
		a, b := c.subscribe(notes, o), c.subscribeOn(other, notes, o)
		const n = 40
		for i := range n {
			c.publish(note(i))
		}
		var mu sync.Mutex
		var got []int
		var wg sync.WaitGroup
		for _, s := range []bus.Subscription{a, b} {
			wg.Go(func() {
				for d, err := s.Next(c.within()); err == nil; d, err = s.Next(c.within()) {
					mu.Lock()
					if got = append(got, c.number(d.Event)); len(got) == n {
						closeAll([]bus.Subscription{a, b})
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		slices.Sort(got)
		if diff := cmp.Diff(count(n), got); diff != "" {
			c.Errorf("each once (-want +got):\n%s", diff)
		}
	}},
	{Name: "group_stored", Stored: true, Why: "members of a group do the same work twice", test: func(c *check) {
		o := c.stored(bus.Options{Group: "workers", Queue: 2})
		a, b := c.subscribe(facts, o), c.subscribe(facts, o)
		seen := make(chan int, 40)
		var wg sync.WaitGroup
		for _, s := range []bus.Subscription{a, b} {
			wg.Go(func() {
				for d, err := s.Next(c.within()); err == nil; d, err = s.Next(c.within()) {
					c.ack(d)
					seen <- c.number(d.Event)
				}
			})
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
		wg.Wait()
		slices.Sort(got)
		if diff := cmp.Diff(count(20), got); diff != "" {
			c.Errorf("each once (-want +got):\n%s", diff)
		}
	}},
	{Name: "group_member_ends", Stored: true, Why: "work that a member took and did not finish is never finished", test: func(c *check) {
		o := c.stored(bus.Options{Group: "workers", AckWait: shortWait})
		a, b := c.subscribe(facts, o), c.subscribe(facts, o)
		c.publish(fact(0), fact(1), fact(2))
		c.next(a)
		a.Close()
		if diff := cmp.Diff(count(3), c.distinct(b, 3)); diff != "" {
			c.Errorf("the one that stayed (-want +got):\n%s", diff)
		}
	}},
}
