package registry_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// instances is small, so that the same instance is met again and again.
const instances = 4

// A machine does to a registry what nodes and time do, and remembers what must
// hold whatever happens.
type machine struct {
	s     *registry.State
	now   time.Time
	store map[string][]byte

	given   map[node.Incarnation]node.ID // every life that ever was
	largest node.Incarnation
	heard   map[node.ID]time.Time // last sign of life of the current incarnation
	status  map[node.ID]node.Status
}

func newMachine(t *rapid.T) *machine {
	m := &machine{
		s: registry.NewState(nil), now: noon, store: map[string][]byte{},
		given: map[node.Incarnation]node.ID{}, heard: map[node.ID]time.Time{}, status: map[node.ID]node.Status{},
	}
	m.crash(t)
	return m
}

// twice does something to the state two times; the second must change nothing.
func (m *machine) twice(t *rapid.T, do func() []registry.Transition) []registry.Transition {
	ts := do()
	before := dump(m.s)
	if again := do(); len(again) != 0 {
		t.Fatalf("the same again changed a status: %+v", again)
	}
	if diff := cmp.Diff(before, dump(m.s)); diff != "" {
		t.Fatalf("the same again changed the state:\n%s", diff)
	}
	return ts
}

func drawID(t *rapid.T) node.ID { return id(rapid.IntRange(1, instances).Draw(t, "instance")) }

func (m *machine) announce(t *rapid.T) {
	n := rapid.IntRange(1, instances).Draw(t, "instance")
	a := announcement(n, rapid.SampledFrom([]node.Name{"one", "one", "one", "two"}).Draw(t, "name"),
		tool("greet", rapid.IntRange(1, 2).Draw(t, "promise")))
	a.TTL = rapid.SampledFrom([]time.Duration{0, time.Second}).Draw(t, "ttl")
	before, known := m.status[a.NodeID]
	was := m.s.Incarnation(a.NodeID)
	var acc event.NodeAnnounceAccepted
	var err error
	m.twice(t, func() (ts []registry.Transition) {
		acc, ts, err = m.s.Announce(m.now, a)
		return ts
	})
	if err != nil {
		return
	}
	live := known && before != node.Dead && before != node.Stopped
	if live && acc.Incarnation != was {
		t.Fatalf("a live node got incarnation %d instead of %d", acc.Incarnation, was)
	}
	if !live {
		if acc.Incarnation <= m.largest {
			t.Fatalf("incarnation %d after %d", acc.Incarnation, m.largest)
		}
		m.largest = acc.Incarnation
		m.given[acc.Incarnation] = a.NodeID
	}
	m.heard[a.NodeID] = m.now
	m.status[a.NodeID] = node.Online
}

func (m *machine) beat(t *rapid.T) {
	b := event.NodeHeartbeat{NodeID: drawID(t), InFlight: rapid.IntRange(0, 3).Draw(t, "in flight")}
	b.Incarnation = m.s.Incarnation(b.NodeID)
	stale := rapid.Bool().Draw(t, "stale") && len(m.given) > 0
	if stale {
		b.Incarnation = rapid.SampledFrom(slices.Sorted(maps.Keys(m.given))).Draw(t, "incarnation")
	}
	current := b.Incarnation != 0 && b.Incarnation == m.s.Incarnation(b.NodeID)
	var known bool
	m.twice(t, func() (ts []registry.Transition) {
		known, ts = m.s.Beat(m.now, b)
		return ts
	})
	if current {
		m.heard[b.NodeID] = m.now
	}
	if known != (current || m.status[b.NodeID] == node.Stopped && m.given[b.Incarnation] == b.NodeID && known) {
		t.Fatalf("beat %+v: known %t, current %t", b, known, current)
	}
}

func (m *machine) gone(t *rapid.T) {
	n := drawID(t)
	i := m.s.Incarnation(n)
	m.twice(t, func() []registry.Transition { return m.s.Gone(m.now, n, i, "process ended") })
}

func (m *machine) suspect(t *rapid.T) {
	n := drawID(t)
	m.twice(t, func() []registry.Transition { return m.s.Suspect(m.now, n, "connection lost") })
}

func (m *machine) stop(t *rapid.T) {
	b := event.NodeStopped{NodeID: drawID(t)}
	other := m.s.Incarnation(b.NodeID) + 1
	b.Incarnation = rapid.SampledFrom([]node.Incarnation{0, other - 1, other}).Draw(t, "incarnation")
	if ts := m.twice(t, func() []registry.Transition { return m.s.Stop(m.now, b) }); len(ts) > 0 && b.Incarnation == other {
		t.Fatalf("the goodbye of another incarnation stops a node: %+v", ts)
	}
}

