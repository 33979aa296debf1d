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

// A presence is how a node stands with the registry. It belongs to one goroutine.
type presence struct {
	*life
	next     *time.Timer
	wait     time.Duration // until the next announcement
	beat     time.Duration // between beats
	accepted bool
	down     bool   // the node's program is: it is not there
	lives    uint64 // of the program, that were told of
}

// attend announces the node and beats until ctx ends. Its error is the
// registry's refusal.
func (l *life) attend(ctx context.Context) error {
	p := &presence{life: l, next: time.NewTimer(0), wait: announceFirst, beat: minBeat} // an acceptance says how often
	defer p.next.Stop()
	var changed <-chan struct{}
	if l.child != nil {
		changed = l.child.changed
		_, p.lives = l.child.state()
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-l.accept:
			p.welcome(ctx, a)
		case err := <-l.refuse:
			if !transient(err) {
				return err
			}
			l.log.Warn("the registry cannot accept the node now", "error", err)
			p.accepted = false
			p.reset(jitter(p.wait))
		case <-l.again:
			p.renew()
		case <-changed:
			p.program(ctx)
		case <-p.next.C:
			p.tick(ctx)
		}
	}
}

// reset sets when something is due, if the node is there.
func (p *presence) reset(d time.Duration) {
	if p.next.Stop(); !p.down {
		p.next.Reset(d)
	}
}

// renew has the node announce itself now.
func (p *presence) renew() {
	p.accepted, p.wait = false, announceFirst
	p.reset(0)
}

func (p *presence) welcome(ctx context.Context, a event.NodeAnnounceAccepted) {
	p.life.accepted(a)
	if p.down { // it was when the registry accepted it
		p.died(ctx)
		return
	}
	p.accepted, p.wait = true, announceFirst
	if a.TTL > 0 {
		p.beat = max(a.TTL/beatsPerTTL, minBeat)
	}
	p.reset(p.beat)
}

func (p *presence) tick(ctx context.Context) {
	if p.accepted {
		p.life.beat(ctx)
		p.reset(p.beat)
		return
	}
	if p.wait == announceMost {
		p.log.Warn("no registry answers; announcing again", "every", announceMost)
	}
	p.announce(ctx)
	p.reset(jitter(p.wait))
	p.wait = min(2*p.wait, announceMost)
}

// program looks at what became of the node's program. One that ended is a death,
// which nobody knows as soon as we; one that was started again is a new life.
func (p *presence) program(ctx context.Context) {
	up, lives := p.child.state()
	if !p.down && (!up || lives != p.lives) {
		p.down = true
		p.next.Stop()
		p.died(ctx)
	}
	if p.down && up {
		p.down = false
		p.renew()
	}
	p.lives = lives
}

// died says that the node's program ended.
func (l *life) died(ctx context.Context) {
	if i := l.incarnation.Load(); i != 0 {
		l.publish(ctx, event.NodeDead{
			NodeID: l.id, Name: l.manifest.Name, Incarnation: node.Incarnation(i), Since: time.Now(),
			Reason: "its program ended: " + l.child.epitaph(),
		})
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
		Trust: l.o.Trust, Signature: l.o.Signature, Receipt: l.receipt, Binary: l.program(), Process: l.o.Process,
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
