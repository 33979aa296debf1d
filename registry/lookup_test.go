package registry_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

func versioned(a event.NodeAnnounce, v string) event.NodeAnnounce {
	a.Manifest.Version, a.Contract.Version = v, v
	return a
}

// ids returns the numbers of the entries' nodes.
func ids(es []event.NodeEntry) []node.ID {
	var is []node.ID
	for _, e := range es {
		is = append(is, e.NodeID)
	}
	return is
}

func town(t *testing.T) *registry.State {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, greeter(0x1a))
	mustAnnounce(t, s, noon, versioned(greeter(0x1b), "2.0.0"))
	mustAnnounce(t, s, noon, announcement(0x2a, "clock", tool("alarm", 1), tool("now", 1)))
	s.Suspect(noon, id(0x1a), "connection lost")
	return s
}

func TestNodes(t *testing.T) {
	s := town(t)
	for _, tt := range []struct {
		q    event.NodeDiscoveryRequest
		want []int
	}{
		{event.NodeDiscoveryRequest{}, []int{0x1a, 0x1b, 0x2a}},
		{event.NodeDiscoveryRequest{NodeFilter: []string{"greeter"}}, []int{0x1a, 0x1b}},
		{event.NodeDiscoveryRequest{NodeFilter: []string{"greeter@2.0.0"}}, []int{0x1b}},
		{event.NodeDiscoveryRequest{NodeFilter: []string{"greeter@3.0.0"}}, nil},
		{event.NodeDiscoveryRequest{NodeFilter: []string{string(id(0x2a)), "clock", "nobody"}}, []int{0x2a}},
		{event.NodeDiscoveryRequest{NodeFilter: []string{"00000000-0000-7000-8000-00000000001"}}, []int{0x1a, 0x1b}},
		{event.NodeDiscoveryRequest{NodeFilter: []string{""}}, nil},
		{event.NodeDiscoveryRequest{NodeFilter: []string{">" + string(id(0x1a))}}, []int{0x1b, 0x2a}},
		{event.NodeDiscoveryRequest{Statuses: []node.Status{node.Suspect, node.Dead}}, []int{0x1a}},
	} {
		var want []node.ID
		for _, n := range tt.want {
			want = append(want, id(n))
		}
		if diff := cmp.Diff(want, ids(s.Nodes(tt.q))); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.q, diff)
		}
	}
}

func TestNode(t *testing.T) {
	s := town(t)
	for _, tt := range []struct {
		ref  string
		want int
		err  error
	}{
		{"greeter", 0x1b, nil}, // the other is suspect
		{"greeter@1.0.0", 0x1a, nil},
		{"clock", 0x2a, nil},
		{string(id(0x1a)), 0x1a, nil},
		{"00000000-0000-7000-8000-00000000002", 0x2a, nil},
		{"00000000", 0, registry.ErrAmbiguous},
		{"greeter@9.0.0", 0, registry.ErrNotFound},
		{"nobody", 0, registry.ErrNotFound},
		{"", 0, registry.ErrNotFound},
		{">", 0, registry.ErrAmbiguous},
	} {
		got, err := s.Node(tt.ref, false)
		if !errors.Is(err, tt.err) || tt.err == nil && got.NodeID != id(tt.want) {
			t.Errorf("Node(%q) = %s, %v", tt.ref, got.NodeID, err)
		}
		if got.Manifest != nil || got.History != nil {
			t.Errorf("Node(%q) has details that nobody asked for", tt.ref)
		}
	}
	e := mustNode(t, s, "clock")
	if diff := cmp.Diff([]node.ToolName{"alarm", "now"}, e.Tools); diff != "" {
		t.Error(diff)
	}
	if e.Manifest.Name != "clock" || len(e.Contract.Tools) != 2 || len(e.History) != 1 {
		t.Errorf("details missing: %+v", e)
	}
}

