package zmqbus

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/zmtp"
)

const (
	// maxTargets bounds the subjects that are remembered as checked.
	maxTargets = 4096

	// maxWonders bounds the questions whether anybody listens; those beyond are
	// not asked.
	maxWonders = 16

	// maxKeptBuffer bounds the buffers kept for encoding.
	maxKeptBuffer = 64 << 10
)

// A Bus is a connection to an address where ZeroMQ programs meet.
type Bus struct {
	prefix      string
	plain       bool
	unconfirmed bool
	retry       time.Duration
	url         string
	log         *slog.Logger
	meter       bus.Meter
	buffers     sync.Pool // of *[]byte
	pub, sub    *zmtp.Socket
	own         *Forwarder // of Options.Bind; else nil
	tasks       sync.WaitGroup
	listeners   bus.Listeners
	again       chan struct{} // a token: the subscriber's connection is back
	wonders     chan struct{} // tokens of wonder
	done        chan struct{} // closed by Close

	turn      chan struct{} // holds one token: the right to publish, and the two below
	epoch     uint64
	sequences map[string]uint64 // by topic

	mu        sync.Mutex
	closed    bool
	state     state
	changed   chan struct{} // closed when state changes
	targets   map[event.Subject]*target
	subs      []*subscription
	wanted    map[string]int // prefixes subscribed to
	streams   streams
	questions map[string]chan string // by topic
}

// A target is a subject, checked and as a topic.
type target struct {
	bus.Target
	topic string
	asked atomic.Bool // whether anybody listens
}

// Dial connects to the address of o and waits, for at most Options.Wait, until
// somebody is there: the forwarder, or a foreign ZeroMQ program. Afterwards the
// connection is kept up for ever.
func Dial(ctx context.Context, o Options) (*Bus, error) {
	if o.Bind {
		return dialOwn(ctx, o)
	}
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	where, err := o.endpoint()
	if err != nil {
		return nil, err
	}
	security, err := o.Credentials.client()
	if err != nil {
		return nil, err
	}
	b := newBus(o)
	if err := b.connect(o, security, where); err != nil {
		return nil, errors.Join(coded(err, "%s", o.URL), b.Close(ctx))
	}
	b.tasks.Go(b.receive)
	b.tasks.Go(b.recover)
	if o.Wait > 0 {
		waiting, cancel := context.WithTimeout(ctx, o.Wait)
		defer cancel()
		if err := b.until(waiting, b.usable); err != nil {
			_ = b.Close(context.WithoutCancel(ctx)) // nothing has been published
			return nil, err
		}
	}
	return b, nil
}

// dialOwn makes the forwarder, too.
func dialOwn(ctx context.Context, o Options) (*Bus, error) {
	f, err := Forward(ctx, o)
	if err != nil {
		return nil, err
	}
	b, err := Dial(ctx, f.Options())
	if err != nil {
		return nil, errors.Join(err, f.Close(ctx))
	}
	b.own = f
	return b, nil
}

func newBus(o Options) *Bus {
	b := &Bus{
		prefix: o.Prefix, plain: o.Plain, unconfirmed: o.Unconfirmed, retry: o.Retry, url: o.URL, log: o.Log,
		again: make(chan struct{}, 1), wonders: make(chan struct{}, maxWonders), done: make(chan struct{}), turn: make(chan struct{}, 1),
		epoch: rand.Uint64(), sequences: map[string]uint64{}, changed: make(chan struct{}),
		targets: map[event.Subject]*target{}, wanted: map[string]int{}, questions: map[string]chan string{},
	}
	b.buffers.New = func() any { return new([]byte) }
	b.turn <- struct{}{}
	return b
}

func (b *Bus) connect(o Options, security zmtp.Mechanism, where string) (err error) {
	if b.pub, err = zmtp.New(zmtp.PUB, o.socket(security, zmtp.Block, b.watchPub)); err != nil {
		return err
	}
	if b.sub, err = zmtp.New(zmtp.XSUB, o.socket(security, zmtp.Block, b.watchSub)); err != nil {
		return err
	}
	if err := b.pub.Connect(where); err != nil {
		return err
	}
	return b.sub.Connect(where)
}

// Publish implements [bus.Bus]. While the forwarder is not connected it returns
// bus.ErrUnavailable. With a foreign peer, an event that nobody subscribed to
// is published to nobody, without an error; the receipt says so.
func (b *Bus) Publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	r, err := b.publish(ctx, s, e)
	if err == nil {
		b.meter.Published(e)
		if r.Subscribers == 0 {
			b.meter.Unheard(s)
		}
	}
	return r, b.meter.SendFailed(s, err)
}

