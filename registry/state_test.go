package registry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// noon is when tests begin.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// id returns the n-th node id.
func id(n int) node.ID { return node.ID(fmt.Sprintf("00000000-0000-7000-8000-%012x", n)) }

// tool returns a tool whose promise depends on version.
func tool(name node.ToolName, version int) node.Tool {
	return node.Tool{
		Name:        name,
		Description: fmt.Sprintf("promise %d", version),
		Input:       json.RawMessage(`{"type":"object"}`),
		Output:      json.RawMessage(`{"type":"object"}`),
		Idempotency: node.None,
	}
}

// announcement returns that of instance n of a node with these tools.
func announcement(n int, name node.Name, tools ...node.Tool) event.NodeAnnounce {
	return event.NodeAnnounce{
		NodeID:   id(n),
		Manifest: node.Manifest{Name: name, Version: "1.0.0", Description: "says hello", Runtime: node.Go},
		Contract: node.Contract{ContractVersion: node.ContractVersion, Node: name, Version: "1.0.0", Tools: tools},
		Status:   event.AnnounceOnline,
	}
}

func greeter(n int) event.NodeAnnounce { return announcement(n, "greeter", tool("greet", 1)) }

func mustAnnounce(t testing.TB, s *registry.State, now time.Time, a event.NodeAnnounce) node.Incarnation {
	t.Helper()
	acc, _, err := s.Announce(now, a)
	if err != nil {
		t.Fatal(err)
	}
	return acc.Incarnation
}

func mustNode(t testing.TB, s *registry.State, ref string) event.NodeEntry {
	t.Helper()
	e, err := s.Node(ref, true)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func wantStatus(t testing.TB, s *registry.State, n int, want node.Status, reason string) {
	t.Helper()
	e := mustNode(t, s, string(id(n)))
	if e.Status != want || e.Reason != reason {
		t.Errorf("node %d is %q because %q, want %q because %q", n, e.Status, e.Reason, want, reason)
	}
}

// payloads returns what is published of the transitions.
func payloads(ts []registry.Transition) []event.Payload {
	var ps []event.Payload
	for _, t := range ts {
		if p := t.Event(); p != nil {
			ps = append(ps, p)
		}
	}
	return ps
}

func TestAcceptance(t *testing.T) {
	s := registry.NewState(&registry.StateOptions{ID: "r"})
	for _, tt := range []struct{ asked, want time.Duration }{
		{0, registry.DefaultTTL},
		{6 * time.Second, 6 * time.Second},
		{time.Millisecond, registry.MinTTL},
		{24 * time.Hour, registry.MaxTTL},
	} {
		a := greeter(1)
		a.TTL = tt.asked
		got, _, err := s.Announce(noon, a)
		want := event.NodeAnnounceAccepted{
			NodeID: id(1), Name: "greeter", RegistryID: "r", Trust: node.Untrusted, TTL: tt.want, Incarnation: 1,
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("ttl %s: %v (-want +got):\n%s", tt.asked, err, diff)
		}
	}
}

func TestRejections(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(*event.NodeAnnounce)
		want error
		says string
	}{
		{"no id", func(a *event.NodeAnnounce) { a.NodeID = "" }, registry.ErrAnnouncement, "node_id"},
		{"id in upper case", func(a *event.NodeAnnounce) { a.NodeID = "AA000000-0000-7000-8000-000000000001" }, registry.ErrAnnouncement, "lower case"},
		{"no name", func(a *event.NodeAnnounce) { a.Manifest.Name, a.Contract.Node = "", "" }, registry.ErrAnnouncement, ""},
		{"name with a dot", func(a *event.NodeAnnounce) { a.Manifest.Name, a.Contract.Node = "a.b", "a.b" }, registry.ErrAnnouncement, "a.b"},
		{"contract of another node", func(a *event.NodeAnnounce) { a.Contract.Node = "other" }, registry.ErrAnnouncement, "other@1.0.0"},
		{"contract of another version", func(a *event.NodeAnnounce) { a.Contract.Version = "2.0.0" }, registry.ErrAnnouncement, "greeter@2.0.0"},
		{"tool twice", func(a *event.NodeAnnounce) { a.Contract.Tools = append(a.Contract.Tools, tool("greet", 2)) }, registry.ErrAnnouncement, "greet"},
		{"too many tools", func(a *event.NodeAnnounce) { a.Contract.Tools = make([]node.Tool, registry.MaxTools+1) }, registry.ErrAnnouncement, "1001"},
		{"too large", func(a *event.NodeAnnounce) { a.Manifest.Description = strings.Repeat("x", 1<<20) }, registry.ErrAnnouncement, "limit"},
		{"negative ttl", func(a *event.NodeAnnounce) { a.TTL = -time.Second }, registry.ErrAnnouncement, "-1s"},
		{"unknown trust", func(a *event.NodeAnnounce) { a.Trust = "blind" }, registry.ErrAnnouncement, "blind"},
		{"trust without signature", func(a *event.NodeAnnounce) { a.Trust = node.Trusted }, registry.ErrUnsigned, "trusted"},
		{"another identity", func(a *event.NodeAnnounce) { a.Manifest.Signer = "mallory" }, registry.ErrDuplicate, "greeter"},
		{"another name", func(a *event.NodeAnnounce) { *a = announcement(1, "thief") }, registry.ErrDuplicate, "thief"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := registry.NewState(nil)
			mustAnnounce(t, s, noon, greeter(1))
			before := dump(s)
			a := greeter(1)
			tt.make(&a)
			_, ts, err := s.Announce(noon.Add(time.Second), a)
			if !errors.Is(err, tt.want) || !strings.Contains(fmt.Sprint(err), tt.says) {
				t.Errorf("got %v, want %v that says %q", err, tt.want, tt.says)
			}
			if diff := cmp.Diff(before, dump(s)); diff != "" || ts != nil {
				t.Errorf("a rejection changed the state: %v\n%s", ts, diff)
			}
		})
	}
}