func TestProvidersAreSortedAndConflictsKept(t *testing.T) {
	s := registry.NewState(nil)
	restored := registry.NewState(nil)
	for n := range 4 {
		mustAnnounce(t, s, noon, greeter(9-n)) // the order of ids is not that of age
	}
	puts, _, err := s.Flush(registry.MaxBatch)
	if err != nil {
		t.Fatal(err)
	}
	if err := restored.Restore(noon, puts); err != nil {
		t.Fatal(err)
	}
	restored.Beat(noon, event.NodeHeartbeat{NodeID: id(7), Incarnation: 3})
	mustAnnounce(t, restored, noon, announcement(1, "rival", tool("greet", 2)))

	var order []node.ID
	for _, p := range restored.Providers("greet") {
		order = append(order, p.NodeID)
	}
	if diff := cmp.Diff([]node.ID{id(7), id(1), id(9), id(8), id(6)}, order); diff != "" {
		t.Errorf("providers (-want +got):\n%s", diff)
	}
	entries := restored.Tools("greet")
	if len(entries) != 2 || entries[0].Tool.Description != "promise 1" || entries[1].Tool.Description != "promise 2" ||
		len(entries[0].Providers) != 4 || len(entries[1].Providers) != 1 {
		t.Errorf("conflicting promises: %+v", entries)
	}
}

func TestSamePromiseWrittenDifferently(t *testing.T) {
	s := registry.NewState(nil)
	a, b := greeter(1), greeter(2)
	a.Contract.Tools[0].Input = []byte(`{"type":"object","title":"t"}`)
	b.Contract.Tools[0].Input = []byte(`{ "title": "t", "type": "object" }`)
	mustAnnounce(t, s, noon, a)
	mustAnnounce(t, s, noon, b)
	if got := s.Tools("greet"); len(got) != 1 || len(got[0].Providers) != 2 {
		t.Errorf("the order of keys made a conflict: %+v", got)
	}
}

func TestToolWithoutProviders(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, greeter(1))
	s.Gone(noon, id(1), 1, "process ended")
	if got := s.Tools("greet"); len(got) != 1 || len(got[0].Providers) != 0 {
		t.Errorf("by name: %+v, want the tool without providers", got)
	}
	if got := s.Tools(""); len(got) != 0 {
		t.Errorf("list: %+v, want nothing", got)
	}
	if got := s.Tools("unheard_of"); len(got) != 0 {
		t.Errorf("unknown: %+v, want nothing", got)
	}
}

func TestPagesFitAnEvent(t *testing.T) {
	s := registry.NewState(nil)
	const n = 40
	for i := range n {
		name := node.ToolName(fmt.Sprintf("tool_%02d", i))
		x := tool(name, 1)
		x.Description = strings.Repeat("d", 50_000)
		mustAnnounce(t, s, noon, announcement(i, "big", x))
	}
	var nodes []node.ID
	for last := ""; ; {
		page := s.Nodes(event.NodeDiscoveryRequest{NodeFilter: []string{">" + last}, Detail: true})
		if len(page) == 0 {
			break
		}
		if len(page) > 12 {
			t.Fatalf("a page of %d entries of 50 KB", len(page))
		}
		nodes = append(nodes, ids(page)...)
		last = string(page[len(page)-1].NodeID)
	}
	if len(nodes) != n || !slices.IsSorted(nodes) {
		t.Errorf("%d nodes on all pages, want %d in order", len(nodes), n)
	}
	var tools []node.ToolName
	for last := node.ToolName(""); ; {
		page := s.Tools(node.ToolName(strings.ToUpper(string(last))))
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			tools = append(tools, e.Tool.Name)
		}
		last = tools[len(tools)-1]
	}
	if len(tools) != n || !slices.IsSorted(tools) {
		t.Errorf("%d tools on all pages, want %d in order", len(tools), n)
	}
}

// large returns an announcement that is almost as large as one may be.
func large(n int) event.NodeAnnounce {
	x := tool("greet", 1)
	x.Description = strings.Repeat("<", 940<<10)
	return announcement(n, "large", x)
}

