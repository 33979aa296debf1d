package registry_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// dump returns all that can be seen of a state.
func dump(s *registry.State) []event.NodeEntry {
	return s.Nodes(event.NodeDiscoveryRequest{Detail: true})
}

// flush brings store up to date with s.
func flush(t interface{ Fatal(...any) }, s *registry.State, store map[string][]byte) {
	for s.Dirty() {
		puts, deletes, err := s.Flush(2)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(store, puts)
		for _, key := range deletes {
			delete(store, key)
		}
	}
}

func TestRestartKeepsEverythingButLiveness(t *testing.T) {
	s := town(t)
	s.Stop(noon, event.NodeStopped{NodeID: id(0x2a), Reason: "bye"})
	store := map[string][]byte{}
	flush(t, s, store)

	r := registry.NewState(nil)
	later := noon.Add(time.Minute)
	if err := r.Restore(later, store); err != nil {
		t.Fatal(err)
	}
	want := dump(s)
	for i := range want {
		if want[i].Status == node.Stopped {
			continue
		}
		restart := event.Change{Time: later, From: want[i].Status, To: node.Unverified, Reason: "the registry restarted"}
		want[i].Status, want[i].Reason, want[i].Since = restart.To, restart.Reason, restart.Time
		want[i].History = append(want[i].History, restart)
	}
	if diff := cmp.Diff(want, dump(r), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("restart (-want +got):\n%s", diff)
	}
	if got := mustAnnounce(t, r, later, announcement(9, "fresh")); got <= 3 {
		t.Errorf("incarnation %d was given before", got)
	}
}

func TestUnverifiedNodes(t *testing.T) {
	s := registry.NewState(nil)
	for n := range 3 {
		mustAnnounce(t, s, noon, greeter(n))
	}
	store := map[string][]byte{}
	flush(t, s, store)
	r := registry.NewState(nil)
	if err := r.Restore(noon, store); err != nil {
		t.Fatal(err)
	}
	if got := r.Providers("greet"); len(got) != 3 || got[0].Status != node.Unverified {
		t.Errorf("unverified nodes are not offered: %+v", got)
	}
	if known, ts := r.Beat(noon, event.NodeHeartbeat{NodeID: id(0), Incarnation: 1}); !known || payloads(ts) != nil {
		t.Errorf("confirmation by beat: %t, %v", known, ts)
	}
	if got := mustAnnounce(t, r, noon, greeter(1)); got != 2 {
		t.Errorf("confirmation by announcement gave incarnation %d, want 2 as before", got)
	}
	alive := func(now time.Time) {
		for n, i := range []node.Incarnation{1, 2} {
			r.Beat(now, event.NodeHeartbeat{NodeID: id(n), Incarnation: i})
		}
	}
	end := noon.Add(registry.DefaultTTL + registry.Grace)
	alive(end.Add(-1))
	r.Expire(end.Add(-1))
	wantStatus(t, r, 2, node.Unverified, "the registry restarted")
	r.Expire(end)
	wantStatus(t, r, 0, node.Online, "heartbeat")
	wantStatus(t, r, 1, node.Online, "announced again")
	wantStatus(t, r, 2, node.Dead, "not heard of for 8s after the registry restarted")
}

func TestDamagedRecordsAreNamedAndLeftOut(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, greeter(1))
	store := map[string][]byte{}
	flush(t, s, store)
	good := store[string(id(1))]
	for name, damage := range map[string]string{
		"cut":            string(good[:len(good)/2]),
		"no incarnation": strings.Replace(string(good), `"incarnation":1`, `"incarnation":0`, 1),
		"status":         strings.ReplaceAll(string(good), `"online"`, `"odd"`),
		"history":        strings.Replace(string(good), `"to":"online"`, `"to":"dead"`, 1),
		"other key":      strings.Replace(string(good), string(id(1)), string(id(3)), 1),
		"trust":          strings.Replace(string(good), `"execution_mode"`, `"x"`, 1) + "x",
	} {
		t.Run(name, func(t *testing.T) {
			store := maps.Clone(store)
			store[string(id(2))] = []byte(damage)
			r := registry.NewState(nil)
			err := r.Restore(noon, store)
			if !errors.Is(err, registry.ErrRecord) || !strings.Contains(err.Error(), string(id(2))) {
				t.Errorf("got %v, want ErrRecord that names the key", err)
			}
			if r.Len() != 1 {
				t.Errorf("%d nodes restored, want the good one", r.Len())
			}
		})
	}
}

func TestUnsavedIsSavedAgain(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, greeter(1))
	puts, deletes, err := s.Flush(registry.MaxBatch)
	if err != nil || len(puts) != 2 || len(deletes) != 0 || s.Dirty() {
		t.Fatalf("flush: %d puts, %v, %v", len(puts), deletes, err)
	}
	s.Unsaved(puts, deletes)
	again, _, _ := s.Flush(registry.MaxBatch)
	if diff := cmp.Diff(puts, again); diff != "" {
		t.Errorf("second flush (-first +second):\n%s", diff)
	}
	s.Gone(noon, id(1), 1, "process ended")
	s.Expire(noon.Add(registry.Keep))
	for range 2 {
		puts, deletes, _ = s.Flush(registry.MaxBatch)
		if diff := cmp.Diff([]string{string(id(1))}, deletes); diff != "" || len(puts) != 0 {
			t.Errorf("oblivion: %d puts, deletes %v", len(puts), deletes)
		}
		s.Unsaved(puts, deletes)
	}
}

func TestBeatsAreNotSaved(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, greeter(1))
	flush(t, s, map[string][]byte{})
	s.Beat(noon, event.NodeHeartbeat{NodeID: id(1), Incarnation: 1, InFlight: 2})
	mustAnnounce(t, s, noon, greeter(1))
	if s.Dirty() {
		t.Error("a beat or an unchanged announcement would be written")
	}
}

func FuzzRestore(f *testing.F) {
	s := registry.NewState(nil)
	mustAnnounce(f, s, noon, greeter(1))
	store := map[string][]byte{}
	flush(f, s, store)
	f.Add(string(id(1)), store[string(id(1))])
	f.Add("incarnation", []byte("7"))
	f.Fuzz(func(t *testing.T, key string, data []byte) {
		s := registry.NewState(nil)
		if err := s.Restore(noon, map[string][]byte{key: data}); err != nil && !errors.Is(err, registry.ErrRecord) {
			t.Fatalf("an error of another kind: %v", err)
		}
		store := map[string][]byte{}
		flush(t, s, store)
		again := registry.NewState(nil)
		if err := again.Restore(noon, store); err != nil {
			t.Fatalf("what was restored cannot be restored again: %v", err)
		}
		if diff := cmp.Diff(dump(s), dump(again), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("the second restart changed something:\n%s", diff)
		}
	})
}
