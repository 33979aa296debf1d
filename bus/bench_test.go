package bus_test

import (
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// What one event costs from Publish to Next, beside a Go channel.
func BenchmarkMemory(b *testing.B) {
	m := bus.NewMemory(nil)
	sub, err := m.Subscribe(b.Context(), "test_note.*", &bus.Options{Policy: bus.Block})
	if err != nil {
		b.Fatal(err)
	}
	s, e := event.NewSubject("TEST_NOTE", "tester"), note(1)
	b.ReportAllocs()
	go func() {
		for b.Context().Err() == nil {
			m.Publish(b.Context(), s, e)
		}
	}()
	for b.Loop() {
		if _, err := sub.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	m.Close(b.Context())
}

func BenchmarkChannel(b *testing.B) {
	c := make(chan event.Event, bus.DefaultQueue)
	done := make(chan struct{})
	defer close(done)
	e := note(1)
	go func() {
		for {
			select {
			case c <- e:
			case <-done:
				return
			}
		}
	}()
	for b.Loop() {
		<-c
	}
}
