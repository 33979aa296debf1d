package natsbus

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

const (
	// maxTargets bounds the subjects that are remembered as checked.
	maxTargets = 4096

	// maxKeptBuffer bounds the buffers kept for encoding.
	maxKeptBuffer = 64 << 10

	// askTimeout bounds a question to the server when the caller's context does
	// not.
	askTimeout = 5 * time.Second
)

// A Bus is a connection to NATS.
type Bus struct {
	nc        *nats.Conn
	js        jetstream.JetStream // nil without JetStream
	prefix    string
	silence   string // inbox for the server's word that nobody listens
	where     string // the server reached without the network; empty for others
	copies    int
	log       *slog.Logger
	meter     bus.Meter
	buffers   sync.Pool // of *[]byte
	store     store
	commits   committer
	uplink    uplink
	listeners bus.Listeners

	mu       sync.Mutex
	closed   bool
	subs     map[subscription]struct{}
	services map[*service]struct{}
	targets  map[event.Subject]*target
	ended    chan struct{} // closed when nats.go has closed the connection
}

// A subscription of either class.
type subscription interface {
	Close() error
	depth() int
	account() // counts what the transport lost
}

// A target is a subject, checked and with the prefix.
type target struct {
	bus.Target
	wire  string
	asked atomic.Bool // whether anybody listens
}

// Dial connects to the server that o names. A server that is not there is
// [bus.ErrUnavailable]; afterwards the connection is kept up for ever.
func Dial(ctx context.Context, o Options) (*Bus, error) {
	if o.Prefix == "" {
		o.Prefix = DefaultPrefix
	}
	if _, err := event.ParseFilter(o.Prefix); err != nil || strings.ContainsAny(o.Prefix, "*>") {
		return nil, bus.ErrAddress.With("prefix %q", o.Prefix)
	}
	if o.Name == "" {
		o.Name = "onex"
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	b := &Bus{
		prefix: o.Prefix, copies: max(1, o.Replicas), log: o.Log,
		subs: map[subscription]struct{}{}, services: map[*service]struct{}{}, targets: map[event.Subject]*target{}, ended: make(chan struct{}),
	}
	b.buffers.New = func() any { return new([]byte) }
	if o.Dialer != nil || strings.HasPrefix(o.URL, "unix:") {
		b.where = or(o.URL, "this process")
	}
	b.commits.bus, b.commits.enough = b, make(chan struct{}, 1)
	address, options, err := o.natsOptions()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if b.nc, err = nats.Connect(address, append(options, b.handlers()...)...); err != nil {
		return nil, coded(err, "%s", or(Redacted(o.URL), "embedded"))
	}
	b.uplink.connected()
	if err := errors.Join(b.listenForSilence(), b.findJetStream(ctx)); err != nil {
		b.nc.Close()
		return nil, err
	}
	return b, nil
}

// findJetStream asks whether the server has JetStream for us.
func (b *Bus) findJetStream(ctx context.Context) error {
	js, err := jetstream.New(b.nc)
	if err != nil {
		return coded(err, "jetstream")
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	switch _, err := js.AccountInfo(ctx); {
	case err == nil:
		b.js = js
		return nil
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount),
		errors.Is(err, nats.ErrNoResponders):
		return nil
	default:
		return coded(err, "asking for jetstream")
	}
}

// handlers returns what is called when the connection changes. Errors that
// nats.go has no caller for end here: they are counted and logged.
func (b *Bus) handlers() []nats.Option {
	return []nats.Option{
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			b.meter.Failed(err)
			b.log.Warn("bus", "error", err)
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			b.uplink.lost()
			if err != nil { // nil when we closed it
				b.meter.Disconnected(coded(err, "connection lost"))
				b.log.Warn("connection to the bus lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			b.uplink.connected()
			b.meter.Reconnected()
			// Told as loudly as the loss, which somebody may have read.
			b.log.Warn("connected to the bus again", "server", or(b.where, nc.ConnectedUrlRedacted()))
			if nc.FlushTimeout(askTimeout) == nil { // the server has seen our subscriptions
				b.listeners.Tell()
			}
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(b.ended) }),
	}
}

// Publish implements [bus.Bus].
func (b *Bus) Publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	r, err := b.publish(ctx, s, e)
	if err == nil {
		b.meter.Published(e)
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
	wire, err := to.Encode((*buf)[:0], e)
	if err != nil {
		return bus.Receipt{}, err
	}
	if cap(wire) <= maxKeptBuffer {
		*buf = wire
	}
	if to.Class == bus.Durable && b.js != nil {
		return b.publishDurable(ctx, to, e.ID, slices.Clone(wire))
	}
	if err := b.publishCore(to, wire); err != nil {
		return bus.Receipt{}, coded(err, "%s", s)
	}
	return bus.Receipt{Class: bus.Ephemeral, Subscribers: -1}, nil
}

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
	t := &target{Target: parsed, wire: b.prefix + "." + string(s)}
	b.targets[s] = t
	return t, nil
}

