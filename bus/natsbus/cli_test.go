package natsbus_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/node"
)

// TestTheNATSToolSeesOurEvents: what people of NATS use, sees the stream, its
// subjects and a stored event as it is.
func TestTheNATSToolSeesOurEvents(t *testing.T) {
	tool := peer.Find(t, "nats")
	s, err := natsd.Start(t.Context(), natsd.Options{Dir: t.TempDir(), Listen: "127.0.0.1:0", Token: "open", Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	url := "nats://open@" + s.Address()
	b, err := natsbus.Dial(t.Context(), natsbus.Options{URL: url, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close(t.Context())
	stopped := event.NodeStopped{NodeID: node.ID(event.NewID().String()), Name: "greeter", Incarnation: 1, Reason: "done"}
	e := event.New(string(stopped.NodeID), stopped, event.ID{})
	if _, err := b.Publish(t.Context(), event.NewSubject(e.Kind(), "greeter"), e); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ args, want string }{
		{"stream ls --names", "ONEX_EVENTS"},
		{"stream subjects ONEX_EVENTS", "onex.events.node_stopped.greeter"},
		{"stream get ONEX_EVENTS --last-for onex.events.node_stopped.greeter", e.ID.String()},
	} {
		args := append([]string{"--server", url, "--no-context"}, strings.Fields(tt.args)...)
		out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), tt.want) {
			t.Errorf("nats %s: %v, without %q:\n%s", tt.args, err, tt.want, out)
		}
	}
}
