package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/app"
)

func TestBenchOpensEveryBus(t *testing.T) {
	bench, err := app.NewBench()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, tr := range bench.Transports() {
		t.Run(tr.Name, func(t *testing.T) {
			b, err := tr.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close(t.Context())
			seen[b.Health(t.Context()).Backend] = true
			s, err := b.Subscribe(t.Context(), "node_heartbeat.*", nil)
			if err != nil {
				t.Fatal(err)
			}
			other := b
			if tr.Join != nil { // by a connection of its own
				if other, err = tr.Join(t.Context()); err != nil {
					t.Fatal(err)
				}
				defer other.Close(t.Context())
			}
			want := event.New("n", event.NodeHeartbeat{NodeID: "n"}, event.ID{})
			if bus.ClassOf("node_heartbeat.n") != bus.Ephemeral {
				t.Fatal("a heartbeat is kept")
			}
			if _, err := other.Publish(t.Context(), "node_heartbeat.n", want); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Next(t.Context()); err != nil || got.Event.ID != want.ID {
				t.Errorf("got %v, %v", got.Event.ID, err)
			}
		})
	}
	if len(seen) < 4 {
		t.Errorf("backends %v", seen)
	}
	if err := bench.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Dir(bench.Root())); !os.IsNotExist(err) {
		t.Errorf("something is left: %v", err)
	}
}
