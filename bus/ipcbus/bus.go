package ipcbus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

const (
	// backend is what diagnostics call this bus.
	backend = "ipc"

	// maxTargets bounds the subjects that are remembered as checked.
	maxTargets = 4096

	// maxKeptBuffer bounds the buffers kept for encoding.
	maxKeptBuffer = 64 << 10

	// askTimeout bounds a question to the hub when the caller's context does not.
	askTimeout = 5 * time.Second

	// healthTimeout bounds it when the question is how things are.
	healthTimeout = 250 * time.Millisecond
)

// A Bus is a connection to a hub, kept up for ever, and perhaps the hub.
type Bus struct {
	o         Options
	meter     bus.Meter
	buffers   sync.Pool // of *[]byte
	listeners bus.Listeners
	refs      atomic.Uint64
	epoch     atomic.Uint64 // grows when what is known of routes may be wrong
	stop      context.CancelFunc
	ended     chan struct{} // closed when the goroutine that keeps the link has ended

	mu      sync.RWMutex
	closed  bool
	link    *link         // nil while there is none
	lost    time.Time     // when link became nil
	turn    chan struct{} // closed, and replaced, when link or closed changes
	changed chan struct{} // closed, and replaced, with the epoch
	hub     *hub          // when it is this process
	subs    map[uint64]subscription
	targets map[event.Subject]*target
}

// A subscription of either class.
type subscription interface {
	bus.Subscription
	Len() int
	info() bus.SubscriptionInfo
	number() uint64
	on() *link // on which it is live; nil before the first
	order(l *link) order
	receive(l *link, d bus.Delivery)
	drop(r bus.Reason, n uint64)
	restored(l *link)
	abandon()
}

// Dial connects to the hub at o.Path. When there is none, this process becomes
// the hub, unless o.NoHub. It fails when the path is taken by something else
// ([ErrSocket], [ErrFrame]), another user is at the other end ([ErrPeer]), or no
// hub is to be had within ctx and o.Handshake ([bus.ErrUnavailable]). Afterwards
// the connection is kept up for ever.
func Dial(ctx context.Context, o Options) (*Bus, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	b := &Bus{
		o: o, ended: make(chan struct{}), turn: make(chan struct{}), changed: make(chan struct{}),
		subs: map[uint64]subscription{}, targets: map[event.Subject]*target{},
	}
	b.buffers.New = func() any { return new([]byte) }
	b.epoch.Store(1)
	l, err := b.connect(ctx)
	if err != nil {
		return nil, errors.Join(err, b.closeHub(ctx))
	}
	b.link = l
	run, stop := context.WithCancel(context.Background())
	b.stop = stop
	go b.keep(run, l)
	return b, nil
}

// Subscribe implements [bus.Bus].
func (b *Bus) Subscribe(ctx context.Context, f event.Filter, o *bus.Options) (bus.Subscription, error) {
	s, err := b.subscribe(ctx, f, o)
	if err != nil {
		return nil, b.meter.Failed(err)
	}
	return s, nil
}

func (b *Bus) subscribe(ctx context.Context, f event.Filter, o *bus.Options) (subscription, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	opts, err := complete(o)
	if err != nil {
		return nil, err
	}
	if _, err := event.ParseFilter(string(f)); err != nil {
		return nil, err
	}
	s := b.newSub(f, opts)
	if err := b.order(ctx, s); err != nil {
		s.abandon()
		return nil, err
	}
	return s, nil
}

// order makes s live on the hub of now. When the hub changes meanwhile, it
// begins again with the next.
func (b *Bus) order(ctx context.Context, s subscription) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	for {
		l, err := b.connected(ctx)
		if err != nil {
			return err
		}
		_, _, err = l.ask(ctx, jsonFrame(kindSubscribe, s.number(), s.order(l)))
		switch {
		case err == nil && b.enlist(l, s):
			return nil
		case err == nil || l.over():
			continue // the link is gone: on to the next
		case errors.Is(err, context.DeadlineExceeded):
			return bus.ErrUnavailable.Wrap(err, "the hub does not answer SUBSCRIBE")
		}
		return err
	}
}

// enlist marks s as live, if l is still the link: from now on reconnecting
// restores it.
func (b *Bus) enlist(l *link, s subscription) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.link != l {
		return false
	}
	s.restored(l)
	return true
}

