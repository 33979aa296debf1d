package lease

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"

	"github.com/omninode-ai/onex/event"
)

// add puts h into force.
func (t *Table) add(h *held) {
	t.leases[h.LeaseID] = h
	t.places[placeOf(h)] = h
	if t.holders[h.Requester] == nil {
		t.holders[h.Requester] = map[event.ID]*held{}
	}
	t.holders[h.Requester][h.LeaseID] = h
	t.uses[h.Purpose]++
	t.queue.fix(h)
}

func placeOf(h *held) place { return place{h.Host, h.Protocol, h.Port} }

// finish ends h, and remembers that.
func (t *Table) finish(now time.Time, h *held, reason string) {
	delete(t.leases, h.LeaseID)
	delete(t.places, placeOf(h))
	delete(t.holders[h.Requester], h.LeaseID)
	if len(t.holders[h.Requester]) == 0 {
		delete(t.holders, h.Requester)
	}
	if t.uses[h.Purpose]--; t.uses[h.Purpose] == 0 {
		delete(t.uses, h.Purpose)
	}
	t.queue.remove(h)
	t.remember(&end{h.Lease, reason, now})
	t.saves.put(h.LeaseID)
}

func (t *Table) remember(e *end) {
	t.ends[e.LeaseID] = e
	t.ended = append(t.ended, e)
	for len(t.ended) > MaxLeases {
		t.forget()
	}
}

// forget forgets the oldest end.
func (t *Table) forget() {
	e := t.ended[0]
	t.ended[0] = nil
	t.ended = t.ended[1:]
	delete(t.ends, e.LeaseID)
	t.saves.put(e.LeaseID) // neither in force nor remembered: to be deleted
}

// Gone says that a requester is not there any more: its leases end. It returns
// what others should be told.
func (t *Table) Gone(now time.Time, requester event.ID, reason string) []event.PortReleased {
	var out []event.PortReleased
	for _, h := range slices.SortedFunc(maps.Values(t.holders[requester]), byToken) {
		t.finish(stamp(now), h, reason)
		out = append(out, event.PortReleased{Lease: h.Lease, Reason: reason})
	}
	return out
}

// Expire ends the leases that were not renewed in time, and forgets old ends. It
// returns what others should be told.
func (t *Table) Expire(now time.Time) []event.PortExpired {
	var out []event.PortExpired
	for len(t.queue) > 0 && !t.queue[0].ExpiresAt.After(now) {
		h := t.queue[0]
		reason := "not renewed within " + h.TTL.String()
		t.finish(stamp(now), h, reason)
		out = append(out, event.PortExpired{Lease: h.Lease, Reason: reason})
	}
	for len(t.ended) > 0 && !t.ended[0].at.Add(Keep).After(now) {
		t.forget()
	}
	return out
}

// Forgive gives every holder the time back in which the table could not be
// reached: nobody could renew then.
func (t *Table) Forgive(deaf time.Duration) {
	for _, h := range t.queue {
		h.ExpiresAt = stamp(h.ExpiresAt.Add(deaf))
	}
	heap.Init(&t.queue)
}

// NextDeadline returns the time at which Expire would change something if nothing
// else happens before. It reports false when there is no such time.
func (t *Table) NextDeadline() (time.Time, bool) {
	var next time.Time
	if len(t.queue) > 0 {
		next = t.queue[0].ExpiresAt
	}
	if len(t.ended) > 0 {
		if at := t.ended[0].at.Add(Keep); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next, !next.IsZero()
}

// List returns up to limit leases whose tokens are larger than after, in the
// order of tokens.
func (t *Table) List(after uint64, limit int) []event.Lease {
	out := []event.Lease{}
	for _, h := range t.leases {
		if h.Token > after {
			out = append(out, h.Lease)
		}
	}
	slices.SortFunc(out, func(a, b event.Lease) int { return cmp.Compare(a.Token, b.Token) })
	return out[:min(len(out), limit)]
}

func byToken(a, b *held) int { return cmp.Compare(a.Token, b.Token) }

// deadlines is a heap of leases, the one that expires first in front.
type deadlines []*held

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].ExpiresAt.Before(d[j].ExpiresAt) }
func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].due, d[j].due = i+1, j+1
}

// Push and Pop are for package heap.
func (d *deadlines) Push(x any) {
	h := x.(*held)
	*d = append(*d, h)
	h.due = len(*d)
}

func (d *deadlines) Pop() any {
	last := len(*d) - 1
	h := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	h.due = 0
	return h
}

func (d *deadlines) fix(h *held) {
	if h.due == 0 {
		heap.Push(d, h)
	} else {
		heap.Fix(d, h.due-1)
	}
}

func (d *deadlines) remove(h *held) {
	if h.due != 0 {
		heap.Remove(d, h.due-1)
	}
}
