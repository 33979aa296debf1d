package registry_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

const many = 10_000

// crowd returns many nodes of a hundred kinds with three tools each.
func crowd() []event.NodeAnnounce {
	as := make([]event.NodeAnnounce, many)
	for i := range as {
		kind := i % 100
		as[i] = announcement(i, node.Name(fmt.Sprintf("node_%d", kind)))
		for n := range 3 {
			as[i].Contract.Tools = append(as[i].Contract.Tools, tool(node.ToolName(fmt.Sprintf("tool_%d_%d", kind, n)), 1))
		}
	}
	return as
}

func populated(b *testing.B) *registry.State {
	s := registry.NewState(nil)
	for _, a := range crowd() {
		mustAnnounce(b, s, noon, a)
	}
	return s
}

func BenchmarkAnnounce(b *testing.B) {
	as := crowd()
	s := registry.NewState(nil)
	i := 0
	for b.Loop() {
		mustAnnounce(b, s, noon, as[i%many])
		i++
	}
}

// A registry full of live nodes refuses another.
func BenchmarkAnnounceToFull(b *testing.B) {
	s := registry.NewState(nil)
	for n := range registry.MaxNodes {
		mustAnnounce(b, s, noon, greeter(n))
	}
	more := greeter(registry.MaxNodes)
	for b.Loop() {
		if _, _, err := s.Announce(noon, more); !errors.Is(err, registry.ErrFull) {
			b.Fatal(err)
		}
	}
}

func BenchmarkBeat(b *testing.B) {
	s := populated(b)
	now, i := noon, 0
	for b.Loop() {
		now = now.Add(time.Microsecond)
		s.Beat(now, event.NodeHeartbeat{NodeID: id(i % many), Incarnation: node.Incarnation(i%many + 1)})
		i++
	}
}

func BenchmarkLookupTool(b *testing.B) {
	s := populated(b)
	for b.Loop() {
		if len(s.Tools("tool_42_1")) != 1 {
			b.Fatal("not found")
		}
	}
}

// All nodes offer the same tool, the worst case.
func BenchmarkLookupCommonTool(b *testing.B) {
	s := registry.NewState(nil)
	for n := range many {
		mustAnnounce(b, s, noon, greeter(n))
	}
	for b.Loop() {
		if len(s.Providers("greet")) != registry.MaxProviders {
			b.Fatal("not found")
		}
	}
}

func BenchmarkMemory(b *testing.B) {
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := populated(b)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MB/10000-nodes")
		runtime.KeepAlive(s)
	}
}

// A full list through the bus, pages and encoding included.
func BenchmarkList(b *testing.B) {
	w := newWorld(b, nil)
	defer w.close()
	storm(w)
	for b.Loop() {
		nodes, err := w.client.Nodes(w.ctx, event.NodeDiscoveryRequest{})
		if err != nil || len(nodes) != many {
			b.Fatal(len(nodes), err)
		}
	}
}

// A lookup through the bus: the round trip of a question.
func BenchmarkAsk(b *testing.B) {
	w := newWorld(b, nil)
	defer w.close()
	w.join(greeter(1))
	for b.Loop() {
		if _, err := w.client.Tools(w.ctx, "greet"); err != nil {
			b.Fatal(err)
		}
	}
}

// From the first of 10,000 announcements to the last acceptance.
func BenchmarkStorm(b *testing.B) {
	for b.Loop() {
		w := newWorld(b, &registry.Options{Store: &shelf{}})
		storm(w)
		w.close()
	}
}

func storm(w *world) {
	answers, err := w.bus.Subscribe(w.ctx, "node_announce_accepted.registry.*", &bus.Options{Queue: bus.MaxQueue})
	if err != nil {
		w.t.Fatal(err)
	}
	defer answers.Close()
	for _, a := range crowd() {
		w.publish(a, a.Manifest.Name, a.NodeID)
	}
	for range many {
		w.next(answers)
	}
}
