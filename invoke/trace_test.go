package invoke_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
	"github.com/omninode-ai/onex/trace"
)

// spans is a recorder that remembers what ended.
type spans struct {
	mu    sync.Mutex
	ended map[string]trace.Span
}

func (s *spans) Sample(trace.Context, trace.ID) bool { return true }
func (s *spans) Began(trace.Span)                    {}
func (s *spans) Ended(one trace.Span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended[one.Operation] = one
}

// TestOneTrace holds that a call is one trace through caller, registry, node and
// the node's program.
func TestOneTrace(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		node.ManifestFile: "name: worker\nversion: 1.0.0\nruntime: exec\ncommand: [./run.sh]\n",
		node.ContractFile: "node_name: worker\ntools: {work: {input: {type: object}, output: {type: object}}}\n",
		"run.sh":          "#!/bin/sh\nprintf '{\"trace\": \"%s\"}' \"$TRACEPARENT\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b := bus.NewMemory(nil)
	w := &world{t: t, bus: b}
	t.Cleanup(func() { b.Close(context.Background()) })
	rec := &spans{ended: map[string]trace.Span{}}
	listening, ready := make(chan struct{}), make(chan struct{})
	w.background(func(ctx context.Context) error {
		return registry.Serve(ctx, b, &registry.Options{Log: quiet(), Trace: rec, Ready: func() { close(listening) }})
	})
	<-listening
	h, err := host.Load(t.Context(), dir, &host.Options{Log: quiet(), Trace: rec, Ready: func(host.Accepted) { close(ready) }})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	stop := w.background(func(ctx context.Context) error {
		if err := h.Run(ctx, b); !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	})
	<-ready
	client, err := invoke.NewClient(t.Context(), b, &invoke.Options{Trace: rec, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	r, err := client.Invoke(t.Context(), invoke.Call{Tool: "work", TraceParent: parent})
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	stop()

	rec.mu.Lock()
	defer rec.mu.Unlock()
	call, lookup, tool := rec.ended["invoke"], rec.ended["lookup"], rec.ended["tool"]
	for name, s := range map[string]trace.Span{"invoke": call, "lookup": lookup, "tool": tool} {
		if s.Trace.String() != parent[3:35] {
			t.Errorf("%s is in trace %s", name, s.Trace)
		}
	}
	if call.Parent.String() != parent[36:52] || lookup.Parent != call.Span || tool.Parent != call.Span {
		t.Errorf("parents: invoke %s, lookup %s, tool %s; invoke is %s", call.Parent, lookup.Parent, tool.Parent, call.Span)
	}
	if !strings.Contains(string(r.Result), tool.Context.String()) {
		t.Errorf("the program was told %s, its span is %s", r.Result, tool.Context)
	}
	if call.Kind != trace.Client || tool.Kind != trace.Server || tool.Node != "worker" || tool.Function != "work" || tool.Status != "success" {
		t.Errorf("%+v", tool)
	}
}
