package natsbus_test

import (
	"net"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

func note(k event.Kind) event.Event {
	return event.New("tester-1", event.Raw{Type: k, Data: []byte(`{"text":"as long as a usual event is, more or less"}`)}, event.ID{})
}

// What an ephemeral event costs from Publish to Next, and what nats.go alone
// takes for the same bytes.
func BenchmarkEphemeral(b *testing.B) {
	c := newBackend(b).connect()
	defer c.Close(b.Context())
	e := note("TEST_NOTE")
	s, err := c.Subscribe(b.Context(), "test_note.*", nil)
	if err != nil {
		b.Fatal(err)
	}
	inBursts(b, func() error {
		_, err := c.Publish(b.Context(), "test_note.tester", e)
		return err
	}, func() error {
		_, err := s.Next(b.Context())
		return err
	})
}

// inBursts sends, and receives what it sent: nothing here waits for a slow
// receiver, so that a benchmark has to.
func inBursts(b *testing.B, send, receive func() error) {
	const burst = 500
	n := 0
	for b.Loop() {
		if err := send(); err != nil {
			b.Fatal(err)
		}
		for n++; n == burst; {
			for ; n > 0; n-- {
				if err := receive(); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

func BenchmarkDurablePublish(b *testing.B) {
	c := newBackend(b).connect()
	defer c.Close(b.Context())
	for b.Loop() {
		if _, err := c.Publish(b.Context(), "node_start.tester", fact(1)); err != nil {
			b.Fatal(err)
		}
	}
}

type dialer func() (net.Conn, error)

func (d dialer) Dial(string, string) (net.Conn, error) { return d() }

func raw(b *testing.B) *nats.Conn {
	back := newBackend(b)
	nc, err := nats.Connect("nats://127.0.0.1:1", nats.SetCustomDialer(dialer(func() (net.Conn, error) { return back.server.Load().Dial() })))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	return nc
}

func BenchmarkEphemeralNATSAlone(b *testing.B) {
	nc := raw(b)
	data, err := event.Encode(note("TEST_NOTE"))
	if err != nil {
		b.Fatal(err)
	}
	got := make(chan struct{}, bus.DefaultQueue)
	if _, err := nc.Subscribe("x", func(*nats.Msg) { got <- struct{}{} }); err != nil {
		b.Fatal(err)
	}
	inBursts(b, func() error { return nc.Publish("x", data) }, func() error { <-got; return nil })
}

func BenchmarkDurablePublishNATSAlone(b *testing.B) {
	js, err := jetstream.New(raw(b))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := js.CreateStream(b.Context(), jetstream.StreamConfig{Name: "X", Subjects: []string{"x"}}); err != nil {
		b.Fatal(err)
	}
	data, err := event.Encode(fact(1))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := js.Publish(b.Context(), "x", data, jetstream.WithMsgID(event.NewID().String())); err != nil {
			b.Fatal(err)
		}
	}
}