func TestSameInstanceAgainIsARefresh(t *testing.T) {
	s := registry.NewState(nil)
	first := mustAnnounce(t, s, noon, greeter(1))
	a := announcement(1, "greeter", tool("wave", 1))
	a.Incarnation = first
	got, ts, err := s.Announce(noon.Add(time.Second), a)
	if err != nil || got.Incarnation != first || len(ts) != 0 {
		t.Errorf("refresh: %+v, %v, %v", got, ts, err)
	}
	if s.Providers("greet") != nil || len(s.Providers("wave")) != 1 {
		t.Error("the announcement did not replace the earlier one")
	}
}

func TestLivesOfOneInstance(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, greeter(1))
	ts := s.Gone(noon.Add(time.Second), id(1), 1, "process 12 ended")
	want := []event.Payload{event.NodeDead{NodeID: id(1), Name: "greeter", Incarnation: 1, Reason: "process 12 ended", Since: noon.Add(time.Second)}}
	if diff := cmp.Diff(want, payloads(ts)); diff != "" {
		t.Errorf("death (-want +got):\n%s", diff)
	}
	if known, ts := s.Beat(noon.Add(2*time.Second), event.NodeHeartbeat{NodeID: id(1), Incarnation: 1}); known || ts != nil {
		t.Error("the beat of a dead node was welcome")
	}
	wantStatus(t, s, 1, node.Dead, "process 12 ended")

	later := noon.Add(3 * time.Second)
	acc, ts, err := s.Announce(later, greeter(1))
	if err != nil || acc.Incarnation != 2 {
		t.Fatalf("second life: %+v, %v", acc, err)
	}
	want = []event.Payload{event.NodeRejoined{NodeID: id(1), Name: "greeter", Incarnation: 2, Reason: "announced again", Since: later}}
	if diff := cmp.Diff(want, payloads(ts)); diff != "" {
		t.Errorf("rebirth (-want +got):\n%s", diff)
	}
	if ts := s.Gone(later, id(1), 1, "late news"); ts != nil {
		t.Error("the end of an earlier life killed the next")
	}
	if ts := s.Stop(later, event.NodeStopped{NodeID: id(1), Incarnation: 1}); ts != nil {
		t.Error("the goodbye of an earlier life stopped the next")
	}
	wantHistory := []event.Change{
		{Time: noon, To: node.Online, Reason: "announced"},
		{Time: noon.Add(time.Second), From: node.Online, To: node.Dead, Reason: "process 12 ended"},
		{Time: later, From: node.Dead, To: node.Online, Reason: "announced again"},
	}
	if diff := cmp.Diff(wantHistory, mustNode(t, s, "greeter").History); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

