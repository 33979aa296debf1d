package invoke_test

import (
	"context"
	"fmt"
	"log"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	b := bus.NewMemory(nil)
	parts := make(chan error, 2)
	go func() { parts <- registry.Serve(ctx, b, &registry.Options{Log: quiet()}) }()

	type In struct {
		Name string `json:"name"`
	}
	ready := make(chan host.Accepted)
	h := host.New(node.Manifest{Name: "greeter", Version: "1.0.0"}, &host.Options{
		Log: quiet(), Ready: func(a host.Accepted) { ready <- a },
	})
	host.Handle(h, "greet", "greets somebody", func(_ context.Context, in In) (string, error) {
		return "Hello, " + in.Name + "!", nil
	}, nil)
	go func() { parts <- h.Run(ctx, b) }()
	<-ready

	c, err := invoke.NewClient(ctx, b, nil)
	if err != nil {
		log.Fatal(err)
	}
	r, err := c.Invoke(ctx, invoke.Call{Tool: "greet", Args: []byte(`{"name":"Ada"}`)})
	fmt.Println(r.Status, string(r.Result), err)
	_, err = c.Invoke(ctx, invoke.Call{Tool: "great"})
	fmt.Println(err)

	c.Close()
	cancel()
	for range 2 {
		<-parts
	}
	b.Close(context.Background())
	// Output:
	// success "Hello, Ada!" <nil>
	// no such tool: "great"
}
