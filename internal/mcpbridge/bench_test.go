package mcpbridge_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestAThousandCallsAtOnce holds that each of a thousand calls gets its own
// answer.
func TestAThousandCallsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	c := connect(t, w.serve(nil), modern)
	const calls = 1000
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			r, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "greet", Arguments: json.RawMessage(`{"name":"Ada"}`)})
			if err != nil || r.IsError {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	all.Wait()
}

// BenchmarkCall measures a call through the registry, the bus and a host, and
// the same function behind a plain server of the SDK.
func BenchmarkCall(b *testing.B) {
	call := func(b *testing.B, c *mcp.ClientSession) {
		p := &mcp.CallToolParams{Name: "greet", Arguments: json.RawMessage(`{"name":"Ada"}`)}
		for b.Loop() {
			if r, err := c.CallTool(b.Context(), p); err != nil || r.IsError {
				b.Fatalf("%+v, %v", r, err)
			}
		}
	}
	b.Run("onex", func(b *testing.B) {
		w := newWorld(b)
		w.run((&greeter{}).host)
		call(b, connect(b, w.serve(nil), modern).ClientSession)
	})
	b.Run("plain", func(b *testing.B) {
		s := mcp.NewServer(&mcp.Implementation{Name: "plain", Version: "1"}, nil)
		mcp.AddTool(s, &mcp.Tool{Name: "greet"}, func(_ context.Context, _ *mcp.CallToolRequest, i in) (*mcp.CallToolResult, out, error) {
			return nil, out{"Hello, " + i.Name + "!"}, nil
		})
		near, far := mcp.NewInMemoryTransports()
		session, err := s.Connect(b.Context(), far, nil)
		if err != nil {
			b.Fatal(err)
		}
		c, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(b.Context(), near, nil)
		if err != nil {
			b.Fatal(err)
		}
		call(b, c)
		c.Close()
		session.Wait()
	})
}
