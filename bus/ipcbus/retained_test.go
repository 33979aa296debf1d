//go:build unix

package ipcbus_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/soon"
)

// A retained subscription gets what was published to the next hub before it was
// live there, and an event that was not acknowledged to a hub that lives.
func TestRetainedSubscriptionsGoOn(t *testing.T) {
	path := socket(t)
	hub := start(t, "hub", path)
	b := dialHub(t, path)
	s := subscribe(t, b, "node_start.*", &bus.Options{Class: ipcbus.Retained})
	publish(t, b, fact())
	first := next(t, s)
	back := b.Reconnected(t.Context())
	hub.kill()
	start(t, "hub", path)
	reconnected(t, back)
	if err := first.Ack(within(t)); !errors.Is(err, ipcbus.ErrSettle) {
		t.Errorf("acknowledging to a hub that is gone: %v, want %v", err, ipcbus.ErrSettle)
	}
	second := fact()
	publish(t, b, second)
	if d := next(t, s); d.Event.ID != second.ID || d.Attempt != 1 || d.Class != ipcbus.Retained {
		t.Errorf("got %s, attempt %d, class %s", d.Event.ID, d.Attempt, d.Class)
	}
}

// A client that was cut off from a hub that lives gets again what it had not
// acknowledged, and what came meanwhile.
func TestRetainedSubscriptionsGoOnWhereTheyWere(t *testing.T) {
	// On a busy machine the quick ping finds silence often, and each loss takes an attempt.
	named := bus.Options{Name: "reader", AckWait: time.Second, MaxDeliver: 1000}
	for name, o := range map[string]bus.Options{"unnamed": {}, "named": named} {
		t.Run(name, func(t *testing.T) {
			path := socket(t)
			hub := start(t, "hub", path)
			dialHub(t, path)
			b := dial(t, ipcbus.Options{Path: path, NoHub: true, Ping: 100 * time.Millisecond})
			o.Class = ipcbus.Retained
			s := subscribe(t, b, "node_start.*", &o)
			var ids []event.ID
			for range 3 {
				e := fact()
				publish(t, b, e)
				ids = append(ids, e.ID)
			}
			if err := next(t, s).Ack(within(t)); err != nil {
				t.Fatal(err)
			}
			next(t, s)
			back := b.Reconnected(t.Context())
			hub.signal(syscall.SIGSTOP)
			soon.True(t, "the silence is noticed", func() bool { return !b.Health(within(t)).Connected })
			hub.signal(syscall.SIGCONT)
			reconnected(t, back)
			seen := map[event.ID]bool{}
			for !seen[ids[1]] || !seen[ids[2]] {
				d := next(t, s)
				seen[d.Event.ID] = true
				if err := d.Ack(within(t)); err != nil {
					t.Fatal(err)
				}
			}
			if seen[ids[0]] {
				t.Error("what was acknowledged came again")
			}
		})
	}
}

// A handler's result settles retained deliveries as it does durable ones.
func TestHandleServesRetainedSubscriptions(t *testing.T) {
	path := socket(t)
	start(t, "hub", path)
	b := dialHub(t, path)
	o := &bus.Options{Class: bus.Retained, Name: "reader"}
	s := subscribe(t, b, "node_start.*", o)
	publish(t, b, fact())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	err := bus.Serve(ctx, b, s, o, func(_ context.Context, d bus.Delivery) error {
		if calls++; d.Attempt == 1 {
			return errors.New("not yet")
		}
		cancel()
		return bus.ErrOptions.With("no")
	})
	if !errors.Is(err, context.Canceled) || calls != 2 {
		t.Errorf("Serve: %v after %d calls, want 2", err, calls)
	}
	soon.True(t, "the event is a dead letter", func() bool {
		letters, err := b.DeadLetters(within(t), 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(letters) == 1
	})
}

// The hub keeps what it was told to keep: whoever comes late gets the latest.
func TestHowMuchAHubRetains(t *testing.T) {
	path := socket(t)
	b := dial(t, ipcbus.Options{Path: path, Retain: bus.MemoryOptions{Events: 3}})
	for range 5 {
		publish(t, b, fact())
	}
	s := subscribe(t, b, "node_start.*", &bus.Options{Class: ipcbus.Retained, Start: bus.StartAll})
	for want := uint64(3); want <= 5; want++ {
		if d := next(t, s); d.Sequence != want {
			t.Errorf("sequence %d, want %d", d.Sequence, want)
		}
	}
}
