package natsbus_test

import (
	"context"
	"math"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/soon"
)

const start = event.Subject("node_start.tester")

// crowd publishes n events at once, and calls check with each and its receipt.
func crowd(t *testing.T, b bus.Bus, n int, check func(event.Event, bus.Receipt)) {
	t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range n {
		all.Go(func() {
			e := fact(i)
			r, err := b.Publish(t.Context(), start, e)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			check(e, r)
		})
	}
	all.Wait()
}

// stored returns the stream of events as a client of its own sees it.
func stored(t *testing.T, back *backend) jetstream.Stream {
	t.Helper()
	nc, err := nats.Connect("nats://127.0.0.1:1", nats.SetCustomDialer(dialer(func() (net.Conn, error) { return back.server.Load().Dial() })))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), "ONEX_EVENTS")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Whoever publishes at the same time as others gets the receipt of its own event,
// although they were stored together.
func TestGatheredEventsHaveTheirOwnReceipts(t *testing.T) {
	back := newBackend(t)
	b := back.connect()
	defer b.Close(t.Context())
	natsbus.Gather(b)
	receipts := map[uint64]event.ID{}
	crowd(t, b, 300, func(e event.Event, r bus.Receipt) {
		if r.Class != bus.Durable || r.Duplicate || r.Subscribers != -1 {
			t.Errorf("receipt %+v", r)
		}
		receipts[r.Sequence] = e.ID
	})
	s, batched := stored(t, back), 0
	for sequence, id := range receipts {
		m, err := s.GetMsg(t.Context(), sequence)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := event.Decode(m.Data); err != nil || e.ID != id || m.Header.Get(jetstream.MsgIDHeader) != id.String() {
			t.Errorf("at %d is %s, %v, the receipt is for %s", sequence, e.ID, err, id)
		}
		if m.Header.Get("Nats-Batch-Id") != "" {
			batched++
		}
	}
	if len(receipts) != 300 || batched < 150 {
		t.Errorf("%d receipts, %d events in batches", len(receipts), batched)
	}
}

// A batch with an event that is stored already is refused as a whole; nobody may
// notice.
func TestGatheredDuplicates(t *testing.T) {
	back := newBackend(t)
	b := back.connect()
	defer b.Close(t.Context())
	old := fact(-1)
	first, err := b.Publish(t.Context(), start, old)
	if err != nil {
		t.Fatal(err)
	}
	natsbus.Gather(b)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			r, err := b.Publish(t.Context(), start, old)
			if err != nil || !r.Duplicate || r.Sequence != first.Sequence {
				t.Errorf("again: %+v, %v", r, err)
			}
		})
	}
	twice := fact(-2)
	for range 2 {
		all.Go(func() {
			if _, err := b.Publish(t.Context(), start, twice); err != nil {
				t.Error(err)
			}
		})
	}
	crowd(t, b, 50, func(event.Event, bus.Receipt) {})
	all.Wait()
	if info, err := stored(t, back).Info(t.Context()); err != nil || info.State.Msgs != 52 {
		t.Errorf("%d events stored, want 52; %v", info.State.Msgs, err)
	}
}

// What was acknowledged stays, once, however the server comes and goes while it is
// written to in batches.
func TestGatheredEventsSurviveRestarts(t *testing.T) {
	back := newBackend(t)
	b := back.connect()
	defer b.Close(t.Context())
	natsbus.Gather(b)
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var mu sync.Mutex
	kept := map[event.ID]uint64{}
	for i := range 32 {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				e := fact(1000*i + n)
				r, err := bus.PublishRetrying(ctx, b, start, e, &bus.Retry{Attempts: math.MaxInt, First: time.Millisecond})
				if err == nil {
					mu.Lock()
					kept[e.ID] = r.Sequence
					mu.Unlock()
				}
			}
		})
	}
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(kept) }
	more := func() {
		before := count()
		soon.True(t, "200 more are kept", func() bool { return count() >= before+200 })
	}
	for range 3 {
		more()
		back.restart()
	}
	more()
	stop()
	all.Wait()
	s, seen := stored(t, back), map[event.ID]uint64{}
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for sequence := uint64(1); sequence <= info.State.LastSeq; sequence++ {
		m, err := s.GetMsg(t.Context(), sequence)
		if err != nil {
			t.Fatal(err)
		}
		e, err := event.Decode(m.Data)
		if err != nil {
			t.Fatal(err)
		}
		if before, twice := seen[e.ID]; twice {
			t.Errorf("%s is stored at %d and %d", e.ID, before, sequence)
		}
		seen[e.ID] = sequence
	}
	for id, sequence := range kept {
		if seen[id] != sequence {
			t.Errorf("%s was acknowledged at %d and is at %d", id, sequence, seen[id])
		}
	}
}

// Events are gathered when a server takes its time for each, and as long as that
// pays.
func TestPace(t *testing.T) {
	const ms, us = time.Millisecond, time.Microsecond
	for _, tt := range []struct {
		name string
		tell func(*natsbus.Pace)
		want bool
	}{
		{"one after the other to a slow server", func(p *natsbus.Pace) {
			for range 100 {
				p.Alone(1, ms)
			}
		}, false},
		{"few to a slow server", func(p *natsbus.Pace) { p.Alone(4, ms) }, false},
		{"many to a slow server", func(p *natsbus.Pace) { p.Alone(64, ms) }, true},
		{"many to a fast server", func(p *natsbus.Pace) { p.Alone(64, 10*us) }, false},
		{"a batch that pays", func(p *natsbus.Pace) { p.Alone(64, ms); p.Batch(64, 5*ms) }, true},
		{"a batch that does not pay", func(p *natsbus.Pace) { p.Alone(64, 100*us); p.Batch(64, 40*ms) }, false},
		{"too few for a batch to pay", func(p *natsbus.Pace) { p.Alone(64, ms); p.Batch(10, 40*ms) }, false},
		{"remembered", func(p *natsbus.Pace) { p.Alone(64, 100*us); p.Batch(64, 40*ms); p.Alone(64, 100*us) }, false},
		{"not for ever", func(p *natsbus.Pace) {
			p.Alone(64, 100*us)
			p.Batch(64, 40*ms)
			p.Pass(time.Minute)
			p.Alone(64, 100*us)
		}, true},
		{"a slow server that has become fast", func(p *natsbus.Pace) {
			p.Alone(64, ms)
			p.Batch(64, 5*ms)
			p.Pass(time.Minute)
			p.Alone(64, us)
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := natsbus.NewPace()
			tt.tell(p)
			if p.Gathers() != tt.want {
				t.Errorf("gathers: %t", p.Gathers())
			}
		})
	}
}
