package invoke

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// A Client calls tools. It may be used from any number of goroutines.
type Client struct {
	o      Options
	bus    bus.Bus
	caller *bus.Caller
	cache  *schema.Cache
	subs   []bus.Subscription
	parts  sync.WaitGroup
	closed chan struct{}

	mu       sync.Mutex
	ended    bool
	routes   map[node.ToolName]*route
	lookups  map[node.ToolName]*lookup
	turns    map[node.ToolName]uint64          // of round robin
	gone     map[node.ID]end                   // lives that ended
	inFlight map[node.ID]map[*attempt]struct{} // what waits for an answer, by node
	busy     map[node.ID]int                   // calls that were picked for a node and have not ended
}

// Options say how a client behaves.
type Options struct {
	ID    string         // that answers are directed to; default a new UUID
	From  node.Name      // under which questions are published; default "invoke"
	Host  string         // as in event.Process, for LocalFirst; default unknown, so that no node is local
	Log   *slog.Logger   // default slog.Default()
	Trace trace.Recorder // is told of each call; default nobody

	User   string         // user@host, for those who record calls; may be empty
	Key    access.Key     // proves that this is a local caller; default none
	Policy *access.Policy // checked before anything is sent, for a better message; the node decides
}

// DefaultFrom is the name under which a client publishes that has no better one.
const DefaultFrom node.Name = "invoke"

// watched are the kinds that change which nodes may be called.
var watched = []event.Kind{
	event.KindNodeDead, event.KindNodeSuspect, event.KindNodeStopped, // not this one any more
	event.KindNodeAnnounce, event.KindNodeRejoined, event.KindNodeRegister, // perhaps another one, too
}

// NewClient returns a client on b. ctx bounds the subscribing only. Close it.
func NewClient(ctx context.Context, b bus.Bus, o *Options) (*Client, error) {
	c := &Client{
		bus: b, cache: schema.NewCache(0), closed: make(chan struct{}),
		routes: map[node.ToolName]*route{}, lookups: map[node.ToolName]*lookup{},
		turns: map[node.ToolName]uint64{}, gone: map[node.ID]end{}, inFlight: map[node.ID]map[*attempt]struct{}{}, busy: map[node.ID]int{},
	}
	if o != nil {
		c.o = *o
	}
	if c.o.ID == "" {
		c.o.ID = event.NewID().String()
	}
	if c.o.From == "" {
		c.o.From = DefaultFrom
	}
	if c.o.Log == nil {
		c.o.Log = slog.Default()
	}
	var err error
	if c.caller, err = bus.NewCaller(ctx, b, c.o.ID); err != nil {
		return nil, err
	}
	if err := c.watch(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// watch begins to follow what becomes of nodes.
func (c *Client) watch(ctx context.Context) error {
	for _, k := range watched {
		sub, err := c.bus.Subscribe(ctx, event.FilterKind(k), nil)
		if err != nil {
			return err
		}
		c.subs = append(c.subs, sub)
		c.parts.Go(func() {
			for {
				d, err := sub.Next(context.Background()) // ends by Close
				if err != nil {
					return
				}
				c.learn(d.Event.Payload)
			}
		})
	}
	c.parts.Go(c.watchBus)
	if n, ok := c.bus.(bus.Notifier); ok {
		c.parts.Go(func() {
			life, end := context.WithCancel(context.Background())
			defer end()
			c.refreshAfter(n.Reconnected(life))
		})
	}
	return nil
}

// How soon a call learns that its bus is gone: after lostAfter looks in a row
// that found no connection. A bus that is taken over by another process, or
// restarts, is back sooner.
const (
	lookEvery = 500 * time.Millisecond
	lostAfter = 4
)

// watchBus ends the calls that wait for answers over a bus that is gone. It
// looks only while there are any.
func (c *Client) watchBus() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for missed := 0; ; {
		select {
		case <-tick.C:
		case <-c.closed:
			return
		}
		if !c.waiting() || c.connected() {
			missed = 0
			continue
		}
		if missed++; missed >= lostAfter {
			c.lose()
		}
	}
}

func (c *Client) waiting() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.inFlight) > 0
}

func (c *Client) connected() bool {
	ctx, cancel := context.WithTimeout(context.Background(), lookEvery)
	defer cancel()
	return c.bus.Health(ctx).Connected
}

// lose ends everything that waits.
func (c *Client) lose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, attempts := range c.inFlight {
		for a := range attempts {
			a.cancel(errLost)
		}
	}
}

// refreshAfter looks everything up anew after each reconnection, because events
// may have been missed.
func (c *Client) refreshAfter(reconnected <-chan struct{}) {
	for {
		select {
		case _, ok := <-reconnected:
			if !ok {
				return
			}
			c.refresh()
		case <-c.closed:
			return
		}
	}
}

// learn takes in what became of a node.
func (c *Client) learn(p event.Payload) {
	switch p := p.(type) {
	case event.NodeDead:
		c.bury(p.NodeID, p.Incarnation)
		c.drop(p.NodeID, p.Incarnation)
		c.fail(p)
	case event.NodeStopped: // it still answers what it has
		c.bury(p.NodeID, p.Incarnation)
		c.drop(p.NodeID, p.Incarnation)
	case event.NodeSuspect:
		c.drop(p.NodeID, p.Incarnation)
	case event.NodeAnnounce: // alive, whatever its incarnation will be; a call for another is refused
		c.unbury(p.NodeID)
		c.refresh()
	default:
		c.refresh()
	}
}

// Late returns how many answers came when nobody waited for them any more. They
// were discarded.
func (c *Client) Late() uint64 { return c.caller.Late() }

// Close ends the client and everything that waits. It is idempotent.
func (c *Client) Close() error {
	c.mu.Lock()
	if !c.ended {
		c.ended = true
		close(c.closed)
	}
	c.mu.Unlock()
	for _, s := range c.subs {
		s.Close()
	}
	err := c.caller.Close()
	c.parts.Wait()
	return err
}

// ms returns d as events and replies have it.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
