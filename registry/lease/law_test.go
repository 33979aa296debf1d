package lease_test

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/registry/lease"
)

// A machine does to a table what holders and time do, and remembers what must
// hold whatever happens.
type machine struct {
	t     *lease.Table
	now   time.Time
	store map[string][]byte
	ids   int

	token   uint64                   // the largest that was given
	granted map[event.ID]event.Lease // every lease that ever was
	asked   []event.PortRequest
	at      []event.ID
}

func (m *machine) newID() event.ID { m.ids++; return id(m.ids) }

// do sends r twice, and an old request again; repetition must change nothing.
func (m *machine) do(t *rapid.T, e event.ID, r event.PortRequest) {
	before := m.t.List(0, lease.MaxLeases)
	answer, changed, err := m.t.Request(m.now, e, r)
	after := m.t.List(0, lease.MaxLeases)
	if (err != nil || !changed) && !cmp.Equal(before, after) {
		t.Fatalf("%+v changed the table, but says %t, %v", r, changed, err)
	}
	if p, ok := answer.(event.PortAllocated); ok && changed {
		if p.Token <= m.token {
			t.Fatalf("token %d after %d", p.Token, m.token)
		}
		m.token = p.Token
		m.granted[p.LeaseID] = p.Lease
	}
	if _, changed, _ := m.t.Request(m.now.Add(time.Millisecond), e, r); changed || !cmp.Equal(after, m.t.List(0, lease.MaxLeases)) {
		t.Fatalf("%+v changed the table a second time", r)
	}
	m.asked, m.at = append(m.asked, r), append(m.at, e)
}

func (m *machine) drawLease(t *rapid.T) event.Lease {
	if len(m.granted) == 0 {
		return event.Lease{LeaseID: id(1 << 20), Requester: id(1 << 20)}
	}
	keys := rapid.SampledFrom(keysOf(m.granted)).Draw(t, "lease")
	return m.granted[keys]
}

func keysOf(leases map[event.ID]event.Lease) []event.ID {
	out := make([]event.ID, 0, len(leases))
	for n := 1; len(out) < len(leases); n++ {
		if _, ok := leases[id(n)]; ok {
			out = append(out, id(n))
		}
	}
	return out
}

func (m *machine) allocate(t *rapid.T) {
	e := m.newID()
	m.do(t, e, event.PortRequest{
		Action: event.PortAllocate, LeaseID: e, Requester: id(1<<21 + rapid.IntRange(1, 3).Draw(t, "requester")),
		Port: rapid.SampledFrom([]int{0, 0, 50, 53}).Draw(t, "port"),
		TTL:  rapid.SampledFrom([]time.Duration{0, time.Second, time.Hour}).Draw(t, "ttl"),
	})
}

func (m *machine) renew(t *rapid.T) {
	l := m.drawLease(t)
	m.do(t, m.newID(), event.PortRequest{Action: event.PortRenew, LeaseID: l.LeaseID, Requester: l.Requester, Token: l.Token})
}

func (m *machine) release(t *rapid.T) {
	l := m.drawLease(t)
	m.do(t, m.newID(), event.PortRequest{Action: event.PortRelease, LeaseID: l.LeaseID, Requester: l.Requester})
}

// late delivers a request of long ago again.
func (m *machine) late(t *rapid.T) {
	if len(m.asked) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.asked)-1).Draw(t, "request")
	before := m.t.List(0, lease.MaxLeases)
	_, changed, err := m.t.Request(m.now, m.at[i], m.asked[i])
	if same := cmp.Equal(before, m.t.List(0, lease.MaxLeases)); !same && m.granted[m.asked[i].LeaseID].Token != 0 {
		t.Fatalf("%+v, which is late, changed the table: %t, %v", m.asked[i], changed, err)
	} else if !same { // it was refused before, and could be granted now
		l, _ := m.t.Lease(m.asked[i].LeaseID)
		m.token, m.granted[l.LeaseID] = l.Token, l
	}
}

func (m *machine) gone(t *rapid.T) { m.t.Gone(m.now, m.drawLease(t).Requester, "died") }

