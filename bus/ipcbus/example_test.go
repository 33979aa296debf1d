package ipcbus_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/event"
)

// Two connections, as of two processes. The first to come is the hub.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	o := ipcbus.Options{Path: filepath.Join(dir, "bus.sock"), Log: slog.New(slog.DiscardHandler)}

	greeter, err := ipcbus.Dial(ctx, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer greeter.Close(ctx)
	listener, err := ipcbus.Dial(ctx, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer listener.Close(ctx)

	heartbeats, err := listener.Subscribe(ctx, "node_heartbeat.*", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	e := event.New("greeter-1", event.NodeHeartbeat{NodeID: "greeter-1", Calls: 17}, event.ID{})
	r, err := greeter.Publish(ctx, event.NewSubject(e.Kind(), "greeter"), e)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("subscribers:", r.Subscribers)
	d, err := heartbeats.Next(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Subject, d.Event.Payload.(event.NodeHeartbeat).Calls)
	// Output:
	// subscribers: 1
	// node_heartbeat.greeter 17
}
