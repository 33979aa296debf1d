package bustest

import (
	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
)

var outageCases = []Case{
	{Name: "restart", Why: "everything must be started again when the bus was", test: func(c *check) {
		c.needs(c.Restart, "there is nothing behind the bus that could restart")
		c.liveAgain(c.Restart)
	}},
	{Name: "restart_twice", Why: "a program survives the first restart of the bus and not the second", test: func(c *check) {
		c.needs(c.Restart, "there is nothing behind the bus that could restart")
		s := c.subscribe(notes, nil)
		for n := range 2 {
			c.outage(c.Restart)
			c.publish(note(n))
			if got := c.number(c.next(s).Event); got != n {
				c.Errorf("event %d after restart %d", got, n+1)
			}
		}
	}},
	{Name: "restart_stored", Stored: true, Why: "an event that was acknowledged is lost with the server, or its readers stand still", test: func(c *check) {
		c.needs(c.Restart, "there is nothing behind the bus that could restart")
		s := c.subscribe(facts, c.stored(bus.Options{Name: "reader", AckWait: shortWait}))
		c.publish(fact(0), fact(1))
		if c.class == bus.Retained { // what was kept in memory is gone, and nobody said otherwise
			c.numbers(s, 2)
		}
		c.outage(c.Restart)
		c.publish(fact(2))
		want := count(3)
		if c.class == bus.Retained {
			want = want[2:]
		}
		if diff := cmp.Diff(want, c.distinct(s, len(want))); diff != "" {
			c.Errorf("stored events (-want +got):\n%s", diff)
		}
	}},
	{Name: "cut", Why: "a connection that breaks must be mended by hand", test: func(c *check) {
		c.needs(c.Cut, "there is no connection that could be cut")
		c.liveAgain(c.Cut)
	}},
	{Name: "cut_stored", Stored: true, Why: "what was on its way over a connection that broke is lost, or done twice for ever", test: func(c *check) {
		c.needs(c.Cut, "there is no connection that could be cut")
		s := c.subscribe(facts, c.stored(bus.Options{AckWait: shortWait}))
		c.publish(fact(0), fact(1))
		c.next(s) // and the connection is gone before it is dealt with
		c.outage(c.Cut)
		c.publish(fact(2))
		if diff := cmp.Diff(count(3), c.distinct(s, 3)); diff != "" {
			c.Errorf("stored events (-want +got):\n%s", diff)
		}
		c.nothing(s)
	}},
	{Name: "cut_costs_others_nothing", Why: "one broken connection loses the events of everybody", test: func(c *check) {
		c.needs(c.Cut, "there is no connection that could be cut")
		other := c.other()
		s := c.subscribeOn(other, notes, nil)
		for n := range 100 {
			if n == 50 {
				c.Cut()
			}
			c.publishOn(other, "test_note.other", note(n))
		}
		if diff := cmp.Diff(count(100), c.numbers(s, 100)); diff != "" {
			c.Errorf("(-published +delivered):\n%s", diff)
		}
	}},
}

// needs skips the case when the system cannot do what it is about.
func (c *check) needs(hook func(), otherwise string) {
	c.Helper()
	if hook == nil {
		c.Skip(otherwise)
	}
}

// outage lets f take the bus away and waits until it is back.
func (c *check) outage(f func()) {
	c.Helper()
	n, ok := c.raw.(bus.Notifier)
	if !ok {
		c.Fatalf("%T does not implement bus.Notifier", c.raw)
	}
	back := n.Reconnected(c.within())
	f()
	select {
	case <-back:
	case <-c.within().Done():
		c.Fatal("not connected again")
	}
}

// liveAgain fails unless after an outage everything is as before.
func (c *check) liveAgain(f func()) {
	c.Helper()
	live, group := c.subscribe(notes, nil), c.subscribe(notes, &bus.Options{Group: "workers"})
	c.outage(f)
	c.publish(note(7))
	for _, s := range []bus.Subscription{live, group} {
		if got := c.number(c.next(s).Event); got != 7 {
			c.Errorf("event %d after the outage, want 7", got)
		}
		c.nothing(s)
	}
	if h := c.Bus.Health(c.within()); h.Reconnects != 1 || !h.Connected || h.Subscribers != 2 {
		c.Errorf("health %+v, want one reconnect and two subscribers", h)
	}
}