func (b *Bus) sub(id uint64) subscription {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.subs[id]
}

// remove forgets a subscription, here and at the hub.
func (b *Bus) remove(id uint64) {
	b.mu.Lock()
	_, known := b.subs[id]
	delete(b.subs, id)
	l := b.link
	b.mu.Unlock()
	if known && l != nil {
		_ = l.out.send(frame{kind: kindUnsubscribe, ref: id}) // a link that breaks has forgotten it, too
	}
}

// Classes implements [bus.Bus]: Ephemeral, and [Retained].
func (b *Bus) Classes() []bus.Class { return []bus.Class{bus.Ephemeral, Retained} }

// Health implements [bus.Bus]. DeadLetters counts those of the hub, of all
// connections; without a connection it is 0.
func (b *Bus) Health(ctx context.Context) bus.Health {
	h := b.meter.Health(backend)
	b.mu.RLock()
	l := b.link
	own := b.hub != nil && l != nil && l.hub.Hub == b.hub.id
	h.Connected = l != nil && !b.closed
	h.Subscribers = len(b.subs)
	for _, s := range b.subs {
		h.QueueDepth += s.Len()
	}
	b.mu.RUnlock()
	if !h.Connected {
		h.Detail = "no hub at " + b.o.Path
		return h
	}
	h.Detail = fmt.Sprintf("%s, hub is process %d", b.o.Path, l.hub.PID)
	if own {
		h.Detail = b.o.Path + ", this process is the hub"
	}
	if n, ok := b.figures(ctx, l); ok {
		h.DeadLetters = n[0]
		h.Detail += fmt.Sprintf(", %d connections, %d subscriptions, %d malformed frames, %d drops", n[1], n[2], n[3], n[4])
	}
	return h
}

// figures asks the hub about itself.
func (b *Bus) figures(ctx context.Context, l *link) (n [5]uint64, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	f, _, err := l.ask(ctx, frame{kind: kindDead, ref: b.refs.Add(1), body: numbers(0)})
	if err == nil {
		_, err = takeNumbers(f, &n[0], &n[1], &n[2], &n[3], &n[4])
	}
	return n, err == nil
}

// DeadLetters implements [bus.DeadLetters], for the class [Retained]: those that
// the hub of now has seen.
func (b *Bus) DeadLetters(ctx context.Context, limit int) ([]bus.DeadLetter, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	l, err := b.connected(ctx)
	if err != nil {
		return nil, b.meter.Failed(err)
	}
	_, r, err := l.ask(ctx, frame{kind: kindDead, ref: b.refs.Add(1), body: numbers(uint64(max(limit, 0)))})
	if err != nil {
		return nil, b.meter.Failed(b.unavailable(err))
	}
	return r.letters, nil
}

// HandlerFailed counts an error of a handler; [bus.Handle] calls it.
func (b *Bus) HandlerFailed(err error) { _ = b.meter.Failed(err) }

// Close implements [bus.Bus]. It waits, until ctx ends, for the hub to have
// handed on what was published. When this process is the hub, the others elect
// another.
func (b *Bus) Close(ctx context.Context) error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		<-b.ended
		return nil
	}
	b.closed = true
	l, subs := b.link, b.subs
	b.subs = map[uint64]subscription{}
	b.listeners.Close()
	b.turned()
	b.mu.Unlock()
	for _, s := range subs {
		s.abandon()
	}
	var err error
	if l != nil {
		err = b.farewell(ctx, l)
	}
	b.stop()
	<-b.ended
	return errors.Join(err, b.closeHub(ctx))
}

// farewell exchanges BYE: all that we sent before has been dealt with.
func (b *Bus) farewell(ctx context.Context, l *link) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	defer l.out.fail(net.ErrClosed)
	_, _, err := l.ask(ctx, frame{kind: kindBye, ref: byeRef})
	if l.over() {
		return nil // it had nothing left to lose
	}
	return err
}

func (b *Bus) closeHub(ctx context.Context) error {
	b.mu.Lock()
	h := b.hub
	b.hub = nil
	b.mu.Unlock()
	if h == nil {
		return nil
	}
	return h.close(ctx)
}