func TestAnotherProcessUnderTheSameIDIsANewLife(t *testing.T) {
	s := registry.NewState(nil)
	a := greeter(1)
	a.Process = event.Process{Host: "h", PID: 7, Started: "1"}
	mustAnnounce(t, s, noon, a)
	a.Process.Started = "2"
	acc, ts, err := s.Announce(noon, a)
	if err != nil || acc.Incarnation != 2 {
		t.Fatalf("%+v, %v", acc, err)
	}
	kinds := []event.Kind{}
	for _, p := range payloads(ts) {
		kinds = append(kinds, p.Kind())
	}
	if diff := cmp.Diff([]event.Kind{event.KindNodeDead, event.KindNodeRejoined}, kinds); diff != "" {
		t.Error(diff)
	}
}

func TestIncarnationsContinueAfterALostStore(t *testing.T) {
	s := registry.NewState(nil)
	a := greeter(1)
	a.Incarnation = 41
	if got := mustAnnounce(t, s, noon, a); got != 42 {
		t.Errorf("incarnation %d, want 42", got)
	}
	b := greeter(2)
	b.Incarnation = 1<<64 - 1 // must not exhaust the numbers
	if got := mustAnnounce(t, s, noon, b); got != 43 {
		t.Errorf("incarnation %d, want 43", got)
	}
}

func TestTrustIsWhatTheSignatureProves(t *testing.T) {
	proves := node.Trust("")
	s := registry.NewState(&registry.StateOptions{Trust: func(event.NodeAnnounce) (node.Trust, error) { return proves, nil }})
	for i, tt := range []struct{ claimed, proven, want node.Trust }{
		{node.Verified, node.Untrusted, node.Untrusted},
		{node.Verified, node.Trusted, node.Trusted},
		{node.Trusted, node.Verified, node.Trusted},
		{"", node.Verified, node.Untrusted},
	} {
		a := greeter(i)
		a.Trust, a.Signature, proves = tt.claimed, "signed", tt.proven
		acc, _, err := s.Announce(noon, a)
		if err != nil || acc.Trust != tt.want {
			t.Errorf("%+v: granted %q, %v", tt, acc.Trust, err)
		}
	}
}

func TestSilence(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, greeter(1))
	beat := noon.Add(time.Second)
	s.Beat(beat, event.NodeHeartbeat{NodeID: id(1), Incarnation: 1, InFlight: 3})
	if e := mustNode(t, s, "greeter"); e.InFlight != 3 {
		t.Errorf("in flight %d, want 3", e.InFlight)
	}
	at := func(want time.Duration) time.Time {
		t.Helper()
		next, ok := s.NextDeadline()
		if got := next.Sub(beat); !ok || got != want {
			t.Fatalf("next deadline %s after the beat, want %s", got, want)
		}
		if ts := s.Expire(next.Add(-1)); ts != nil {
			t.Fatalf("changed before its time: %v", ts)
		}
		return next
	}
	s.Expire(at(2500 * time.Millisecond))
	wantStatus(t, s, 1, node.Suspect, "no heartbeat for 2.5s, ttl 3s")
	if s.Providers("greet") != nil {
		t.Error("a suspect is offered to callers")
	}
	died := at(3 * time.Second)
	s.Expire(died)
	wantStatus(t, s, 1, node.Dead, "no heartbeat for 3s, ttl 3s")
	s.Expire(at(3*time.Second + registry.Keep))
	if _, ok := s.NextDeadline(); s.Len() != 0 || ok {
		t.Error("a dead node was not forgotten")
	}
	if got := mustAnnounce(t, s, died.Add(time.Hour), greeter(1)); got != 2 {
		t.Errorf("incarnation after oblivion %d, want 2", got)
	}
}

