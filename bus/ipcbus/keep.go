package ipcbus

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net"
	"syscall"
	"time"

	"github.com/omninode-ai/onex/bus"
)

// connect finds a hub, or becomes it, within the time for the handshake.
func (b *Bus) connect(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, b.o.Handshake)
	defer cancel()
	for n := 0; ; n++ {
		l, err := b.try(ctx)
		if err == nil || hopeless(err) || ctx.Err() != nil {
			return l, err
		}
		select {
		case <-time.After(pause(n)):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// try dials once; when nobody listens it tries to become the hub, and dials
// itself.
func (b *Bus) try(ctx context.Context) (*link, error) {
	l, err := b.dial(ctx)
	if err == nil || !refused(err) {
		return l, b.unavailable(err)
	}
	if b.o.NoHub {
		return nil, bus.ErrUnavailable.Wrap(err, "no hub at %s", b.o.Path)
	}
	h, err := startHub(b.o)
	if err != nil {
		return nil, b.unavailable(err)
	}
	b.mu.Lock()
	old := b.hub
	b.hub = h
	b.mu.Unlock()
	if old != nil {
		_ = old.close(ctx) // it has given up already
	}
	l, err = b.dial(ctx)
	return l, b.unavailable(err)
}

// hopeless reports whether it makes no sense to try again.
func hopeless(err error) bool {
	return errors.Is(err, ErrSocket) || errors.Is(err, ErrDirectory) || errors.Is(err, ErrPeer) ||
		errors.Is(err, ErrFrame) || errors.Is(err, bus.ErrAddress)
}

// unavailable returns err as one of our errors.
func (b *Bus) unavailable(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) {
		return ErrDirectory.Wrap(err, "%s", b.o.Path)
	}
	if err == nil || hopeless(err) || errors.Is(err, bus.ErrUnavailable) || errors.Is(err, bus.ErrClosed) || errors.Is(err, context.Canceled) {
		return err
	}
	return bus.ErrUnavailable.Wrap(err, "%s", b.o.Path)
}

// pause returns a random time that grows with the number of attempts.
func pause(attempts int) time.Duration {
	bound := longestPause
	if shift := min(attempts, 20); firstPause<<shift < bound {
		bound = firstPause << shift
	}
	return bound/2 + rand.N(bound/2)
}

// keep keeps a link up until ctx ends.
func (b *Bus) keep(ctx context.Context, l *link) {
	defer close(b.ended)
	for {
		b.watch(ctx, l)
		b.lose(l)
		l.end(net.ErrClosed)
		if l = b.again(ctx); l == nil {
			return
		}
	}
}

// watch returns when l has ended. It asks a silent hub whether it is there.
func (b *Bus) watch(ctx context.Context, l *link) {
	tick := time.NewTicker(b.o.Ping / 2)
	defer tick.Stop()
	for {
		select {
		case <-l.ended:
			return
		case <-ctx.Done():
			return
		case now := <-tick.C:
			switch silence := now.Sub(time.Unix(0, l.heard.Load())); {
			case silence > 2*b.o.Ping:
				l.out.fail(bus.ErrUnavailable.With("the hub is silent for %v", silence))
			case silence > b.o.Ping:
				_ = l.out.send(frame{kind: kindPing}) // one that fails ends the link
			}
		}
	}
}

// lose says that there is no link now.
func (b *Bus) lose(l *link) {
	b.mu.Lock()
	b.link, b.lost = nil, time.Now()
	b.turned()
	closed := b.closed
	b.mu.Unlock()
	if closed {
		return
	}
	err := l.cause()
	b.meter.Disconnected(err)
	if errors.Is(err, ErrFrame) {
		_ = b.meter.Failed(err) // other losses show as reconnections
	}
	b.o.Log.Warn("connection to the bus lost", "error", err)
}

// again connects and restores the subscriptions, until it succeeds or ctx ends.
func (b *Bus) again(ctx context.Context) *link {
	for n := 0; ctx.Err() == nil; n++ {
		l, err := b.try(ctx)
		if err == nil {
			if err = b.restore(ctx, l); err == nil {
				return l
			}
			l.end(err)
		}
		b.o.Log.Debug("no bus yet", "error", err, "attempt", n+1)
		select {
		case <-time.After(pause(n)):
		case <-ctx.Done():
		}
	}
	return nil
}

// restore makes all subscriptions live on l and then l the link.
func (b *Bus) restore(ctx context.Context, l *link) error {
	for {
		missing := b.unrestored(l)
		if missing == nil {
			return nil
		}
		for _, s := range missing {
			if err := b.reorder(ctx, l, s); err != nil {
				return err
			}
		}
	}
}

// reorder makes s live on l. When the hub refuses, which it did not the first
// time, the subscription ends.
func (b *Bus) reorder(ctx context.Context, l *link, s subscription) error {
	ctx, cancel := context.WithTimeout(ctx, b.o.Handshake)
	defer cancel()
	_, _, err := l.ask(ctx, jsonFrame(kindSubscribe, s.number(), s.order(l)))
	switch {
	case err == nil:
		s.restored(l)
		return nil
	case l.over() || ctx.Err() != nil:
		return err
	}
	b.o.Log.Error("a subscription is refused after reconnecting", "filter", s.order(l).Filter, "error", err)
	_ = b.meter.Failed(err)
	b.mu.Lock()
	delete(b.subs, s.number())
	b.mu.Unlock()
	s.abandon()
	return nil
}

// unrestored returns the subscriptions that are live, but not on l. When there
// are none, l is the link.
func (b *Bus) unrestored(l *link) []subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	var missing []subscription
	for _, s := range b.subs {
		if on := s.on(); on != nil && on != l {
			missing = append(missing, s)
		}
	}
	if missing != nil || b.closed {
		return missing
	}
	b.link = l
	b.meter.Reconnected()
	b.bump()
	b.turned()
	b.listeners.Tell()
	b.o.Log.Warn("connected to the bus again", "hub", l.hub.PID) // as loud as the loss
	return nil
}

// connected returns the link. Just after a loss it waits for the next one.
func (b *Bus) connected(ctx context.Context) (*link, error) {
	for {
		b.mu.RLock()
		l, closed, lost, turn := b.link, b.closed, b.lost, b.turn
		b.mu.RUnlock()
		switch {
		case closed:
			return nil, bus.ErrClosed
		case l != nil && !l.over():
			return l, nil
		case l != nil:
			lost = time.Now() // it has ended and nobody has noticed yet
		}
		wait := takeover - time.Since(lost)
		if wait <= 0 {
			return nil, bus.ErrUnavailable.With("no hub at %s since %v", b.o.Path, time.Since(lost).Round(time.Millisecond))
		}
		timer := time.NewTimer(wait)
		select {
		case <-turn:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil, bus.ErrUnavailable.Wrap(ctx.Err(), "no hub at %s", b.o.Path)
		}
	}
}

// over reports whether nothing more will come.
func (l *link) over() bool {
	select {
	case <-l.ended:
		return true
	case <-l.out.done:
		return true
	default:
		return false
	}
}

// turned tells those who wait that link or closed changed. The caller holds mu.
func (b *Bus) turned() {
	close(b.turn)
	b.turn = make(chan struct{})
}

// bump makes all that is known of routes doubtful. The caller holds mu.
func (b *Bus) bump() {
	b.epoch.Add(1)
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *Bus) routesChanged() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bump()
}

func (b *Bus) isClosed() bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.closed
}

// Reconnected implements [bus.Notifier].
func (b *Bus) Reconnected(ctx context.Context) <-chan struct{} { return b.listeners.Add(ctx) }
