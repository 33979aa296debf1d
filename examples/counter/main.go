// Counter is a node written in Go: it counts up, at most once for each
// idempotency key.
//
//	onex up &    # says where its bus is: unix:///…
//	ONEX_BUS=unix:///… go run ./examples/counter &
//	onex invoke count --args '{"by": 2}' --idempotency-key order-17
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// Count is what the tool takes. Fields without omitempty are required.
type Count struct {
	By int64 `json:"by" jsonschema:"how far to count"`
}

// Total is what the tool answers.
type Total struct {
	Total int64 `json:"total"`
}

// errBackwards is what count answers to a negative number. Count up.
var errBackwards = fault.New("ONEX_COUNTER_001_BACKWARDS", fault.Invalid, "the counter only counts up")

// newCounter returns the node. Its contract follows from the types above.
func newCounter(o *host.Options) *host.Host {
	h := host.New(node.Manifest{Name: "counter", Version: "1.0.0", Description: "counts up"}, o)
	var total atomic.Int64
	count := func(_ context.Context, in Count) (Total, error) {
		if in.By < 0 {
			return Total{}, errBackwards.With("by %d", in.By)
		}
		return Total{total.Add(in.By)}, nil
	}
	host.Handle(h, "count", "counts up and tells the total", count, &host.ToolOptions{
		Idempotency: node.Keyed,
		Volatile:    []string{"/total"},
		Errors:      []node.ToolError{{Code: string(errBackwards.Code), Description: errBackwards.Text}},
	})
	return h
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b, err := natsbus.Dial(ctx, natsbus.Options{URL: os.Getenv("ONEX_BUS")})
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close(context.WithoutCancel(ctx))
	if err := newCounter(nil).Run(ctx, b); err != nil {
		log.Print(err)
	}
}
