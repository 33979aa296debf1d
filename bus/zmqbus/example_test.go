package zmqbus_test

import (
	"context"
	"fmt"

	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/event"
)

func Example() {
	ctx := context.Background()
	f, err := zmqbus.Forward(ctx, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0", Log: quiet()})
	if err != nil {
		panic(err)
	}
	defer f.Close(ctx)
	b, err := zmqbus.Dial(ctx, zmqbus.Options{URL: f.URL(), Log: quiet()})
	if err != nil {
		panic(err)
	}
	defer b.Close(ctx)

	s, err := b.Subscribe(ctx, "node_start.*", nil) // live when it returns
	if err != nil {
		panic(err)
	}
	e := event.New("greeter-1", event.NodeStart{InputState: []byte(`{"name":"Ada"}`)}, event.ID{})
	if _, err := b.Publish(ctx, event.NewSubject(e.Kind(), "greeter"), e); err != nil {
		panic(err)
	}
	d, err := s.Next(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Subject, string(d.Event.Payload.(event.NodeStart).InputState))
	// Output: node_start.greeter {"name":"Ada"}
}
