package noderegistry_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/nodes/noderegistry"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWithoutABusNothingIsKnown(t *testing.T) {
	h, err := noderegistry.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []node.ToolName{"registry_nodes", "registry_tools"} {
		out := h.Call(t.Context(), tool, []byte(`{}`))
		if out.Error == nil || out.Error.Code != registry.ErrUnavailable.Code {
			t.Errorf("%s: %s %v", tool, out.Status, out.Error)
		}
	}
}

// TestItTellsWhatTheRegistryKnows has the node tell of itself.
func TestItTellsWhatTheRegistryKnows(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	b := bus.NewMemory(nil)
	quiet := slog.New(slog.DiscardHandler)
	serving, ended := make(chan struct{}), make(chan error, 2)
	go func() {
		ended <- registry.Serve(ctx, b, &registry.Options{Log: quiet, Ready: func() { close(serving) }})
	}()
	<-serving
	ready := make(chan struct{})
	h, err := noderegistry.New(b, &host.Options{Log: quiet, Ready: func(host.Accepted) { close(ready) }})
	if err != nil {
		t.Fatal(err)
	}
	go func() { ended <- h.Run(ctx, b) }()
	<-ready
	var got struct {
		Nodes []noderegistry.Node
		Tools []noderegistry.Tool
	}
	for _, tool := range []node.ToolName{"registry_nodes", "registry_tools"} {
		out := h.Call(ctx, tool, []byte(`{}`))
		if err := json.Unmarshal(out.Result, &got); err != nil || out.Error != nil {
			t.Fatalf("%s: %v %v", tool, out.Error, err)
		}
	}
	if len(got.Nodes) != 1 || got.Nodes[0].Name != "node_registry" || got.Nodes[0].Status != node.Online || len(got.Nodes[0].Tools) != 2 {
		t.Errorf("nodes: %+v", got.Nodes)
	}
	if len(got.Tools) != 2 || got.Tools[0].Name != "registry_nodes" || got.Tools[0].Providers != 1 || got.Tools[0].Idempotency != node.Pure {
		t.Errorf("tools: %+v", got.Tools)
	}
	out := h.Call(ctx, "registry_nodes", []byte(`{"names": ["nobody"], "all": true}`))
	if out.Error != nil || string(out.Result) != `{"nodes":[]}` {
		t.Errorf("nobody: %s %v", out.Result, out.Error)
	}
	stop()
	<-ended
	<-ended
	if err := b.Close(context.Background()); err != nil {
		t.Error(err)
	}
}
