package registry

import (
	"bytes"
	"fmt"
	"reflect"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// Announce takes in an announcement. It returns the acceptance to be sent, once
// the state is saved, or the reason of the rejection: [ErrAnnouncement],
// [ErrUnsigned], [ErrDuplicate] or [ErrFull].
//
// A live instance that announces itself again is refreshed: it keeps its
// incarnation, and what it announces replaces what it announced before. One
// that is dead or stopped, or is another process by now, begins a new life
// with a larger incarnation than any that was ever given.
func (s *State) Announce(now time.Time, a event.NodeAnnounce) (event.NodeAnnounceAccepted, []Transition, error) {
	if err := valid(a); err != nil {
		return event.NodeAnnounceAccepted{}, nil, err
	}
	c, err := s.content(a)
	if err != nil {
		return event.NodeAnnounceAccepted{}, nil, err
	}
	e, err := s.claim(a)
	if err != nil {
		return event.NodeAnnounceAccepted{}, nil, err
	}
	s.learn(a.Incarnation)
	var ts []Transition
	if e.alive() && replaced(e.announce.Process, a.Process) {
		ts = append(ts, s.move(e, node.Dead, now, "another process took its place"))
	}
	changed, why := s.refresh(e, c, now)
	e.heard = now
	ts = append(ts, changed...)
	ts = append(ts, s.rise(e, now, welcome(e.status)+why)...)
	return event.NodeAnnounceAccepted{
		NodeID: a.NodeID, Name: a.Manifest.Name, RegistryID: s.id,
		Trust: e.trust, TTL: e.ttl, Incarnation: e.incarnation,
	}, ts, nil
}

// Late reports whether the event id, which carries a, has been dealt with, or came
// after a later one of the same process: it says nothing that is new, and must not
// bring back what is dead by now. Ids of one process grow, if they are of version 7.
func (s *State) Late(a event.NodeAnnounce, id event.ID) bool {
	e := s.entries[a.NodeID]
	if e == nil || e.last.IsZero() || e.announce.Process != a.Process {
		return false
	}
	order := bytes.Compare(id[:], e.last[:])
	return order == 0 || order < 0 && ordered(id) && ordered(e.last)
}

// Announced says which event announced an instance last.
func (s *State) Announced(n node.ID, id event.ID) {
	if e := s.entries[n]; e != nil {
		e.last = id
	}
}

func ordered(id event.ID) bool { return id[6]>>4 == 7 }

// claim returns the entry of the announced instance, an empty one if it is new.
func (s *State) claim(a event.NodeAnnounce) (*entry, error) {
	e := s.entries[a.NodeID]
	if e == nil {
		if len(s.entries) >= MaxNodes && !s.makeRoom() {
			return nil, ErrFull.With("%d nodes", len(s.entries))
		}
		return &entry{}, nil
	}
	if has, claims := e.announce.Manifest.Identity(), a.Manifest.Identity(); has != claims {
		return nil, ErrDuplicate.With("%s is node %q, and not %q", a.NodeID, has.Name, claims.Name).
			Detail("node_id", string(a.NodeID))
	}
	return e, nil
}

// refresh makes c what e announced, and begins a new life if e has none. Then it
// returns why the new life has less trust than it claims, else the change of trust.
func (s *State) refresh(e *entry, c content, now time.Time) (changed []Transition, why string) {
	id, born := c.announce.NodeID, e.incarnation == 0 || !e.alive()
	if !born && reflect.DeepEqual(c.announce, e.announce) {
		return nil, ""
	}
	if e.incarnation != 0 {
		s.unindex(e)
	}
	if born {
		s.given++
		s.saves.counter = true
		e.incarnation, e.inFlight = s.given, 0
	}
	e.content = c
	e.ttl = s.granted(c.announce.TTL)
	if born {
		e.judged = now
		if e.trust, why = s.trusted(c.announce); why != "" {
			why = fmt.Sprintf("; %s, not %s: %s", e.trust, c.announce.Trust, why)
		}
	} else {
		changed = s.judge(e, now)
	}
	s.entries[id] = e
	s.index(e)
	s.saves.put(id)
	return changed, why
}

// trusted returns the trust that a is granted: what it claims and what its
// signature proves, whichever is less; and why it is less than it claims.
func (s *State) trusted(a event.NodeAnnounce) (granted node.Trust, why string) {
	granted, err := s.trust(a)
	if rank(a.Trust) <= rank(granted) {
		granted, err = a.Trust, nil
	} else if err != nil {
		why = err.Error()
	}
	if rank(granted) == 0 {
		granted = node.Untrusted
	}
	return granted, why
}

func rank(t node.Trust) int {
	switch t {
	case node.Trusted:
		return 1
	case node.Verified:
		return 2
	}
	return 0
}

// learn keeps the counter above an incarnation that was given before the store
// was lost.
func (s *State) learn(last node.Incarnation) {
	if last > s.given && last-s.given <= maxLeap {
		s.given = last
		s.saves.counter = true
	}
}

// replaced reports whether two announcements come from different processes.
// Nodes that do not say which process they are, are taken at their node_id.
func replaced(before, now event.Process) bool {
	return before.PID != 0 && now.PID != 0 && before != now
}

func (s *State) granted(ttl time.Duration) time.Duration {
	if ttl == 0 {
		ttl = s.ttl
	}
	return min(max(ttl, MinTTL), MaxTTL)
}

func welcome(before node.Status) string {
	if before == "" {
		return "announced"
	}
	return "announced again"
}

// valid checks what the registry relies on.
func valid(a event.NodeAnnounce) error {
	id, err := event.ParseID(string(a.NodeID))
	if err != nil || id.String() != string(a.NodeID) {
		return ErrAnnouncement.With("node_id %q is no UUID in lower case", a.NodeID)
	}
	m, c := a.Manifest, a.Contract
	switch {
	case c.Node != m.Name || c.Version != m.Version:
		return ErrAnnouncement.With("the contract is of %s@%s, the manifest of %s@%s", c.Node, c.Version, m.Name, m.Version)
	case len(c.Tools) > MaxTools:
		return ErrAnnouncement.With("%d tools, limit %d", len(c.Tools), MaxTools)
	case a.TTL < 0:
		return ErrAnnouncement.With("ttl %s is negative", a.TTL)
	case rank(a.Trust) == 0 && a.Trust != "" && a.Trust != node.Untrusted:
		return ErrAnnouncement.With("trust_state %q is none of untrusted, trusted, verified", a.Trust)
	case rank(a.Trust) > 0 && a.Signature == "":
		return ErrUnsigned.With("node %q claims to be %s", m.Name, a.Trust)
	}
	return nil
}
