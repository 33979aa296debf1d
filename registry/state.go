package registry

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// StateOptions fix what a [State] does not decide itself.
type StateOptions struct {
	ID    string        // of the registry, for its answers
	TTL   time.Duration // of nodes that name none; default DefaultTTL
	Trust Judge         // default trusts nobody
}

// A Judge returns the trust that an announcement proves, and why it is not all that
// is claimed.
type Judge func(event.NodeAnnounce) (node.Trust, error)

// A State is what the registry knows: a state machine without clock, lock or
// I/O. Every method that may change it takes the time; times must not decrease.
// It is not safe for concurrent use: a loop such as that of [Serve] owns it.
type State struct {
	id    string
	ttl   time.Duration
	trust Judge

	entries map[node.ID]*entry
	names   map[node.Name][]*entry    // in the order of incarnations
	tools   map[node.ToolName][]offer // in the order of incarnations
	queue   deadlines
	ended   int              // entries that are not alive
	given   node.Incarnation // the largest that was given
	saves   saves
}

// An entry is one instance of a node.
type entry struct {
	content                   // as accepted last
	trust       node.Trust    // as granted
	ttl         time.Duration // as granted
	incarnation node.Incarnation
	status      node.Status
	reason      string
	since       time.Time
	history     []event.Change

	last   event.ID    // of the event that announced it last
	judged time.Time   // when its trust was judged
	falls  []time.Time // when it last failed, at most FlapLimit

	heard    time.Time // silence counts from here
	inFlight int
	due      time.Time // when time alone changes it next
	place    int       // in the queue of deadlines
}

// An offer is one tool of one instance.
type offer struct {
	entry  *entry
	tool   *node.Tool
	digest digest
}

// A Transition is one change of a node's status.
type Transition struct {
	NodeID      node.ID
	Name        node.Name
	Incarnation node.Incarnation
	event.Change
}

// Event returns the payload that tells others of t, or nil when nobody needs to
// be told: acceptances and stops are events of their own, and a restart of the
// registry changes nothing for the nodes.
func (t Transition) Event() event.Payload {
	switch {
	case t.To == t.From:
		return nil
	case t.To == node.Suspect:
		return event.NodeSuspect{NodeID: t.NodeID, Name: t.Name, Incarnation: t.Incarnation, Reason: t.Reason, Since: t.Time}
	case t.To == node.Dead:
		return event.NodeDead{NodeID: t.NodeID, Name: t.Name, Incarnation: t.Incarnation, Reason: t.Reason, Since: t.Time}
	case t.To == node.Online && t.From != "" && t.From != node.Unverified:
		return event.NodeRejoined{NodeID: t.NodeID, Name: t.Name, Incarnation: t.Incarnation, Reason: t.Reason, Since: t.Time}
	}
	return nil
}

// NewState returns a state without nodes.
func NewState(o *StateOptions) *State {
	s := &State{
		entries: map[node.ID]*entry{},
		names:   map[node.Name][]*entry{},
		tools:   map[node.ToolName][]offer{},
		ttl:     DefaultTTL,
		trust:   func(event.NodeAnnounce) (node.Trust, error) { return node.Untrusted, nil },
	}
	s.saves.reset()
	if o == nil {
		return s
	}
	s.id = o.ID
	if o.TTL != 0 {
		s.ttl = o.TTL
	}
	if o.Trust != nil {
		s.trust = o.Trust
	}
	return s
}

// Len returns the number of instances known, dead and stopped ones included.
func (s *State) Len() int { return len(s.entries) }

// Incarnation returns the incarnation of an instance; 0 when it is not known or
// neither alive nor expected to be.
func (s *State) Incarnation(id node.ID) node.Incarnation {
	if e := s.entries[id]; e != nil && e.alive() {
		return e.incarnation
	}
	return 0
}

// alive reports whether e may be there: it is neither dead nor stopped.
func (e *entry) alive() bool { return e.status != node.Dead && e.status != node.Stopped }