func (b *Bus) publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return bus.Receipt{}, err
	}
	to, err := b.target(s)
	if err != nil {
		return bus.Receipt{}, err
	}
	buf := b.buffers.Get().(*[]byte)
	defer b.buffers.Put(buf)
	body, err := to.Encode((*buf)[:0], e)
	if err != nil {
		return bus.Receipt{}, err
	}
	if cap(body) <= maxKeptBuffer {
		*buf = body
	}
	n, err := b.send(ctx, to.topic, body)
	if errors.Is(err, bus.ErrUnavailable) && b.retry > 0 {
		n, err = b.sendLater(ctx, to.topic, body, err)
	}
	if err != nil {
		return bus.Receipt{}, err
	}
	if n < 0 && s.Receiver() == "" && !s.Kind().Diagnostic() && to.asked.CompareAndSwap(false, true) {
		b.wonder(s, to.topic)
	}
	return bus.Receipt{Class: bus.Ephemeral, Subscribers: n}, nil
}

// sendLater sends when the connection has come back, if it does in time.
func (b *Bus) sendLater(ctx context.Context, topic string, body []byte, err error) (int, error) {
	waiting, cancel := context.WithTimeout(ctx, b.retry)
	defer cancel()
	n := 0
	for errors.Is(err, bus.ErrUnavailable) {
		if err := b.until(waiting, b.usable); err != nil {
			return 0, err
		}
		n, err = b.send(ctx, topic, body)
	}
	return n, err
}

// send numbers a message and hands it to the transport, one at a time.
func (b *Bus) send(ctx context.Context, topic string, body []byte) (int, error) {
	select {
	case <-b.turn:
	case <-b.done:
		return 0, bus.ErrClosed
	case <-ctx.Done():
		return 0, bus.ErrQueueFull.Wrap(ctx.Err(), "%s", b.url)
	}
	defer func() { b.turn <- struct{}{} }()
	state := b.now()
	if !state.pub && !state.sub {
		return 0, b.unavailable(state)
	}
	if len(b.sequences) >= maxSequences {
		b.epoch, b.sequences = rand.Uint64(), map[string]uint64{}
	}
	m := zmtp.Message{[]byte(topic), body}
	if !b.plain {
		h := header{b.epoch, b.sequences[topic] + 1}
		m = zmtp.Message{m[0], h.appendTo(make([]byte, 0, headerSize)), body}
	}
	n, err := b.pub.Publish(ctx, m)
	switch {
	case err != nil:
		return 0, coded(err, "%s", topic)
	case state.forwarder && n == 0:
		return 0, b.unavailable(state)
	case state.forwarder:
		n = -1 // who is behind it is not known
	}
	b.sequences[topic]++
	return n, nil
}

func (b *Bus) unavailable(s state) error { return bus.ErrUnavailable.Wrap(s.err, "%s", b.url) }

// target returns what is known of s.
func (b *Bus) target(s event.Subject) (*target, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, bus.ErrClosed
	}
	if t := b.targets[s]; t != nil {
		return t, nil
	}
	parsed, err := bus.ParseTarget(s)
	if err != nil {
		return nil, err
	}
	if len(b.targets) >= maxTargets {
		clear(b.targets)
	}
	t := &target{Target: parsed, topic: topicOf(b.prefix, s)}
	b.targets[s] = t
	return t, nil
}

// URL returns the address that others connect to.
func (b *Bus) URL() string { return b.url }

// Classes implements [bus.Bus].
func (b *Bus) Classes() []bus.Class { return []bus.Class{bus.Ephemeral} }

// Health implements [bus.Bus]. Messages that wait for the transport are not in
// QueueDepth, which counts deliveries.
func (b *Bus) Health(context.Context) bus.Health {
	h := b.meter.Health("zmq")
	s := b.now()
	h.Connected, h.Detail = s.live(), s.detail(b.url)
	b.mu.Lock()
	defer b.mu.Unlock()
	h.Connected = h.Connected && !b.closed
	h.Subscribers = len(b.subs)
	for _, s := range b.subs {
		h.QueueDepth += s.Len()
	}
	return h
}

// HandlerFailed counts an error of a handler; [bus.Handle] calls it.
func (b *Bus) HandlerFailed(err error) { b.meter.Failed(err) }

// Reconnected implements [bus.Notifier].
func (b *Bus) Reconnected(ctx context.Context) <-chan struct{} { return b.listeners.Add(ctx) }

// Close implements [bus.Bus]. What was published is sent for at most
// Options.Linger.
func (b *Bus) Close(ctx context.Context) error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		b.tasks.Wait()
		return nil
	}
	b.closed = true
	close(b.done)
	subs := slices.Clone(b.subs)
	b.listeners.Close()
	b.mu.Unlock()
	for _, s := range subs {
		s.Close()
	}
	var errs error
	for _, s := range []*zmtp.Socket{b.pub, b.sub} {
		if s != nil {
			errs = errors.Join(errs, s.Close(ctx))
		}
	}
	b.tasks.Wait()
	if b.own != nil {
		errs = errors.Join(errs, b.own.Close(ctx))
	}
	return coded(errs, "closing %s", b.url)
}
