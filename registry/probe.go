package registry

import (
	"bytes"
	"context"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// probeAfter is how long a registry waits for its own beat before it sends
// another: beats are ephemeral.
const probeAfter = time.Second

// A probe is a heartbeat of the registry itself. Nobody is judged for silence
// before a probe, sent when the judgement was due, has come back through the
// queue of heartbeats: by then every beat that was sent earlier has been dealt
// with, and the registry knows that it can hear.
type probe struct {
	out   chan event.Event // to be sent
	first event.ID         // of those for the judgement that is due; zero when none is
	due   time.Time        // when the judgement was due
	asked time.Time        // when the first was sent
	sent  time.Time        // when the last was sent
}

func newProbe() probe { return probe{out: make(chan event.Event, 1)} }

// judge asks for a judgement if one is due.
func (l *loop) judge(now time.Time) {
	p := &l.probe
	next, ok := l.nextDeadline()
	waiting := !p.first.IsZero()
	if waiting && now.Sub(p.sent) < probeAfter || !waiting && (!ok || next.After(now)) {
		return
	}
	e := event.New(l.o.ID, event.NodeHeartbeat{NodeID: node.ID(l.o.ID)}, event.ID{})
	if !waiting {
		p.first, p.due, p.asked = e.ID, next, now
	}
	p.sent = now
	select {
	case p.out <- e:
	default: // the one before has not even been sent; it will do
	}
}

// heardProbe is judgement, if it was waited for. Any probe will do that is not
// older than the first; ids of one process grow. When it took long, the registry
// was not running or not connected in the meantime, and what it did not hear
// then proves nothing; what is due for another reason than silence, is due.
func (l *loop) heardProbe(now time.Time, id event.ID) {
	p := &l.probe
	if p.first.IsZero() || bytes.Compare(id[:], p.first[:]) < 0 {
		return
	}
	p.first = event.ID{}
	if late := now.Sub(p.due); late > Slack {
		l.log.Warn("the registry could not listen; silence of this time does not count", "late", late)
		l.s.Forgive(now, late)
		l.ports.table.Forgive(late)
	}
	l.tell(l.s.Expire(p.asked))
	l.expireLeases(p.asked)
}

// nextDeadline returns when time alone changes a node or a lease.
func (l *loop) nextDeadline() (time.Time, bool) {
	next, ok := l.s.NextDeadline()
	if at, some := l.ports.table.NextDeadline(); some && (!ok || at.Before(next)) {
		return at, true
	}
	return next, ok
}

func (l *loop) sendProbes(ctx context.Context) {
	to := event.NewSubject(event.KindNodeHeartbeat, l.o.Name)
	for {
		select {
		case e := <-l.probe.out:
			publish(ctx, l.bus, l.log, to, e)
		case <-ctx.Done():
			return
		}
	}
}

// sleep returns how long the loop has nothing to do of itself.
func (l *loop) sleep(now time.Time) time.Duration {
	const long = time.Hour
	wait := long
	if !l.probe.first.IsZero() {
		wait = l.probe.sent.Add(probeAfter).Sub(now)
	} else if next, ok := l.nextDeadline(); ok {
		wait = next.Sub(now)
	}
	if at := l.retry.at; !at.IsZero() && l.saving == nil { // a save that is under way wakes the loop itself
		wait = min(wait, at.Sub(now))
	}
	return min(max(wait, 0), long)
}
