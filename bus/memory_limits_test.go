package bus_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// A memory bus keeps no more than it was told to, and counts what it let go of for
// those who had not read it.
func TestMemoryLimits(t *testing.T) {
	fact := func(n int) event.Event {
		return event.New("tester-1", event.NodeStart{InputState: fmt.Appendf(nil, `{"n":%d,"fill":%q}`, n, strings.Repeat("x", 10_000))}, event.ID{})
	}
	wire, err := event.Encode(fact(0))
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]bus.MemoryOptions{
		"events": {Events: 3}, "bytes": {Bytes: 3*len(wire) + 5000}, "age": {Age: 35 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := bus.NewMemory(&o)
				defer b.Close(t.Context())
				behind, err := b.Subscribe(t.Context(), "node_start.*", &bus.Options{Class: bus.Durable})
				if err != nil {
					t.Fatal(err)
				}
				for n := range 8 {
					time.Sleep(10 * time.Second)
					if _, err := b.Publish(t.Context(), "node_start.tester", fact(n)); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(5 * time.Second)
				s, err := b.Subscribe(t.Context(), "node_start.*", &bus.Options{Class: bus.Durable, Start: bus.StartAll})
				if err != nil {
					t.Fatal(err)
				}
				want := uint64(6) // of 1 to 8, the last three
				if name == "age" {
					want = 5 // 35 s, 25 s, 15 s and 5 s ago
				}
				d, err := s.Next(t.Context())
				if err != nil || d.Sequence != want {
					t.Errorf("the oldest has sequence %d, want %d; %v", d.Sequence, want, err)
				}
				if got := behind.Dropped()[bus.DroppedEvicted]; got != want-1 {
					t.Errorf("%d counted as evicted, want %d", got, want-1)
				}
			})
		})
	}
}

func TestMemoryKeepsSoManyPositions(t *testing.T) {
	b := bus.NewMemory(nil)
	defer b.Close(t.Context())
	subscribe := func(name string) error {
		s, err := b.Subscribe(t.Context(), ">", &bus.Options{Class: bus.Durable, Name: name})
		if err == nil {
			s.Close()
		}
		return err
	}
	for n := range bus.MemoryConsumers {
		if err := subscribe(fmt.Sprintf("n%d", n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := subscribe("one-more"); !errors.Is(err, bus.ErrLimit) {
		t.Errorf("one too many: %v", err)
	}
	if err := subscribe("n7"); err != nil {
		t.Errorf("one that there is: %v", err)
	}
}
