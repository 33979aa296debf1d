package event_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/node"
)

func TestNewAndReply(t *testing.T) {
	first := event.New("a", event.NodeDiscoveryRequest{}, event.ID{})
	if first.Correlation != first.ID || !first.Causation.IsZero() || first.SchemaVersion != event.SchemaVersion {
		t.Errorf("a new chain begins with %+v", first)
	}
	if d := time.Since(first.Time); d < 0 || d > time.Minute || first.Time.Nanosecond()%1000 != 0 || first.Time.Location() != time.UTC {
		t.Errorf("time %v", first.Time)
	}
	first.TraceParent = traceText
	answer := event.Reply(first, "b", event.NodeDiscoveryResponse{})
	if answer.Causation != first.ID || answer.Correlation != first.Correlation || answer.TraceParent != traceText || answer.NodeID != "b" || answer.ID == first.ID {
		t.Errorf("reply %+v to %+v", answer, first)
	}
	if follow := event.New("a", event.NodeDiscoveryRequest{}, someID); follow.Correlation != someID {
		t.Errorf("correlation %v, want that given", follow.Correlation)
	}
	if k := (event.Event{}).Kind(); k != "" {
		t.Errorf("kind of no event %q", k)
	}
}

func TestEventsAreJSONValues(t *testing.T) {
	type logLine struct {
		Event event.Event `json:"event"`
		Cause event.ID    `json:"cause,omitzero"`
		Other event.ID    `json:"other"`
	}
	sent := logLine{Event: full(event.NodeHeartbeat{}), Other: someID}
	data, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "cause\"") {
		t.Errorf("a zero id is written: %s", data)
	}
	var got logLine
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Error(diff)
	}
	if err := json.Unmarshal([]byte(`{"event":{}}`), &got); !errors.Is(err, event.ErrMissing) {
		t.Errorf("an empty event: %v", err)
	}
	if err := json.Unmarshal([]byte(`{"other":"x"}`), &got); !errors.Is(err, event.ErrInvalidID) {
		t.Errorf("a bad id: %v", err)
	}
}

func TestEntriesAreJSONValues(t *testing.T) {
	nodes := full(event.NodeDiscoveryResponse{}).Payload.(event.NodeDiscoveryResponse).Nodes
	tools := full(event.ToolDiscoveryResponse{}).Payload.(event.ToolDiscoveryResponse).Tools
	data, err := json.Marshal(nodes)
	if err != nil {
		t.Fatal(err)
	}
	var gotNodes []event.NodeEntry
	if err := json.Unmarshal(data, &gotNodes); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(nodes, gotNodes); diff != "" {
		t.Error(diff)
	}
	if data, err = json.Marshal(tools); err != nil {
		t.Fatal(err)
	}
	var gotTools []event.ToolEntry
	if err := json.Unmarshal(data, &gotTools); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tools, gotTools); diff != "" {
		t.Error(diff)
	}
	if err := json.Unmarshal([]byte(`{"node_id":"n","name":"n","status":"online","colour":1}`), &gotNodes[0]); !errors.Is(err, event.ErrUnknownKey) {
		t.Errorf("an unknown key: %v", err)
	}
	if err := json.Unmarshal([]byte(`[]`), &gotTools[0]); err == nil {
		t.Error("a list is read as an entry")
	}
}

func TestProblems(t *testing.T) {
	deep := json.RawMessage(strings.Repeat(`{"[\"{":`, 11) + "1" + strings.Repeat("}", 11))
	big := json.RawMessage(`{"x":"` + strings.Repeat("x", event.RecommendedState) + `"}`)
	foreign := wrap(event.NodeStopped{NodeID: "other"})
	extra := wrap(event.NodeStopped{NodeID: node.ID(someNode)})
	extra.Extra = []event.Member{{Path: "/mood", Value: json.RawMessage(`1`)}}
	for _, tt := range []struct {
		name string
		e    event.Event
		want []*fault.Kind
	}{
		{"fine", wrap(event.NodeStart{InputState: json.RawMessage(`{"a":[[[[[[[[[1]]]]]]]]]}`)}), nil},
		{"nothing", event.Event{}, nil},
		{"deep", wrap(event.NodeStart{InputState: deep}), []*fault.Kind{event.ErrStateDepth}},
		{"big", wrap(event.ToolProxyInvoke{ToolName: "t", Arguments: big}), []*fault.Kind{event.ErrStateSize}},
		{"both", wrap(event.NodeSuccess{InputState: deep, OutputState: big}), []*fault.Kind{event.ErrStateDepth, event.ErrStateSize}},
		{"unknown kind", wrap(event.Raw{Type: "FUTURE", Data: deep}), []*fault.Kind{event.ErrStateDepth}},
		{"broken", wrap(event.Raw{Type: "FUTURE", Data: json.RawMessage(`{"x`)}), []*fault.Kind{event.ErrSyntax}},
		{"unknown member", extra, []*fault.Kind{event.ErrExtra}},
		{"foreign", foreign, []*fault.Kind{event.ErrForeignNode}},
		{"foreign beat", wrap(event.NodeHeartbeat{NodeID: "x"}), []*fault.Kind{event.ErrForeignNode}},
		{"foreign announcement", full(event.NodeAnnounce{}), []*fault.Kind{event.ErrForeignNode}},
	} {
		got := event.Problems(tt.e)
		same := slices.EqualFunc(got, tt.want, func(err error, k *fault.Kind) bool { return errors.Is(err, k) })
		if !same {
			t.Errorf("%s: problems %v, want %d of kinds %v", tt.name, got, len(tt.want), tt.want)
		}
	}
}

