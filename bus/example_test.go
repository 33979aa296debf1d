package bus_test

import (
	"context"
	"fmt"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

func Example() {
	ctx := context.Background()
	b := bus.NewMemory(nil)
	defer b.Close(ctx)

	sub, err := b.Subscribe(ctx, "greeting.*", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	hello := event.New("greeter-1", event.Raw{Type: "GREETING", Data: []byte(`{"text":"hello"}`)}, event.ID{})
	receipt, err := b.Publish(ctx, event.NewSubject("GREETING", "greeter"), hello)
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := sub.Next(ctx)
	fmt.Println(receipt.Subscribers, d.Subject, err)
	// Output: 1 greeting.greeter <nil>
}
