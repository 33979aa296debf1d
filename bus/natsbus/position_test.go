package natsbus_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
)

// A position that disappears on the server is made again, and nothing is
// missing. Nobody would ever learn that the events have stopped.
func TestPositionThatIsGoneIsMadeAgain(t *testing.T) {
	deleteConsumers := func(t *testing.T, js jetstream.JetStream) {
		stream, err := js.Stream(t.Context(), "ONEX_EVENTS")
		if err != nil {
			t.Fatal(err)
		}
		names := stream.ConsumerNames(t.Context())
		for name := range names.Name() {
			if err := stream.DeleteConsumer(t.Context(), name); err != nil {
				t.Error(err)
			}
		}
		if names.Err() != nil {
			t.Error(names.Err())
		}
	}
	deleteStream := func(t *testing.T, js jetstream.JetStream) {
		if err := js.DeleteStream(t.Context(), "ONEX_EVENTS"); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name   string
		o      bus.Options
		remove func(*testing.T, jetstream.JetStream)
		kept   bool // what was published before is still stored
	}{
		{"own", bus.Options{}, deleteConsumers, true},
		{"named", bus.Options{Name: "reader"}, deleteConsumers, true},
		{"group", bus.Options{Group: "readers"}, deleteConsumers, true},
		{"with its stream", bus.Options{}, deleteStream, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			backend := newBackend(t)
			b := backend.connect().(*natsbus.Bus)
			defer b.Close(context.Background())
			publish := func(n int) event.ID {
				t.Helper()
				e := fact(n)
				publishUntilAcknowledged(t.Context(), b, e, make(chan event.ID, 1)) // without its stream the first try fails
				return e.ID
			}
			publish(0) // before the subscription: never delivered, unless counted wrong
			tt.o.Class = bus.Durable
			s, err := b.Subscribe(t.Context(), "node_start.*", &tt.o)
			if err != nil {
				t.Fatal(err)
			}
			first, second := publish(1), publish(2)
			if d := next(t, s); d.Event.ID != first {
				t.Fatalf("first is %v, want %v", d.Event.ID, first)
			} else if err := d.Ack(t.Context()); err != nil {
				t.Fatal(err)
			}

			tt.remove(t, admin(t, backend))
			missing := map[event.ID]bool{second: tt.kept}
			for n := 3; n < 6; n++ {
				missing[publish(n)] = true
			}
			allowed := map[event.ID]bool{first: true, second: true} // may come twice, or be gone
			for id, must := range missing {
				allowed[id] = true
				if !must {
					delete(missing, id)
				}
			}
			for len(missing) > 0 {
				d := next(t, s)
				if !allowed[d.Event.ID] {
					t.Errorf("delivered %v, from before the subscription", d.Event)
				}
				delete(missing, d.Event.ID)
				if err := d.Ack(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func admin(t *testing.T, b *backend) jetstream.JetStream {
	t.Helper()
	nc := b.stranger()
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func next(t *testing.T, s bus.Subscription) bus.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	d, err := s.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
