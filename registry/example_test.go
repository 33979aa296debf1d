package registry_test

import (
	"context"
	"fmt"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/registry"
)

func Example() {
	ctx, stop := context.WithCancel(context.Background())
	b := bus.NewMemory(nil)
	ready, done := make(chan struct{}), make(chan error)
	go func() {
		done <- registry.Serve(ctx, b, &registry.Options{Ready: func() { close(ready) }})
	}()
	<-ready

	// A node announces itself; its host does this for it.
	a := greeter(1)
	answers, _ := bus.NewCaller(ctx, b, string(a.NodeID))
	e, _ := answers.Do(ctx, event.NewSubject(event.KindNodeAnnounce, "greeter"), event.New("", a, event.ID{}))
	fmt.Println(e.Kind())

	// Somebody looks for a tool.
	c, _ := registry.NewClient(ctx, b, nil)
	tools, _ := c.Tools(ctx, "greet")
	for _, p := range tools[0].Providers {
		fmt.Println(tools[0].Tool.Name, "is offered by", p.Name, "which is", p.Status)
	}

	_ = c.Close()
	_ = answers.Close()
	stop()
	fmt.Println(<-done)
	// Output:
	// NODE_ANNOUNCE_ACCEPTED
	// greet is offered by greeter which is online
	// <nil>
}

func ExampleState() {
	s := registry.NewState(nil)
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	_, _, _ = s.Announce(now, greeter(1))
	s.Expire(now.Add(4 * time.Second))
	e, _ := s.Node("greeter", true)
	fmt.Print(registry.Explain(e))
	// Output:
	// greeter@1.0.0 (00000000-0000-7000-8000-000000000001, incarnation 1) is dead since 2026-01-02T12:00:04Z: no heartbeat for 4s, ttl 3s
	//   2026-01-02T12:00:00Z  unknown -> online: announced
	//   2026-01-02T12:00:04Z  online -> suspect: no heartbeat for 4s, ttl 3s
	//   2026-01-02T12:00:04Z  suspect -> dead: no heartbeat for 4s, ttl 3s
}
