package lease

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/event"
)

// Keys of records: tokenKey holds the largest token given; a lease's key is
// leasePrefix and the 32 digits of its id, which no node id can be.
const (
	tokenKey    = "lease-token"
	leasePrefix = "p"
	keyLen      = len(leasePrefix) + 32
)

// unsaved bounds the tokens given and not yet saved before a crash: two batches,
// one being written and one gathered, of at most 1024 grants each.
const unsaved = 2048

// Owns reports whether a key of a store that is shared with others is one of a
// table's.
func Owns(key string) bool {
	return key == tokenKey || len(key) == keyLen && strings.HasPrefix(key, leasePrefix)
}

// Key returns the key of a lease's record.
func Key(id event.ID) string { return leasePrefix + hex.EncodeToString(id[:]) }

// A record is a saved lease, in force or ended.
type record struct {
	LeaseID     event.ID       `json:"lease_id"`
	Port        int            `json:"port"`
	Protocol    event.Protocol `json:"protocol"`
	Requester   event.ID       `json:"requester"`
	Name        string         `json:"name,omitempty"`
	Purpose     string         `json:"purpose,omitempty"`
	Host        string         `json:"host,omitempty"`
	Token       uint64         `json:"fencing_token"`
	AllocatedBy string         `json:"allocated_by,omitempty"`
	AllocatedAt time.Time      `json:"port_allocation_ts"`
	RenewedAt   time.Time      `json:"last_heartbeat_ts"`
	ExpiresAt   time.Time      `json:"expires_at"`
	TTL         int64          `json:"ttl_ms"`
	Last        event.ID       `json:"last_request"`
	EndedAt     time.Time      `json:"ended_at,omitzero"`
	Reason      string         `json:"reason,omitempty"`
}

// saves says what differs from the store.
type saves struct {
	order   []event.ID // dirty leases, the one waiting longest first
	dirty   map[event.ID]bool
	counter bool
}

func (s *saves) put(id event.ID) {
	if !s.dirty[id] {
		s.dirty[id] = true
		s.order = append(s.order, id)
	}
}

// Dirty reports whether the table differs from what was flushed.
func (t *Table) Dirty() bool { return len(t.saves.order) > 0 || t.saves.counter }

// Saved reports whether what is known of the lease has been flushed.
func (t *Table) Saved(id event.ID) bool { return !t.saves.dirty[id] }

// Flush returns what has changed since the last Flush, at most limit leases, the
// longest waiting first: records to put and keys to delete. They count as saved
// until [Table.Unsaved] says otherwise.
func (t *Table) Flush(limit int) (puts map[string][]byte, deletes []string) {
	puts = map[string][]byte{}
	n := min(limit, len(t.saves.order))
	for _, id := range t.saves.order[:n] {
		delete(t.saves.dirty, id)
		if data := t.encode(id); data != nil {
			puts[Key(id)] = data
		} else {
			deletes = append(deletes, Key(id))
		}
	}
	t.saves.order = slices.Delete(t.saves.order, 0, n)
	if t.saves.counter {
		puts[tokenKey], _ = json.Marshal(t.token) // a number
		t.saves.counter = false
	}
	return puts, deletes
}

// encode returns the record of a lease, or nil when there is nothing to know.
func (t *Table) encode(id event.ID) []byte {
	var r record
	if h := t.leases[id]; h != nil {
		r = recordOf(h.Lease)
		r.Last = h.last
	} else if e := t.ends[id]; e != nil {
		r = recordOf(e.Lease)
		r.EndedAt, r.Reason = e.at, e.reason
	} else {
		return nil
	}
	data, _ := json.Marshal(r) // texts, numbers and times of this millennium
	return data
}

func recordOf(l event.Lease) record {
	return record{
		LeaseID: l.LeaseID, Port: l.Port, Protocol: l.Protocol, Requester: l.Requester, Name: l.Name, Purpose: l.Purpose,
		Host: l.Host, Token: l.Token, AllocatedBy: l.AllocatedBy, AllocatedAt: l.AllocatedAt, RenewedAt: l.RenewedAt,
		ExpiresAt: l.ExpiresAt, TTL: l.TTL.Milliseconds(),
	}
}