// TestReasonsAreBounded: what a node says of its end is kept and shown for long.
func TestReasonsAreBounded(t *testing.T) {
	for name, long := range map[string]string{
		"long":        strings.Repeat("x", 1<<20),
		"many bytes":  strings.Repeat("€", 1<<10),
		"not text":    strings.Repeat("x\xff", 1<<10),
		"cut in half": strings.Repeat("x", registry.MaxReason-1) + "€",
	} {
		s := registry.NewState(nil)
		mustAnnounce(t, s, noon, greeter(1))
		ts := s.Stop(noon, event.NodeStopped{NodeID: id(1), Reason: long})
		e := mustNode(t, s, string(id(1)))
		if len(e.Reason) > registry.MaxReason || len(e.Reason) < registry.MaxReason-8 || !utf8.ValidString(e.Reason) {
			t.Errorf("%s: a reason of %d bytes, valid %t", name, len(e.Reason), utf8.ValidString(e.Reason))
		}
		if ts[0].Reason != e.Reason || e.History[len(e.History)-1].Reason != e.Reason {
			t.Errorf("%s: the transition or the history says something else", name)
		}
	}
}

// TestTheLargestEntryFitsAnEvent: a node that nobody can be told of would hide
// all those after it in the list.
func TestTheLargestEntryFitsAnEvent(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, large(1))
	mustAnnounce(t, s, noon, greeter(2))
	for range registry.MaxHistory {
		s.Stop(noon, event.NodeStopped{NodeID: id(1), Reason: strings.Repeat("\x01", registry.MaxReason)})
		mustAnnounce(t, s, noon, large(1))
	}
	for _, detail := range []bool{false, true} {
		page := s.Nodes(event.NodeDiscoveryRequest{Detail: detail})
		e := event.New("r", event.NodeDiscoveryResponse{RegistryID: "r", Nodes: page}, event.ID{})
		if err := e.Validate(); err != nil || len(page) == 0 || page[0].NodeID != id(1) {
			t.Errorf("detail %t: a page of %d: %v", detail, len(page), err)
		}
	}
	puts, _, err := s.Flush(registry.MaxBatch)
	if err != nil || len(puts[string(id(1))]) == 0 || len(puts[string(id(1))]) > registry.MaxRecord {
		t.Errorf("a record of %d bytes, limit %d: %v", len(puts[string(id(1))]), registry.MaxRecord, err)
	}
	if err := registry.NewState(nil).Restore(noon, puts); err != nil {
		t.Error(err)
	}
}

// TestPagesOfEscapedTextFitAnEvent: what counts is the text as JSON.
func TestPagesOfEscapedTextFitAnEvent(t *testing.T) {
	s := registry.NewState(nil)
	for n := range 8 {
		a := greeter(n)
		a.Manifest.Description = strings.Repeat("\x01", 100<<10)
		mustAnnounce(t, s, noon, a)
	}
	e := event.New("r", event.NodeDiscoveryResponse{RegistryID: "r", Nodes: s.Nodes(event.NodeDiscoveryRequest{})}, event.ID{})
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
}

func TestCollisionsAreTold(t *testing.T) {
	s := registry.NewState(nil)
	mustAnnounce(t, s, noon, announcement(1, "one", tool("greet", 1), tool("wave", 1)))
	mustAnnounce(t, s, noon, announcement(2, "two", tool("greet", 2), tool("wave", 1)))
	mustAnnounce(t, s, noon, announcement(3, "three", tool("wave", 1)))
	for n, want := range [][]registry.Collision{1: {{Tool: "greet", Other: id(2)}}, 2: {{Tool: "greet", Other: id(1)}}, 3: nil, 4: nil} {
		if diff := cmp.Diff(want, s.Collisions(id(n))); diff != "" {
			t.Errorf("node %d:\n%s", n, diff)
		}
	}
	s.Gone(noon, id(1), 1, "ended")
	if c := s.Collisions(id(2)); c != nil {
		t.Errorf("with a node that is gone: %v", c)
	}
}

func TestVersionsCompareAsVersions(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"1.10.0", "1.9.0", 1}, {"1.0.0-rc.1", "1.0.0", -1}, {"1.0.0", "1.0.0", 0}, {"b", "a", 1}} {
		if got := registry.CompareVersions(tt.a, tt.b); got != tt.want {
			t.Errorf("%s and %s: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