func TestSuspicionEndsWithABeat(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, greeter(1))
	s.Suspect(noon, id(1), "connection lost")
	wantStatus(t, s, 1, node.Suspect, "connection lost")
	_, ts := s.Beat(noon.Add(time.Second), event.NodeHeartbeat{NodeID: id(1), Incarnation: 1})
	wantStatus(t, s, 1, node.Online, "heartbeat")
	if ps := payloads(ts); len(ps) != 1 || ps[0].Kind() != event.KindNodeRejoined {
		t.Errorf("published %v", ps)
	}
}

func TestStop(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, greeter(1))
	if ts := s.Stop(noon, event.NodeStopped{NodeID: id(1)}); len(ts) != 1 || ts[0].Event() != nil {
		t.Errorf("goodbye: %v", ts)
	}
	wantStatus(t, s, 1, node.Stopped, "stopped")
	if known, _ := s.Beat(noon, event.NodeHeartbeat{NodeID: id(1), Incarnation: 1}); !known {
		t.Error("the echo of a stopped node is asked to announce itself")
	}
	wantStatus(t, s, 1, node.Stopped, "stopped")
	if ts := s.Gone(noon, id(1), 1, "process ended"); ts != nil {
		t.Error("a stopped node died")
	}
}

func TestForgive(t *testing.T) {
	for _, tt := range []struct {
		name string
		deaf time.Duration
		want time.Duration // from noon to the next deadline
	}{
		{"less than a beat is discounted", 500 * time.Millisecond, 3 * time.Second},
		{"an outage begins the silence anew", 2 * time.Second, 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := registry.NewState(nil)
			mustAnnounce(t, s, noon, greeter(1))
			s.Forgive(noon.Add(2500*time.Millisecond), tt.deaf)
			next, _ := s.NextDeadline()
			if got := next.Sub(noon); got != tt.want {
				t.Errorf("next deadline after %s, want %s", got, tt.want)
			}
		})
	}
}

func TestUnknownNodesAreAskedToAnnounceThemselves(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, greeter(1))
	for _, b := range []event.NodeHeartbeat{{NodeID: id(2), Incarnation: 1}, {NodeID: id(1), Incarnation: 9}, {NodeID: id(1)}} {
		if known, ts := s.Beat(noon, b); known || ts != nil {
			t.Errorf("beat %+v: known %t, %v", b, known, ts)
		}
	}
}

func TestErrorsHaveHintsAndClasses(t *testing.T) {
	s := registry.NewState(nil)
	_, err := s.Node("nobody", false)
	if !errors.Is(err, registry.ErrNotFound) || fault.ClassOf(err) != fault.NotFound || fault.ReportOf(err).Hint == "" {
		t.Errorf("got %v", fault.ReportOf(err))
	}
}

func TestTheDeadMakeRoom(t *testing.T) {
	s := registry.NewState(nil)
	const dead, forgotten = 700, registry.MaxNodes / 100
	for n := range registry.MaxNodes {
		i := mustAnnounce(t, s, noon, greeter(n))
		if n < dead {
			s.Gone(noon.Add(time.Duration(n)*time.Millisecond), id(n), i, "process ended")
		}
	}
	for n := range dead {
		mustAnnounce(t, s, noon, greeter(registry.MaxNodes+n))
		_, first := s.Node(string(id(0)), false)
		_, kept := s.Node(string(id(forgotten)), false)
		if first == nil || (kept == nil) != (n < forgotten) {
			t.Fatalf("after %d more: those first dead: %v, %v", n+1, first, kept)
		}
	}
	if _, _, err := s.Announce(noon, greeter(2*registry.MaxNodes)); !errors.Is(err, registry.ErrFull) {
		t.Errorf("only live nodes: %v, want %v", err, registry.ErrFull)
	}
}
