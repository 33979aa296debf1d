package mcpbridge_test

import (
	"context"
	"fmt"
	"log"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// A node's tool, called by an MCP client.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	b := bus.NewMemory(nil)
	parts := make(chan error, 2)
	go func() { parts <- registry.Serve(ctx, b, &registry.Options{Log: quiet()}) }()
	ready := make(chan host.Accepted)
	h := host.New(node.Manifest{Name: "greeter", Version: "1.0.0"}, &host.Options{
		Log: quiet(), Ready: func(a host.Accepted) { ready <- a },
	})
	host.Handle(h, "greet", "greets somebody", func(_ context.Context, i in) (out, error) {
		return out{"Hello, " + i.Name + "!"}, nil
	}, nil)
	go func() { parts <- h.Run(ctx, b) }()
	<-ready

	s, err := mcpbridge.New(ctx, b, &mcpbridge.Options{Log: quiet()})
	if err != nil {
		log.Fatal(err)
	}
	near, far := mcp.NewInMemoryTransports()
	go s.Run(ctx, far)
	c, err := mcp.NewClient(&mcp.Implementation{Name: "example", Version: "1"}, nil).Connect(ctx, near, nil)
	if err != nil {
		log.Fatal(err)
	}
	r, err := c.CallTool(ctx, &mcp.CallToolParams{Name: "greet", Arguments: in{"Ada"}})
	fmt.Println(r.StructuredContent, err)

	c.Close()
	s.Close()
	cancel()
	for range 2 {
		<-parts
	}
	b.Close(context.Background())
	// Output:
	// map[greeting:Hello, Ada!] <nil>
}
