package natsbus

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// The bounds of what nats.go keeps of one subscription before we have decoded
// it. Decoding keeps up unless the machine is starved; what is lost here is
// counted as bus.DroppedTransport.
const (
	pendingEvents = 16_384
	pendingBytes  = 32 << 20
)

// A coreSub is an ephemeral subscription.
type coreSub struct {
	*bus.Queue
	bus *Bus
	sub *nats.Subscription

	mu   sync.Mutex
	lost uint64 // of sub.Dropped, what was counted already
}

func (b *Bus) subscribeCore(ctx context.Context, f event.Filter, o bus.Options) (bus.Subscription, error) {
	if o.Policy == bus.Block {
		return nil, bus.ErrUnsupported.With("policy %s with class %s: the publisher is elsewhere", o.Policy, o.Class)
	}
	s := &coreSub{Queue: bus.NewQueue(o.Queue, o.Policy, &b.meter).Named(f, o), bus: b}
	wire := b.prefix + "." + string(f)
	var err error
	if s.sub, err = b.nc.QueueSubscribe(wire, o.Group, s.receive); err != nil {
		return nil, coded(err, "%s", f)
	}
	if err := s.goLive(ctx, wire); err != nil {
		s.Close()
		return nil, err
	}
	return s, b.add(s)
}

// goLive waits until the server has accepted or refused the subscription.
func (s *coreSub) goLive(ctx context.Context, wire string) error {
	if err := s.sub.SetPendingLimits(pendingEvents, pendingBytes); err != nil {
		return coded(err, "%s", wire)
	}
	if err := s.bus.nc.FlushWithContext(ctx); err != nil {
		return coded(err, "%s", wire)
	}
	// The server refuses without a reply of its own, before the flush's.
	if err := s.bus.nc.LastError(); errors.Is(err, nats.ErrPermissionViolation) && strings.Contains(err.Error(), `"`+wire+`"`) {
		return bus.ErrDenied.Wrap(err, "subscribing")
	}
	return nil
}

// receive runs on the subscription's own goroutine of nats.go.
func (s *coreSub) receive(m *nats.Msg) {
	e, err := event.Decode(m.Data)
	if err != nil {
		s.Drop(bus.DroppedMalformed, 1)
		s.bus.meter.Failed(bus.ErrMalformed)
		return
	}
	// The policies that are left never wait and never fail but on a closed queue.
	_ = s.Push(context.Background(), bus.Delivery{
		Subject: s.bus.subject(m.Subject), Event: e, Attempt: 1, Class: bus.Ephemeral,
	})
}

// subject returns a wire subject without the prefix.
func (b *Bus) subject(wire string) event.Subject {
	return event.Subject(strings.TrimPrefix(wire, b.prefix+"."))
}

func (s *coreSub) Dropped() bus.Drops {
	s.account()
	return s.Queue.Dropped()
}

func (s *coreSub) account() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, err := s.sub.Dropped(); err == nil && uint64(n) > s.lost {
		s.Drop(bus.DroppedTransport, uint64(n)-s.lost)
		s.lost = uint64(n)
	}
}

func (s *coreSub) depth() int { return s.Len() }

func (s *coreSub) Close() error {
	s.account()
	s.bus.remove(s)
	_ = s.sub.Unsubscribe() // fails when it is closed already, or with the connection
	return s.Queue.Close()
}
