package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/node"
)

// vector is the file that holds the encoded full event of a kind.
func vector(k event.Kind) string { return filepath.Join("testdata", k.Token()+".json") }

func TestVectors(t *testing.T) {
	for _, p := range payloads {
		golden.Check(t, vector(p.Kind()), []byte(encode(t, full(p))+"\n"))
	}
}

// plain returns the envelope of a test event around metadata.
func plain(kind, metadata string) string {
	return `{"schema_version":"1.0.0","event_id":"` + someID.String() + `","timestamp":"2026-11-22T09:52:06.129238Z","node_id":"n","event_type":"` +
		kind + `","correlation_id":"` + someID.String() + `","metadata":` + metadata + `}`
}

func TestEnvelopeIsWrittenInOneForm(t *testing.T) {
	e := wrap(event.NodeHeartbeat{NodeID: "n", Incarnation: 3})
	e.NodeID = "n"
	want := plain("NODE_HEARTBEAT", `{"node_id":"n","incarnation":3,"in_flight":0,"calls":0}`)
	if got := encode(t, e); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	beat := plain("NODE_HEARTBEAT", `{"node_id":"n"}`)
	swap := func(old, new string) string {
		if !strings.Contains(beat, old) {
			t.Fatalf("no %q in %s", old, beat)
		}
		return strings.Replace(beat, old, new, 1)
	}
	beating := func(metadata string) string { return plain("NODE_HEARTBEAT", metadata) }
	for _, tt := range []struct {
		name, data string
		kind       *fault.Kind
		says       string
	}{
		{"nothing", "", event.ErrSyntax, "offset 0"},
		{"no object", `[]`, event.ErrType, "want an object"},
		{"byte order mark", "\ufeff" + beat, event.ErrSyntax, "offset 0"},
		{"trailing data", beat + "{}", event.ErrSyntax, "trailing data at offset"},
		{"truncated", beat[:len(beat)-1], event.ErrSyntax, "unexpected end"},
		{"trailing comma", beating(`{"node_id":"n",}`), event.ErrSyntax, "no key"},
		{"single quotes", beating(`{'node_id':"n"}`), event.ErrSyntax, "no key"},
		{"leading zero", beating(`{"node_id":"n","calls":01}`), event.ErrSyntax, "offset"},
		{"control character", beating("{\"node_id\":\"n\n\"}"), event.ErrSyntax, "control character"},
		{"bad UTF-8", beating("{\"node_id\":\"\xff\"}"), event.ErrSyntax, "not UTF-8 at offset"},
		{"lone surrogate", beating(`{"node_id":"\ud800"}`), event.ErrSyntax, "surrogate"},
		{"bad escape", beating(`{"node_id":"\x41"}`), event.ErrSyntax, "bad escape"},
		{"too large", beating(`{"node_id":"` + strings.Repeat("n", event.MaxSize) + `"}`), event.ErrTooLarge, "limit 1048576"},
		{"too deep", beating(`{"x":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`), event.ErrTooDeep, "64 levels"},
		{"duplicate key", beating(`{"node_id":"n","node_id":"m"}`), event.ErrDuplicateKey, `"node_id"`},
		{"duplicate key, escaped", beating(`{"node_id":"n","node\u005fid":"m"}`), event.ErrDuplicateKey, `"node_id"`},
		{"duplicate key, deep inside", beating(`{"node_id":"n","x":[{"a":1,"b":{"c":1,"c":2}}]}`), event.ErrDuplicateKey, `"c"`},
		{"unknown key", swap(`"node_id"`, `"extra":1,"node_id"`), event.ErrUnknownKey, "/extra"},
		{"other case", swap(`"event_type"`, `"Event_Type"`), event.ErrMissing, "/event_type"},
		{"other case, beside", swap(`"event_type"`, `"EVENT_TYPE":"X","event_type"`), event.ErrUnknownKey, "/EVENT_TYPE"},
		{"no id", swap(`"event_id":"`+someID.String()+`",`, ""), event.ErrMissing, "/event_id"},
		{"zero id", swap(`"event_id":"`+someID.String(), `"event_id":"`+event.ID{}.String()), event.ErrMissing, "/event_id"},
		{"bad id", swap(someID.String(), "0197a3c0-5f00"), event.ErrInvalidID, "/event_id"},
		{"id with a null", swap(`"event_id":"`+someID.String()+`"`, `"event_id":null`), event.ErrMissing, "/event_id"},
		{"bad time", swap("11-22T", "13-22T"), event.ErrValue, "/timestamp"},
		{"no such day", swap("11-22T", "11-31T"), event.ErrValue, "/timestamp"},
		{"node_id with a wildcard", swap(`"node_id":"n"`, `"node_id":">"`), event.ErrValue, "/node_id"},
		{"node_id with a dot", swap(`"node_id":"n"`, `"node_id":"a.b"`), event.ErrValue, "/node_id"},
		{"empty node_id", swap(`"node_id":"n"`, `"node_id":""`), event.ErrMissing, "/node_id"},
		{"node_id a number", swap(`"node_id":"n"`, `"node_id":7`), event.ErrType, "want a string, got 7"},
		{"bad kind", swap("NODE_HEARTBEAT", "node_heartbeat"), event.ErrValue, "/event_type"},
		{"other major version", swap(`"1.0.0"`, `"2.0.0"`), event.ErrVersion, "2.0.0"},
		{"no version", swap(`"1.0.0"`, `"1.0"`), event.ErrValue, "/schema_version"},
		{"metadata null", beating(`null`), event.ErrMissing, "/metadata"},
		{"metadata a list", beating(`[]`), event.ErrType, "/metadata"},
		{"metadata of an unknown kind a list", plain("FUTURE", `[]`), event.ErrType, "/metadata"},
		{"negative count", beating(`{"node_id":"n","in_flight":-1}`), event.ErrType, "/metadata/in_flight"},
		{"count too large", beating(`{"node_id":"n","in_flight":9223372036854775808}`), event.ErrValue, "/metadata/in_flight"},
		{"count with a fraction", beating(`{"node_id":"n","calls":1.0}`), event.ErrType, "/metadata/calls"},
		{"unknown word", plain("PORT_REQUEST", `{"action":"take","requester":"`+someID.String()+`"}`), event.ErrValue, "allocate, renew, release"},
		{"port out of range", plain("PORT_REQUEST", `{"action":"allocate","requester":"`+someID.String()+`","port":65536}`), event.ErrValue, "/metadata/port"},
		{"constant contradicted", plain("NODE_ANNOUNCE_ACCEPTED", `{"node_id":"n","status":"rejected"}`), event.ErrValue, "/metadata/status"},
		{"success that failed", plain("TELEMETRY_OPERATION_SUCCESS", `{"operation":"o","function":"f","execution_time_ms":1,"success":false}`), event.ErrValue, "/metadata/success"},
		{"bool as text", plain("NODE_DISCOVERY_REQUEST", `{"detail":"true"}`), event.ErrType, "true or false"},
		{"list of numbers", plain("NODE_DISCOVERY_REQUEST", `{"node_filter":[1]}`), event.ErrType, "/metadata/node_filter"},
		{"word in a list", plain("NODE_DISCOVERY_REQUEST", `{"statuses":["gone"]}`), event.ErrValue, `"gone" is not one of`},
		{"deep field", plain("NODE_DISCOVERY_RESPONSE", `{"nodes":[{"node_id":"a","name":"a","status":"online"},{"node_id":"b","name":"b","status":"?"}]}`), event.ErrValue, "/metadata/nodes/1/status"},
		{"item no object", plain("NODE_DISCOVERY_RESPONSE", `{"nodes":[1]}`), event.ErrType, "/metadata/nodes/0"},
		{"list no list", plain("NODE_DISCOVERY_RESPONSE", `{"nodes":{}}`), event.ErrType, "/metadata/nodes"},
		{"error without code", plain("TOOL_PROXY_ERROR", `{"tool_name":"t","node_id":"n","error":{"message":"m"}}`), event.ErrMissing, "/metadata/error/code"},
		{"details no texts", plain("TOOL_PROXY_ERROR", `{"tool_name":"t","node_id":"n","error":{"code":"c","message":"m","details":{"a":1}}}`), event.ErrType, "details"},
		{"arguments no object", plain("TOOL_PROXY_INVOKE", `{"tool_name":"t","arguments":[]}`), event.ErrType, "/metadata/arguments"},
		{"arguments null", plain("TOOL_PROXY_INVOKE", `{"tool_name":"t","arguments":null}`), event.ErrType, "/metadata/arguments"},
		{"negative duration", plain("EVENT_RETRY", `{"attempt":1,"delay_ms":-1}`), event.ErrValue, "/metadata/delay_ms"},
		{"duration of ages", plain("EVENT_RETRY", `{"attempt":1,"delay_ms":1e300}`), event.ErrValue, "/metadata/delay_ms"},
		{"duration in words", plain("EVENT_RETRY", `{"attempt":1,"delay_ms":"1s"}`), event.ErrType, "/metadata/delay_ms"},
		{"manifest of no node", plain("NODE_ANNOUNCE", `{"node_id":"n","status":"online","metadata_block":{},"contract":{}}`), nil, "/metadata/metadata_block"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := event.Decode([]byte(tt.data))
			if err == nil {
				t.Fatal("accepted")
			}
			if tt.kind != nil && !errors.Is(err, tt.kind) {
				t.Errorf("error %v, want kind %s", err, tt.kind.Code)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %q does not say %q", err, tt.says)
			}
			if len(err.Error()) > 500 {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestDecodeAccepts(t *testing.T) {
	beat := plain("NODE_HEARTBEAT", `{"node_id":"n","incarnation":0,"in_flight":0,"calls":0}`)
	for _, tt := range []struct{ name, data, want string }{
		{"white space", " \r\n\t" + indented(t, beat) + "\n", ""},
		{"another order", `{"metadata":{"node_id":"n"},` + strings.Replace(plain("NODE_HEARTBEAT", "{}")[1:], `,"metadata":{}`, "", 1), ""},
		{"nulls", strings.Replace(beat, `"metadata"`, `"causation_id":null,"traceparent":null,"metadata"`, 1), ""},
		{"escaped keys", strings.Replace(beat, `"event_type"`, `"event\u005ftype"`, 1), ""},
		{"escaped values", strings.Replace(beat, `"n"`, `"\u006e"`, 1), ""},
		{"a naive time", strings.Replace(beat, `238Z`, `238`, 1), ""},
		{"a time elsewhere", strings.Replace(beat, `T09:52:06.129238Z`, `T11:52:06.1292389+02:00`, 1), ""},
		{"a time without decimals", strings.Replace(beat, `.129238Z`, `Z`, 1), strings.Replace(beat, `.129238Z`, `.000000Z`, 1)},
		{"a newer minor version", strings.Replace(beat, `1.0.0`, `1.7.2`, 1), strings.Replace(beat, `1.0.0`, `1.7.2`, 1)},
		{"failure", plain("TOOL_PROXY_RESULT", `{"tool_name":"t","node_id":"n","status":"failure","result":null}`),
			plain("TOOL_PROXY_RESULT", `{"tool_name":"t","node_id":"n","status":"error","result":null,"duration_ms":0}`)},
		{"exactly 64 levels", plain("FUTURE", `{"x":`+strings.Repeat("[", 62)+strings.Repeat("]", 62)+`}`), "same"},
		{"JSON inside, byte for byte", plain("FUTURE", `{ "x" : 1.50 , "y":"\u0041\/" }`), "same"},
		{"an unknown member", plain("NODE_HEARTBEAT", `{"node_id":"n","incarnation":0,"in_flight":0,"calls":0,"mood": [1, 2]}`), plain("NODE_HEARTBEAT", `{"node_id":"n","incarnation":0,"in_flight":0,"calls":0,"mood":[1, 2]}`)},
		{"unknown members deep inside", plain("NODE_DISCOVERY_RESPONSE", `{"nodes":[{"node_id":"a","name":"a","version":"","incarnation":0,"status":"online","reason":"","tools":[],"a/b~c":{"x":1}}],"next":null}`), "same"},
		{"an object with unknown members only", plain("STRUCTURED_LOG", `{"level":"info","message":"m","context":{"thread":7}}`), "same"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := encode(t, decode(t, tt.data))
			switch want := tt.want; {
			case want == "":
				tt.want = beat
			case want == "same":
				tt.want = tt.data
			}
			if got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func indented(t *testing.T, data string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(data), " ", "\t"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEncodeRefuses(t *testing.T) {
	id := someID
	edit := func(change func(*event.Event)) event.Event {
		e := wrap(event.NodeHeartbeat{NodeID: "n"})
		change(&e)
		return e
	}
	for _, tt := range []struct {
		name string
		e    event.Event
		kind *fault.Kind
		says string
	}{
		{"the zero event", event.Event{}, event.ErrPayload, "there is none"},
		{"no id", edit(func(e *event.Event) { e.ID = event.ID{} }), event.ErrMissing, "/event_id"},
		{"no correlation", edit(func(e *event.Event) { e.Correlation = event.ID{} }), event.ErrMissing, "/correlation_id"},
		{"no time", edit(func(e *event.Event) { e.Time = e.Time.AddDate(-2026, 0, 0) }), event.ErrValue, "/timestamp"},
		{"a bad node", edit(func(e *event.Event) { e.NodeID = "a b" }), event.ErrValue, "/node_id"},
		{"a pointer", wrap(&event.NodeHeartbeat{NodeID: "n"}), event.ErrPayload, "*event.NodeHeartbeat"},
		{"raw of a known kind", wrap(event.Raw{Type: event.KindNodeHeartbeat, Data: json.RawMessage(`{}`)}), event.ErrPayload, "NODE_HEARTBEAT"},
		{"raw without data", wrap(event.Raw{Type: "FUTURE"}), event.ErrMissing, "/metadata"},
		{"raw of no kind", wrap(event.Raw{Type: "future", Data: json.RawMessage(`{}`)}), event.ErrValue, "/event_type"},
		{"an empty field", wrap(event.NodeHeartbeat{}), event.ErrMissing, "/metadata/node_id"},
		{"a negative count", wrap(event.NodeHeartbeat{NodeID: "n", InFlight: -1}), event.ErrValue, "/metadata/in_flight"},
		{"an unknown word", wrap(event.PortRequest{Action: "take", Requester: id}), event.ErrValue, "/metadata/action"},
		{"bad UTF-8", wrap(event.NodeDead{NodeID: "n", Reason: "\xff"}), event.ErrValue, "not UTF-8"},
		{"bad JSON", wrap(event.ToolProxyInvoke{ToolName: "t", Arguments: json.RawMessage(`{"a":}`)}), event.ErrSyntax, "/metadata/arguments"},
		{"duplicate keys", wrap(event.ToolProxyInvoke{ToolName: "t", Arguments: json.RawMessage(`{"a":1,"a":2}`)}), event.ErrDuplicateKey, "/metadata/arguments"},
		{"arguments no object", wrap(event.ToolProxyInvoke{ToolName: "t", Arguments: json.RawMessage(`7`)}), event.ErrType, "/metadata/arguments"},
		{"not a number", wrap(event.ToolProxyResult{ToolName: "t", NodeID: "n", Status: node.Success, Result: json.RawMessage(`1`), DurationMS: nan()}), event.ErrValue, "/metadata/duration_ms"},
		{"too deep", wrap(event.Raw{Type: "FUTURE", Data: json.RawMessage(`{"x":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`)}), event.ErrTooDeep, "/metadata"},
		{"too large", wrap(event.NodeDead{NodeID: "n", Reason: strings.Repeat("x", event.MaxSize)}), event.ErrTooLarge, "limit"},
		{"trusted without signature", wrap(withTrust(event.NodeAnnounce{})), event.ErrMissing, "/metadata/signature_block"},
		{"an unknown member that is known", edit(func(e *event.Event) {
			e.Extra = []event.Member{{Path: "/node_id", Value: json.RawMessage(`1`)}}
		}), event.ErrDuplicateKey, "node_id"},
		{"an unknown member of nothing", edit(func(e *event.Event) {
			e.Extra = []event.Member{{Path: "/nodes/0/x", Value: json.RawMessage(`1`)}}
		}), event.ErrPayload, "belong to no object"},
		{"a bad unknown member", edit(func(e *event.Event) {
			e.Extra = []event.Member{{Path: "/x", Value: json.RawMessage(`1,"y":2`)}}
		}), event.ErrSyntax, "/metadata/x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dst := []byte("before")
			got, err := event.AppendTo(dst, tt.e)
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %s saying %q", err, tt.kind.Code, tt.says)
			}
			if string(got) != "before" {
				t.Errorf("appended %q", got)
			}
			if _, same := event.Measure(tt.e); same == nil || same.Error() != err.Error() {
				t.Errorf("measuring: %v, want %v", same, err)
			}
		})
	}
}

func nan() float64 { return math.NaN() }

func withTrust(p event.NodeAnnounce) event.NodeAnnounce {
	p = full(p).Payload.(event.NodeAnnounce)
	p.Signature = ""
	return p
}

// documented reads the field tables of one kind's section.
func documented(t *testing.T, page string, k event.Kind) (fields, required []string) {
	t.Helper()
	_, section, ok := strings.Cut(page, "### `"+string(k)+"` (")
	if !ok {
		t.Fatalf("docs/events.md has no section for %s", k)
	}
	if end := regexp.MustCompile(`(?m)^##`).FindStringIndex(section); end != nil {
		section = section[:end[0]]
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|[^|]*\\| (required)?").FindAllStringSubmatch(section, -1) {
		fields = append(fields, row[1])
		if row[2] != "" {
			required = append(required, row[1])
		}
	}
	slices.Sort(fields)
	return fields, required
}

// own are the fields that another format or the error type describes.
var own = regexp.MustCompile(`^(.*\.)?(metadata_block|contract|tool|error|input_state|output_state|arguments|answers|can_answer|result|attributes|introspection|event|health|subscriptions)\.`)

// fieldsOf lists the members of a JSON value as the page names them.
func fieldsOf(v any, prefix string, add func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, m := range v {
			add(prefix + k)
			fieldsOf(m, prefix+k+".", add)
		}
	case []any:
		for _, m := range v {
			fieldsOf(m, strings.TrimSuffix(prefix, ".")+"[].", add)
		}
	}
}

func TestPageListsTheFieldsOfEveryKind(t *testing.T) {
	page, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range payloads {
		var doc struct {
			Metadata map[string]any `json:"metadata"`
		}
		if err := json.Unmarshal([]byte(encode(t, full(p))), &doc); err != nil {
			t.Fatal(err)
		}
		var written []string
		fieldsOf(doc.Metadata, "", func(f string) {
			if !own.MatchString(f) {
				written = append(written, f)
			}
		})
		slices.Sort(written)
		listed, required := documented(t, string(page), p.Kind())
		if diff := cmp.Diff(slices.Compact(written), listed); diff != "" {
			t.Errorf("%s: fields (-written +documented):\n%s", p.Kind(), diff)
		}
		checkRequired(t, p, doc.Metadata, required)
	}
}

// checkRequired leaves out each field at the top in turn.
func checkRequired(t *testing.T, p event.Payload, metadata map[string]any, required []string) {
	t.Helper()
	for key := range metadata {
		less := map[string]any{}
		for k, v := range metadata {
			if k != key {
				less[k] = v
			}
		}
		text, err := json.Marshal(less)
		if err != nil {
			t.Fatal(err)
		}
		_, err = event.Decode([]byte(plain(string(p.Kind()), string(text))))
		switch {
		case slices.Contains(required, key):
			if !errors.Is(err, event.ErrMissing) || !strings.Contains(err.Error(), "/metadata/"+key) {
				t.Errorf("%s without the required %s: %v", p.Kind(), key, err)
			}
		case err != nil && key != "signature_block": // which a trust_state requires
			t.Errorf("%s without the optional %s: %v", p.Kind(), key, err)
		}
	}
}
