package bus

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/event"
)

// Bounds of [Memory].
const (
	// MemoryEvents and MemoryBytes bound the durable events that a Memory keeps
	// for replay; beyond either the oldest goes. They hold some minutes of
	// a busy machine without being felt by the process.
	MemoryEvents = 16_384
	MemoryBytes  = 64 << 20

	// MemoryDeadLetters bounds the dead letters that are kept.
	MemoryDeadLetters = 1000

	// MemoryConsumers bounds the positions that are kept. Those of subscriptions
	// without a Name end with them; those with one stay.
	MemoryConsumers = 10_000

	// maxRoutes bounds the remembered answers to "who wants this subject?".
	// Directed subjects come and go with callers; beyond it all are forgotten.
	maxRoutes = 4096
)

// Memory is a bus within one process, the reference implementation of [Bus]. It
// has both classes; durable events live as long as the Memory, within
// the bounds of its [MemoryOptions]. An event that is published is handed over on
// the publisher's goroutine; there are no goroutines of its own. Payloads are
// shared, not copied: nobody may change an event.
type Memory struct {
	meter Meter
	store *store
	last  atomic.Pointer[route] // the one used last; written with mu held

	mu     sync.RWMutex
	closed bool
	subs   []*memorySub
	routes map[event.Subject]*route
}

// MemoryOptions bound what a [Memory] keeps of durable events for those who read
// later. Zero means the default. Beyond a bound the oldest event goes, and is
// counted as [DroppedEvicted] for every subscription that had not read it.
type MemoryOptions struct {
	Events int           // default [MemoryEvents]
	Bytes  int           // of their wire form; default [MemoryBytes]
	Age    time.Duration // default: however old
}

// NewMemory returns an empty bus. It needs no Close to be collected as garbage.
func NewMemory(o *MemoryOptions) *Memory {
	var limits MemoryOptions
	if o != nil {
		limits = *o
	}
	setDefault(&limits.Events, MemoryEvents)
	setDefault(&limits.Bytes, MemoryBytes)
	m := &Memory{routes: map[event.Subject]*route{}}
	m.store = newStore(&m.meter, limits)
	return m
}

// Publish implements [Bus].
func (m *Memory) Publish(ctx context.Context, s event.Subject, e event.Event) (Receipt, error) {
	r, err := m.publish(ctx, s, e)
	if r.Subscribers == 0 && r.Class == Ephemeral && err == nil {
		m.meter.Unheard(s)
	}
	return r, m.meter.SendFailed(s, err)
}

func (m *Memory) publish(ctx context.Context, s event.Subject, e event.Event) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	to, err := m.route(s)
	if err != nil {
		return Receipt{}, err
	}
	size, err := to.Measure(e)
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Class: to.Class}
	if r.Class == Durable {
		r.Sequence, r.Duplicate = m.store.add(s, e, size)
		if r.Duplicate {
			return r, nil
		}
	}
	m.meter.Published(e)
	r.Subscribers, err = to.deliver(ctx, Delivery{Subject: s, Event: e, Attempt: 1, Class: Ephemeral})
	return r, err
}

// Subscribe implements [Bus].
func (m *Memory) Subscribe(ctx context.Context, f event.Filter, o *Options) (Subscription, error) {
	s, err := m.subscribe(ctx, f, o)
	if err != nil {
		return nil, m.meter.Failed(err)
	}
	return s, nil
}

func (m *Memory) subscribe(ctx context.Context, f event.Filter, o *Options) (Subscription, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	opts, err := o.Complete()
	if err != nil {
		return nil, err
	}
	if err := checkFilter(f); err != nil {
		return nil, err
	}
	switch opts.Class {
	case Ephemeral:
		return m.join(f, opts)
	case Durable:
		return m.store.subscribe(f, opts)
	}
	return nil, ErrUnsupported.With("class %s: want one of %s", opts.Class, m.Classes())
}

func (m *Memory) join(f event.Filter, o Options) (*memorySub, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	s := &memorySub{Queue: NewQueue(o.Queue, o.Policy, &m.meter).Named(f, o), bus: m, filter: f, group: o.Group}
	m.subs = append(m.subs, s)
	m.reroute()
	return s, nil
}

func (m *Memory) leave(s *memorySub) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.subs, s); i >= 0 {
		m.subs = slices.Delete(m.subs, i, i+1)
		m.reroute()
	}
}

// reroute forgets who wants what. The caller holds mu.
func (m *Memory) reroute() {
	clear(m.routes)
	m.last.Store(nil)
}

// Classes implements [Bus].
func (m *Memory) Classes() []Class { return []Class{Ephemeral, Durable} }

// Health implements [Bus].
func (m *Memory) Health(context.Context) Health {
	h := m.meter.Health("memory")
	m.mu.RLock()
	defer m.mu.RUnlock()
	h.Connected = !m.closed
	h.Subscribers, h.QueueDepth = m.store.load()
	h.Subscribers += len(m.subs)
	for _, s := range m.subs {
		h.QueueDepth += s.Len()
	}
	return h
}

// DeadLetters implements [DeadLetters].
func (m *Memory) DeadLetters(_ context.Context, limit int) ([]DeadLetter, error) {
	return m.store.deadLetters(limit)
}

// HandlerFailed counts an error of a handler; [Handle] calls it.
func (m *Memory) HandlerFailed(err error) { m.meter.Failed(err) }

// Close implements [Bus]. It never waits.
func (m *Memory) Close(context.Context) error {
	m.mu.Lock()
	subs := m.subs
	m.closed, m.subs = true, nil
	m.reroute()
	m.mu.Unlock()
	for _, s := range subs {
		s.Queue.Close()
	}
	m.store.close()
	return nil
}

// route returns who wants events on s.
func (m *Memory) route(s event.Subject) (*route, error) {
	if r := m.last.Load(); r != nil && r.Subject == s {
		return r, nil
	}
	m.mu.RLock()
	r, closed := m.routes[s], m.closed
	if r != nil {
		m.last.Store(r)
	}
	m.mu.RUnlock()
	if closed {
		return nil, ErrClosed
	}
	if r != nil {
		return r, nil
	}
	target, err := ParseTarget(s)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	r = newRoute(target, m.subs)
	if len(m.routes) >= maxRoutes {
		m.reroute()
	}
	m.routes[s] = r
	return r, nil
}

// A memorySub is an ephemeral subscription: a queue that is on a list.
type memorySub struct {
	*Queue
	bus    *Memory
	filter event.Filter
	group  string
}

func (s *memorySub) Close() error {
	s.bus.leave(s)
	return s.Queue.Close()
}
