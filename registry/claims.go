package registry

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry/claim"
)

const (
	// claimers bounds the claims that are dealt with at once: each waits for the
	// store to sync.
	claimers = 64

	// aliveWait bounds the question whether a node is alive.
	aliveWait = 500 * time.Millisecond
)

// ServeClaims keeps the claims of idempotency keys on b until ctx ends, and then
// returns nil: it answers the nodes that are given calls with keys. [Serve] does so
// itself; it is separate for those who run several registries on one store.
func ServeClaims(ctx context.Context, b bus.Bus, o *Options) error {
	c := &claims{o: o.complete(), bus: b}
	var err error
	if c.nodes, err = NewClient(ctx, b, &ClientOptions{Name: c.o.Name, Timeout: aliveWait}); err != nil {
		return err
	}
	defer c.nodes.Close()
	c.keeper = claim.NewKeeper(&claim.Options{Store: c.o.Claims, Alive: c.alive})
	asked, err := b.Subscribe(ctx, event.FilterKind(event.KindCallClaimRequest), &bus.Options{Queue: queryQueue})
	if err != nil {
		return err
	}
	defer asked.Close()
	dead, err := b.Subscribe(ctx, event.FilterKind(event.KindNodeDead), nil)
	if err != nil {
		return err
	}
	defer dead.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts sync.WaitGroup
	parts.Go(func() { cancel(c.follow(ctx, dead)) })
	parts.Go(func() { cancel(c.serve(ctx, asked)) })
	parts.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// claims serve a keeper.
type claims struct {
	o      Options
	bus    bus.Bus
	nodes  *Client
	keeper *claim.Keeper
}

func (c *claims) serve(ctx context.Context, sub bus.Subscription) error {
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, claimers)
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		r, ok := d.Event.Payload.(event.CallClaimRequest)
		if !ok {
			continue
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		running.Go(func() {
			defer func() { <-slots }()
			c.keeper.Handle(ctx, time.Now().UTC(), r, func(a event.CallClaimResponse) { c.reply(ctx, d.Event, a) })
		})
	}
}

// reply answers a request. A claim that was granted is answered also when the
// registry is about to end.
func (c *claims) reply(ctx context.Context, request event.Event, a event.CallClaimResponse) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	a.RegistryID = c.o.ID
	if a.Error != nil && a.State == event.ClaimRefused {
		c.o.Log.Warn("a claim is refused", "node_id", request.NodeID, "error", a.Error.Message)
	}
	if err := bus.Answer(ctx, c.bus, c.o.Name, request, c.o.ID, a); err != nil {
		c.o.Log.Debug("a claim cannot be answered; the node asks again", "error", err)
	}
}

// follow answers those who wait for a node when it dies.
func (c *claims) follow(ctx context.Context, sub bus.Subscription) error {
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		if p, ok := d.Event.Payload.(event.NodeDead); ok {
			c.keeper.Gone(ctx, time.Now().UTC(), p.NodeID)
		}
	}
}

// alive reports whether a life of a node may still be at work. One that stopped may
// be: it finishes its calls. When the registry does not say, it may be, too.
func (c *claims) alive(ctx context.Context, id node.ID, life node.Incarnation) bool {
	n, err := c.nodes.Node(ctx, string(id), false)
	switch {
	case fault.ClassOf(err) == fault.NotFound:
		return false
	case err != nil:
		return true
	}
	return n.Status != node.Dead && n.Incarnation <= life
}

// claims returns the store of idempotency keys for a term. What another registry
// granted while it led is known here only when they share a store.
func (s *succession) claims() claim.Store {
	if s.followed && s.o.Lead == nil {
		return unshared{}
	}
	return s.o.Claims
}

// Unshared is the store of a registry that cannot know which keys are taken.
type unshared struct{}

func (unshared) Get(context.Context, string) ([]byte, uint64, error) { return nil, 0, ErrUnshared }
func (unshared) Swap(context.Context, string, []byte, uint64) (bool, error) {
	return false, ErrUnshared
}
