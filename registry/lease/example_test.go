package lease_test

import (
	"fmt"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/registry/lease"
)

func Example() {
	t, _ := lease.NewTable(&lease.Options{By: "registry-1"})
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	me := event.NewID()

	answer, _, _ := t.Request(now, event.NewID(), event.PortRequest{Action: event.PortAllocate, Requester: me, Name: "web"})
	l := answer.(event.PortAllocated).Lease
	fmt.Println("port", l.Port, "token", l.Token, "until", l.ExpiresAt.Format(time.TimeOnly))

	for _, p := range t.Expire(now.Add(2 * time.Minute)) {
		fmt.Println("port", p.Port, p.Reason)
	}
	// Output:
	// port 20000 token 1 until 12:01:00
	// port 20000 not renewed within 1m0s
}