func TestIDs(t *testing.T) {
	var mu sync.Mutex
	seen := map[event.ID]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			own := make([]event.ID, 5000)
			for i := range own {
				own[i] = event.NewID()
			}
			if !slices.IsSortedFunc(own, func(a, b event.ID) int { return strings.Compare(a.String(), b.String()) }) {
				t.Error("ids of one goroutine do not grow")
			}
			mu.Lock()
			defer mu.Unlock()
			for _, id := range own {
				if seen[id] {
					t.Errorf("%s came twice", id)
				}
				seen[id] = true
			}
		})
	}
	wg.Wait()
	id := event.NewID()
	if id[6]>>4 != 7 || id[8]>>6 != 2 {
		t.Errorf("%s is not a UUIDv7", id)
	}
	ms := int64(id[0])<<40 | int64(id[1])<<32 | int64(id[2])<<24 | int64(id[3])<<16 | int64(id[4])<<8 | int64(id[5])
	if d := time.Since(time.UnixMilli(ms)); d < -time.Minute || d > time.Minute {
		t.Errorf("%s is of %s ago", id, d)
	}
	if back, err := event.ParseID(strings.ToUpper(id.String())); err != nil || back != id {
		t.Errorf("%s reads as %s, %v", id, back, err)
	}
	for _, bad := range []string{"", "x", strings.Repeat("0", 36), "0197a3c0-5f00-7abc-8def-00112233445g", "0197a3c05-f00-7abc-8def-001122334455", "{0197a3c0-5f00-7abc-8def-001122334455}"} {
		if _, err := event.ParseID(bad); !errors.Is(err, event.ErrInvalidID) {
			t.Errorf("ParseID(%q): %v", bad, err)
		}
	}
	var zero event.ID
	if err := zero.UnmarshalText(nil); err != nil || !zero.IsZero() {
		t.Errorf("no text reads as %s, %v", zero, err)
	}
}

func TestSubjects(t *testing.T) {
	s := event.NewSubject(event.KindNodeAnnounce, "greeter")
	if s != "node_announce.greeter" || s.Kind() != event.KindNodeAnnounce || s.From() != "greeter" || s.Receiver() != "" {
		t.Errorf("subject %q of %s from %q to %q", s, s.Kind(), s.From(), s.Receiver())
	}
	for range 2 { // directing twice replaces the receiver
		s = s.To("abc")
		if s != "node_announce.greeter.abc" || s.From() != "greeter" || s.Receiver() != "abc" {
			t.Errorf("subject %q from %q to %q", s, s.From(), s.Receiver())
		}
	}
	for _, good := range []string{"a.b", "node_announce.greeter.0197a3c0-5f00-7abc-8def-001122334455", "a1.b-c.d~"} {
		if _, err := event.ParseSubject(good); err != nil {
			t.Errorf("ParseSubject(%q): %v", good, err)
		}
	}
	for _, bad := range []string{"", "a", "a.b.c.d", "A.b", "1a.b", "a..b", "a.b.", ".a.b", "a.*", "a.>", "a.b c", "a.é", "a." + strings.Repeat("b", 65), strings.Repeat("a", 300)} {
		if _, err := event.ParseSubject(bad); !errors.Is(err, event.ErrSubject) {
			t.Errorf("ParseSubject(%q): %v", bad, err)
		}
	}
}

