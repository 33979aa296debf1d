package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// counterKey is the key of the record that holds the largest incarnation given.
// All other keys are node ids.
const counterKey = "incarnation"

// A record is a saved node. Heartbeats are not part of it: they are news, and
// writing each would cost more than all else.
type record struct {
	Announce    announcement     `json:"announce"`
	Incarnation node.Incarnation `json:"incarnation"`
	Status      node.Status      `json:"status"`
	Trust       node.Trust       `json:"trust_state"`
	TTL         int64            `json:"ttl_ms"` // as granted
	History     []change         `json:"history"`
}

// A change is a saved [event.Change].
type change struct {
	Time   time.Time   `json:"time"`
	From   node.Status `json:"from,omitempty"`
	To     node.Status `json:"to"`
	Reason string      `json:"reason"`
}

// saves says what differs from the store.
type saves struct {
	order   []node.ID // dirty nodes, the one waiting longest first
	dirty   map[node.ID]bool
	counter bool
}

func (s *saves) reset() { *s = saves{dirty: map[node.ID]bool{}} }

func (s *saves) put(id node.ID) {
	if !s.dirty[id] {
		s.dirty[id] = true
		s.order = append(s.order, id)
	}
}

// Dirty reports whether the state differs from what was flushed.
func (s *State) Dirty() bool { return len(s.saves.order) > 0 || s.saves.counter }

// Flush returns what has changed since the last Flush, at most limit nodes, the
// longest waiting first: records to put and keys to delete. They are considered
// saved until [State.Unsaved] says otherwise.
func (s *State) Flush(limit int) (puts map[string][]byte, deletes []string, err error) {
	puts = map[string][]byte{}
	n := min(limit, len(s.saves.order))
	for _, id := range s.saves.order[:n] {
		delete(s.saves.dirty, id)
		e := s.entries[id]
		if e == nil {
			deletes = append(deletes, string(id))
			continue
		}
		data, e2 := e.encode()
		if e2 != nil {
			err = errors.Join(err, ErrRecord.Wrap(e2, "node %s", id))
			continue
		}
		puts[string(id)] = data
	}
	s.saves.order = slices.Delete(s.saves.order, 0, n)
	if s.saves.counter {
		puts[counterKey], _ = json.Marshal(s.given) // a number
		s.saves.counter = false
	}
	return puts, deletes, err
}

// Unsaved says that what a Flush returned did not reach the store.
func (s *State) Unsaved(puts map[string][]byte, deletes []string) {
	for key := range puts {
		if key == counterKey {
			s.saves.counter = true
		} else {
			s.saves.put(node.ID(key))
		}
	}
	for _, key := range deletes {
		s.saves.put(node.ID(key))
	}
}

// encode returns e's record. Of a history that would make it too large the
// newest change is saved.
func (e *entry) encode() ([]byte, error) {
	r := e.saved()
	data, err := encode(r)
	if err == nil && len(data) > MaxRecord {
		r.History = r.History[len(r.History)-1:]
		data, err = encode(r)
	}
	if err == nil && len(data) > MaxRecord {
		err = fmt.Errorf("%d bytes, limit %d", len(data), MaxRecord)
	}
	return data, err
}

// encode returns r as JSON in which no character is escaped without need: a
// contract would grow.
func encode(r record) ([]byte, error) {
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	err := to.Encode(r)
	return bytes.TrimSpace(b.Bytes()), err
}

func (e *entry) saved() record {
	r := record{
		Announce: e.save(), Incarnation: e.incarnation, Status: e.status,
		Trust: e.trust, TTL: e.ttl.Milliseconds(), History: make([]change, len(e.history)),
	}
	for i, c := range e.history {
		r.History[i] = change(c)
	}
	return r
}

// Restore fills an empty state from records. Nodes that were live become
// unverified: they are offered to callers, and die unless they are heard of
// within their TTL and [Grace]. Records that cannot be read are left out and
// named by the error, each [ErrRecord]; the state is usable all the same.
//
// Incarnations that were given and not saved before a crash are skipped, which
// takes two things: that what Flush returns now is saved before the first
// announcement is taken in, and that no more than two batches of [MaxBatch]
// acceptances are ever unsaved.
func (s *State) Restore(now time.Time, records map[string][]byte) error {
	var errs []error
	for key, data := range records {
		if err := s.restore(now, key, data); err != nil {
			errs = append(errs, ErrRecord.Wrap(err, "key %q", key))
		}
	}
	if len(records) > 0 {
		s.given += unsaved
	}
	s.saves.counter = true
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// outdated takes the nodes out of records that are too old to be believed, and
// has them deleted. What was given once is never given again all the same.
func (s *State) outdated(records map[string][]byte) {
	for key := range records {
		if key != counterKey {
			s.saves.put(node.ID(key))
			delete(records, key)
		}
	}
}

func (s *State) restore(now time.Time, key string, data []byte) error {
	if key == counterKey {
		var n node.Incarnation
		err := json.Unmarshal(data, &n)
		s.given = max(s.given, n)
		return err
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	s.given = max(s.given, r.Incarnation)
	e, err := s.entry(key, r)
	if err != nil {
		return err
	}
	e.heard = now
	s.entries[e.announce.NodeID] = e
	s.index(e)
	if !e.alive() {
		s.ended++
	}
	if e.alive() && e.status != node.Unverified {
		s.move(e, node.Unverified, now, "the registry restarted")
	}
	s.schedule(e)
	return nil
}

// entry returns what r describes, if that makes sense.
func (s *State) entry(key string, r record) (*entry, error) {
	a, err := r.Announce.read()
	if err == nil {
		err = valid(a)
	}
	if err != nil {
		return nil, err
	}
	last := len(r.History) - 1
	switch {
	case string(a.NodeID) != key:
		return nil, errors.New("it is the record of " + string(a.NodeID))
	case r.Incarnation == 0:
		return nil, errors.New("no incarnation")
	case last < 0 || r.History[last].To != r.Status:
		return nil, errors.New("the history does not end with status " + string(r.Status))
	case !slices.Contains(statuses, r.Status):
		return nil, errors.New("unknown status " + string(r.Status))
	}
	c, err := s.content(a)
	if err != nil {
		return nil, err
	}
	e := &entry{
		content: c, trust: r.Trust, ttl: s.granted(time.Duration(r.TTL) * time.Millisecond), incarnation: r.Incarnation,
		status: r.Status, reason: shorten(r.History[last].Reason), since: r.History[last].Time,
	}
	for _, c := range r.History[max(0, len(r.History)-MaxHistory):] {
		c.Reason = shorten(c.Reason)
		e.history = append(e.history, event.Change(c))
	}
	return e, nil
}

var statuses = []node.Status{node.Unverified, node.Online, node.Suspect, node.Dead, node.Stopped}
