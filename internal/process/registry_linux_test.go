package process_test

import (
	"context"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// A registry that watches processes knows of a kill -9 long before the silence
// of the node could tell.
func TestRegistryNoticesAKilledNode(t *testing.T) {
	w := watcher(t, nil)
	b := bus.NewMemory(nil)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	served, stop := context.WithCancel(ctx)
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- registry.Serve(served, b, &registry.Options{Processes: w, Ready: func() { close(ready) }})
	}()
	<-ready
	verdicts, err := b.Subscribe(ctx, event.FilterKind(event.KindNodeDead), nil)
	if err != nil {
		t.Fatal(err)
	}
	cmd, p := child(t)
	a := event.NodeAnnounce{
		NodeID:   node.ID(event.NewID().String()),
		Manifest: node.Manifest{Name: "greeter", Version: "1.0.0"},
		Contract: node.Contract{ContractVersion: node.ContractVersion, Node: "greeter", Version: "1.0.0"},
		Status:   event.AnnounceOnline,
		TTL:      registry.MaxTTL, // silence would take minutes
		Process:  p,
	}
	host, err := bus.NewCaller(ctx, b, string(a.NodeID))
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	answer, err := host.Do(ctx, event.NewSubject(a.Kind(), "greeter"), event.New("", a, event.ID{}))
	if err != nil || answer.Kind() != event.KindNodeAnnounceAccepted {
		t.Fatalf("answer %+v, %v", answer.Payload, err)
	}
	killed := time.Now()
	_ = cmd.Process.Kill()
	d, err := verdicts.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("noticed after %s", time.Since(killed))
	if dead := d.Event.Payload.(event.NodeDead); dead.NodeID != a.NodeID || dead.Incarnation != 1 {
		t.Errorf("verdict %+v", dead)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
