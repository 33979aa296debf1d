package host

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// How a node makes itself known.
const (
	announceFirst = 250 * time.Millisecond // wait for an answer before the second announcement; doubles with each
	announceMost  = 5 * time.Second        // longest wait
	beatsPerTTL   = 3                      // so that one lost beat is nothing
	minBeat       = 50 * time.Millisecond  // whatever the registry grants
)

// rejection is the error that a registry's answer means.
func rejection(p event.NodeAnnounceRejected) error {
	if err := p.Error.Err(); err != nil {
		return ErrRejected.Wrap(err, "node %q", p.Name)
	}
	return ErrRejected.With("node %q: %s", p.Name, p.Reason)
}

// presence announces the node and beats until ctx ends. Its error is the
// registry's refusal.
func (l *life) presence(ctx context.Context) error {
	wait, beat := announceFirst, l.o.TTL/beatsPerTTL
	accepted := false
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-l.accept:
			l.accepted(a)
			accepted, wait = true, announceFirst
			if a.TTL > 0 {
				beat = max(a.TTL/beatsPerTTL, minBeat)
			}
			next.Reset(beat)
		case err := <-l.refuse:
			if !transient(err) {
				return err
			}
			l.log.Warn("the registry cannot accept the node now", "error", err)
			accepted = false
			next.Reset(jitter(wait))
		case <-l.again:
			accepted, wait = false, announceFirst
			next.Reset(0)
		case <-next.C:
			if accepted {
				l.beat(ctx)
				next.Reset(beat)
				break
			}
			if wait == announceMost {
				l.log.Warn("no registry answers; announcing again", "every", announceMost)
			}
			l.announce(ctx)
			next.Reset(jitter(wait))
			wait = min(2*wait, announceMost)
		}
	}
}

// transient reports whether a registry that refused the node may accept it later.
func transient(err error) bool {
	cause := errors.Unwrap(err)
	return cause != nil && fault.ClassOf(cause).Retryable()
}

// jitter keeps a thousand nodes from announcing themselves in step after their
// registry came back.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

// announceAgain has the node announce itself as soon as possible.
func (l *life) announceAgain() {
	select {
	case l.again <- struct{}{}:
	default:
	}
}

func (l *life) accepted(a event.NodeAnnounceAccepted) {
	before := l.incarnation.Swap(uint64(a.Incarnation))
	if before != uint64(a.Incarnation) {
		l.log.Info("accepted", "registry", a.RegistryID, "incarnation", uint64(a.Incarnation))
		state := event.NodeStart{InputState: noState, NodeVersion: l.manifest.Version, Operation: operation}
		l.audit.add(event.New(string(l.id), state, l.story))
	}
	l.ready.Do(func() {
		if l.o.Ready != nil {
			l.o.Ready(Accepted{l.id, l.manifest.Name, a.Incarnation, l.names()})
		}
	})
}

func (l *life) announce(ctx context.Context) {
	l.publish(ctx, event.NodeAnnounce{
		NodeID: l.id, Manifest: l.manifest, Contract: l.Contract(),
		Status: event.AnnounceOnline, Mode: event.ModeContainer, TTL: l.o.TTL,
		Trust: l.o.Trust, Signature: l.o.Signature, Receipt: l.receipt, Binary: l.binary, Process: l.o.Process,
		Incarnation: node.Incarnation(l.incarnation.Load()), Endpoint: l.o.Endpoint,
	})
}

func (l *life) beat(ctx context.Context) {
	l.publish(ctx, event.NodeHeartbeat{
		NodeID: l.id, Incarnation: node.Incarnation(l.incarnation.Load()),
		InFlight: int(l.inFlight.Load()), Calls: l.total.Load(),
	})
}

// publish tells everybody; what fails is said again soon. While the bus is away
// only the first failure is a warning.
func (l *life) publish(ctx context.Context, p event.Payload) {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	e := event.New(string(l.id), p, l.story)
	_, err := l.bus.Publish(ctx, event.NewSubject(p.Kind(), l.manifest.Name), e)
	if err != nil && ctx.Err() != context.Canceled {
		level := slog.LevelWarn
		if l.unheard {
			level = slog.LevelDebug
		}
		l.log.Log(ctx, level, "cannot be published", "kind", string(p.Kind()), "error", err)
	}
	l.unheard = err != nil
}
