package lease

import (
	"bytes"
	"time"

	"github.com/omninode-ai/onex/event"
)

// Options fix what a [Table] does not decide itself.
type Options struct {
	By     string // the registry's id, which leases name
	Host   string // the machine that Free can ask
	Policy Policy

	// Free reports whether nobody uses a port of this machine; [Free] does. It is
	// asked before a port is granted, and must answer at once. Nil believes that
	// every port is free.
	Free func(p event.Protocol, port int) bool
}

// A place is what can be leased once.
type place struct {
	host     string
	protocol event.Protocol
	port     int
}

// A held is a lease in force.
type held struct {
	event.Lease
	last event.ID // the newest request about it
	due  int      // its place in the queue, plus one; 0 when it is not there
}

// An end is a lease that is over.
type end struct {
	event.Lease
	reason string
	at     time.Time
}

// A Table knows the leases of a registry. Times must not decrease. It is not
// safe for concurrent use.
type Table struct {
	o Options

	leases  map[event.ID]*held
	places  map[place]*held
	holders map[event.ID]map[event.ID]*held // by requester, by lease
	uses    map[string]int                  // leases in force, by purpose
	queue   deadlines
	ends    map[event.ID]*end
	ended   []*end // the oldest first
	token   uint64 // the largest that was given
	cursor  map[string]int

	saves saves
}

// NewTable returns a table without leases. It fails with [ErrPolicy].
func NewTable(o *Options) (*Table, error) {
	t := &Table{
		leases: map[event.ID]*held{}, places: map[place]*held{}, holders: map[event.ID]map[event.ID]*held{},
		uses: map[string]int{}, ends: map[event.ID]*end{}, cursor: map[string]int{},
		saves: saves{dirty: map[event.ID]bool{}},
	}
	if o != nil {
		t.o = *o
	}
	if t.o.Free == nil {
		t.o.Free = func(event.Protocol, int) bool { return true }
	}
	return t, t.o.Policy.Check()
}

// Len returns the number of leases in force.
func (t *Table) Len() int { return len(t.leases) }

// Lease returns the lease of that id, if it is in force.
func (t *Table) Lease(id event.ID) (event.Lease, bool) {
	h := t.leases[id]
	if h == nil {
		return event.Lease{}, false
	}
	return h.Lease, true
}

// Request deals with one request, whose event has the given id. It returns the
// answer, the lease that it is about, and whether anything changed: a repeated
// request is answered like the first, and changes nothing.
//
// It fails with [ErrRequest], [ErrBusy], [ErrExhausted], [ErrUnknown], [ErrEnded]
// or [ErrForeign].
func (t *Table) Request(now time.Time, id event.ID, r event.PortRequest) (answer event.Payload, changed bool, err error) {
	if err := check(r); err != nil {
		return nil, false, err
	}
	now = stamp(now)
	switch r.Action {
	case event.PortAllocate:
		return t.allocate(now, id, r)
	case event.PortRenew:
		return t.renew(now, id, r)
	case event.PortRelease:
		return t.release(now, r)
	}
	return nil, false, ErrRequest.With("action %q", r.Action)
}

func check(r event.PortRequest) error {
	switch {
	case r.Requester.IsZero():
		return ErrRequest.With("no requester")
	case r.TTL < 0:
		return ErrRequest.With("ttl %s is below zero", r.TTL)
	case len(r.Name) > MaxText || len(r.Host) > MaxText || len(r.Purpose) > MaxText:
		return ErrRequest.With("name, purpose or host has more than %d bytes", MaxText)
	case r.Exact && r.Port == 0:
		return ErrRequest.With("exact, but no port is named")
	}
	return nil
}

