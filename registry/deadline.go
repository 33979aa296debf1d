package registry

import (
	"container/heap"
	"time"

	"github.com/omninode-ai/onex/node"
)

// deadline returns when time alone changes e next.
func (e *entry) deadline() time.Time {
	switch e.status {
	case node.Online:
		return e.heard.Add(suspectAfter(e.ttl))
	case node.Suspect:
		return e.heard.Add(e.ttl)
	case node.Unverified:
		return e.heard.Add(e.ttl + Grace)
	}
	return e.since.Add(Keep)
}

// suspectAfter returns the silence that makes a node suspect: two beats are
// missing, and the second not by chance.
func suspectAfter(ttl time.Duration) time.Duration { return ttl - ttl/(2*BeatsPerTTL) }

// schedule puts e where its deadline belongs.
func (s *State) schedule(e *entry) {
	e.due = e.deadline()
	s.queue.fix(e)
}

// deadlines is a heap of entries, the one due next first. An entry knows its
// place plus one; zero means that it is not there.
type deadlines []*entry

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].due.Before(d[j].due) }
func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].place, d[j].place = i+1, j+1
}

// Push and Pop are for package heap.
func (d *deadlines) Push(x any) {
	e := x.(*entry)
	*d = append(*d, e)
	e.place = len(*d)
}

func (d *deadlines) Pop() any {
	last := len(*d) - 1
	e := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	e.place = 0
	return e
}

func (d *deadlines) fix(e *entry) {
	if e.place == 0 {
		heap.Push(d, e)
	} else {
		heap.Fix(d, e.place-1)
	}
}

func (d *deadlines) remove(e *entry) {
	if e.place != 0 {
		heap.Remove(d, e.place-1)
	}
}

// NextDeadline returns the time at which Expire would change something if
// nothing else happens before, so that nobody needs to poll. It reports false
// when there is no such time.
func (s *State) NextDeadline() (time.Time, bool) {
	if len(s.queue) == 0 {
		return time.Time{}, false
	}
	return s.queue[0].due, true
}
