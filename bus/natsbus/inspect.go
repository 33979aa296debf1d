package natsbus

import (
	"context"
	"errors"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// Conn returns the connection, for what else its owner keeps on a server with
// JetStream; nil when the server has none. It stays the bus's.
func (b *Bus) Conn() *nats.Conn {
	if b.js == nil {
		return nil
	}
	return b.nc
}

// Journal implements [bus.Journaled].
func (b *Bus) Journal() *bus.Journal { return b.meter.Journal() }

// Subscriptions implements [bus.Lister].
func (b *Bus) Subscriptions() []bus.SubscriptionInfo {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []bus.SubscriptionInfo
	for s := range b.subs {
		if i, ok := s.(interface{ info() bus.SubscriptionInfo }); ok {
			all = append(all, i.info())
		}
	}
	return all
}

func (b *Bus) filter(wire string) event.Filter {
	return event.Filter(strings.TrimPrefix(wire, b.prefix+"."))
}

func (s *coreSub) info() bus.SubscriptionInfo {
	return bus.SubscriptionInfo{
		Filter: s.bus.filter(s.sub.Subject), Class: bus.Ephemeral, Group: s.sub.Queue, Queue: s.Len(), Drops: s.Queue.Dropped(),
	}
}

func (s *durableSub) info() bus.SubscriptionInfo {
	return bus.SubscriptionInfo{
		Filter: s.bus.filter(s.config.FilterSubject), Class: bus.Durable, Name: s.o.Name, Group: s.o.Group,
		Queue: s.depth(), Drops: s.Dropped(),
	}
}

// Stores implements [bus.Storer]: the streams, as far as they were made.
func (b *Bus) Stores(ctx context.Context) ([]bus.StoreInfo, error) {
	if b.js == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var all []bus.StoreInfo
	for _, name := range []string{b.streamName(), b.streamName() + "_DEAD"} {
		stream, err := b.js.Stream(ctx, name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return all, coded(err, "stream %s", name)
		}
		state := stream.CachedInfo().State
		all = append(all, bus.StoreInfo{
			Name: name, Events: int64(state.Msgs), Bytes: int64(state.Bytes),
			First: int64(state.FirstSeq), Last: int64(state.LastSeq), Readers: int64(state.Consumers),
		})
	}
	return all, nil
}