// move gives e another status, for a reason.
func (s *State) move(e *entry, to node.Status, now time.Time, reason string) Transition {
	reason = shorten(reason)
	c := event.Change{Time: stamp(now), From: e.status, To: to, Reason: reason}
	e.record(c)
	if e.status.Routable() && (to == node.Suspect || to == node.Dead) {
		e.fell(now)
	}
	if !e.alive() {
		s.ended--
	}
	e.status, e.reason, e.since = to, reason, c.Time
	if !e.alive() {
		s.ended++
	}
	s.saves.put(e.announce.NodeID)
	s.schedule(e)
	return Transition{e.announce.NodeID, e.announce.Manifest.Name, e.incarnation, c}
}

func (e *entry) record(c event.Change) {
	if len(e.history) == MaxHistory {
		e.history = slices.Delete(e.history, 0, 1)
	}
	e.history = append(e.history, c)
}

// shorten returns reason as valid UTF-8 of at most MaxReason bytes.
func shorten(reason string) string {
	reason = strings.ToValidUTF8(reason, "\uFFFD")
	if len(reason) <= MaxReason {
		return reason
	}
	const mark = "…"
	end := MaxReason - len(mark)
	for !utf8.RuneStart(reason[end]) {
		end--
	}
	return reason[:end] + mark
}

// stamp returns t as it is saved and sent: UTC, microseconds, no monotonic clock.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// index makes e findable by name and by tool.
func (s *State) index(e *entry) {
	name := e.announce.Manifest.Name
	s.names[name] = insert(s.names[name], e)
	for i := range e.announce.Contract.Tools {
		t := &e.announce.Contract.Tools[i]
		s.tools[t.Name] = insert(s.tools[t.Name], offer{e, t, e.tools[i]})
	}
}

// unindex undoes index; it must run before e's announcement or incarnation changes.
func (s *State) unindex(e *entry) {
	remove(s.names, e.announce.Manifest.Name, e.incarnation)
	for _, t := range e.announce.Contract.Tools {
		remove(s.tools, t.Name, e.incarnation)
	}
}

// A life belongs to one incarnation.
type life interface{ life() node.Incarnation }

func (e *entry) life() node.Incarnation { return e.incarnation }
func (o offer) life() node.Incarnation  { return o.entry.incarnation }

func find[T life](list []T, i node.Incarnation) (int, bool) {
	return slices.BinarySearchFunc(list, i, func(x T, i node.Incarnation) int { return cmp.Compare(x.life(), i) })
}

// insert keeps list in the order of incarnations. A new life goes to the end,
// so that a storm of announcements does not copy.
func insert[T life](list []T, x T) []T {
	at, _ := find(list, x.life())
	return slices.Insert(list, at, x)
}

func remove[K comparable, T life](index map[K][]T, key K, i node.Incarnation) {
	list := index[key]
	if at, ok := find(list, i); ok {
		list = slices.Delete(list, at, at+1)
	}
	if len(list) == 0 {
		delete(index, key)
	} else {
		index[key] = list
	}
}

// forget removes e as if it had never been.
func (s *State) forget(e *entry) {
	s.unindex(e)
	s.queue.remove(e)
	delete(s.entries, e.announce.NodeID)
	if !e.alive() {
		s.ended--
	}
	s.saves.put(e.announce.NodeID) // dirty and not there: to be deleted
}

// makeRoom forgets those that have been dead or stopped for longest, before their time,
// and reports whether there were any. Forgetting many at once keeps one announcement
// from looking through all there are for another; where all live, none looks.
func (s *State) makeRoom() bool {
	if s.ended == 0 {
		return false
	}
	ended := slices.DeleteFunc(slices.Clone(s.queue), (*entry).alive)
	slices.SortFunc(ended, func(a, b *entry) int { return a.due.Compare(b.due) })
	for _, e := range ended[:min(len(ended), maxForgotten)] {
		s.forget(e)
	}
	return true
}
