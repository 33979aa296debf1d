package bus_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// watcher returns a subscription to everything that a bus says of itself.
func watcher(t *testing.T, b bus.Bus, o *bus.Options) bus.Subscription {
	t.Helper()
	sub, err := b.Subscribe(t.Context(), event.AllEvents, o)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// diagnostics reads the kinds of the diagnostics that have come so far.
func diagnostics(t *testing.T, sub bus.Subscription) []event.Event {
	t.Helper()
	synctest.Wait()
	time.Sleep(5 * time.Second) // of the test's own clock
	synctest.Wait()
	if err := sub.Close(); err != nil {
		t.Fatal(err)
	}
	var all []event.Event
	for {
		d, err := sub.Next(t.Context())
		if err != nil {
			return all
		}
		if d.Event.Kind().Diagnostic() {
			all = append(all, d.Event)
		}
	}
}

func kinds(all []event.Event) string {
	var names []string
	for _, e := range all {
		names = append(names, string(e.Kind()))
	}
	return strings.Join(names, " ")
}

func attend(t *testing.T, b bus.Bus) *bus.Attendant {
	t.Helper()
	a, err := bus.Attend(t.Context(), b, &bus.AttendOptions{Name: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAttendTells holds that what happens to a bus is told, by events that name
// the backend.
func TestAttendTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		defer b.Close(t.Context())
		sub := watcher(t, b, nil)
		a := attend(t, b)
		heartbeat := event.New("n", event.NodeHeartbeat{NodeID: "n"}, event.ID{})

		// an event that somebody gives up
		d, err := b.Subscribe(t.Context(), "node_start.*", &bus.Options{Class: bus.Durable})
		if err != nil {
			t.Fatal(err)
		}
		start := event.New("n", event.NodeStart{InputState: []byte(`{}`)}, event.ID{})
		if _, err := b.Publish(t.Context(), "node_start.a", start); err != nil {
			t.Fatal(err)
		}
		delivery, err := d.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := delivery.Term(t.Context(), "password=hunter2"); err != nil {
			t.Fatal(err)
		}
		// events that are lost
		slow := watcher(t, b, &bus.Options{Queue: 1})
		for range 3 {
			if _, err := b.Publish(t.Context(), "node_heartbeat.a", heartbeat); err != nil {
				t.Fatal(err)
			}
		}
		slow.Close()
		time.Sleep(3 * time.Second) // of the test's own clock
		a.Close()
		all := diagnostics(t, sub)
		got := kinds(all)
		for _, want := range []event.Kind{event.KindBusConnected, event.KindBusStarted, event.KindEventRetryLimitExceeded, event.KindEventDropped, event.KindBusStopped} {
			if !strings.Contains(got, string(want)) {
				t.Errorf("told %s, want %s", got, want)
			}
		}
		for _, e := range all {
			text, err := event.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			if e.Kind() != event.KindBusPing && !strings.Contains(string(text), `"backend":"memory"`) {
				t.Errorf("%s names no backend: %s", e.Kind(), text)
			}
			if strings.Contains(string(text), "hunter2") {
				t.Errorf("a secret is told: %s", text)
			}
		}
	})
}

// TestDiagnosticsCauseNone holds that diagnostics which are lost are not told
// of for ever, with a subscriber that loses each of them.
func TestDiagnosticsCauseNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		defer b.Close(t.Context())
		full := watcher(t, b, &bus.Options{Queue: 1, Policy: bus.DropNewest}) // it never reads
		defer full.Close()
		all := watcher(t, b, nil)
		a := attend(t, b)
		defer a.Close()
		time.Sleep(time.Hour) // of the test's own clock
		told := kinds(diagnostics(t, all))
		if n := strings.Count(told, string(event.KindEventDropped)); n > 3 {
			t.Errorf("one subscriber that is full is told of %d times in an hour: %s", n, told)
		}
	})
}

