package registry_test

import (
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
	"github.com/omninode-ai/onex/registry/lease"
)

func anyPort(event.Protocol, int) bool { return true }

func portOptions(store registry.Store, ports int) *registry.Options {
	return &registry.Options{Store: store, Free: anyPort, Ports: lease.Policy{Default: lease.Purpose{Range: lease.Range{First: 100, Last: 99 + ports}}}}
}

func requesterOf(t *testing.T, n node.ID) event.ID {
	t.Helper()
	out, err := event.ParseID(string(n))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) wantLeases(want int) []event.Lease {
	w.t.Helper()
	leases, err := w.client.Leases(w.ctx)
	if err != nil || len(leases) != want {
		w.t.Errorf("leases %+v, want %d (%v)", leases, want, err)
	}
	return leases
}

func TestLeaseIsGrantedAfterSaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		w := newWorld(t, portOptions(store, 3))
		defer w.close()
		store.fail(errors.New("disk full"))
		if l, err := w.client.Lease(w.ctx, registry.PortWish{}); !errors.Is(err, registry.ErrUnavailable) {
			t.Errorf("granted although nothing can be saved: %+v, %v", l, err)
		}
		store.fail(nil)
		l, err := w.client.Lease(w.ctx, registry.PortWish{Name: "web"})
		if err != nil || store.records[lease.Key(l.LeaseID)] == nil {
			t.Fatalf("got %+v, %v; records %d", l, err, len(store.records))
		}
		again, err := w.client.Renew(w.ctx, l, time.Hour)
		if err != nil || again.TTL != time.Hour || again.Token != l.Token {
			t.Errorf("renewed: %+v, %v", again, err)
		}
		if err := errors.Join(w.client.Release(w.ctx, l), w.client.Release(w.ctx, l)); err != nil {
			t.Error(err)
		}
		if _, err := w.client.Renew(w.ctx, l, 0); !errors.Is(err, lease.ErrEnded) {
			t.Errorf("renewed after the end: %v", err)
		}
	})
}

func TestLeasesAreAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, portOptions(nil, 1))
		defer w.close()
		l, err := w.client.Lease(w.ctx, registry.PortWish{TTL: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.client.Lease(w.ctx, registry.PortWish{}); !errors.Is(err, lease.ErrExhausted) {
			t.Errorf("the second: %v", err)
		}
		time.Sleep(11 * time.Second)
		allocated, expired := w.next(w.verdict).Payload, w.next(w.verdict).Payload
		if a, ok := allocated.(event.PortAllocated); !ok || a.Lease != l {
			t.Errorf("got %+v, want %+v", allocated, l)
		}
		if e, ok := expired.(event.PortExpired); !ok || e.LeaseID != l.LeaseID || e.Reason != "not renewed within 10s" {
			t.Errorf("got %+v", expired)
		}
	})
}

func TestDeathGivesPortsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, portOptions(nil, 1))
		defer w.close()
		i := w.join(greeter(1))
		if _, err := w.client.Lease(w.ctx, registry.PortWish{Requester: requesterOf(t, id(1)), TTL: time.Hour}); err != nil {
			t.Fatal(err)
		}
		w.publish(event.NodeStopped{NodeID: id(1), Incarnation: i, Reason: "done"}, "greeter", id(1))
		synctest.Wait()
		w.wantLeases(0)
	})
}

func TestLeasesSurviveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		w := newWorld(t, portOptions(store, 2))
		defer w.close()
		l, err := w.client.Lease(w.ctx, registry.PortWish{TTL: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		w.serve(portOptions(store, 2))
		if got := w.wantLeases(1); got[0].LeaseID != l.LeaseID {
			t.Errorf("got %+v", got)
		}
		next, err := w.client.Lease(w.ctx, registry.PortWish{})
		if err != nil || next.Port == l.Port || next.Token <= l.Token {
			t.Errorf("got %+v, %v", next, err)
		}
	})
}

func TestHoldRenewsUntilClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, portOptions(nil, 2))
		defer w.close()
		l, err := w.client.Lease(w.ctx, registry.PortWish{TTL: 6 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		h := w.client.Hold(l)
		time.Sleep(time.Minute)
		w.wantLeases(1)
		if h.Err() != nil || !h.Lease().ExpiresAt.After(time.Now()) {
			t.Errorf("%v, %+v", h.Err(), h.Lease())
		}
		if err := errors.Join(h.Close(), h.Close()); err != nil {
			t.Error(err)
		}
		w.wantLeases(0)
	})
}

