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
	return connectWith(t, s, version, &mcp.ClientOptions{})
}

// connectWith connects a client that can do more.
func connectWith(t testing.TB, s *mcpbridge.Server, version string, o *mcp.ClientOptions) *client {
	t.Helper()
	c := &client{t: t, changes: make(chan struct{}, 1)}
	near, far := mcp.NewInMemoryTransports()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, far) }()
	o.ToolListChangedHandler = func(context.Context, *mcp.ToolListChangedRequest) {
		select {
		case c.changes <- struct{}{}:
		default:
		}
	}
	m := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, o)
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
