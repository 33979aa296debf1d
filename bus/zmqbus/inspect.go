package zmqbus

import (
	"context"
	"strings"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// CountSubscribers implements [bus.Counter], for connections and members of
// groups: several subscriptions of one bus count once, and a foreign forwarder,
// whatever is behind it, too. A foreign publisher has none: [bus.ErrUnsupported].
func (b *Bus) CountSubscribers(ctx context.Context, s event.Subject) (int, error) {
	if _, err := b.target(s); err != nil {
		return 0, b.meter.Failed(err)
	}
	select {
	case <-b.done:
		return 0, bus.ErrClosed
	default:
	}
	n, err := b.count(ctx, topicOf(b.prefix, s))
	return n, b.meter.Failed(err)
}

// groupOf returns the name of a group from its topic.
func groupOf(topic string) string {
	_, rest, _ := strings.Cut(topic, ".")
	name, _, _ := strings.Cut(rest, ".")
	return name
}

// Journal implements [bus.Journaled].
func (b *Bus) Journal() *bus.Journal { return b.meter.Journal() }

// Subscriptions implements [bus.Lister].
func (b *Bus) Subscriptions() []bus.SubscriptionInfo {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []bus.SubscriptionInfo
	for _, s := range b.subs {
		all = append(all, bus.SubscriptionInfo{
			Filter: s.filter, Class: bus.Ephemeral, Group: groupOf(s.group), Queue: s.Len(), Drops: s.Dropped(),
		})
	}
	return all
}
