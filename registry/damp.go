package registry

import (
	"fmt"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// Damping of instances that come and go. Times are multiples of the TTL, so that
// they fit nodes near and far: with 3 s a minute, and nine seconds.
const (
	// FlapLimit is how many falls within FlapWindow TTLs make an instance flapping.
	// A fall is that one which took calls is suspect or dead; saying goodbye is none.
	FlapLimit  = 5
	FlapWindow = 20

	// FlapHold is how many TTLs a flapping instance must then stay up before calls
	// go to it again. Until then it is suspect, however often it announces itself.
	FlapHold = 3
)

// fell notes that e took calls and does so no more. Only the newest falls count.
func (e *entry) fell(now time.Time) {
	if len(e.falls) == FlapLimit {
		e.falls = append(e.falls[:0], e.falls[1:]...)
	}
	e.falls = append(e.falls, now)
}

// held reports whether e flaps and has not been up for long enough.
func (e *entry) held(now time.Time) bool {
	if len(e.falls) < FlapLimit {
		return false
	}
	last := e.falls[FlapLimit-1]
	return last.Sub(e.falls[0]) <= FlapWindow*e.ttl && now.Before(last.Add(FlapHold*e.ttl))
}

// rise makes e online, or suspect when it flaps.
func (s *State) rise(e *entry, now time.Time, reason string) []Transition {
	to := node.Online
	if e.held(now) {
		to = node.Suspect
		reason = fmt.Sprintf("flapping: it failed %d times within %s, and gets calls when it has been up for %s",
			FlapLimit, FlapWindow*e.ttl, FlapHold*e.ttl)
	}
	if e.status == to {
		s.schedule(e)
		return nil
	}
	return []Transition{s.move(e, to, now, reason)}
}

// rejudge judges what e claims again from time to time, because what it was judged
// by may have changed: whose signatures count, and until when.
func (s *State) rejudge(e *entry, now time.Time) []Transition {
	if rank(e.announce.Trust) == 0 || now.Sub(e.judged) < Rejudge {
		return nil
	}
	return s.judge(e, now)
}

// judge grants e the trust that its announcement proves now. A change is kept in
// its history.
func (s *State) judge(e *entry, now time.Time) []Transition {
	before := e.trust
	e.judged = now
	var why string
	if e.trust, why = s.trusted(e.announce); e.trust == before {
		return nil
	}
	reason := fmt.Sprintf("%s, was %s", e.trust, before)
	if why != "" {
		reason += ": " + why
	}
	e.reason = shorten(reason)
	c := event.Change{Time: stamp(now), From: e.status, To: e.status, Reason: e.reason}
	e.record(c)
	s.saves.put(e.announce.NodeID)
	return []Transition{{e.announce.NodeID, e.announce.Manifest.Name, e.incarnation, c}}
}