func (r record) lease() event.Lease {
	return event.Lease{
		LeaseID: r.LeaseID, Port: r.Port, Protocol: r.Protocol, Requester: r.Requester, Name: r.Name, Purpose: r.Purpose,
		Host: r.Host, Token: r.Token, AllocatedBy: r.AllocatedBy, AllocatedAt: stamp(r.AllocatedAt), RenewedAt: stamp(r.RenewedAt),
		ExpiresAt: stamp(r.ExpiresAt), TTL: time.Duration(r.TTL) * time.Millisecond,
	}
}

// Unsaved says that what a Flush returned did not reach the store.
func (t *Table) Unsaved(puts map[string][]byte, deletes []string) {
	again := func(key string) {
		if id, ok := idOf(key); ok {
			t.saves.put(id)
		}
	}
	for key := range puts {
		t.saves.counter = t.saves.counter || key == tokenKey
		again(key)
	}
	for _, key := range deletes {
		again(key)
	}
}

func idOf(key string) (id event.ID, ok bool) {
	if !Owns(key) || key == tokenKey {
		return id, false
	}
	n, err := hex.Decode(id[:], []byte(key[len(leasePrefix):]))
	return id, err == nil && n == len(id)
}

// Restore fills an empty table from its records; keys that are not a table's are
// passed over. Leases in force get their full TTL from now, because their holders
// could not renew. Records that cannot be read are left out and named by the
// error, each [ErrRecord]; the table is usable all the same.
//
// Tokens that were given and not saved before a crash are skipped, which takes
// that what Flush returns now is saved before the first request is taken in, and
// that at most two batches of 1024 grants are ever unsaved.
func (t *Table) Restore(now time.Time, records map[string][]byte) error {
	var errs []error
	found := false
	for key, data := range records {
		if !Owns(key) {
			continue
		}
		found = true
		if err := t.restore(stamp(now), key, data); err != nil {
			errs = append(errs, ErrRecord.Wrap(err, "key %q", key))
		}
	}
	if found {
		t.token += unsaved
		t.saves.counter = true
	}
	slices.SortFunc(t.ended, func(a, b *end) int { return a.at.Compare(b.at) })
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func (t *Table) restore(now time.Time, key string, data []byte) error {
	if key == tokenKey {
		var n uint64
		err := json.Unmarshal(data, &n)
		t.token = max(t.token, n)
		return err
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	t.token = max(t.token, r.Token)
	l := r.lease()
	switch {
	case Key(l.LeaseID) != key:
		return errors.New("it is the record of " + l.LeaseID.String())
	case l.Port < 1 || l.Port > 65535 || l.Requester.IsZero() || l.Token == 0 || l.TTL < MinTTL || l.TTL > MaxTTL:
		return errors.New("port, requester, token or ttl is missing or out of bounds")
	case !r.EndedAt.IsZero():
		t.remember(&end{l, r.Reason, stamp(r.EndedAt)})
		return nil
	}
	h := &held{Lease: l, last: r.Last}
	if other := t.places[placeOf(h)]; other != nil {
		return errors.New("port is leased as " + other.LeaseID.String())
	}
	h.ExpiresAt = now.Add(h.TTL)
	t.add(h)
	return nil
}

// Inherit takes over leases that another registry has given. They get their full TTL
// from now; what is known of their ports from before is over. Tokens that were given
// and not heard of are skipped, as by [Table.Restore].
func (t *Table) Inherit(now time.Time, leases []event.Lease) {
	now = stamp(now)
	slices.SortFunc(leases, func(a, b event.Lease) int { return cmp.Compare(a.Token, b.Token) })
	for _, l := range leases {
		l.ExpiresAt = now.Add(l.TTL)
		t.token = max(t.token, l.Token)
		h := &held{Lease: l}
		old := t.places[placeOf(h)]
		switch {
		case t.ends[l.LeaseID] != nil:
			continue
		case old != nil && old.LeaseID == l.LeaseID:
			old.Lease = l
			t.queue.fix(old)
		case old != nil:
			t.finish(now, old, "another registry led meanwhile")
			t.add(h)
		default:
			t.add(h)
		}
		t.saves.put(l.LeaseID)
	}
	t.token += unsaved
	t.saves.counter = true
}
