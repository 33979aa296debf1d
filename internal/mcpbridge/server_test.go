package mcpbridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// A world is a bus with a registry.
type world struct {
	t   testing.TB
	bus *bus.Memory
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, bus: bus.NewMemory(nil)}
	t.Cleanup(func() { w.bus.Close(context.Background()) })
	ready := make(chan struct{})
	w.background(func(ctx context.Context) error {
		return registry.Serve(ctx, w.bus, &registry.Options{Log: quiet(), Ready: func() { close(ready) }})
	})
	<-ready
	return w
}

// background runs f until stop is called or the test ends.
func (w *world) background(f func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f(ctx); err != nil && !errors.Is(err, bus.ErrClosed) && !errors.Is(err, context.Canceled) {
			w.t.Errorf("in the background: %v", err)
		}
	}()
	stop = func() { cancel(); <-done }
	w.t.Cleanup(stop)
	return stop
}

// serve starts an MCP server on the world's bus.
func (w *world) serve(o *mcpbridge.Options) *mcpbridge.Server {
	w.t.Helper()
	if o == nil {
		o = &mcpbridge.Options{}
	}
	o.Log = quiet()
	s, err := mcpbridge.New(w.t.Context(), w.bus, o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { s.Close() })
	return s
}

// run hosts a node until stop is called or the test ends.
func (w *world) run(h func(*host.Options) *host.Host) (stop func()) {
	w.t.Helper()
	ready := make(chan struct{})
	x := h(&host.Options{Log: quiet(), Ready: func(host.Accepted) { close(ready) }})
	stop = w.background(func(ctx context.Context) error { return x.Run(ctx, w.bus) })
	<-ready
	return stop
}

// A client is an MCP client of the official SDK, and what it was told.
type client struct {
	*mcp.ClientSession
	t       testing.TB
	changes chan struct{} // of the list of tools; holds one
}

// modern and legacy are the two eras of the protocol.
const (
	modern = "2026-07-28"
	legacy = "2025-06-18"
)

// connect connects a client that speaks a version of the protocol.
func connect(t testing.TB, s *mcpbridge.Server, version string) *client {
	t.Helper()
	c := &client{t: t, changes: make(chan struct{}, 1)}
	near, far := mcp.NewInMemoryTransports()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, far) }()
	m := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) {
			select {
			case c.changes <- struct{}{}:
			default:
			}
		},
	})
	var err error
	if c.ClientSession, err = m.Connect(t.Context(), near, &mcp.ClientSessionOptions{ProtocolVersion: version}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.ClientSession.Close()
		if err := <-done; err != nil {
			t.Errorf("Run = %v after the client left", err)
		}
		cancel()
	})
	return c
}

// names lists the tools.
func (c *client) names() []string {
	c.t.Helper()
	list, err := c.ListTools(c.t.Context(), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	var names []string
	for _, t := range list.Tools {
		names = append(names, t.Name)
	}
	return names
}

// await waits until the tools are as wanted, looking only when it is told that
// they changed.
func (c *client) await(want ...string) {
	c.t.Helper()
	limit := time.After(10 * time.Second)
	for {
		got := c.names()
		if cmp.Equal(want, got) {
			return
		}
		select {
		case <-c.changes:
		case <-limit:
			c.t.Fatalf("tools %v, want %v", got, want)
		}
	}
}

func (c *client) call(tool, args string, meta mcp.Meta) *mcp.CallToolResult {
	c.t.Helper()
	r, err := c.CallTool(c.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(args), Meta: maps.Clone(meta)})
	if err != nil {
		c.t.Fatalf("%s %s: %v", tool, args, err)
	}
	return r
}

type in struct {
	Name string `json:"name" jsonschema:"whom to greet"`
}

type out struct {
	Greeting string `json:"greeting"`
}

// An idle result was skipped.
type idle struct{}

func (idle) ResultStatus() node.Result { return node.Warning }

var errNobody = fault.New("ONEX_GREETER_001_NOBODY", fault.NotFound, "nobody to greet").Hinted("say who")

// A greeter is a node with tools of every kind, and what its calls carried.
type greeter struct {
	runs        atomic.Int64
	correlation atomic.Value // of the last call
	wait        chan struct{}
}

func (g *greeter) host(o *host.Options) *host.Host {
	h := host.New(node.Manifest{Name: "greeter", Version: "1.2.0"}, o)
	host.Handle(h, "greet", "greets somebody", func(ctx context.Context, i in) (out, error) {
		g.runs.Add(1)
		g.correlation.Store(host.Correlation(ctx))
		switch i.Name {
		case "":
			return out{}, errNobody
		case "wait":
			select {
			case <-g.wait:
			case <-ctx.Done():
				return out{}, ctx.Err()
			}
		}
		return out{"Hello, " + i.Name + "!"}, nil
	}, &host.ToolOptions{
		Idempotency: node.Pure, Effects: []node.Effect{node.ReadsFiles},
		Errors: []node.ToolError{{Code: "ONEX_GREETER_001_NOBODY", Description: "nobody to greet"}},
	})
	host.Handle(h, "count", "counts calls", func(context.Context, struct{}) (int64, error) {
		return g.runs.Add(1), nil
	}, &host.ToolOptions{Idempotency: node.Keyed, Effects: []node.Effect{node.WritesFiles}})
	host.Handle(h, "rest", "does nothing", func(context.Context, struct{}) (idle, error) { return idle{}, nil }, nil)
	return h
}