// TestUnheardIsToldOnce holds that a publication that nobody hears is told once
// for each subject, and that answers, logs and diagnostics do not count.
func TestUnheardIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		defer b.Close(t.Context())
		sub, err := b.Subscribe(t.Context(), "event_unheard.*", nil)
		if err != nil {
			t.Fatal(err)
		}
		a := attend(t, b)
		defer a.Close()
		heartbeat := event.New("n", event.NodeHeartbeat{NodeID: "n"}, event.ID{})
		log := event.New("n", event.StructuredLog{Level: "info", Message: "m"}, event.ID{})
		for range 3 {
			for s, e := range map[event.Subject]event.Event{
				"node_heartbeat.a": heartbeat, "node_heartbeat.b": heartbeat, "node_heartbeat.a.me": heartbeat, "structured_log.a": log,
			} {
				if _, err := b.Publish(t.Context(), s, e); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(2 * time.Second) // of the test's own clock
		}
		if got := diagnostics(t, sub); len(got) != 2 {
			t.Errorf("told %s, want one for each of two subjects", kinds(got))
		}
		notes := bus.JournalOf(b)
		if len(notes) != 2 || !strings.Contains(notes[0].String(), "unheard node_heartbeat.") {
			t.Errorf("the journal has %v", notes)
		}
	})
}

// TestRollCall holds that who attends a bus answers, with its health and with who
// listens.
func TestRollCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		defer b.Close(t.Context())
		a := attend(t, b)
		defer a.Close()
		sub := watcher(t, b, nil)
		defer sub.Close()
		pongs, err := bus.RollCall(t.Context(), b, "node_heartbeat.a", time.Second, nil)
		if err != nil || len(pongs) != 1 {
			t.Fatalf("%d pongs, %v", len(pongs), err)
		}
		if p := pongs[0]; p.Name != "test" || p.Backend != "memory" || p.Subscribers != 1 || !strings.Contains(string(p.Health), `"event_count"`) {
			t.Errorf("pong %+v", p)
		}
		if pongs, err = bus.RollCall(t.Context(), b, "", time.Second, func(p []event.BusPong) bool { return len(p) == 1 }); err != nil || len(pongs) != 1 {
			t.Fatalf("%d pongs, %v", len(pongs), err)
		}
		if !strings.Contains(string(pongs[0].Subscriptions), `"filter":"\u003e"`) {
			t.Errorf("subscriptions %s", pongs[0].Subscriptions)
		}
	})
}

// TestWaitForSubscribers holds that it ends with the subscription that was
// missing, or with how many there were.
func TestWaitForSubscribers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		defer b.Close(t.Context())
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := bus.WaitForSubscribers(short, bus.CounterOf(b), "node_start.a", 1); !errors.Is(err, bus.ErrNobody) || !strings.Contains(err.Error(), "0, not 1") {
			t.Errorf("without anybody: %v", err)
		}
		done := make(chan error)
		go func() { done <- bus.WaitForSubscribers(t.Context(), bus.CounterOf(b), "node_start.a", 2) }()
		if _, err := b.Subscribe(t.Context(), "node_start.*", nil); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Subscribe(t.Context(), ">", &bus.Options{Class: bus.Durable}); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Errorf("with both: %v", err)
		}
	})
}

// shaky is a bus that cannot be reached for some publications.
type shaky struct {
	*bus.Memory
	failures int
	err      error
	calls    []time.Time
}

func (s *shaky) Publish(ctx context.Context, to event.Subject, e event.Event) (bus.Receipt, error) {
	s.calls = append(s.calls, time.Now())
	if len(s.calls) <= s.failures {
		return bus.Receipt{}, s.err
	}
	return s.Memory.Publish(ctx, to, e)
}

// TestPublishRetrying holds how often, and after which pauses, a publication is
// tried again, and which is not.
func TestPublishRetrying(t *testing.T) {
	e := event.New("n", event.NodeStart{InputState: []byte(`{}`)}, event.ID{})
	for _, tt := range []struct {
		name     string
		failures int
		err      error
		calls    int
		want     error
	}{
		{"at once", 0, nil, 1, nil},
		{"comes back", 3, bus.ErrUnavailable, 4, nil},
		{"outcome unknown", 1, context.DeadlineExceeded, 2, nil},
		{"never comes back", 100, bus.ErrUnavailable, 5, bus.ErrRetries},
		{"refused", 100, bus.ErrDenied, 1, bus.ErrDenied},
		{"closed", 100, bus.ErrClosed, 1, bus.ErrClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &shaky{Memory: bus.NewMemory(nil), failures: tt.failures, err: tt.err}
				_, err := bus.PublishRetrying(t.Context(), s, "node_start.a", e, &bus.Retry{Attempts: 5, First: time.Second, Longest: 3 * time.Second})
				if tt.want == nil && err != nil || tt.want != nil && !errors.Is(err, tt.want) {
					t.Errorf("error %v, want %v", err, tt.want)
				}
				if len(s.calls) != tt.calls {
					t.Fatalf("%d calls, want %d", len(s.calls), tt.calls)
				}
				for i, bound := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second} {
					if i+1 >= len(s.calls) {
						break
					}
					if pause := s.calls[i+1].Sub(s.calls[i]); pause < bound/2 || pause > bound {
						t.Errorf("pause %d is %v, want between %v and %v", i+1, pause, bound/2, bound)
					}
				}
			})
		})
	}
}