func TestHoldSaysWhenTheLeaseIsLost(t *testing.T) {
	lost := func(t *testing.T, h *registry.Held) {
		<-h.Lost()
		if !errors.Is(h.Err(), registry.ErrPortLost) {
			t.Errorf("error %v", h.Err())
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Run("no registry", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, portOptions(nil, 2))
			defer w.close()
			l, err := w.client.Lease(w.ctx, registry.PortWish{TTL: 6 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			start, h := time.Now(), w.client.Hold(l)
			_ = w.stop()
			lost(t, h)
			if d := time.Since(start); d > l.TTL {
				t.Errorf("noticed after %s, ttl %s", d, l.TTL)
			}
		})
	})
	t.Run("ended there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, portOptions(nil, 2))
			defer w.close()
			l, err := w.client.Lease(w.ctx, registry.PortWish{TTL: 6 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			h := w.client.Hold(l)
			if err := w.client.Release(w.ctx, l); err != nil {
				t.Fatal(err)
			}
			lost(t, h)
		})
	})
}

func TestListenTakesWhatIsFree(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	first := taken.Addr().(*net.TCPAddr).Port
	o := &registry.Options{Free: anyPort, Ports: lease.Policy{Default: lease.Purpose{Range: lease.Range{First: first, Last: min(first+20, 65535)}}}}
	w := newWorld(t, o)
	defer w.close()
	l, err := w.client.Listen(w.ctx, "", registry.PortWish{Name: "web"}) // the registry does not know of the first
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Addr().(*net.TCPAddr).Port; got == first || got != l.Held.Lease().Port {
		t.Errorf("listens on %d, lease %+v", got, l.Held.Lease())
	}
	w.wantLeases(1)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	w.wantLeases(0)
	if _, err := w.client.Listen(w.ctx, "", registry.PortWish{Port: first, Exact: true}); err == nil {
		t.Error("listens on a port that is taken")
	}
}

// An operation of the history that porcupine judges: a grant or a release.
type operation struct {
	release bool
	port    int
}

// onePort is the specification of each port: it is granted to one at a time.
var onePort = porcupine.Model{
	Init: func() any { return false },
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byPort := map[int][]porcupine.Operation{}
		for _, o := range history {
			port := o.Output.(operation).port
			byPort[port] = append(byPort[port], o)
		}
		return slices.Collect(maps.Values(byPort))
	},
	Step: func(held, _, output any) (bool, any) {
		released := output.(operation).release
		return held.(bool) == released, !released
	},
}

func TestLeasesAreLinearizable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no call is too late, however slow the machine is
		w := newWorld(t, portOptions(&shelf{}, 8))
		defer w.close()
		history := leasing(t, w)
		if len(history) == 0 {
			t.Fatal("nothing was leased")
		}
		if got := porcupine.CheckOperationsTimeout(onePort, history, time.Minute); got != porcupine.Ok {
			t.Errorf("%d operations: %s", len(history), got)
		}
		twice := append(history, porcupine.Operation{Output: operation{port: history[0].Output.(operation).port}, Call: -2, Return: -1})
		if porcupine.CheckOperationsTimeout(onePort, twice, time.Minute) == porcupine.Ok {
			t.Error("a port that was leased twice is not noticed")
		}
	})
}

// leasing has many lease and release, and returns what was done, in the order of
// a clock of its own: time stands still.
func leasing(t *testing.T, w *world) (history []porcupine.Operation) {
	const holders, rounds = 16, 25
	var (
		mu    sync.Mutex
		wait  sync.WaitGroup
		clock atomic.Int64
	)
	record := func(holder int, call int64, o operation) {
		mu.Lock()
		defer mu.Unlock()
		history = append(history, porcupine.Operation{ClientId: holder, Output: o, Call: call, Return: clock.Add(1)})
	}
	for holder := range holders {
		wait.Go(func() {
			for range rounds {
				call := clock.Add(1)
				l, err := w.client.Lease(w.ctx, registry.PortWish{})
				if errors.Is(err, lease.ErrExhausted) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				record(holder, call, operation{port: l.Port})
				call = clock.Add(1)
				if err := w.client.Release(w.ctx, l); err != nil {
					t.Error(err)
					return
				}
				record(holder, call, operation{release: true, port: l.Port})
			}
		})
	}
	wait.Wait()
	return history
}
