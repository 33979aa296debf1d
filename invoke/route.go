package invoke

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// How long what the registry said is used.
const (
	routeFresh  = 2 * time.Second        // without asking again; deaths and stops are heard of meanwhile
	askAgain    = time.Second            // a question may get lost
	askStale    = 500 * time.Millisecond // for a registry that is silent, when an old answer can be used
	lookupLimit = 10 * time.Second       // of a lookup that outlives the calls that wait for it
	maxRoutes   = 1000                   // tools remembered; beyond, all are forgotten
)

// A route is what is known about one tool. It does not change; a newer one
// replaces it.
type route struct {
	offers []offer
	stale  time.Time // when to ask again
}

// An offer is one promise and those who made it.
type offer struct {
	tool      node.Tool
	in, out   *schema.Validator
	providers []event.Provider
}

// A lookup is a question to the registry that several calls wait for.
type lookup struct {
	done  chan struct{}
	route *route
	err   error
}

// route returns what is known about a tool, asking the registry if need be.
func (c *Client) route(ctx context.Context, tool node.ToolName) (*route, error) {
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return nil, ErrClosed
	}
	known := c.routes[tool]
	if known != nil && time.Now().Before(known.stale) {
		c.mu.Unlock()
		return known, nil
	}
	l := c.lookups[tool]
	if l == nil {
		l = &lookup{done: make(chan struct{})}
		c.lookups[tool] = l
		above := trace.FromContext(ctx) // of the first who asks
		c.parts.Go(func() { c.find(trace.NewContext(context.Background(), above), tool, l) })
	}
	c.mu.Unlock()
	return c.await(ctx, l, known)
}

// await waits for a lookup. When the registry is silent, what is known from
// before must do: nodes go on serving while it is down.
func (c *Client) await(ctx context.Context, l *lookup, known *route) (*route, error) {
	var impatient <-chan time.Time
	if known != nil && len(known.offers) > 0 {
		timer := time.NewTimer(askStale)
		defer timer.Stop()
		impatient = timer.C
	}
	select {
	case <-l.done:
		if l.err != nil && impatient != nil {
			return known, nil
		}
		return l.route, l.err
	case <-impatient:
		return known, nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, ErrCanceled.With("before it was sent")
		}
		return nil, ErrNoRegistry
	}
}

// find asks the registry and remembers its answer.
func (c *Client) find(ctx context.Context, tool node.ToolName, l *lookup) {
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	entries, err := c.ask(ctx, tool)
	if err == nil {
		l.route, err = c.newRoute(entries)
	}
	l.err = err
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lookups[tool] == l { // else something changed meanwhile, and the answer may be old
		delete(c.lookups, tool)
		if l.route != nil && len(l.route.offers) > 0 {
			if len(c.routes) >= maxRoutes {
				clear(c.routes)
			}
			c.routes[tool] = l.route
		}
	}
	close(l.done)
}

// ask asks the registry until it answers or ctx ends.
func (c *Client) ask(ctx context.Context, tool node.ToolName) ([]event.ToolEntry, error) {
	for {
		entries, err := c.askOnce(ctx, tool)
		if err == nil || !errors.Is(err, bus.ErrNoAnswer) {
			return entries, err
		}
		if ctx.Err() != nil {
			return nil, ErrNoRegistry
		}
	}
}

func (c *Client) askOnce(ctx context.Context, tool node.ToolName) ([]event.ToolEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, askAgain)
	defer cancel()
	q := event.ToolDiscoveryRequest{ToolName: tool}
	e := event.New(c.o.ID, q, event.ID{})
	e.TraceParent = trace.FromContext(ctx).String()
	a, err := c.caller.Do(ctx, event.NewSubject(q.Kind(), c.o.From), e)
	if err != nil {
		return nil, err
	}
	r, ok := a.Payload.(event.ToolDiscoveryResponse)
	if !ok {
		return nil, ErrProtocol.With("%s to %s", a.Kind(), q.Kind())
	}
	return r.Tools, nil
}

func (c *Client) newRoute(entries []event.ToolEntry) (*route, error) {
	r := &route{stale: time.Now().Add(routeFresh)}
	for _, e := range entries {
		in, err := c.cache.Compile(e.Tool.Input)
		if err != nil {
			return nil, err
		}
		out, err := c.cache.Compile(e.Tool.Output)
		if err != nil {
			return nil, err
		}
		r.offers = append(r.offers, offer{e.Tool, in, out, e.Providers})
	}
	return r, nil
}

// Ended lives are remembered because a lookup that was under way when they ended
// may still name them. No lookup takes longer than lookupLimit, and its answer
// is used for routeFresh; after that the registry knows better, even one that
// lost its store and counts incarnations from 1 again.
const (
	goneFor = lookupLimit + routeFresh
	maxGone = 10_000
)

// An end is that of one life, and of those before.
type end struct {
	life node.Incarnation
	at   time.Time
}

// bury remembers that a life has ended.
func (c *Client) bury(id node.ID, life node.Incarnation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.gone) >= maxGone {
		clear(c.gone)
	}
	if e, ok := c.gone[id]; ok && time.Since(e.at) < goneFor {
		life = max(life, e.life)
	}
	c.gone[id] = end{life, time.Now()}
}

// unbury forgets that a node ended.
func (c *Client) unbury(id node.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.gone, id)
}

// drop takes a node out of every route.
func (c *Client) drop(id node.ID, life node.Incarnation) {
	gone := func(p event.Provider) bool {
		return p.NodeID == id && (life == 0 || p.Incarnation <= life)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.lookups) // their answers may still have it
	for tool, r := range c.routes {
		c.routes[tool] = r.without(gone)
	}
}

// without returns r without some providers. A route that loses one is asked for
// again soon.
func (r *route) without(gone func(event.Provider) bool) *route {
	if !slices.ContainsFunc(r.offers, func(o offer) bool { return slices.ContainsFunc(o.providers, gone) }) {
		return r
	}
	next := &route{}
	for _, o := range r.offers {
		o.providers = slices.DeleteFunc(slices.Clone(o.providers), gone)
		next.offers = append(next.offers, o)
	}
	return next
}

// refresh has every route asked for again when it is needed.
func (c *Client) refresh() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.lookups)
	for tool, r := range c.routes {
		c.routes[tool] = &route{offers: r.offers}
	}
}
