package bus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

func TestServeSettlesByTheResult(t *testing.T) {
	bad := fault.New("ONEX_TEST_001_BAD", fault.Invalid, "bad input")
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		o := &bus.Options{Class: bus.Durable, MaxDeliver: 2}
		s := subscribe(t, b, ">", o)
		served := make(chan error)
		var seen []string
		go func() {
			served <- bus.Serve(t.Context(), b, s, o, func(_ context.Context, d bus.Delivery) error {
				n := numberOf(t, d.Event)
				seen = append(seen, fmt.Sprintf("%d/%d", n, d.Attempt))
				switch n {
				case 1:
					return bad
				case 2:
					return errors.New("disk on fire")
				case 3:
					panic("boom")
				}
				return nil
			})
		}()
		for n := range 4 {
			publish(t, b, fact(n))
			synctest.Wait()
		}
		s.Close()
		if err := <-served; !errors.Is(err, bus.ErrClosed) {
			t.Errorf("Serve returned %v", err)
		}
		if diff := cmp.Diff([]string{"0/1", "1/1", "2/1", "2/2", "3/1", "3/2"}, seen); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		dead, err := b.DeadLetters(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		var reasons []string
		for _, l := range dead {
			reasons = append(reasons, l.Reason)
		}
		want := []string{"bad input", "attempt 2 of 2: disk on fire", "attempt 2 of 2: an event handler panicked"}
		for i, r := range reasons {
			if !strings.HasPrefix(r, want[i]) {
				t.Errorf("reason %d: %q, want %q", i, r, want[i])
			}
		}
		if h := b.Health(t.Context()); h.Errors != 5 || h.DeadLetters != 3 || h.Redelivered != 2 {
			t.Errorf("health %+v", h)
		}
	})
}

func TestHandleEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			ended <- bus.Handle(ctx, b, ">", nil, func(context.Context, bus.Delivery) error { cancel(); return nil })
		}()
		synctest.Wait() // until it has subscribed
		publish(t, b, fact(1))
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Handle returned %v", err)
		}
		if h := b.Health(t.Context()); h.Subscribers != 0 {
			t.Errorf("%d subscriptions left", h.Subscribers)
		}
	})
}

// answering answers every question with its own number, after a delay.
func answering(t *testing.T, b bus.Bus, delay time.Duration) {
	s := subscribe(t, b, "test_note.tester.*", nil)
	go bus.Serve(t.Context(), b, s, nil, func(ctx context.Context, d bus.Delivery) error {
		time.Sleep(delay)
		return bus.Answer(ctx, b, "answerer", d.Event, "answerer-1", d.Event.Payload)
	})
}

func TestCallerGetsItsAnswer(t *testing.T) {
	b := bus.NewMemory(nil)
	answering(t, b, 0)
	c, err := bus.NewCaller(t.Context(), b, "caller-1")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for n := range 100 {
		q := note(n)
		a, err := c.Do(t.Context(), event.Subject("test_note.tester").To("answerer-1"), q)
		if err != nil {
			t.Fatal(err)
		}
		if a.Causation != q.ID || a.Correlation != q.Correlation || a.NodeID != "answerer-1" || numberOf(t, a) != n {
			t.Fatalf("answer %+v to %+v", a, q)
		}
	}
	if c.Late() != 0 {
		t.Errorf("%d late answers", c.Late())
	}
}

func TestCallerDiscardsALateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		answering(t, b, time.Minute)
		c, err := bus.NewCaller(t.Context(), b, "caller-1")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Do(ctx, "test_note.tester.answerer-1", note(1))
		if !errors.Is(err, bus.ErrNoAnswer) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Do without an answer: %v", err)
		}
		time.Sleep(2 * time.Minute)
		if c.Late() != 1 {
			t.Errorf("%d late answers, want 1", c.Late())
		}
		c.Close()
		if _, err := c.Do(t.Context(), "test_note.tester.answerer-1", note(2)); !errors.Is(err, bus.ErrClosed) {
			t.Errorf("Do after Close: %v", err)
		}
		b.Close(t.Context())
	})
}
