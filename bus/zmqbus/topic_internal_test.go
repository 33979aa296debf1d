package zmqbus

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// subjects draws from few words, so that filters match often.
func subjects() *rapid.Generator[event.Subject] {
	return rapid.Map(rapid.StringMatching(`(test_a|test_b)\.(a|b)(\.(r|s))?`), func(s string) event.Subject { return event.Subject(s) })
}

// TestWhatMatchesIsSubscribedTo is what a subscription rests on: the topic of
// every subject that a filter matches begins with a prefix of the filter's.
func TestWhatMatchesIsSubscribedTo(t *testing.T) {
	filters := rapid.StringMatching(`(test_a|\*|>)(\.(a|\*|>))?(\.(r|\*|>))?`)
	rapid.Check(t, func(t *rapid.T) {
		f, s := event.Filter(filters.Draw(t, "filter")), subjects().Draw(t, "subject")
		topic := topicOf("p", s)
		covered := false
		for _, prefix := range prefixesOf("p", f) {
			covered = covered || strings.HasPrefix(topic, prefix)
		}
		if _, err := event.ParseFilter(string(f)); err == nil && f.Match(s) && !covered {
			t.Errorf("filter %q matches %q, whose topic %q none of %q begins", f, s, topic, prefixesOf("p", f))
		}
	})
}

func TestTopicsAreSubjects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := subjects().Draw(t, "subject")
		if got, err := subjectOf("p.q", topicOf("p.q", s)); err != nil || got != s {
			t.Errorf("%q becomes %q, %v", s, got, err)
		}
	})
}

func TestPrefixes(t *testing.T) {
	for f, want := range map[event.Filter]string{
		">":             "p.",
		"*.*":           "p.",
		"test_a.*":      "p.test_a.",
		"test_a.b":      "p.test_a.b",
		"*.b":           "p.",
		"*.*.me":        "p.@me.",
		"test_a.*.me":   "p.@me.test_a.",
		"test_a.b.me":   "p.@me.test_a.b",
		"test_a.b.*":    "p.@",
		"test_a.>":      "p.test_a. p.@",
		"test_a.b.me.x": "",
		"test_a":        "",
	} {
		if got := strings.Join(prefixesOf("p", f), " "); got != want {
			t.Errorf("%q: %q, want %q", f, got, want)
		}
	}
}

// FuzzMessage gives a bus messages of any frames.
func FuzzMessage(f *testing.F) {
	e, err := event.Encode(event.New("n", event.Raw{Type: "TEST_NOTE", Data: []byte(`{}`)}, event.ID{}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("onex.events.test_note.a"), header{1, 2}.appendTo(nil), e, byte(3))
	f.Add([]byte("onex.events.@me.test_note.a"), e, []byte{}, byte(2))
	f.Add([]byte(topicGroup+"1.g.>"), []byte("onex.events.test_note.a"), e, byte(3))
	f.Add([]byte(topicReady+"1"), []byte(readyLoop), []byte{}, byte(2))
	f.Fuzz(func(t *testing.T, one, two, three []byte, n byte) {
		o, err := Options{Log: slog.New(slog.DiscardHandler)}.complete()
		if err != nil {
			t.Fatal(err)
		}
		b := newBus(o)
		s := &subscription{Queue: bus.NewQueue(10, bus.DropOldest, &b.meter), bus: b, filter: event.AllEvents, live: true}
		b.subs = append(b.subs, s)
		b.take(zmtp.Message{one, two, three}[:1+int(n)%3])
		if s.Len() == 0 {
			return
		}
		d, err := s.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(one, []byte(d.Subject.Kind().Token())) || d.Event.Kind() != d.Subject.Kind() {
			t.Errorf("%q delivers %s as %s", one, d.Event.Kind(), d.Subject)
		}
	})
}
