package ipcbus

import (
	"context"

	"github.com/omninode-ai/onex/bus"
)

// Journal implements [bus.Journaled].
func (b *Bus) Journal() *bus.Journal { return b.meter.Journal() }

// Subscriptions implements [bus.Lister].
func (b *Bus) Subscriptions() []bus.SubscriptionInfo {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var all []bus.SubscriptionInfo
	for _, s := range b.subs {
		all = append(all, s.info())
	}
	return all
}

func (m *member) info() bus.SubscriptionInfo {
	return bus.SubscriptionInfo{Filter: m.filter, Class: m.o.Class, Name: m.o.Name, Group: m.o.Group}
}

func (s *ephemeralSub) info() bus.SubscriptionInfo {
	i := s.member.info()
	i.Queue, i.Drops = s.Len(), s.Dropped()
	return i
}

func (s *retainedSub) info() bus.SubscriptionInfo {
	i := s.member.info()
	i.Queue, i.Drops = s.Len(), s.Dropped()
	return i
}

// Stores implements [bus.Storer]: of what the hub keeps, only how far it goes is
// known here.
func (b *Bus) Stores(ctx context.Context) ([]bus.StoreInfo, error) {
	kept, err := b.Last(ctx, ">")
	if err != nil {
		return nil, err
	}
	return []bus.StoreInfo{{Name: "hub", Events: -1, Bytes: -1, First: -1, Last: int64(kept.Sequence), Readers: -1}}, nil
}
