package registry

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// Bounds of what is on its way out.
const (
	// senders publish at the same time, so that a durable bus can gather them.
	senders = 16

	// maxOutgoing bounds what waits for one of them. Together it is more than
	// 10,000 nodes that die at once need.
	maxOutgoing = 4096

	// patience bounds one publication.
	patience = 5 * time.Second
)

// An outbox publishes on behalf of a loop that must not wait. What concerns one
// node is published in order. What does not fit is dropped and counted: replies
// are asked for again, and the rest can be looked up.
type outbox struct {
	bus    bus.Bus
	log    *slog.Logger
	queues [senders]chan *outgoing // pointers: room for all of them would be 20 MB
	seed   maphash.Seed

	dropped atomic.Uint64
	sent    sync.WaitGroup // one for each sender
	abort   context.CancelFunc
}

type outgoing struct {
	subject event.Subject
	event   event.Event
}

func newOutbox(b bus.Bus, log *slog.Logger) *outbox {
	o := &outbox{bus: b, log: log, seed: maphash.MakeSeed()}
	for i := range o.queues {
		o.queues[i] = make(chan *outgoing, maxOutgoing)
	}
	return o
}

// start starts the senders. They outlive the loop's context, so that its last
// words are heard; close ends them.
func (o *outbox) start() {
	ctx, abort := context.WithCancel(context.Background())
	o.abort = abort
	for _, q := range o.queues {
		o.sent.Go(func() {
			for x := range q {
				publish(ctx, o.bus, o.log, x.subject, x.event)
			}
		})
	}
}

func (o *outbox) send(about string, s event.Subject, e event.Event) {
	select {
	case o.queues[maphash.String(o.seed, about)%senders] <- &outgoing{s, e}:
	default:
		if n := o.dropped.Add(1); n&(n-1) == 0 { // says it ever more rarely
			o.log.Warn("the bus is slower than the registry", "dropped", n, "kind", string(e.Kind()))
		}
	}
}

// close publishes what waits, within a time, and ends the senders.
func (o *outbox) close(within time.Duration) {
	for _, q := range o.queues {
		close(q)
	}
	t := time.AfterFunc(within, o.abort)
	o.sent.Wait()
	t.Stop()
	o.abort()
}

// publish publishes once; who needs it asks again.
func publish(ctx context.Context, b bus.Bus, log *slog.Logger, s event.Subject, e event.Event) {
	if ctx.Err() != nil {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := b.Publish(bounded, s, e); err != nil && ctx.Err() == nil && !errors.Is(err, bus.ErrClosed) {
		log.Warn("the registry cannot publish", "subject", string(s), "error", err)
	}
}
