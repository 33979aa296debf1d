package lease_test

import (
	"encoding/binary"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/registry/lease"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// id returns an id that grows with n, as those of one process do.
func id(n int) event.ID {
	var out event.ID
	binary.BigEndian.PutUint64(out[8:], uint64(n))
	return out
}

func newTable(t testing.TB, o *lease.Options) *lease.Table {
	t.Helper()
	table, err := lease.NewTable(o)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func policy(first, last int) lease.Policy {
	return lease.Policy{Default: lease.Purpose{Range: lease.Range{First: first, Last: last}}}
}

func TestRequestsInOrder(t *testing.T) {
	// Requester 1 and 2; the ids of leases are 100 and up.
	allocate := func(who, l, port int) event.PortRequest {
		return event.PortRequest{Action: event.PortAllocate, Requester: id(who), LeaseID: id(l), Port: port}
	}
	exact := func(r event.PortRequest) event.PortRequest { r.Exact = true; return r }
	renew := func(who, l int, token uint64) event.PortRequest {
		return event.PortRequest{Action: event.PortRenew, Requester: id(who), LeaseID: id(l), Token: token}
	}
	release := func(who, l int) event.PortRequest {
		return event.PortRequest{Action: event.PortRelease, Requester: id(who), LeaseID: id(l)}
	}
	table := newTable(t, &lease.Options{Policy: lease.Policy{
		Default:  lease.Purpose{Range: lease.Range{First: 20, Last: 22}},
		Purposes: map[string]lease.Purpose{"one": {Max: 1}, "each": {PerRequester: 1, Range: lease.Range{First: 30, Last: 39}}},
	}, Free: func(_ event.Protocol, port int) bool { return port != 21 }})
	now := noon
	for i, tt := range []struct {
		why   string
		after time.Duration
		do    event.PortRequest
		kind  event.Kind
		port  int
		err   error
	}{
		{why: "the first of the range", do: allocate(1, 100, 0), kind: event.KindPortAllocated, port: 20},
		{why: "again: the same lease", do: allocate(1, 100, 0), kind: event.KindPortAllocated, port: 20},
		{why: "its id is taken", do: allocate(2, 100, 0), err: lease.ErrForeign},
		{why: "a program without a lease has 21", do: allocate(2, 101, 0), kind: event.KindPortAllocated, port: 22},
		{why: "nothing is left", do: allocate(2, 102, 0), err: lease.ErrExhausted},
		{why: "exactly a leased one", do: exact(allocate(2, 103, 20)), err: lease.ErrBusy},
		{why: "exactly a used one", do: exact(allocate(2, 103, 21)), err: lease.ErrBusy},
		{why: "outside the range", do: allocate(2, 103, 99), err: lease.ErrRequest},
		{why: "the other protocol has its own ports", do: event.PortRequest{Action: event.PortAllocate, Requester: id(1), LeaseID: id(104), Port: 20, Protocol: event.UDP}, kind: event.KindPortAllocated, port: 20},
		{why: "and so has another machine", do: event.PortRequest{Action: event.PortAllocate, Requester: id(1), LeaseID: id(105), Port: 21, Host: "elsewhere"}, kind: event.KindPortAllocated, port: 21},
		{why: "no such purpose", do: event.PortRequest{Action: event.PortAllocate, Requester: id(1), Purpose: "none"}, err: lease.ErrRequest},
		{why: "a negative ttl", do: event.PortRequest{Action: event.PortAllocate, Requester: id(1), TTL: -1}, err: lease.ErrRequest},
		{why: "nobody", do: event.PortRequest{Action: event.PortAllocate}, err: lease.ErrRequest},
		{why: "exactly nothing", do: event.PortRequest{Action: event.PortAllocate, Requester: id(1), Exact: true}, err: lease.ErrRequest},
		{why: "an unknown action", do: event.PortRequest{Action: "steal", Requester: id(1)}, err: lease.ErrRequest},
		{why: "a purpose with a range of its own", do: event.PortRequest{Action: event.PortAllocate, Requester: id(2), LeaseID: id(110), Purpose: "each"}, err: lease.ErrExhausted},
		{why: "for somebody who has none", do: event.PortRequest{Action: event.PortAllocate, Requester: id(3), LeaseID: id(111), Purpose: "each"}, kind: event.KindPortAllocated, port: 30},

		{why: "renewed", after: 50 * time.Second, do: renew(1, 100, 1), kind: event.KindPortRenewed, port: 20},
		{why: "by another", do: renew(2, 100, 1), err: lease.ErrForeign},
		{why: "with an old token", do: renew(1, 100, 7), err: lease.ErrForeign},
		{why: "no such lease", do: renew(1, 999, 0), err: lease.ErrUnknown},
		{why: "it expired", after: 20 * time.Second, do: renew(2, 101, 0), err: lease.ErrEnded},
		{why: "its port is free again", do: exact(allocate(2, 120, 22)), kind: event.KindPortAllocated, port: 22},
		{why: "an old request does not bring it back", do: allocate(2, 101, 0), err: lease.ErrEnded},
		{why: "what was renewed is in force", do: renew(1, 100, 1), kind: event.KindPortRenewed, port: 20},
		{why: "released", do: release(1, 100), kind: event.KindPortReleased, port: 20},
		{why: "released again", do: release(1, 100), kind: event.KindPortReleased, port: 20},
		{why: "by another", do: release(2, 120), kind: event.KindPortReleased, port: 22},
		{why: "another's", do: release(1, 120), err: lease.ErrEnded},
		{why: "forgotten after a while", after: lease.Keep + time.Second, do: release(1, 100), err: lease.ErrUnknown},
	} {
		now = now.Add(tt.after)
		table.Expire(now)
		answer, _, err := table.Request(now, id(1000+i), tt.do)
		if !errors.Is(err, tt.err) {
			t.Fatalf("%d %s: error %v, want %v", i, tt.why, err, tt.err)
		}
		if err != nil {
			continue
		}
		if got := leaseOf(answer); answer.Kind() != tt.kind || got.Port != tt.port {
			t.Fatalf("%d %s: got %s of %d, want %s of %d", i, tt.why, answer.Kind(), got.Port, tt.kind, tt.port)
		}
	}
}

func leaseOf(p event.Payload) event.Lease {
	switch p := p.(type) {
	case event.PortAllocated:
		return p.Lease
	case event.PortRenewed:
		return p.Lease
	case event.PortReleased:
		return p.Lease
	}
	return event.Lease{}
}

func TestPurposeLimits(t *testing.T) {
	table := newTable(t, &lease.Options{Policy: lease.Policy{Purposes: map[string]lease.Purpose{"few": {Max: 2, TTL: 5 * time.Second}}}})
	ask := func(n int, ttl time.Duration) (event.Lease, error) {
		p, _, err := table.Request(noon, id(n), event.PortRequest{Action: event.PortAllocate, Requester: id(1), Purpose: "few", TTL: ttl})
		return leaseOf(p), err
	}
	first, err := ask(1, 0)
	if err != nil || first.TTL != 5*time.Second || first.Port != lease.DefaultRange().First {
		t.Errorf("got %+v, %v", first, err)
	}
	if second, err := ask(2, time.Nanosecond); err != nil || second.TTL != lease.MinTTL {
		t.Errorf("got %+v, %v", second, err)
	}
	if _, err := ask(3, 0); !errors.Is(err, lease.ErrExhausted) {
		t.Errorf("the third: %v", err)
	}
}

func TestGoneGivesEverythingBack(t *testing.T) {
	table := newTable(t, nil)
	for n := range 3 {
		if _, _, err := table.Request(noon, id(n+1), event.PortRequest{Action: event.PortAllocate, Requester: id(7)}); err != nil {
			t.Fatal(err)
		}
	}
	out := table.Gone(noon, id(7), "it died")
	if len(out) != 3 || out[0].Token != 1 || out[2].Token != 3 || out[0].Reason != "it died" || table.Len() != 0 {
		t.Errorf("got %+v", out)
	}
	if again := table.Gone(noon, id(7), "it died"); len(again) != 0 {
		t.Errorf("again: %+v", again)
	}
}

func TestForgive(t *testing.T) {
	table := newTable(t, nil)
	_, _, _ = table.Request(noon, id(1), event.PortRequest{Action: event.PortAllocate, Requester: id(7)})
	table.Forgive(time.Hour)
	next, ok := table.NextDeadline()
	if want := noon.Add(time.Hour + lease.DefaultTTL); !ok || !next.Equal(want) {
		t.Errorf("next deadline %s, want %s", next, want)
	}
}

func TestPolicyIsChecked(t *testing.T) {
	for name, p := range map[string]lease.Policy{
		"range":   policy(5, 4),
		"ports":   policy(60000, 70000),
		"ttl":     {Default: lease.Purpose{TTL: -1}},
		"max":     {Purposes: map[string]lease.Purpose{"x": {Max: -1}}},
		"no name": {Purposes: map[string]lease.Purpose{"": {}}},
	} {
		if _, err := lease.NewTable(&lease.Options{Policy: p}); !errors.Is(err, lease.ErrPolicy) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseRange(t *testing.T) {
	for in, want := range map[string]lease.Range{"20000-29999": lease.DefaultRange(), " 1 - 2 ": {First: 1, Last: 2}, "80": {First: 80, Last: 80}} {
		if got, err := lease.ParseRange(in); err != nil || got != want {
			t.Errorf("%q: got %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "a-b", "5-4", "0-3", "1-65536", "-1", "1-2-3"} {
		if got, err := lease.ParseRange(in); !errors.Is(err, lease.ErrPolicy) {
			t.Errorf("%q: got %v, %v", in, got, err)
		}
	}
}

func TestFreeAsksTheMachine(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if lease.Free(event.TCP, port) {
		t.Error("a port that somebody listens on is free")
	}
	_ = l.Close()
	if !lease.Free(event.TCP, port) {
		t.Error("a port that nobody listens on is not free")
	}
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if lease.Free(event.UDP, c.LocalAddr().(*net.UDPAddr).Port) {
		t.Error("a UDP port in use is free")
	}
}

func TestListComesInPages(t *testing.T) {
	table := newTable(t, nil)
	for n := range 5 {
		_, _, _ = table.Request(noon, id(n+1), event.PortRequest{Action: event.PortAllocate, Requester: id(7)})
	}
	var tokens []uint64
	for after := uint64(0); ; {
		page := table.List(after, 2)
		if len(page) == 0 {
			break
		}
		for _, l := range page {
			tokens = append(tokens, l.Token)
		}
		after = tokens[len(tokens)-1]
	}
	if diff := cmp.Diff([]uint64{1, 2, 3, 4, 5}, tokens); diff != "" {
		t.Error(diff)
	}
}