func TestFilters(t *testing.T) {
	for _, tt := range []struct {
		filter  event.Filter
		subject event.Subject
		want    bool
	}{
		{event.AllEvents, "a.b", true},
		{event.AllEvents, "a.b.c", true},
		{event.FilterKind(event.KindNodeAnnounce), "node_announce.x", true},
		{event.FilterKind(event.KindNodeAnnounce), "node_announce.x.y", false},
		{event.FilterKind(event.KindNodeAnnounce), "node_announce_accepted.x", false},
		{event.FilterTo("me"), "a.b.me", true},
		{event.FilterTo("me"), "a.b.you", false},
		{event.FilterTo("me"), "a.me", false},
		{"*.greeter.>", "a.greeter.x", true},
		{"*.greeter.>", "a.greeter", false},
		{"a.b", "a.b", true},
		{"a.b", "a.b.c", false},
		{"a.b.c", "a.b", false},
		{"*", "a.b", false},
		{"a.*", "a.", false},
		{"a.>", "a.", false},
	} {
		if got := tt.filter.Match(tt.subject); got != tt.want {
			t.Errorf("%q matches %q: %t", tt.filter, tt.subject, got)
		}
	}
	for _, bad := range []string{"", ".", "a.", "a..b", ">.a", "a.>.b", "a*", "a.b>", "a b", "a.b.c.d.e.f.g.h.i", strings.Repeat("a", 201)} {
		if _, err := event.ParseFilter(bad); !errors.Is(err, event.ErrFilter) {
			t.Errorf("ParseFilter(%q): %v", bad, err)
		}
	}
}

// matchSlowly is the definition of Match.
func matchSlowly(filter, subject []string) bool {
	switch {
	case len(filter) == 1 && filter[0] == ">":
		return len(subject) > 0
	case len(filter) == 0 || len(subject) == 0:
		return len(filter) == len(subject)
	}
	return (filter[0] == "*" || filter[0] == subject[0]) && matchSlowly(filter[1:], subject[1:])
}

func TestMatchIsItsDefinition(t *testing.T) {
	token := rapid.SampledFrom([]string{"a", "b", "node_start", "*"})
	rapid.Check(t, func(t *rapid.T) {
		filter := rapid.SliceOfN(token, 1, 4).Draw(t, "filter")
		if rapid.Bool().Draw(t, "rest") {
			filter[len(filter)-1] = ">"
		}
		subject := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "node_start"}), 2, 3).Draw(t, "subject")
		f, err := event.ParseFilter(strings.Join(filter, "."))
		if err != nil {
			t.Fatal(err)
		}
		s := event.Subject(strings.Join(subject, "."))
		if got, want := f.Match(s), matchSlowly(filter, subject); got != want {
			t.Fatalf("%q matches %q: %t, want %t", f, s, got, want)
		}
	})
}

func TestCloudEvents(t *testing.T) {
	for _, p := range payloads {
		sent := full(p)
		sent.Extra = []event.Member{{Path: "/mood", Value: json.RawMessage(`"fine"`)}}
		cloud, err := event.ToCloudEvent(sent)
		if err != nil {
			t.Fatalf("%s: %v", p.Kind(), err)
		}
		got, err := event.FromCloudEvent(cloud)
		if err != nil {
			t.Fatalf("%s: %v\n%s", p.Kind(), err, cloud)
		}
		if diff := cmp.Diff(sent, got); diff != "" {
			t.Errorf("%s changed (-sent +got):\n%s", p.Kind(), diff)
		}
	}
	for _, p := range []event.Payload{event.NodeHeartbeat{}, event.ToolProxyInvoke{}, event.ToolProxyError{}} {
		cloud, err := event.ToCloudEvent(full(p))
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, "testdata/cloudevents/"+p.Kind().Token()+".json", append(cloud, '\n'))
	}
	if _, err := event.ToCloudEvent(event.Event{}); !errors.Is(err, event.ErrPayload) {
		t.Errorf("the zero event: %v", err)
	}
}