// Subscribe implements [bus.Bus].
func (b *Bus) Subscribe(ctx context.Context, f event.Filter, o *bus.Options) (bus.Subscription, error) {
	s, err := b.subscribe(ctx, f, o)
	if err != nil {
		return nil, b.meter.Failed(err)
	}
	return s, nil
}

func (b *Bus) subscribe(ctx context.Context, f event.Filter, o *bus.Options) (bus.Subscription, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	opts, err := o.Complete()
	if err != nil {
		return nil, err
	}
	if _, err := event.ParseFilter(string(f)); err != nil {
		return nil, err
	}
	if b.isClosed() {
		return nil, bus.ErrClosed
	}
	if !b.nc.IsConnected() {
		return nil, bus.ErrUnavailable.With("%s", strings.ToLower(b.nc.Status().String()))
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	switch opts.Class {
	case bus.Ephemeral:
		return b.subscribeCore(ctx, f, opts)
	case bus.Durable:
		return b.subscribeDurable(ctx, f, opts)
	}
	return nil, bus.ErrUnsupported.With("class %s: want one of %s", opts.Class, b.Classes())
}

// add remembers s, or closes it when the bus is closed.
func (b *Bus) add(s subscription) error {
	b.mu.Lock()
	closed := b.closed
	if !closed {
		b.subs[s] = struct{}{}
	}
	b.mu.Unlock()
	if closed {
		s.Close()
		return bus.ErrClosed
	}
	return nil
}

func (b *Bus) remove(s subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.subs, s)
}

func (b *Bus) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

// Classes implements [bus.Bus].
func (b *Bus) Classes() []bus.Class {
	if b.js == nil {
		return []bus.Class{bus.Ephemeral}
	}
	return []bus.Class{bus.Ephemeral, bus.Durable}
}

// Health implements [bus.Bus].
func (b *Bus) Health(context.Context) bus.Health {
	b.mu.Lock()
	subs := slices.Collect(maps.Keys(b.subs))
	b.mu.Unlock()
	depth := 0
	for _, s := range subs {
		s.account()
		depth += s.depth()
	}
	h := b.meter.Health("nats")
	h.Connected = b.nc.IsConnected()
	h.Detail = strings.ToLower(b.nc.Status().String())
	if h.Connected {
		h.Detail = or(b.where, b.nc.ConnectedUrlRedacted())
	}
	h.Subscribers, h.QueueDepth = len(subs), depth
	return h
}

// HandlerFailed counts an error of a handler; [bus.Handle] calls it.
func (b *Bus) HandlerFailed(err error) { b.meter.Failed(err) }

// Reconnected implements [bus.Notifier].
func (b *Bus) Reconnected(ctx context.Context) <-chan struct{} { return b.listeners.Add(ctx) }

// Close implements [bus.Bus]. What was published is flushed to the server.
func (b *Bus) Close(ctx context.Context) error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		<-b.ended
		return nil
	}
	b.closed = true
	subs, services := slices.Collect(maps.Keys(b.subs)), slices.Collect(maps.Keys(b.services))
	b.listeners.Close()
	b.mu.Unlock()
	for _, s := range subs {
		s.Close()
	}
	for _, o := range services {
		o.close()
	}
	err := b.flush(ctx)
	b.nc.Close()
	<-b.ended
	b.commits.close()
	return err
}

// flush waits until the server has what was published. A connection that is
// lost has nothing to flush.
func (b *Bus) flush(ctx context.Context) error {
	if !b.nc.IsConnected() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if err := b.nc.FlushWithContext(ctx); err != nil && b.nc.IsConnected() {
		return coded(err, "flushing")
	}
	return nil
}
