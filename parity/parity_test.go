package parity_test

import (
	"context"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/parity"
)

// run checks nodes on every path and returns the report as people read it, too.
func run(t *testing.T, nodes []parity.Node, o parity.Options) (parity.Report, string) {
	t.Helper()
	if o.CLI == nil {
		o.CLI = misbehaving(t, "good")
	}
	r, err := parity.Run(t.Context(), nodes, &o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.Write(&b, parity.Text); err != nil {
		t.Fatal(err)
	}
	return r, b.String()
}

func TestGoodNodesRaiseNoAlarm(t *testing.T) {
	peer.Find(t, "python3")
	nodes := []parity.Node{
		goNode("good"), goNode("good_status"), goNode("good_large"), goNode("good_volatile"),
		dir("../examples/greeter"), dir("../examples/shout"), dir("../examples/clock"), dir("../examples/dice"),
	}
	r, text := run(t, nodes, parity.Options{Buses: []parity.Transport{parity.Memory(), nats(t)}})
	if !r.OK() || r.Summary.Failed != 0 {
		t.Errorf("%s", text)
	}
	var b strings.Builder
	r.Write(&b, parity.Detailed)
	t.Log(b.String())
	_ = context.Background
}
