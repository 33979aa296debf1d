package mcpbridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/mcpbridge"
)

func TestResultsAreStructuredAndText(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	s := w.serve(nil)
	for _, tt := range []struct {
		version, tool, args string
		structured          any
		text                []string
		status              string
	}{
		{modern, "greet", `{"name":"Ada"}`, map[string]any{"greeting": "Hello, Ada!"}, []string{`{"greeting":"Hello, Ada!"}`}, "success"},
		{legacy, "greet", `{"name":"Ada"}`, map[string]any{"greeting": "Hello, Ada!"}, []string{`{"greeting":"Hello, Ada!"}`}, "success"},
		{modern, "count", `{}`, 3., []string{"3"}, "success"},
		{legacy, "count", `{}`, nil, []string{"4"}, "success"},
		{modern, "rest", `{}`, map[string]any{}, []string{"{}", "status: warning"}, "warning"},
	} {
		got := connect(t, s, tt.version).call(tt.tool, tt.args, nil)
		if diff := cmp.Diff(tt.structured, got.StructuredContent); diff != "" || got.IsError {
			t.Errorf("%s %s: structured content (-want +got):\n%s", tt.version, tt.tool, diff)
		}
		var text []string
		for _, c := range got.Content {
			text = append(text, c.(*mcp.TextContent).Text)
		}
		if diff := cmp.Diff(tt.text, text); diff != "" {
			t.Errorf("%s %s: text (-want +got):\n%s", tt.version, tt.tool, diff)
		}
		if got.Meta["onex/status"] != tt.status || got.Meta["onex/correlation_id"] == nil {
			t.Errorf("%s %s: metadata %v", tt.version, tt.tool, got.Meta)
		}
	}
}

func TestErrorsKeepTheirCode(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	s := w.serve(nil)
	for _, tt := range []struct {
		name, args string
		meta       mcp.Meta
		code       fault.Code
		class      fault.Class
	}{
		{"the tool's own", `{"name":""}`, nil, "ONEX_GREETER_001_NOBODY", fault.NotFound},
		{"missing", `{}`, nil, "ONEX_CONTRACT_041_VIOLATED", fault.Invalid},
		{"wrong case", `{"Name":"Ada"}`, nil, "ONEX_CONTRACT_041_VIOLATED", fault.Invalid},
		{"both cases", `{"name":"Ada","NAME":"Eve"}`, nil, "ONEX_CONTRACT_041_VIOLATED", fault.Invalid},
		{"timeout", `{"name":"wait"}`, mcp.Meta{"onex/timeout_ms": 30}, "ONEX_INVOKE_008_TOOL_TIMEOUT", fault.Timeout},
		{"no number", `{"name":"Ada"}`, mcp.Meta{"onex/timeout_ms": "30"}, "ONEX_MCP_001_INVALID_META", fault.Invalid},
		{"negative", `{"name":"Ada"}`, mcp.Meta{"onex/timeout_ms": -1}, "ONEX_MCP_001_INVALID_META", fault.Invalid},
		{"unknown key", `{"name":"Ada"}`, mcp.Meta{"onex/timeout": 30}, "ONEX_MCP_001_INVALID_META", fault.Invalid},
		{"no id", `{"name":"Ada"}`, mcp.Meta{"onex/correlation_id": "x"}, "ONEX_MCP_001_INVALID_META", fault.Invalid},
		{"no such version", `{"name":"Ada"}`, mcp.Meta{"onex/tool_version": "^2"}, "ONEX_INVOKE_004_NO_MATCHING_PROVIDER", fault.NotFound},
	} {
		for _, version := range []string{modern, legacy} {
			got := connect(t, s, version).call("greet", tt.args, tt.meta)
			if r := report(t, got); r.Code != tt.code || r.Class != tt.class || r.Message == "" {
				t.Errorf("%s, %s: %+v, want %s", tt.name, version, r, tt.code)
			}
			structured, _ := got.StructuredContent.(map[string]any)
			if version == modern && structured["code"] != string(tt.code) {
				t.Errorf("%s: structured content %v has not the code", tt.name, got.StructuredContent)
			}
			if version == legacy && got.StructuredContent != nil {
				t.Errorf("%s: an older client would hold %v against the output schema", tt.name, structured)
			}
		}
	}
}

func TestMetadataPassesThrough(t *testing.T) {
	w := newWorld(t)
	g := &greeter{}
	w.run(g.host)
	sub, err := w.bus.Subscribe(t.Context(), "tool_proxy_invoke.>", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	c := connect(t, w.serve(nil), modern)
	id, trace := event.NewID(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	meta := mcp.Meta{"onex/correlation_id": id.String(), "onex/idempotency_key": "k1", "onex/timeout_ms": 4000, "traceparent": trace, "other/key": 1}
	first, second := c.call("count", `{}`, meta), c.call("count", `{}`, meta)
	if diff := cmp.Diff(first.StructuredContent, second.StructuredContent); diff != "" || g.runs.Load() != 1 {
		t.Errorf("one key had %d effects", g.runs.Load())
	}
	if got := first.Meta["onex/correlation_id"]; got != id.String() {
		t.Errorf("the correlation of the answer is %v, want %s", got, id)
	}
	d, err := sub.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := d.Event.Payload.(event.ToolProxyInvoke)
	if d.Event.Correlation != id || d.Event.TraceParent != trace || p.IdempotencyKey != "k1" || p.TimeoutMS > 4000 || p.TimeoutMS < 3000 {
		t.Errorf("the call travels as %+v %+v", d.Event, p)
	}
}

func TestCancelReachesTheTool(t *testing.T) {
	w := newWorld(t)
	g := &greeter{wait: make(chan struct{})}
	w.run(g.host)
	c := connect(t, w.serve(nil), modern)
	sub, err := w.bus.Subscribe(t.Context(), "tool_proxy_timeout.>", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	started, err := w.bus.Subscribe(t.Context(), "tool_proxy_invoke.>", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer started.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		started.Next(context.Background())
		cancel()
	}()
	if _, err := c.CallTool(ctx, &mcp.CallToolParams{Name: "greet", Arguments: json.RawMessage(`{"name":"wait"}`)}); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled call ends with %v", err)
	}
	if _, err := sub.Next(t.Context()); err != nil {
		t.Errorf("the node was not told: %v", err)
	}
}

func TestTooManyCallsAreRefused(t *testing.T) {
	w := newWorld(t)
	g := &greeter{wait: make(chan struct{})}
	w.run(g.host)
	started, err := w.bus.Subscribe(t.Context(), "tool_proxy_invoke.>", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer started.Close()
	c := connect(t, w.serve(&mcpbridge.Options{Calls: 1}), modern)
	first := make(chan *mcp.CallToolResult)
	go func() { first <- c.call("greet", `{"name":"wait"}`, nil) }()
	if _, err := started.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := report(t, c.call("greet", `{"name":"Ada"}`, nil)); r.Code != mcpbridge.ErrBusy.Code {
		t.Errorf("the second of one call answers %+v", r)
	}
	close(g.wait)
	if r := <-first; r.IsError {
		t.Errorf("the first answers %+v", r.StructuredContent)
	}
}
