package mcpbridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/registry"
)

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