// expire lets time pass, first to just before something is due.
func (m *machine) expire(t *rapid.T) {
	if next, ok := m.s.NextDeadline(); ok && next.After(m.now) {
		if ts := m.s.Expire(next.Add(-1)); len(ts) != 0 {
			t.Fatalf("changed before its time: %+v", ts)
		}
		if rapid.Bool().Draw(t, "to the deadline") {
			m.now = next
			before := dump(m.s)
			if m.s.Expire(m.now); cmp.Equal(before, dump(m.s)) {
				t.Fatal("nothing happened at the deadline")
			}
		}
	}
	steps := []time.Duration{time.Millisecond, time.Second, 2600 * time.Millisecond, 4 * time.Second, registry.Keep}
	m.now = m.now.Add(rapid.SampledFrom(steps).Draw(t, "time"))
	for _, tr := range m.twice(t, func() []registry.Transition { return m.s.Expire(m.now) }) {
		silence := m.now.Sub(m.heard[tr.NodeID])
		if e, err := m.s.Node(string(tr.NodeID), false); tr.To == node.Dead && err == nil && silence < e.TTL {
			t.Fatalf("%s died of a silence of %s, ttl %s", tr.NodeID, silence, e.TTL)
		}
	}
}

func (m *machine) save(t *rapid.T) { flush(t, m.s, m.store) }

// crash restarts the registry from what was saved.
func (m *machine) crash(t *rapid.T) {
	r := registry.NewState(nil)
	if err := r.Restore(m.now, m.store); err != nil {
		t.Fatal(err)
	}
	m.s = r
	m.save(t) // as a registry does before it listens
	for _, e := range dump(r) {
		m.heard[e.NodeID] = m.now
	}
	m.status = map[node.ID]node.Status{}
}

// cleanRestart loses nothing but liveness.
func (m *machine) cleanRestart(t *rapid.T) {
	m.save(t)
	before := dump(m.s)
	m.crash(t)
	ignore := cmpopts.IgnoreFields(event.NodeEntry{}, "Status", "Reason", "Since", "InFlight", "History")
	if diff := cmp.Diff(before, dump(m.s), ignore, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("the restart changed something:\n%s", diff)
	}
}

// check holds after every step.
func (m *machine) check(t *rapid.T) {
	seen := map[node.ID]bool{}
	for _, e := range dump(m.s) {
		seen[e.NodeID] = true
		before := m.status[e.NodeID]
		if before == node.Dead && e.Status != node.Dead || before == node.Stopped && e.Status != node.Stopped {
			t.Fatalf("%s was %s and is %s without an announcement", e.NodeID, before, e.Status)
		}
		m.status[e.NodeID] = e.Status
		checkHistory(t, e)
		if owner, ok := m.given[e.Incarnation]; ok && owner != e.NodeID {
			t.Fatalf("incarnation %d of %s belongs to %s", e.Incarnation, e.NodeID, owner)
		}
	}
	maps.DeleteFunc(m.status, func(n node.ID, _ node.Status) bool { return !seen[n] })
	for _, p := range m.s.Providers("greet") {
		if !p.Status.Routable() {
			t.Fatalf("a %s node is offered", p.Status)
		}
	}
	if next, ok := m.s.NextDeadline(); ok != (m.s.Len() > 0) || ok && next.Before(noon) {
		t.Fatalf("next deadline %s, %t", next, ok)
	}
}

func checkHistory(t *rapid.T, e event.NodeEntry) {
	h := e.History
	last := h[len(h)-1]
	if last.To != e.Status || last.Reason != e.Reason || !last.Time.Equal(e.Since) || len(h) > registry.MaxHistory {
		t.Fatalf("%s: status %s (%s) and history %+v", e.NodeID, e.Status, e.Reason, h)
	}
	for i := 1; i < len(h); i++ {
		if h[i].From != h[i-1].To || h[i].Time.Before(h[i-1].Time) || h[i].From == h[i].To {
			t.Fatalf("%s: history breaks at %d: %+v", e.NodeID, i, h)
		}
	}
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		t.Repeat(map[string]func(*rapid.T){
			"announce": m.announce, "beat": m.beat, "beat more": m.beat, "gone": m.gone, "suspect": m.suspect,
			"stop": m.stop, "expire": m.expire, "save": m.save, "crash": m.crash, "restart": m.cleanRestart,
			"": m.check,
		})
	})
}

func TestOrderOfBeatsIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, out := registry.NewState(nil), registry.NewState(nil)
		var beats []event.NodeHeartbeat
		for n := range 6 {
			for _, s := range []*registry.State{in, out} {
				s.Announce(noon, greeter(n))
				if n%2 == 0 {
					s.Suspect(noon, id(n), "connection lost")
				}
			}
			beats = append(beats, event.NodeHeartbeat{NodeID: id(n), Incarnation: node.Incarnation(n + 1), InFlight: n})
		}
		now := noon.Add(time.Second)
		for _, b := range beats {
			in.Beat(now, b)
		}
		for _, b := range rapid.Permutation(beats).Draw(t, "order") {
			out.Beat(now, b)
		}
		if diff := cmp.Diff(dump(in), dump(out)); diff != "" {
			t.Fatal(diff)
		}
	})
}
