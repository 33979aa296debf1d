package registry

import (
	"container/heap"
	"fmt"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// Beat takes in a heartbeat. It reports false when the node has to announce
// itself (again): it is unknown, dead, or in another incarnation than it thinks.
// The beat of a stopped node is an echo and means nothing.
func (s *State) Beat(now time.Time, b event.NodeHeartbeat) (known bool, ts []Transition) {
	e := s.entries[b.NodeID]
	if e == nil || e.incarnation != b.Incarnation || e.status == node.Dead {
		return false, nil
	}
	if e.status == node.Stopped {
		return true, nil
	}
	if now.After(e.heard) {
		e.heard = now
	}
	e.inFlight = b.InFlight
	return true, append(s.rejudge(e, now), s.rise(e, now, "heartbeat")...)
}

// Gone says that the process which lived as this incarnation of id has ended:
// the node is dead at once. It does nothing when id has another incarnation by
// now, or is dead or stopped already.
func (s *State) Gone(now time.Time, id node.ID, i node.Incarnation, reason string) []Transition {
	e := s.entries[id]
	if e == nil || e.incarnation != i || !e.alive() {
		return nil
	}
	return []Transition{s.move(e, node.Dead, now, reason)}
}

// Suspect says that there is reason to doubt that id is there, such as its lost
// connection. It is no longer offered to callers, and online again with its
// next heartbeat.
func (s *State) Suspect(now time.Time, id node.ID, reason string) []Transition {
	e := s.entries[id]
	if e == nil || !e.status.Routable() {
		return nil
	}
	return []Transition{s.move(e, node.Suspect, now, reason)}
}

// Stop takes in a goodbye. One that speaks of an earlier incarnation is late and
// changes nothing; incarnation 0 is that of a node which has not heard yet that
// it was accepted.
func (s *State) Stop(now time.Time, b event.NodeStopped) []Transition {
	e := s.entries[b.NodeID]
	if e == nil || !e.alive() || b.Incarnation != 0 && b.Incarnation != e.incarnation {
		return nil
	}
	reason := b.Reason
	if reason == "" {
		reason = "stopped"
	}
	return []Transition{s.move(e, node.Stopped, now, reason)}
}

// Expire makes suspect, dead and forgotten what is due by now. A node that was
// silent for long is first suspect and then dead in one call, so that its
// history reads the same as if Expire had been called in time.
func (s *State) Expire(now time.Time) []Transition {
	var ts []Transition
	for len(s.queue) > 0 && !s.queue[0].due.After(now) {
		e := s.queue[0]
		switch e.status {
		case node.Online:
			ts = append(ts, s.move(e, node.Suspect, now, silent(now, e)))
		case node.Suspect, node.Unverified:
			ts = append(ts, s.move(e, node.Dead, now, silent(now, e)))
		default:
			s.forget(e)
		}
	}
	return ts
}

func silent(now time.Time, e *entry) string {
	d := now.Sub(e.heard).Round(time.Millisecond)
	if e.status == node.Unverified {
		return fmt.Sprintf("not heard of for %s after the registry restarted", d)
	}
	return fmt.Sprintf("no heartbeat for %s, ttl %s", d, e.ttl)
}

// Forgive discounts a time in which the registry could not listen: it stood
// still, or was cut off from the bus. Silence of that time proves nothing. If it
// was longer than a beat, hosts may have to find their way back, too, and the
// silence of every node begins anew.
func (s *State) Forgive(now time.Time, deaf time.Duration) {
	for _, e := range s.queue {
		if !e.alive() {
			continue
		}
		e.heard = e.heard.Add(deaf)
		if deaf > e.ttl/BeatsPerTTL || e.heard.After(now) {
			e.heard = now
		}
		e.due = e.deadline()
	}
	heap.Init(&s.queue)
}
