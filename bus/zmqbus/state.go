package zmqbus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// A state is what is known of the connections.
type state struct {
	pub, sub  bool  // connected
	forwarder bool  // to a forwarder of ours
	err       error // why something is not connected
	returns   int   // how often the subscriber's connection was made
	made      int   // how often either connection was made
}

// live reports whether everything is there that can be: a foreign PUB takes no
// events from us, and a foreign SUB has none for us.
func (s state) live() bool {
	if s.forwarder {
		return s.pub && s.sub
	}
	return s.pub || s.sub
}

func (s state) detail(url string) string {
	switch {
	case s.forwarder && s.live():
		return url
	case s.forwarder:
	case s.pub && s.sub:
		return url + ": foreign programs"
	case s.pub:
		return url + ": a foreign subscriber; nothing can be received"
	case s.sub:
		return url + ": a foreign publisher; nothing can be published"
	}
	if s.err != nil {
		return fmt.Sprintf("%s: not connected: %v", url, s.err)
	}
	return url + ": not connected"
}

func (b *Bus) now() state {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// change changes the state and tells who waits for that.
func (b *Bus) change(f func(*state)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(&b.state)
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *Bus) watchPub(e zmtp.Event) {
	switch e.What {
	case zmtp.Connected:
		b.change(func(s *state) {
			s.pub, s.forwarder = true, isForwarder(e)
			s.made++
		})
	case zmtp.Disconnected:
		b.change(func(s *state) { s.pub = false })
	case zmtp.Subscribed:
		b.change(func(*state) {})
	}
	b.watch(e)
}

func (b *Bus) watchSub(e zmtp.Event) {
	switch e.What {
	case zmtp.Connected:
		b.change(func(s *state) {
			s.sub, s.forwarder = true, isForwarder(e)
			s.made++
			if s.returns++; s.returns > 1 {
				signal(b.again)
			}
		})
	case zmtp.Disconnected:
		b.change(func(s *state) { s.sub = false })
	}
	b.watch(e)
}

// watch keeps what is common to both sockets.
func (b *Bus) watch(e zmtp.Event) {
	switch e.What {
	case zmtp.Connected:
		b.log.Debug("bus: connected", "backend", "zmq", "address", e.Endpoint, "peer", e.Type)
	case zmtp.Refused, zmtp.Retrying:
		b.change(func(s *state) {
			// A foreign PUB turns down ours, and takes our SUB: then nothing is wrong.
			if e.Err != nil && !s.live() {
				s.err = e.Err
			}
		})
		b.log.Debug("bus: not connected", "backend", "zmq", "address", e.Endpoint, "error", e.Err)
	case zmtp.Disconnected:
		b.change(func(s *state) { s.err = e.Err })
		level := slog.LevelWarn
		if b.isClosed() {
			level = slog.LevelDebug // we ended it
		} else {
			b.meter.Disconnected(coded(e.Err, "%s", b.url))
		}
		b.log.Log(context.Background(), level, "bus: connection lost", "backend", "zmq", "address", e.Endpoint, "error", e.Err)
	}
}

// until waits until the state is ok, or hopeless.
func (b *Bus) until(ctx context.Context, ok func(state) bool) error {
	good := false
	s, hopeless := b.await(ctx, func(s state) bool {
		good = ok(s)
		return good || errors.Is(s.err, zmtp.ErrDenied)
	})
	switch {
	case good:
		return nil
	case hopeless:
		return refused(s.err, "%s", b.url)
	case b.isClosed():
		return bus.ErrClosed
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	}
	return b.unavailable(s)
}

// await waits until the state is ok, and reports false when ctx ends or the bus is
// closed before.
func (b *Bus) await(ctx context.Context, ok func(state) bool) (state, bool) {
	for {
		b.mu.Lock()
		s, changed := b.state, b.changed
		b.mu.Unlock()
		if ok(s) {
			return s, true
		}
		select {
		case <-changed:
		case <-b.done:
			return s, false
		case <-ctx.Done():
			return s, false
		}
	}
}

// usable reports whether events can be published, where that is possible, and
// received.
func (b *Bus) usable(s state) bool {
	return s.live() && (!s.forwarder || b.pub.Subscribers(b.prefix) > 0)
}

// recover waits for connections that come back, and tells when all
// subscriptions are live again.
func (b *Bus) recover() {
	for {
		select {
		case <-b.again:
		case <-b.done:
			return
		}
		b.meter.Reconnected()
		if !b.confirm() {
			return
		}
		b.log.Info("bus: connected again", "backend", "zmq", "address", b.url)
		b.listeners.Tell()
	}
}

// confirm asks until all subscriptions are live, and reports false when the bus is closed.
// What a socket sends before it notices that its own connection is gone too, is lost, so
// that one question is not enough: the next one waits longer, for what was published
// before. It is asked at once when a connection is made meanwhile.
func (b *Bus) confirm() bool {
	made := 0
	for wait := firstConfirm; ; wait = min(2*wait, lastConfirm) {
		now := b.attempt()
		if now != made {
			made, wait = now, firstConfirm
		}
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		err := b.asked(ctx, made)
		cancel()
		switch {
		case err == nil:
			return true
		case b.isClosed():
			return false
		case b.now().made == made:
			b.log.Warn("bus: connected again, not confirmed", "backend", "zmq", "error", err)
		}
	}
}

// attempt returns how often connections were made. What is asked from now on is about
// all of them: no other round is needed for the last one.
func (b *Bus) attempt() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.again:
	default:
	}
	return b.state.made
}

// asked asks once. When there is no answer it returns at the end of ctx, or as soon as
// a connection was made after the first made ones.
func (b *Bus) asked(ctx context.Context, made int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var err error
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		if err = b.ready(ctx, newTopic(topicReady)); err == nil {
			cancel()
		}
	}()
	b.await(ctx, func(s state) bool { return s.made != made })
	cancel()
	<-answered
	return err
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
