package bus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// note returns an ephemeral event that carries n.
func note(n int) event.Event {
	return event.New("tester-1", event.Raw{Type: "TEST_NOTE", Data: number(n)}, event.ID{})
}

// fact returns a durable event that carries n.
func fact(n int) event.Event {
	return event.New("tester-1", event.NodeStart{InputState: number(n)}, event.ID{})
}

func number(n int) json.RawMessage { return fmt.Appendf(nil, `{"n":%d}`, n) }

func numberOf(t *testing.T, e event.Event) int {
	t.Helper()
	var v struct{ N int }
	var data json.RawMessage
	switch p := e.Payload.(type) {
	case event.Raw:
		data = p.Data
	case event.NodeStart:
		data = p.InputState
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v.N
}

func publish(t *testing.T, b bus.Bus, events ...event.Event) {
	t.Helper()
	for _, e := range events {
		if _, err := b.Publish(t.Context(), event.NewSubject(e.Kind(), "tester"), e); err != nil {
			t.Fatal(err)
		}
	}
}

func subscribe(t *testing.T, b bus.Bus, f event.Filter, o *bus.Options) bus.Subscription {
	t.Helper()
	s, err := b.Subscribe(t.Context(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func take(t *testing.T, s bus.Subscription) bus.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	d, err := s.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestQueuePolicies(t *testing.T) {
	for _, tt := range []struct {
		policy bus.Policy
		want   []int
		drops  bus.Drops
	}{
		{bus.DropOldest, []int{3, 4}, bus.Drops{bus.DroppedOldest: 3}},
		{bus.DropNewest, []int{0, 1}, bus.Drops{bus.DroppedNewest: 3}},
		{bus.Block, []int{0, 1}, bus.Drops{bus.DroppedBlocked: 3}},
	} {
		q := bus.NewQueue(2, tt.policy, nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for n := range 5 {
			err := q.Push(ctx, bus.Delivery{Event: note(n)})
			if full := tt.policy == bus.Block && n >= 2; errors.Is(err, bus.ErrQueueFull) != full {
				t.Errorf("%s: push %d: %v", tt.policy, n, err)
			}
		}
		q.Close()
		var got []int
		for {
			d, err := q.Next(t.Context())
			if errors.Is(err, bus.ErrClosed) {
				break
			}
			got = append(got, numberOf(t, d.Event))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: kept (-want +got):\n%s", tt.policy, diff)
		}
		if diff := cmp.Diff(tt.drops, q.Dropped()); diff != "" {
			t.Errorf("%s: drops (-want +got):\n%s", tt.policy, diff)
		}
	}
}

func TestBlockedPublisherGoesOnWhenThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		s := subscribe(t, b, ">", &bus.Options{Queue: 1, Policy: bus.Block})
		publish(t, b, note(0))
		published := make(chan error)
		go func() {
			_, err := b.Publish(t.Context(), "test_note.tester", note(1))
			published <- err
		}()
		synctest.Wait()
		select {
		case <-published:
			t.Fatal("Publish did not wait")
		default:
		}
		take(t, s)
		if err := <-published; err != nil {
			t.Fatal(err)
		}
		if got := numberOf(t, take(t, s).Event); got != 1 {
			t.Errorf("got %d, want 1", got)
		}
	})
}

func TestRedeliveryFollowsTheBackoffAndEndsAsADeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		s := subscribe(t, b, ">", &bus.Options{
			Class: bus.Durable, Name: "reader", MaxDeliver: 3, AckWait: time.Minute,
			Backoff: []time.Duration{time.Second, 10 * time.Second},
		})
		publish(t, b, fact(7))
		start := time.Now()
		var at []time.Duration
		for attempt := 1; attempt <= 3; attempt++ {
			d := take(t, s)
			at = append(at, time.Since(start))
			if d.Attempt != attempt {
				t.Errorf("attempt %d, want %d", d.Attempt, attempt)
			}
			if err := d.Nack(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]time.Duration{0, time.Second, 11 * time.Second}, at); diff != "" {
			t.Errorf("attempts at (-want +got):\n%s", diff)
		}
		dead, err := b.DeadLetters(t.Context(), 10)
		if err != nil || len(dead) != 1 {
			t.Fatalf("dead letters %v, %v", dead, err)
		}
		if got, want := dead[0].Reason, "refused, attempt 3 of 3"; got != want || dead[0].Consumer != "reader" {
			t.Errorf("dead letter of %q: %q, want %q", dead[0].Consumer, got, want)
		}
	})
}

func TestAckWaitIsExtendedByInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		s := subscribe(t, b, ">", &bus.Options{Class: bus.Durable, AckWait: time.Second, MaxDeliver: 2})
		publish(t, b, fact(1))
		start := time.Now()
		d := take(t, s)
		time.Sleep(900 * time.Millisecond)
		if err := d.InProgress(t.Context()); err != nil {
			t.Fatal(err)
		}
		if again := take(t, s); again.Attempt != 2 || time.Since(start) != 1900*time.Millisecond {
			t.Errorf("attempt %d after %v, want 2 after 1.9s", again.Attempt, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Next after the last attempt: %v", err)
		}
		dead, _ := b.DeadLetters(t.Context(), 1)
		if len(dead) != 1 || dead[0].Reason != "not acknowledged in 1s, attempt 2 of 2" {
			t.Errorf("dead letters %+v", dead)
		}
	})
}

func TestStartOfADurableSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		for _, tt := range []struct {
			o    bus.Options
			want []int
		}{
			{bus.Options{Start: bus.StartAll}, []int{1, 2, 3, 4, 5}},
			{bus.Options{}, []int{5}},
			{bus.Options{Start: bus.StartSeq, Sequence: 4}, []int{4, 5}},
			{bus.Options{Start: bus.StartTime}, []int{3, 4, 5}},
			{bus.Options{Start: bus.StartLast}, []int{4, 5}},
		} {
			b := bus.NewMemory(nil)
			publish(t, b, fact(1), fact(2))
			time.Sleep(time.Second)
			tt.o.Class, tt.o.Since = bus.Durable, time.Now()
			publish(t, b, fact(3), fact(4))
			s := subscribe(t, b, "node_start.*", &tt.o)
			publish(t, b, fact(5))
			var got []int
			for range tt.want {
				got = append(got, numberOf(t, take(t, s).Event))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("start %q at %v (-want +got):\n%s", tt.o.Start, time.Since(start), diff)
			}
		}
	})
}

func TestStoreEvictsTheOldestAndCountsIt(t *testing.T) {
	b := bus.NewMemory(nil)
	s := subscribe(t, b, "node_start.*", &bus.Options{Class: bus.Durable})
	for n := range bus.MemoryEvents + 3 {
		publish(t, b, fact(n))
	}
	if got := numberOf(t, take(t, s).Event); got != 3 {
		t.Errorf("first event kept is %d, want 3", got)
	}
	want := bus.Drops{bus.DroppedEvicted: 3}
	if diff := cmp.Diff(want, s.Dropped()); diff != "" {
		t.Errorf("drops (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, b.Health(t.Context()).Drops); diff != "" {
		t.Errorf("health's drops (-want +got):\n%s", diff)
	}
}