// expire lets time pass, first to just before something is due. Ends are not
// remembered for ever, so the model never waits that long.
func (m *machine) expire(t *rapid.T) {
	if next, ok := m.t.NextDeadline(); ok && next.After(m.now) {
		if out := m.t.Expire(next.Add(-time.Microsecond)); len(out) != 0 {
			t.Fatalf("expired before its time: %+v", out)
		}
	}
	if m.now.Sub(noon) > lease.Keep/2 {
		return
	}
	m.now = m.now.Add(rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, 20 * time.Second}).Draw(t, "time"))
	for _, p := range m.t.Expire(m.now) {
		if p.ExpiresAt.After(m.now) {
			t.Fatalf("%+v expired at %s", p, m.now)
		}
	}
}

func (m *machine) save(*rapid.T) {
	for m.t.Dirty() {
		puts, deletes := m.t.Flush(2)
		maps.Copy(m.store, puts)
		for _, key := range deletes {
			delete(m.store, key)
		}
	}
}

// restart loses nothing that was saved.
func (m *machine) restart(t *rapid.T) {
	m.save(t)
	before := m.t.List(0, lease.MaxLeases)
	m.t = table53(t)
	if err := m.t.Restore(m.now, m.store); err != nil {
		t.Fatal(err)
	}
	m.save(t)
	for i := range before {
		before[i].ExpiresAt = m.now.Add(before[i].TTL)
	}
	if diff := cmp.Diff(before, m.t.List(0, lease.MaxLeases)); diff != "" {
		t.Fatalf("the restart changed a lease:\n%s", diff)
	}
}

// fail takes back what was flushed.
func (m *machine) fail(*rapid.T) {
	puts, deletes := m.t.Flush(3)
	m.t.Unsaved(puts, deletes)
}

func table53(t *rapid.T) *lease.Table {
	table, err := lease.NewTable(&lease.Options{Policy: policy(50, 53)})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// check holds after every step.
func (m *machine) check(t *rapid.T) {
	ports := map[int]bool{}
	leases := m.t.List(0, lease.MaxLeases)
	for _, l := range leases {
		if ports[l.Port] {
			t.Fatalf("port %d is leased twice: %+v", l.Port, leases)
		}
		ports[l.Port] = true
	}
	if m.t.Len() != len(leases) {
		t.Fatalf("%d leases, and %d listed", m.t.Len(), len(leases))
	}
	if next, ok := m.t.NextDeadline(); len(leases) > 0 && (!ok || next.IsZero()) {
		t.Fatal("leases without a deadline")
	}
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{t: table53(t), now: noon, store: map[string][]byte{}, granted: map[event.ID]event.Lease{}}
		t.Repeat(map[string]func(*rapid.T){
			"allocate": m.allocate, "allocate more": m.allocate, "renew": m.renew, "release": m.release, "late": m.late,
			"gone": m.gone, "expire": m.expire, "save": m.save, "restart": m.restart, "fail": m.fail, "": m.check,
		})
	})
}

func TestRestoreNamesWhatItCannotRead(t *testing.T) {
	table := newTable(t, nil)
	_, _, _ = table.Request(noon, id(1), event.PortRequest{Action: event.PortAllocate, Requester: id(7)})
	puts, _ := table.Flush(10)
	key := lease.Key(id(1))
	if puts[key] == nil || !lease.Owns(key) || lease.Owns("5a0f2e7c-9d1b-4c3e-8f60-112233445566") {
		t.Fatalf("records: %v", puts)
	}
	puts[lease.Key(id(2))] = puts[key]
	puts[lease.Key(id(3))] = []byte("{")
	again := newTable(t, nil)
	err := again.Restore(noon, puts)
	if err == nil || again.Len() != 1 {
		t.Errorf("%d leases, error %v", again.Len(), err)
	}
}

func FuzzRestore(f *testing.F) {
	table := newTable(f, nil)
	_, _, _ = table.Request(noon, id(1), event.PortRequest{Action: event.PortAllocate, Requester: id(7), Name: "web"})
	puts, _ := table.Flush(10)
	f.Add(lease.Key(id(1)), puts[lease.Key(id(1))])
	f.Add("lease-token", []byte("7"))
	f.Fuzz(func(t *testing.T, key string, data []byte) {
		table := newTable(t, nil)
		_ = table.Restore(noon, map[string][]byte{key: data})
		for _, l := range table.List(0, 2) {
			if _, _, err := table.Request(noon, id(9), event.PortRequest{Action: event.PortRenew, LeaseID: l.LeaseID, Requester: l.Requester}); err != nil {
				t.Errorf("a restored lease cannot be renewed: %v", err)
			}
		}
		table.Expire(noon.Add(lease.MaxTTL))
		table.Flush(10)
	})
}
