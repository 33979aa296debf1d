package bus

import (
	"context"
	"maps"
)

// A StoreInfo describes what a bus keeps. What it cannot know is -1.
type StoreInfo struct {
	Name    string `json:"name"`
	Events  int64  `json:"events"`
	Bytes   int64  `json:"bytes"`
	First   int64  `json:"first_sequence"`
	Last    int64  `json:"last_sequence"`
	Readers int64  `json:"readers"` // positions at which somebody reads, or may again
}

// Storer is implemented by buses that can say what they keep.
type Storer interface {
	Stores(ctx context.Context) ([]StoreInfo, error)
}

// Journal implements [Journaled].
func (m *Memory) Journal() *Journal { return m.meter.Journal() }

// Subscriptions implements [Lister].
func (m *Memory) Subscriptions() []SubscriptionInfo {
	m.mu.RLock()
	subs := m.subs
	var all []SubscriptionInfo
	for _, s := range subs {
		all = append(all, SubscriptionInfo{Filter: s.filter, Class: Ephemeral, Group: s.group, Queue: s.Len(), Drops: s.Dropped()})
	}
	m.mu.RUnlock()
	m.store.mu.Lock()
	defer m.store.mu.Unlock()
	for _, c := range m.store.consumers {
		all = append(all, SubscriptionInfo{Filter: c.filter, Class: Durable, Name: c.o.Name, Group: c.o.Group, Queue: len(c.pending), Drops: maps.Clone(c.drops)})
	}
	return all
}

// Stores implements [Storer].
func (m *Memory) Stores(context.Context) ([]StoreInfo, error) {
	s := m.store
	s.mu.Lock()
	defer s.mu.Unlock()
	return []StoreInfo{{
		Name: "memory", Events: int64(len(s.entries)), Bytes: int64(s.bytes),
		First: int64(s.first), Last: int64(s.end()) - 1, Readers: int64(len(s.consumers)),
	}}, nil
}
