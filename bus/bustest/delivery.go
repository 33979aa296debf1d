package bustest

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

var deliveryCases = []Case{
	{"live_on_return", "a subscriber that must sleep before it is ready loses the first events", func(c *check) {
		for n := range 100 {
			s := c.subscribe(notes, nil)
			c.publish(note(n))
			if got := c.number(c.next(s).Event); got != n {
				c.Fatalf("round %d delivered event %d", n, got)
			}
			s.Close()
		}
	}},
	{"order", "state rebuilt from events is wrong when they arrive in another order", func(c *check) {
		s := c.subscribe(notes, &bus.Options{Queue: 2000})
		for n := range 2000 {
			c.publish(note(n))
		}
		if diff := cmp.Diff(count(2000), c.numbers(s, 2000)); diff != "" {
			c.Errorf("order (-published +delivered):\n%s", diff)
		}
	}},
	{"filters", "a subscriber gets what is not meant for it, or misses what is", func(c *check) {
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
	{"bad_filter", "a misspelt filter that is accepted waits for ever", func(c *check) {
		for _, f := range []event.Filter{"", "a..b", "a.>.b", "a*.b", "a b"} {
			if s, err := c.Bus.Subscribe(c.within(), f, nil); err == nil {
				c.Errorf("filter %q is accepted", f)
				s.Close()
			}
		}
	}},
	{"fan_out", "one subscriber takes events away from another", func(c *check) {
		a, b := c.subscribe(notes, nil), c.subscribe(event.AllEvents, nil)
		c.publish(note(0), note(1))
		for _, s := range []bus.Subscription{a, b} {
			if diff := cmp.Diff(count(2), c.numbers(s, 2)); diff != "" {
				c.Errorf("(-published +delivered):\n%s", diff)
			}
		}
	}},
	{"group", "work shared by a group is done twice or not at all", func(c *check) {
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
	{"intact", "what was checked before publishing is not what arrives", func(c *check) {
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
	{"refused", "an event that no other bus would carry is accepted here", func(c *check) {
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
	{"both_classes", "a monitor misses the events that are stored", func(c *check) {
		s := c.subscribe(event.AllEvents, nil)
		c.publish(fact(1), note(2))
		got := c.numbers(s, 2)
		slices.Sort(got)
		if diff := cmp.Diff([]int{1, 2}, got); diff != "" {
			c.Errorf("(-want +got):\n%s", diff)
		}
	}},
	{"two_connections", "nodes in different processes do not hear each other", func(c *check) {
		if c.Connect == nil {
			c.Skip("the bus lives in one process")
		}
		other := c.Connect()
		defer other.Close(c.within())
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
}

func closeAll(subs []bus.Subscription) {
	for _, s := range subs {
		s.Close()
	}
}