func TestToolsComeAndGoWithTheirNodes(t *testing.T) {
	for _, version := range []string{modern, legacy} {
		t.Run(version, func(t *testing.T) {
			w := newWorld(t)
			c := connect(t, w.serve(nil), version)
			c.await()
			stop := w.run((&greeter{}).host)
			c.await("count", "greet", "rest")
			if got := c.call("greet", `{"name":"Ada"}`, nil); got.IsError {
				t.Errorf("a tool that appeared answers %+v", got.StructuredContent)
			}
			stop()
			c.await()
			got := c.call("greet", `{"name":"Ada"}`, nil)
			if r := report(t, got); r.Code != "ONEX_INVOKE_003_NO_PROVIDER" || r.Class != fault.Unavailable {
				t.Errorf("a tool that vanished answers %+v", r)
			}
			_, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "never_was"})
			if err == nil {
				t.Error("a tool that never was answers")
			}
		})
	}
}

// report returns the error that a result carries, wherever the client's version
// of the protocol has it.
func report(t testing.TB, r *mcp.CallToolResult) fault.Report {
	t.Helper()
	if !r.IsError {
		t.Fatalf("the result is not an error: %+v", r)
	}
	var fromText, fromMeta fault.Report
	if err := json.Unmarshal([]byte(r.Content[0].(*mcp.TextContent).Text), &fromText); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(r.Meta["onex/error"])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &fromMeta); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromText, fromMeta); diff != "" {
		t.Errorf("the text and the metadata differ:\n%s", diff)
	}
	return fromText
}

func TestDefinitionsAreThoseOfTheContract(t *testing.T) {
	w := newWorld(t)
	g := &greeter{}
	w.run(g.host)
	for _, version := range []string{modern, legacy} {
		list, err := connect(t, w.serve(nil), version).ListTools(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]*mcp.Tool{}
		for _, tool := range list.Tools {
			got[tool.Name] = tool
		}
		yes, no := true, false
		want := map[string]*mcp.ToolAnnotations{
			"greet": {ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: &no, OpenWorldHint: &no},
			"count": {DestructiveHint: &yes, OpenWorldHint: &no},
			"rest":  {DestructiveHint: &yes, OpenWorldHint: &yes}, // it promises nothing
		}
		for name, annotations := range want {
			if diff := cmp.Diff(annotations, got[name].Annotations); diff != "" {
				t.Errorf("%s, annotations of %s (-want +got):\n%s", version, name, diff)
			}
		}
		promise, _ := g.host(nil).Contract().Tool("greet")
		if diff := cmp.Diff(value(t, promise.Input), got["greet"].InputSchema); diff != "" {
			t.Errorf("%s, input schema (-contract +mcp):\n%s", version, diff)
		}
		if diff := cmp.Diff(value(t, promise.Output), got["greet"].OutputSchema); diff != "" {
			t.Errorf("%s, output schema (-contract +mcp):\n%s", version, diff)
		}
		if got["greet"].Description != "greets somebody" || got["greet"].Meta["onex/idempotency"] != "pure" {
			t.Errorf("%s, greet is %+v", version, got["greet"])
		}
		if hasOutput := got["count"].OutputSchema != nil; hasOutput != (version == modern) {
			t.Errorf("%s, the schema of a result that is no object is shown: %t", version, hasOutput)
		}
		if age := list.TTLMs; version == modern && (age <= 0 || age > int(mcpbridge.MaxAge.Milliseconds())) {
			t.Errorf("%s, ttlMs %d", version, age)
		}
	}
}

func value(t testing.TB, raw json.RawMessage) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAgeFollowsTheShortestLease(t *testing.T) {
	w := newWorld(t)
	w.run(func(o *host.Options) *host.Host {
		o.TTL = 300 * time.Millisecond
		return (&greeter{}).host(o)
	})
	list, err := connect(t, w.serve(nil), modern).ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if list.TTLMs != 300 || list.CacheScope != "private" {
		t.Errorf("ttlMs %d, scope %q, want the node's lease of 300 ms, private", list.TTLMs, list.CacheScope)
	}
}

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

func TestOnlyWhatTheProfileHas(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	for _, tt := range []struct {
		o    mcpbridge.Options
		want []string
	}{
		{mcpbridge.Options{Tools: []string{"gr*", "rest"}}, []string{"greet", "rest"}},
		{mcpbridge.Options{ReadOnly: true}, []string{"greet"}},
		{mcpbridge.Options{ReadOnly: true, Tools: []string{"count"}}, nil},
	} {
		c := connect(t, w.serve(&tt.o), modern)
		if diff := cmp.Diff(tt.want, c.names()); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.o, diff)
		}
		if r := report(t, c.call("count", `{}`, nil)); r.Code != mcpbridge.ErrHidden.Code {
			t.Errorf("a tool that is left out answers %+v", r)
		}
	}
	_, err := mcpbridge.New(t.Context(), w.bus, &mcpbridge.Options{Tools: []string{"[a"}})
	if !errors.Is(err, mcpbridge.ErrPattern) {
		t.Errorf("New with a broken pattern = %v", err)
	}
}

func TestNoRegistry(t *testing.T) {
	b := bus.NewMemory(nil)
	defer b.Close(context.Background())
	_, err := mcpbridge.New(t.Context(), b, &mcpbridge.Options{Log: quiet()})
	if !errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("New without a registry = %v", err)
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
