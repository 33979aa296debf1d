package registry

import (
	"fmt"
	"testing"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// TestEndedOnesAreCounted: makeRoom believes the count, so that it must hold whatever
// happens to a node.
func TestEndedOnesAreCounted(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := NewState(nil)
	id := func(n int) node.ID { return node.ID(fmt.Sprintf("00000000-0000-4000-8000-%012d", n)) }
	announce := func(n, pid int) {
		t.Helper()
		a := event.NodeAnnounce{NodeID: id(n), Process: event.Process{Host: "here", PID: pid, Started: "1"}}
		a.Manifest = node.Manifest{Name: "one", Version: "1.0.0"}
		a.Contract = node.Contract{Node: "one", Version: "1.0.0"}
		if _, _, err := s.Announce(now, a); err != nil {
			t.Fatal(err)
		}
	}
	counts := func(after string, want int) {
		t.Helper()
		really := 0
		for _, e := range s.entries {
			if !e.alive() {
				really++
			}
		}
		if s.ended != want || really != want {
			t.Errorf("%s: %d are counted, %d have ended, want %d", after, s.ended, really, want)
		}
	}
	for n := range 4 {
		announce(n, 1)
	}
	counts("all announced", 0)
	if n := testing.AllocsPerRun(1, func() { s.makeRoom() }); n != 0 {
		t.Errorf("where all live, making room copies: %v allocations", n)
	}
	s.Gone(now, id(0), s.Incarnation(id(0)), "process ended")
	s.Stop(now, event.NodeStopped{NodeID: id(1)})
	s.Stop(now, event.NodeStopped{NodeID: id(1)})
	counts("one dead, one stopped", 2)
	announce(0, 1)
	announce(2, 2) // dies, and lives at once
	counts("one came back", 1)
	records, _, err := s.Flush(MaxBatch)
	if err != nil {
		t.Fatal(err)
	}
	s = NewState(nil)
	if err := s.Restore(now, records); err != nil {
		t.Fatal(err)
	}
	counts("restored", 1)
	if !s.makeRoom() || s.Len() != 3 {
		t.Errorf("of four nodes with one stopped, %d are left", s.Len())
	}
	counts("room was made", 0)
	now = now.Add(MaxTTL + Grace)
	s.Expire(now)
	counts("silence", 3)
	s.Expire(now.Add(Keep))
	counts("all forgotten", 0)
}
