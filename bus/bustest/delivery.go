package bustest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

var deliveryCases = []Case{
	{Name: "live_on_return", Why: "a subscriber that must sleep before it is ready loses the first events", test: func(c *check) {
		for n := range 100 {
			s := c.subscribe(notes, nil)
			c.publish(note(n))
			if got := c.number(c.next(s).Event); got != n {
				c.Fatalf("round %d delivered event %d", n, got)
			}
			s.Close()
		}
	}},
	{Name: "order", Why: "state rebuilt from events is wrong when they arrive in another order", test: func(c *check) {
		s := c.subscribe(notes, &bus.Options{Queue: 2000})
		for n := range 2000 {
			c.publish(note(n))
		}
		if diff := cmp.Diff(count(2000), c.numbers(s, 2000)); diff != "" {
			c.Errorf("order (-published +delivered):\n%s", diff)
		}
	}},
	{Name: "filters", Why: "a subscriber gets what is not meant for it, or misses what is", test: func(c *check) {
		subjects := []event.Subject{"test_note.a", "test_note.b", "test_note.a.r1", "test_other.a"}
		for f, want := range map[event.Filter][]event.Subject{
			">":             subjects,
			"test_note.a":   {"test_note.a"},
			"test_note.*":   {"test_note.a", "test_note.b"},
			"*.a":           {"test_note.a", "test_other.a"},
			"*.*.r1":        {"test_note.a.r1"},
			"test_note.>":   {"test_note.a", "test_note.b", "test_note.a.r1"},
			"test_note.*.*": {"test_note.a.r1"},
			"nobody.*":      nil,
		} {
			s := c.subscribe(f, nil)
			for _, subject := range subjects {
				e := note(0)
				e.Payload = event.Raw{Type: subject.Kind(), Data: []byte(`{"n":0}`)}
				c.publishOn(c.Bus, subject, e)
			}
			var got []event.Subject
			for range want {
				got = append(got, c.next(s).Subject)
			}
			slices.Sort(got)
			if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
				c.Errorf("filter %q (-want +got):\n%s", f, diff)
			}
			c.nothing(s)
			s.Close()
		}
	}},
	{Name: "bad_filter", Why: "a misspelt filter that is accepted waits for ever", test: func(c *check) {
		for _, f := range []event.Filter{"", "a..b", "a.>.b", "a*.b", "a b"} {
			if s, err := c.Bus.Subscribe(c.within(), f, nil); err == nil {
				c.Errorf("filter %q is accepted", f)
				s.Close()
			}
		}
	}},
	{Name: "fan_out", Why: "one subscriber takes events away from another", test: func(c *check) {
		a, b := c.subscribe(notes, nil), c.subscribe(event.AllEvents, nil)
		c.publish(note(0), note(1))
		for _, s := range []bus.Subscription{a, b} {
			if diff := cmp.Diff(count(2), c.numbers(s, 2)); diff != "" {
				c.Errorf("(-published +delivered):\n%s", diff)
			}
		}
	}},
	{Name: "intact", Why: "what was checked before publishing is not what arrives", test: func(c *check) {
		s := c.subscribe(notes, nil)
		for _, data := range []string{`{}`, `{"text":"Grüße 🎉 \u0000 \" \\"}`, `{"n":12345678901234567890}`, `{"big":"` + strings.Repeat("x", 1<<20-2000) + `"}`} {
			e := note(0)
			e.TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
			e.Causation = event.NewID()
			e.Payload = event.Raw{Type: "TEST_NOTE", Data: []byte(data)}
			c.publish(e)
			want, wantErr := event.Encode(e)
			got, gotErr := event.Encode(c.next(s).Event)
			if err := errors.Join(wantErr, gotErr); err != nil || !bytes.Equal(want, got) {
				c.Errorf("published %.300s\ndelivered %.300s\n%v", want, got, err)
			}
		}
	}},
	{Name: "refused", Why: "an event that no other bus would carry is accepted here", test: func(c *check) {
		s := c.subscribe(event.AllEvents, nil)
		huge := note(0)
		huge.Payload = event.Raw{Type: "TEST_NOTE", Data: []byte(`{"big":"` + strings.Repeat("x", 1<<20) + `"}`)}
		empty := note(0)
		empty.Payload = nil
		for _, tt := range []struct {
			subject event.Subject
			event   event.Event
			want    error
		}{
			{"test_note.tester", huge, event.ErrTooLarge},
			{"test_note.tester", fact(0), bus.ErrMismatch},
			{"test_note.tester", empty, bus.ErrMismatch},
			{"test_note", note(0), event.ErrSubject},
			{"test_note.*", note(0), event.ErrSubject},
			{"", note(0), event.ErrSubject},
		} {
			if _, err := c.Bus.Publish(c.within(), tt.subject, tt.event); !errors.Is(err, tt.want) {
				c.Errorf("publishing a %s on %q: %v, want %v", tt.event.Kind(), tt.subject, err, tt.want)
			}
		}
		c.publish(note(1))
		if got := c.number(c.next(s).Event); got != 1 {
			c.Errorf("after refusals, event %d", got)
		}
	}},
	{Name: "both_classes", Why: "a monitor misses the events that are stored", test: func(c *check) {
		s := c.subscribe(event.AllEvents, nil)
		c.publish(fact(1), note(2))
		got := c.numbers(s, 2)
		slices.Sort(got)
		if diff := cmp.Diff([]int{1, 2}, got); diff != "" {
			c.Errorf("(-want +got):\n%s", diff)
		}
	}},
	{Name: "two_connections", Why: "nodes in different processes do not hear each other", test: func(c *check) {
		other := c.other()
		mine, theirs := c.subscribe(notes, nil), c.subscribeOn(other, notes, nil)
		c.publish(note(1))
		c.publishOn(other, "test_note.other", note(2))
		for _, s := range []bus.Subscription{mine, theirs} {
			got := c.numbers(s, 2)
			slices.Sort(got)
			if diff := cmp.Diff([]int{1, 2}, got); diff != "" {
				c.Errorf("(-want +got):\n%s", diff)
			}
		}
	}},
	{Name: "late_subscriber", Why: "a subscriber is told of things that are long over as if they were new", test: func(c *check) {
		c.publish(note(0))
		s := c.subscribe(notes, nil)
		c.publish(note(1))
		if got := c.number(c.next(s).Event); got != 1 {
			c.Errorf("event %d, want 1", got)
		}
		c.nothing(s)
	}},
	{Name: "order_per_publisher", Why: "a busy bus mixes up what each of its publishers said", test: func(c *check) {
		const publishers, each = 4, 200
		s := c.subscribe(notes, &bus.Options{Queue: publishers * each})
		var wg sync.WaitGroup
		for p := range publishers {
			b := c.anyBus(p)
			wg.Go(func() {
				for n := range each {
					c.publishOn(b, event.NewSubject("TEST_NOTE", node.Name(fmt.Sprintf("p%d", p))), note(n))
				}
			})
		}
		wg.Wait()
		next := map[event.Subject]int{}
		for range publishers * each {
			d := c.next(s)
			if got := c.number(d.Event); got != next[d.Subject] {
				c.Fatalf("event %d on %s, want %d", got, d.Subject, next[d.Subject])
			}
			next[d.Subject]++
		}
		c.nothing(s)
	}},
	{Name: "many_to_many", Why: "with several publishers and subscribers at once events are lost or doubled", test: func(c *check) {
		const publishers, subscribers, each = 4, 4, 100
		var subs []bus.Subscription
		for i := range subscribers {
			subs = append(subs, c.subscribeOn(c.anyBus(i), notes, nil))
		}
		var wg sync.WaitGroup
		for p := range publishers {
			b := c.anyBus(p)
			wg.Go(func() {
				for n := range each {
					c.publishOn(b, "test_note.tester", note(p*each+n))
				}
			})
		}
		wg.Wait()
		for i, s := range subs {
			got := c.numbers(s, publishers*each)
			slices.Sort(got)
			if diff := cmp.Diff(count(publishers*each), got); diff != "" {
				c.Errorf("subscriber %d, each once (-want +got):\n%s", i, diff)
			}
			c.nothing(s)
		}
	}},
	{Name: "many_subscriptions", Why: "a hundred nodes are more than the bus can tell apart", test: func(c *check) {
		const n = 100
		subs := make([]bus.Subscription, n)
		subject := func(i int) event.Subject { return event.Subject(fmt.Sprintf("test_note.n%d", i)) }
		for i := range subs {
			subs[i] = c.subscribe(event.Filter(subject(i)), nil)
		}
		for i := range subs {
			if i%2 == 0 {
				subs[i].Close()
			}
			c.publishOn(c.Bus, subject(i), note(i))
		}
		for i, s := range subs {
			if i%2 == 0 {
				continue
			}
			if got := c.number(c.next(s).Event); got != i {
				c.Errorf("subscription %d got event %d", i, got)
			}
		}
		if h := c.Bus.Health(c.within()); h.Subscribers != n/2 {
			c.Errorf("health says %d subscribers, want %d", h.Subscribers, n/2)
		}
	}},
	{Name: "not_altered", Why: "what one subscriber is given is changed under the publisher or another subscriber", test: func(c *check) {
		a, b := c.subscribe(notes, nil), c.subscribe(notes, nil)
		e := note(7)
		want, err := event.Encode(e)
		if err != nil {
			c.Fatal(err)
		}
		c.publish(e)
		first, second := c.next(a).Event, c.next(b).Event
		for who, e := range map[string]event.Event{"publisher's": e, "first": first, "second": second} {
			if got, err := event.Encode(e); err != nil || !bytes.Equal(got, want) {
				c.Errorf("the %s event is %s, published was %s; %v", who, got, want, err)
			}
		}
	}},
	{Name: "malformed", Why: "bytes that are no event end a subscriber, or vanish without a count", test: func(c *check) {
		if c.Inject == nil {
			c.Skip("nobody can put other bytes on this bus")
		}
		s := c.subscribe(notes, nil)
		wire, err := event.Encode(note(0))
		if err != nil {
			c.Fatal(err)
		}
		bad := [][]byte{[]byte("hello"), nil, []byte("{}"), wire[:len(wire)-1], append(slices.Clone(wire), '}'), bytes.Repeat([]byte{0xff}, 1<<16)}
		for _, b := range bad {
			c.Inject("test_note.tester", b)
		}
		c.publish(note(1))
		if got := c.number(c.next(s).Event); got != 1 {
			c.Errorf("event %d, want 1", got)
		}
		for ctx := c.within(); ctx.Err() == nil && s.Dropped()[bus.DroppedMalformed] < uint64(len(bad)); {
			pause()
		}
		c.dropped(s, bus.Drops{bus.DroppedMalformed: uint64(len(bad))})
		if h := c.Bus.Health(c.within()); h.Errors == 0 || h.Drops[bus.DroppedMalformed] != uint64(len(bad)) {
			c.Errorf("health %+v", h)
		}
	}},
}

// other returns another connection to the bus, or skips the case.
func (c *check) other() bus.Bus {
	c.Helper()
	if c.Connect == nil {
		c.Skip("the bus lives in one process")
	}
	b := c.Connect()
	c.Cleanup(func() { b.Close(c.within()) })
	return b
}

// anyBus returns the bus itself, or for odd numbers another connection where
// there is one.
func (c *check) anyBus(n int) bus.Bus {
	if n%2 == 0 || c.Connect == nil {
		return c.Bus
	}
	return c.other()
}

func closeAll(subs []bus.Subscription) {
	for _, s := range subs {
		s.Close()
	}
}
