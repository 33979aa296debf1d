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
	for _, c := range e.History {
		fmt.Printf("%s %s: %s\n", c.Time.Format(time.TimeOnly), c.To, c.Reason)
	}
	// Output:
	// 12:00:00 online: announced
	// 12:00:04 suspect: no heartbeat for 4s, ttl 3s
	// 12:00:04 dead: no heartbeat for 4s, ttl 3s
}