func TestForeignCloudEvents(t *testing.T) {
	const good = `{"specversion":"1.0","id":"0197a3c0-5f00-7abc-8def-001122334455","source":"/onex/nodes/n%2F1","type":"ai.omninode.onex.node_heartbeat","time":"2026-11-22T09:52:06Z","partitionkey":"x","data":{"node_id":"n"}}`
	e, err := event.FromCloudEvent([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if e.Correlation != e.ID || e.NodeID != "n/1" || e.SchemaVersion != event.SchemaVersion || e.Kind() != event.KindNodeHeartbeat {
		t.Errorf("read as %+v", e)
	}
	if err := e.Validate(); err != nil {
		t.Errorf("not valid: %v", err)
	}
	for _, tt := range []struct {
		old, new string
		kind     *fault.Kind
	}{
		{`"1.0"`, `"0.3"`, event.ErrCloudEvent},
		{`"specversion":"1.0",`, ``, event.ErrMissing},
		{`ai.omninode.onex.node_heartbeat`, `com.example.order`, event.ErrCloudEvent},
		{`ai.omninode.onex.node_heartbeat`, `ai.omninode.onex.NODE_HEARTBEAT`, event.ErrCloudEvent},
		{`/onex/nodes/n%2F1`, `https://example.com`, event.ErrCloudEvent},
		{`/onex/nodes/n%2F1`, `/onex/nodes/%zz`, event.ErrCloudEvent},
		{`/onex/nodes/n%2F1`, `/onex/nodes/a.b`, event.ErrCloudEvent},
		{`0197a3c0-5f00-7abc-8def-001122334455`, `A234-1234`, event.ErrInvalidID},
		{`"time":"2026-11-22T09:52:06Z",`, ``, event.ErrMissing},
		{`"data"`, `"data_base64"`, event.ErrMissing},
		{`"partitionkey"`, `"datacontenttype":"text/xml","partitionkey"`, event.ErrValue},
		{`{"node_id":"n"}`, `{"node_id":"n","node_id":"n"}`, event.ErrDuplicateKey},
		{`{"node_id":"n"}}`, `{"node_id":"n"}`, event.ErrSyntax},
	} {
		if _, err := event.FromCloudEvent([]byte(strings.Replace(good, tt.old, tt.new, 1))); !errors.Is(err, tt.kind) {
			t.Errorf("%s for %s: %v, want %s", tt.new, tt.old, err, tt.kind.Code)
		}
	}
}

func Example() {
	e := event.New("5a0f2e7c-9d1b-4c3e-8f60-112233445566", event.NodeHeartbeat{NodeID: "n", InFlight: 2}, event.ID{})
	data, err := event.Encode(e)
	if err != nil {
		fmt.Println(err)
		return
	}
	received, err := event.Decode(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	switch p := received.Payload.(type) {
	case event.NodeHeartbeat:
		fmt.Println(received.Kind(), p.InFlight)
	case event.Raw:
		fmt.Println("not known here:", p.Type)
	}
	// Output: NODE_HEARTBEAT 2
}

func ExampleRedactJSON() {
	fmt.Printf("%s\n", event.RedactJSON([]byte(`{"user":"ada","api_key":"12345","author":"ada"}`)))
	// Output: {"user":"ada","api_key":"[KEY_REDACTED]","author":"ada"}
}

func ExampleFilter_Match() {
	f := event.FilterTo("abc")
	fmt.Println(f, f.Match("tool_proxy_result.greeter.abc"), f.Match("node_start.greeter"))
	// Output: *.*.abc true false
}

// An envelope in the usual form takes shorter ways, which must lead to the same.
func TestUsualEnvelopesAreLikeOthers(t *testing.T) {
	for _, p := range payloads {
		e := full(p)
		usual := encode(t, e)
		other := e
		other.SchemaVersion = "1.7.2"
		want := strings.Replace(usual, `"1.0.0"`, `"1.7.2"`, 1)
		if got := encode(t, other); got != want {
			t.Errorf("%s:\n got %s\nwant %s", p.Kind(), got, want)
		}
		read := decode(t, want)
		read.SchemaVersion = e.SchemaVersion
		if diff := cmp.Diff(decode(t, usual), read); diff != "" {
			t.Errorf("%s (-usual +other):\n%s", p.Kind(), diff)
		}
		for _, e := range []event.Event{e, other} {
			if n, err := event.Measure(e); err != nil || n < len(usual) || n > len(usual)+len(usual)/2+200 {
				t.Errorf("%s: measured %d, %v, has %d bytes", p.Kind(), n, err, len(usual))
			}
		}
	}
}

// A byte more or less, or another one, in an envelope never reads as a different
// event without an error than it does behind a space.
func TestDamagedEnvelopes(t *testing.T) {
	whole := encode(t, full(event.NodeHeartbeat{}))
	for i := range whole {
		for _, damaged := range []string{whole[:i] + whole[i+1:], whole[:i] + "0" + whole[i+1:], whole[:i] + `"` + whole[i:], whole[:i]} {
			got, err := event.Decode([]byte(damaged))
			want, wantErr := event.Decode([]byte(" " + damaged))
			if (err == nil) != (wantErr == nil) || !cmp.Equal(got, want) {
				t.Fatalf("%s:\n got %v, %v\nwant %v, %v", damaged, got, err, want, wantErr)
			}
		}
	}
}
