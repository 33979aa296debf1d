package natsbus_test

import (
	"strings"
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/soon"
)

// TestNobodyListensIsNoticed holds that the server's word is heard for a subject
// without subscribers, and only for that.
func TestNobodyListensIsNoticed(t *testing.T) {
	b := dial(t, natsbus.Options{URL: external(t, nil)})
	sub, err := b.Subscribe(t.Context(), "node_heartbeat.heard", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	e := event.New("n", event.NodeHeartbeat{NodeID: "n"}, event.ID{})
	for _, s := range []event.Subject{"node_heartbeat.heard", "node_heartbeat.heard", "node_heartbeat.unheard", "node_heartbeat.unheard"} {
		if _, err := b.Publish(t.Context(), s, e); err != nil {
			t.Fatal(err)
		}
	}
	soon.True(t, "it is noticed", func() bool { return len(bus.JournalOf(b)) > 0 })
	notes := bus.JournalOf(b)
	if len(notes) != 1 || notes[0].Subject != "node_heartbeat.unheard" || !strings.Contains(notes[0].String(), string(bus.ErrUnheard.Code)) {
		t.Errorf("the journal has %v", notes)
	}
	for range 2 {
		if d, err := sub.Next(t.Context()); err != nil || d.Subject != "node_heartbeat.heard" {
			t.Errorf("%+v, %v", d, err)
		}
	}
}
