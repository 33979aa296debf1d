package bustest

import (
	"log/slog"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

var diagnosticCases = []Case{
	{Name: "tells_slow", Why: "that a subscriber falls behind is known only when it has lost events", test: func(c *check) {
		told := c.attended()
		if told == nil {
			return // honest
		}
		c.subscribe(notes, &bus.Options{Queue: 8})
		for n := range 8 {
			c.publish(note(n))
		}
		p := tells[event.EventSubscriberSlow](c, told)
		if p.Filter != notes || p.Limit != 8 || p.Depth < 6 {
			c.Errorf("told %+v", p)
		}
	}},
	{Name: "tells_nothing_of_diagnostics", Why: "a slow reader of diagnostics causes more of them, without an end", test: func(c *check) {
		told := c.attended()
		if told == nil {
			return // honest
		}
		c.subscribe(event.FilterKind(event.KindBusError), &bus.Options{Queue: 8})
		for range 20 {
			c.publish(event.New("tester-1", event.BusError{Connection: event.Connection{Backend: "test"}, Operation: "test", Error: fault.ReportOf(bus.ErrUnavailable)}, event.ID{}))
		}
		c.subscribe(notes, &bus.Options{Queue: 8})
		for n := range 8 {
			c.publish(note(n))
		}
		if p := tells[event.EventSubscriberSlow](c, told); p.Filter != notes {
			c.Errorf("told of the reader of diagnostics: %+v", p)
		}
	}},
	{Name: "tells_backpressure", Why: "a publisher is slow and nobody knows for whom it waits", test: func(c *check) {
		told := c.attended()
		if told == nil {
			return // honest
		}
		s := c.blocked()
		if s == nil {
			return // honest
		}
		defer s.Close()
		if p := tells[event.EventBackpressure](c, told); p.Subject != "test_note.tester" || p.Wait < quiet/2 {
			c.Errorf("told %+v", p)
		}
	}},
}

var replayCases = []Case{
	{Name: "tells_retry", Why: "that an event is tried again and again is known only when it is given up", test: func(c *check) {
		told := c.attended()
		if told == nil {
			return // honest
		}
		s := c.subscribe(facts, c.stored(bus.Options{Backoff: []time.Duration{time.Millisecond}}))
		first := fact(0)
		c.publish(first)
		if err := c.next(s).Nack(c.within(), 0); err != nil {
			c.Fatal(err)
		}
		c.ack(c.next(s))
		if p := tells[event.EventRetry](c, told); p.EventID != first.ID || p.Attempt != 2 || p.Count != 1 {
			c.Errorf("told %+v", p)
		}
	}},
	{Name: "tells_replay", Why: "nobody knows who reads the past, or that it could not be read", test: func(c *check) {
		if _, ok := c.raw.(bus.Historian); !ok {
			return // honest
		}
		told := c.subscribeOn(c.raw, event.AllEvents, nil)
		c.publish(fact(0), fact(1))
		if err := bus.History(c.within(), c.raw, facts, bus.Range{}, func(bus.Delivery) error { return nil }); err != nil {
			c.Fatal(err)
		}
		if p := tells[event.EventReplayRequested](c, told); p.Filter != facts {
			c.Errorf("told %+v", p)
		}
		if p := tells[event.EventReplayDelivered](c, told); p.Filter != facts || p.Count != 2 {
			c.Errorf("told %+v", p)
		}
	}},
}

// attended returns a subscription to all that the bus says of itself. It is nil for
// a bus that has no journal, and says nothing.
func (c *check) attended() bus.Subscription {
	c.Helper()
	if _, ok := c.raw.(bus.Journaled); !ok {
		return nil
	}
	told := c.subscribeOn(c.raw, event.AllEvents, nil)
	a, err := bus.Attend(c.within(), c.raw, &bus.AttendOptions{Name: "bustest", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(a.Close)
	return told
}

// tells returns the next diagnostic of a type.
func tells[P event.Payload](c *check, told bus.Subscription) P {
	c.Helper()
	for {
		d, err := told.Next(c.within())
		if err != nil {
			var want P
			c.Fatalf("waiting for %s: %v", want.Kind(), err)
		}
		if p, ok := d.Event.Payload.(P); ok {
			return p
		}
	}
}