// TestHistory holds that the past is read to the end of what was kept, and that
// it moves nobody's position.
func TestHistory(t *testing.T) {
	b := bus.NewMemory(nil)
	defer b.Close(t.Context())
	for i := range 10 {
		e := event.New("n", event.NodeStart{InputState: []byte(`{}`)}, event.ID{})
		s := event.Subject("node_start.even")
		if i%2 == 1 {
			s = "node_start.odd"
		}
		if _, err := b.Publish(t.Context(), s, e); err != nil {
			t.Fatal(err)
		}
	}
	enough := errors.New("enough")
	for _, tt := range []struct {
		name   string
		filter event.Filter
		r      bus.Range
		want   []uint64
	}{
		{"all", ">", bus.Range{}, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{"filter", "node_start.odd", bus.Range{}, []uint64{2, 4, 6, 8, 10}},
		{"from", ">", bus.Range{Start: bus.StartSeq, Sequence: 9}, []uint64{9, 10}},
		{"to", ">", bus.Range{To: 2}, []uint64{1, 2}},
		{"to between", "node_start.even", bus.Range{To: 4}, []uint64{1, 3}},
		{"beyond", ">", bus.Range{Start: bus.StartSeq, Sequence: 11}, nil},
		{"later", ">", bus.Range{Start: bus.StartTime, Since: time.Now().Add(time.Hour)}, nil},
		{"last", ">", bus.Range{Start: bus.StartLast}, []uint64{9, 10}},
		{"before", ">", bus.Range{Until: time.Now().Add(-time.Hour)}, nil},
		{"nothing", "node_dead.*", bus.Range{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []uint64
			err := bus.History(t.Context(), b, tt.filter, tt.r, func(d bus.Delivery) error {
				got = append(got, d.Sequence)
				return nil
			})
			if err != nil || !equal(got, tt.want) {
				t.Errorf("%v, %v, want %v", got, err, tt.want)
			}
		})
	}
	if err := bus.History(t.Context(), b, ">", bus.Range{}, func(bus.Delivery) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("error %v, want that of the function", err)
	}
	if h := b.Health(t.Context()); h.Subscribers != 0 {
		t.Errorf("%d subscriptions are left", h.Subscribers)
	}
}

func equal(a, b []uint64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestRedrive holds that a dead letter comes again as it was, once.
func TestRedrive(t *testing.T) {
	b := bus.NewMemory(nil)
	defer b.Close(t.Context())
	sub, err := b.Subscribe(t.Context(), "node_start.*", &bus.Options{Class: bus.Durable})
	if err != nil {
		t.Fatal(err)
	}
	e := event.New("n", event.NodeStart{InputState: []byte(`{}`)}, event.ID{})
	if _, err := b.Publish(t.Context(), "node_start.a", e); err != nil {
		t.Fatal(err)
	}
	d, err := sub.Next(t.Context())
	if err == nil {
		err = d.Term(t.Context(), "broken")
	}
	if err != nil {
		t.Fatal(err)
	}
	letters, err := b.DeadLetters(t.Context(), 10)
	if err != nil || len(letters) != 1 {
		t.Fatalf("letters %v, %v", letters, err)
	}
	r, err := b.Redrive(t.Context(), letters[0].Number)
	if err != nil || r.Sequence != 2 {
		t.Fatalf("receipt %+v, %v", r, err)
	}
	d, err = sub.Next(t.Context())
	if err != nil || d.Event.ID != e.ID || d.Event.Correlation != e.Correlation || d.Attempt != 1 {
		t.Errorf("%+v, %v, want the event again", d, err)
	}
	if _, err := b.Redrive(t.Context(), letters[0].Number); !errors.Is(err, bus.ErrNoLetter) {
		t.Errorf("redriving twice: %v", err)
	}
	if letters, err = b.DeadLetters(t.Context(), 10); err != nil || len(letters) != 0 {
		t.Errorf("letters %v, %v are left", letters, err)
	}
}
