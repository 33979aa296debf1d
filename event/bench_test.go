package event_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/omninode-ai/onex/event"
)

// plainEvent is an event as encoding/json would have it: the peer in the
// benchmarks. Its payload is that of TOOL_PROXY_INVOKE.
type plainEvent struct {
	SchemaVersion string    `json:"schema_version"`
	ID            event.ID  `json:"event_id"`
	Time          time.Time `json:"timestamp"`
	NodeID        string    `json:"node_id"`
	Kind          string    `json:"event_type"`
	Correlation   event.ID  `json:"correlation_id"`
	Causation     event.ID  `json:"causation_id,omitzero"`
	TraceParent   string    `json:"traceparent,omitempty"`
	Payload       struct {
		ToolName       string          `json:"tool_name"`
		Arguments      json.RawMessage `json:"arguments"`
		TimeoutMS      int64           `json:"timeout_ms,omitempty"`
		RequestTime    time.Time       `json:"request_ts,omitzero"`
		Policy         string          `json:"node_selection_policy,omitempty"`
		IdempotencyKey string          `json:"idempotency_key,omitempty"`
	} `json:"metadata"`
}

// invocation is an event of about 300 bytes.
func invocation(b *testing.B) (event.Event, plainEvent, []byte) {
	b.Helper()
	e := wrap(event.ToolProxyInvoke{ToolName: "greet", Arguments: json.RawMessage(`{"name":"Ada"}`), TimeoutMS: 5000})
	data, err := event.Encode(e)
	if err != nil {
		b.Fatal(err)
	}
	var p plainEvent
	if err := json.Unmarshal(data, &p); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	return e, p, data
}

func BenchmarkEncode(b *testing.B) {
	b.Run("event", func(b *testing.B) {
		e, _, _ := invocation(b)
		var buf []byte
		for b.Loop() {
			buf, _ = event.AppendTo(buf[:0], e)
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		_, p, _ := invocation(b)
		for b.Loop() {
			_, _ = json.Marshal(p)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	b.Run("event", func(b *testing.B) {
		_, _, data := invocation(b)
		for b.Loop() {
			_, _ = event.Decode(data)
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		_, _, data := invocation(b)
		for b.Loop() {
			var p plainEvent
			_ = json.Unmarshal(data, &p)
		}
	})
}

func BenchmarkNewID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		event.NewID()
	}
}

func BenchmarkMatch(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		event.FilterTo("5a0f2e7c").Match("tool_proxy_invoke.greeter.5a0f2e7c")
	}
}

// The promise of the package comment: a warm encoder takes no memory.
func TestEncodeDoesNotAllocate(t *testing.T) {
	for _, p := range []event.Payload{event.NodeHeartbeat{}, event.ToolProxyInvoke{}, event.ToolProxyResult{}} {
		e, buf := full(p), make([]byte, 0, 4096)
		if n := testing.AllocsPerRun(100, func() { buf, _ = event.AppendTo(buf[:0], e) }); n > 0 {
			t.Errorf("%s: %v allocations to encode", p.Kind(), n)
		}
	}
	data := []byte(encode(t, wrap(event.ToolProxyInvoke{ToolName: "greet", Arguments: json.RawMessage(`{"name":"Ada"}`), TimeoutMS: 5000})))
	if n := testing.AllocsPerRun(100, func() { _, _ = event.Decode(data) }); n > 4 {
		t.Errorf("%v allocations to decode", n)
	}
}
