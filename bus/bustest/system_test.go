package bustest_test

import (
	"context"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/event"
)

// A world is what the connections of one system have in common: a memory bus.
type world struct {
	*bus.Memory
	conns []*conn
}

// A conn is a connection to a world: it closes and breaks alone. Memory alone
// has no connections, so it takes this to show that cases about them can pass.
type conn struct {
	*world
	listeners bus.Listeners

	mu      sync.Mutex
	closed  bool
	subs    map[*connSub]bool
	outages uint64
	files   []*os.File // that a defect keeps open
}

func (w *world) connect() *conn {
	c := &conn{world: w, subs: map[*connSub]bool{}}
	w.conns = append(w.conns, c)
	return c
}

func (c *conn) Publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	if c.isClosed() {
		return bus.Receipt{}, bus.ErrClosed
	}
	return c.Memory.Publish(ctx, s, e)
}

func (c *conn) Subscribe(ctx context.Context, f event.Filter, o *bus.Options) (bus.Subscription, error) {
	if c.isClosed() {
		return nil, bus.ErrClosed
	}
	s, err := c.Memory.Subscribe(ctx, f, o)
	if err != nil {
		return nil, err
	}
	mine := &connSub{Subscription: s, conn: c, filter: f}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subs[mine] = true
	return mine, nil
}

func (c *conn) Close(context.Context) error {
	c.mu.Lock()
	c.closed = true
	subs := slices.Collect(maps.Keys(c.subs))
	c.mu.Unlock()
	for _, s := range subs {
		s.Close()
	}
	c.listeners.Close()
	return nil
}

func (c *conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func (c *conn) Health(ctx context.Context) bus.Health {
	h := c.Memory.Health(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	h.Subscribers, h.Reconnects = len(c.subs), c.outages
	for s := range c.subs {
		if s.malformed > 0 {
			h.Drops[bus.DroppedMalformed] += s.malformed
			h.Errors += s.malformed
		}
	}
	return h
}

func (c *conn) Reconnected(ctx context.Context) <-chan struct{} { return c.listeners.Add(ctx) }

// outage is over at once.
func (c *conn) outage() {
	c.mu.Lock()
	c.outages++
	c.mu.Unlock()
	c.listeners.Tell()
}

func (c *conn) gone() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.outages
}

// inject is what a bus with a wire does with bytes that are no event.
func (c *conn) inject(s event.Subject, _ []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for sub := range c.subs {
		if sub.filter.Match(s) {
			sub.malformed++
		}
	}
}

type connSub struct {
	bus.Subscription
	conn      *conn
	filter    event.Filter
	malformed uint64
}

func (s *connSub) Dropped() bus.Drops {
	d := s.Subscription.Dropped()
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if s.malformed > 0 {
		d[bus.DroppedMalformed] += s.malformed
	}
	return d
}

func (s *connSub) Close() error {
	s.conn.mu.Lock()
	delete(s.conn.subs, s)
	s.conn.mu.Unlock()
	return s.Subscription.Close()
}

// systemWith returns a system whose connections all have a defect, or none.
func systemWith(defect func(*mutant)) bustest.System {
	w := &world{Memory: bus.NewMemory(nil)}
	connect := func() bus.Bus {
		m := &mutant{conn: w.connect()}
		if defect != nil {
			defect(m)
		}
		return m
	}
	first := connect().(*mutant)
	s := bustest.System{Bus: first, Connect: connect, Cut: first.outage, Inject: first.inject}
	s.Restart = func() {
		for _, c := range w.conns {
			c.outage()
		}
	}
	if first.system != nil {
		first.system(&s)
	}
	return s
}

// Without a defect every case passes: what finds the defects is not the system.
func TestASystemWithoutDefect(t *testing.T) {
	bustest.Run(t, bustest.Backend{Name: "connections to a memory bus", Start: func(testing.TB) bustest.System {
		s := systemWith(nil)
		s.Patience = 5 * time.Second
		return s
	}})
}