func (t *Table) allocate(now time.Time, id event.ID, r event.PortRequest) (event.Payload, bool, error) {
	if r.LeaseID.IsZero() {
		r.LeaseID = id // the same event twice is the same lease
	}
	if h := t.leases[r.LeaseID]; h != nil {
		if h.Requester != r.Requester {
			return nil, false, ErrForeign.With("lease %s", r.LeaseID)
		}
		return event.PortAllocated{Lease: h.Lease}, false, nil
	}
	if e := t.ends[r.LeaseID]; e != nil {
		return nil, false, ErrEnded.With("lease %s of port %d: %s", r.LeaseID, e.Port, e.reason)
	}
	u, err := t.o.Policy.purpose(r.Purpose)
	if err != nil {
		return nil, false, err
	}
	if err := t.limits(u, r); err != nil {
		return nil, false, err
	}
	at, err := t.choose(u, r)
	if err != nil {
		return nil, false, err
	}
	h := t.grant(now, id, at, u.granted(r.TTL), r)
	return event.PortAllocated{Lease: h.Lease}, true, nil
}

func (t *Table) limits(u Purpose, r event.PortRequest) error {
	switch {
	case len(t.leases) >= MaxLeases:
		return ErrExhausted.With("%d leases in force, limit %d", len(t.leases), MaxLeases)
	case u.Max > 0 && t.uses[r.Purpose] >= u.Max:
		return ErrExhausted.With("purpose %q has %d leases, limit %d", r.Purpose, t.uses[r.Purpose], u.Max)
	case u.PerRequester > 0 && len(t.holders[r.Requester]) >= u.PerRequester:
		return ErrExhausted.With("requester %s has %d leases, limit %d", r.Requester, len(t.holders[r.Requester]), u.PerRequester)
	}
	return nil
}

func (t *Table) grant(now time.Time, id event.ID, at place, ttl time.Duration, r event.PortRequest) *held {
	t.token++
	h := &held{last: id, Lease: event.Lease{
		LeaseID: r.LeaseID, Port: at.port, Protocol: at.protocol, Requester: r.Requester,
		Name: r.Name, Purpose: r.Purpose, Host: at.host, Token: t.token,
		AllocatedBy: t.o.By, AllocatedAt: now, RenewedAt: now, ExpiresAt: now.Add(ttl), TTL: ttl,
	}}
	t.add(h)
	t.saves.put(h.LeaseID)
	t.saves.counter = true
	return h
}

// mine returns the lease that r speaks of.
func (t *Table) mine(r event.PortRequest) (*held, error) {
	h := t.leases[r.LeaseID]
	switch {
	case h == nil && t.ends[r.LeaseID] != nil:
		return nil, ErrEnded.With("lease %s of port %d: %s", r.LeaseID, t.ends[r.LeaseID].Port, t.ends[r.LeaseID].reason)
	case h == nil:
		return nil, ErrUnknown.With("%s", r.LeaseID)
	case h.Requester != r.Requester:
		return nil, ErrForeign.With("lease %s is not held by %s", r.LeaseID, r.Requester)
	case r.Token != 0 && r.Token != h.Token:
		return nil, ErrForeign.With("lease %s has not fencing token %d", r.LeaseID, r.Token)
	}
	return h, nil
}

// renew gives a lease another TTL. Ids of requests of one holder grow: a request
// that is not newer than the last is a repetition.
func (t *Table) renew(now time.Time, id event.ID, r event.PortRequest) (event.Payload, bool, error) {
	h, err := t.mine(r)
	if err != nil {
		return nil, false, err
	}
	if bytes.Compare(id[:], h.last[:]) <= 0 {
		return event.PortRenewed{Lease: h.Lease}, false, nil
	}
	if r.TTL > 0 {
		h.TTL = Purpose{}.granted(r.TTL)
	}
	h.last, h.RenewedAt, h.ExpiresAt = id, now, now.Add(h.TTL)
	t.queue.fix(h)
	t.saves.put(h.LeaseID)
	return event.PortRenewed{Lease: h.Lease}, true, nil
}

func (t *Table) release(now time.Time, r event.PortRequest) (event.Payload, bool, error) {
	h, err := t.mine(r)
	if e := t.ends[r.LeaseID]; h == nil && e != nil && e.Requester == r.Requester {
		return event.PortReleased{Lease: e.Lease, Reason: e.reason}, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	const reason = "released"
	t.finish(now, h, reason)
	return event.PortReleased{Lease: h.Lease, Reason: reason}, true, nil
}

// stamp returns now as it is saved and sent.
func stamp(now time.Time) time.Time { return now.UTC().Truncate(time.Microsecond) }
