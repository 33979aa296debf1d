package registry

import (
	"context"
	"errors"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// rivalWait is how long a registry that starts listens for another one. On one
// machine or in one network the answer takes milliseconds; who starts a registry
// waits for it.
const rivalWait = 75 * time.Millisecond

// acceptances are those of every registry.
const acceptances event.Filter = "node_announce_accepted.*.*"

// alone asks whether another registry is there: it fails with
// [ErrAnotherRegistry] if one answers.
func (l *loop) alone(ctx context.Context) error {
	caller, err := bus.NewCaller(ctx, l.bus, l.o.ID)
	if err != nil {
		return err
	}
	defer caller.Close()
	bounded, cancel := context.WithTimeout(ctx, rivalWait)
	defer cancel()
	q := event.NodeDiscoveryRequest{NodeFilter: []string{l.o.ID}} // nobody's id, so that the answer is short
	a, err := caller.Do(bounded, event.NewSubject(q.Kind(), l.o.Name), event.New(l.o.ID, q, event.ID{}))
	if err != nil {
		if !errors.Is(err, bus.ErrNoAnswer) {
			l.log.Debug("it is not known whether another registry is there", "error", err)
		}
		return nil
	}
	if p, ok := a.Payload.(event.NodeDiscoveryResponse); ok && p.RegistryID != l.o.ID {
		return ErrAnotherRegistry.With("%s", p.RegistryID)
	}
	return nil
}

// watchRivals reports the first other registry that accepts a node: one that was
// too slow to be found at start, or was cut off from the bus then.
func (l *loop) watchRivals(ctx context.Context, sub bus.Subscription) {
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			return
		}
		p, ok := d.Event.Payload.(event.NodeAnnounceAccepted)
		if ok && p.RegistryID != "" && p.RegistryID != l.o.ID {
			l.log.Error(ErrAnotherRegistry.Text, "registry", p.RegistryID, "hint", ErrAnotherRegistry.Hint)
			_ = sub.Close() // once is enough
			return
		}
	}
}
