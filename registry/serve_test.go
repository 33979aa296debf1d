package registry_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServeAcceptsAfterSaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		w := newWorld(t, &registry.Options{Store: store})
		defer w.close()
		store.fail(errors.New("disk full"))
		sub := w.listen(id(1))
		w.publish(greeter(1), "greeter", id(1))
		synctest.Wait()
		time.Sleep(time.Second)
		w.publish(greeter(1), "greeter", id(1)) // as a host does that hears nothing
		store.fail(nil)
		if got := w.next(sub).Kind(); got != event.KindNodeAnnounceAccepted {
			t.Errorf("got %s", got)
		}
		if store.records[string(id(1))] == nil {
			t.Error("accepted before it was saved")
		}
	})
}

func TestServeRejectsWithAReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		w.join(greeter(1))
		thief := announcement(1, "thief")
		for _, tt := range []struct {
			from node.ID
			want error
		}{{id(1), registry.ErrDuplicate}, {id(2), registry.ErrAnnouncement}} {
			sub := w.listen(tt.from)
			w.publish(thief, "thief", tt.from)
			p, ok := w.next(sub).Payload.(event.NodeAnnounceRejected)
			if !ok || !errors.Is(p.Error.Err(), tt.want) || p.Reason == "" || p.NodeID != id(1) {
				t.Errorf("got %+v, want %v", p, tt.want)
			}
		}
	})
}

func TestServeNoticesSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		begin := time.Now()
		w.join(greeter(1))
		w.join(greeter(2))
		for range 10 {
			time.Sleep(time.Second)
			w.beat(2, 2)
		}
		synctest.Wait()
		e := w.wantStatus(1, node.Dead)
		if got := e.Since.Sub(begin); got != registry.DefaultTTL {
			t.Errorf("dead after %s, want %s", got, registry.DefaultTTL)
		}
		w.wantStatus(2, node.Online)
		w.wantProviders(1)
		w.wantVerdict(event.NodeSuspect{NodeID: id(1), Name: "greeter", Incarnation: 1,
			Reason: "no heartbeat for 2.5s, ttl 3s", Since: begin.Add(2500 * time.Millisecond).UTC()})
		w.wantVerdict(event.NodeDead{NodeID: id(1), Name: "greeter", Incarnation: 1,
			Reason: "no heartbeat for 3s, ttl 3s", Since: begin.Add(3 * time.Second).UTC()})
	})
}

func TestServeSeesProcessesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, store := &hospital{}, &shelf{}
		lost := make(chan node.ID)
		w := newWorld(t, &registry.Options{Processes: h, Store: store, Lost: lost})
		a, b := greeter(1), greeter(2)
		a.Process = event.Process{Host: "here", PID: 4711, Started: "1"}
		b.Process = event.Process{Host: "there", PID: 4711, Started: "1"}
		w.join(a)
		w.join(b)
		w.wantProviders(2)
		h.kill(a.Process)
		w.wantProviders(1)
		if e := w.wantStatus(1, node.Dead); e.Reason != "process 4711 ended" {
			t.Errorf("reason %q", e.Reason)
		}
		lost <- id(2)
		w.wantStatus(2, node.Suspect)

		a.Process.Started = "2"
		if i := w.join(a); i != 3 {
			t.Errorf("incarnation %d, want 3", i)
		}
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		if len(h.gone) != 0 {
			t.Errorf("watches are left: %v", h.gone)
		}
		w.serve(&registry.Options{Processes: h, Store: store}) // ended while nobody looked
		w.wantStatus(1, node.Unverified)
		h.kill(a.Process)
		w.wantStatus(1, node.Dead)
		w.close()
	})
}

func TestServeStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		w.join(greeter(1))
		w.publish(event.NodeStopped{NodeID: id(1), Incarnation: 1}, "greeter", id(2)) // not its own word
		w.publish(event.NodeHeartbeat{NodeID: id(1), Incarnation: 1}, "greeter", id(2))
		w.wantProviders(1)
		w.publish(event.NodeStopped{NodeID: id(1), Incarnation: 1, Reason: "bye"}, "greeter", id(1))
		synctest.Wait()
		w.wantProviders(0)
		w.wantStatus(1, node.Stopped)
	})
}

func TestServeSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		w := newWorld(t, &registry.Options{Store: store})
		defer w.close()
		for n := range 3 {
			w.join(greeter(n))
		}
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		w.serve(&registry.Options{Store: store})
		w.wantProviders(3)
		for range 12 {
			w.beat(0, 1)
			if i := w.join(greeter(1)); i != 2 {
				t.Fatalf("a live node got incarnation %d, want 2 as before", i)
			}
			time.Sleep(time.Second)
		}
		synctest.Wait()
		w.wantStatus(0, node.Online)
		w.wantStatus(1, node.Online)
		w.wantStatus(2, node.Dead) // no ghosts
		if i := w.join(greeter(9)); i <= 3 {
			t.Errorf("incarnation %d was given before", i)
		}
	})
}

// TestServeForgetsAfterALongAbsence: what was dead long before a restart is
// forgotten, and does not keep the registry from judging the living.
func TestServeForgetsAfterALongAbsence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		w := newWorld(t, &registry.Options{Store: store})
		defer w.close()
		w.join(greeter(1))
		w.publish(event.NodeStopped{NodeID: id(1), Name: "greeter", Incarnation: 1, Reason: "done"}, "greeter", id(1))
		synctest.Wait()
		w.wantStatus(1, node.Stopped)
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * registry.Keep)
		w.serve(&registry.Options{Store: store})
		w.join(greeter(2))
		time.Sleep(2 * registry.DefaultTTL)
		synctest.Wait()
		w.wantStatus(2, node.Dead)
		if e, err := w.client.Node(w.ctx, string(id(1)), false); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("a node that stopped long ago is still listed: %+v (%v)", e, err)
		}
	})
}

func TestServeAsksUnknownNodesToAnnounceThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		sub, nobody := w.listen(id(1)), w.listen("no_uuid")
		w.beat(1, 7)
		e := w.next(sub)
		if q, ok := e.Payload.(event.NodeDiscoveryRequest); !ok || len(q.NodeFilter) != 1 || q.NodeFilter[0] != string(id(1)) {
			t.Errorf("asked %+v", e.Payload)
		}
		w.publish(event.NodeHeartbeat{NodeID: "no_uuid"}, "greeter", "no_uuid")
		w.wantNothing(sub)
		w.wantNothing(nobody)
	})
}

func (w *world) wantNothing(sub bus.Subscription) {
	w.t.Helper()
	synctest.Wait()
	ctx, cancel := context.WithTimeout(w.ctx, time.Millisecond)
	defer cancel()
	if d, err := sub.Next(ctx); err == nil {
		w.t.Errorf("got %+v", d.Event)
	}
}

// A deaf bus carries nothing while it is cut.
type deaf struct {
	bus.Bus
	mu  sync.Mutex
	cut bool
}

func (d *deaf) Publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	d.mu.Lock()
	cut := d.cut
	d.mu.Unlock()
	if cut {
		return bus.Receipt{}, nil
	}
	return d.Bus.Publish(ctx, s, e)
}

func (d *deaf) set(cut bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut = cut
}

func TestServeDoesNotBlameNodesForItsOwnDeafness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, ctx: t.Context(), bus: bus.NewMemory(nil)}
		line := &deaf{Bus: w.bus}
		ready, done := make(chan struct{}), make(chan error, 1)
		ctx, cancel := context.WithCancel(w.ctx)
		go func() {
			done <- registry.Serve(ctx, line, &registry.Options{Log: quiet, Ready: func() { close(ready) }})
		}()
		<-ready
		w.client, _ = registry.NewClient(w.ctx, w.bus, nil)
		w.stop = func() error { cancel(); return <-done }
		defer w.close()
		w.join(greeter(1))

		line.set(true) // nobody hears anybody for ten TTLs
		time.Sleep(10 * registry.DefaultTTL)
		line.set(false)
		time.Sleep(2 * time.Second) // the node is slow to come back
		synctest.Wait()
		w.wantStatus(1, node.Online)
		w.beat(1, 1)
		time.Sleep(2 * time.Second)
		w.wantStatus(1, node.Online)
		time.Sleep(registry.DefaultTTL) // and now it is really silent
		synctest.Wait()
		w.wantStatus(1, node.Dead)
	})
}

func TestServeLosesNoBeatToASlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		w := newWorld(t, &registry.Options{Store: store})
		defer w.close()
		w.join(greeter(1))
		store.mu.Lock()
		store.wait = 20 * time.Second
		store.mu.Unlock()
		w.publish(greeter(2), "greeter", id(2)) // its save takes many TTLs
		for range 15 {
			time.Sleep(time.Second)
			w.beat(1, 1)
		}
		synctest.Wait()
		w.wantStatus(1, node.Online)
	})
}

func TestStormIsSavedInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const storm = 3000
		store := &shelf{wait: 10 * time.Millisecond}
		w := newWorld(t, &registry.Options{Store: store})
		defer w.close()
		answers, err := w.bus.Subscribe(w.ctx, "node_announce_accepted.registry.*", &bus.Options{Queue: storm})
		if err != nil {
			t.Fatal(err)
		}
		for n := range storm {
			w.publish(greeter(n), "greeter", id(n))
		}
		seen := map[node.Incarnation]bool{}
		for range storm {
			p := w.next(answers).Payload.(event.NodeAnnounceAccepted)
			if seen[p.Incarnation] {
				t.Fatalf("incarnation %d given twice", p.Incarnation)
			}
			seen[p.Incarnation] = true
		}
		if store.saves > 20 {
			t.Errorf("%d saves for %d announcements", store.saves, storm)
		}
		nodes, err := w.client.Nodes(w.ctx, event.NodeDiscoveryRequest{})
		if err != nil || len(nodes) != storm {
			t.Errorf("%d nodes listed, want %d (%v)", len(nodes), storm, err)
		}
	})
}

func TestServeFailures(t *testing.T) {
	b := bus.NewMemory(nil)
	err := registry.Serve(t.Context(), b, &registry.Options{Store: &shelf{err: errors.New("no disk")}, Log: quiet})
	if !errors.Is(err, registry.ErrLoad) || fault.ReportOf(err).Class != fault.Unavailable {
		t.Errorf("store that cannot be read: %v", err)
	}
	ready := make(chan struct{})
	done := make(chan error)
	go func() {
		done <- registry.Serve(t.Context(), b, &registry.Options{Log: quiet, Ready: func() { close(ready) }})
	}()
	<-ready
	_ = b.Close(t.Context())
	if err := <-done; !errors.Is(err, bus.ErrClosed) {
		t.Errorf("bus that closes: %v", err)
	}
	if err := registry.Serve(t.Context(), b, nil); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("bus that is closed: %v", err)
	}
}

func TestClientWithoutRegistry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory(nil)
		defer b.Close(context.Background())
		if _, err := registry.NewClient(t.Context(), closedBus(t), nil); !errors.Is(err, bus.ErrClosed) {
			t.Errorf("client on a closed bus: %v", err)
		}
		caller, err := bus.NewCaller(t.Context(), b, "me")
		if err != nil {
			t.Fatal(err)
		}
		defer caller.Close()
		c, err := registry.NewClient(t.Context(), b, &registry.ClientOptions{Caller: caller, Name: "me", Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		begin := time.Now()
		_, err = c.Tools(t.Context(), "")
		if !errors.Is(err, registry.ErrUnavailable) || time.Since(begin) != time.Second {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := c.Node(ctx, "greeter", false); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, registry.ErrUnavailable) {
			t.Errorf("the caller's own limit: %v", err)
		}
	})
}

func closedBus(t *testing.T) bus.Bus {
	b := bus.NewMemory(nil)
	_ = b.Close(t.Context())
	return b
}

func TestClientListsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		for n := range 5 {
			w.join(announcement(n, node.Name(fmt.Sprintf("node_%d", 4-n)), tool(node.ToolName(fmt.Sprintf("tool_%d", n%3)), 1)))
		}
		nodes, err := w.client.Nodes(w.ctx, event.NodeDiscoveryRequest{})
		if err != nil || len(nodes) != 5 || nodes[0].Name != "node_0" || nodes[4].Name != "node_4" {
			t.Errorf("%+v, %v", nodes, err)
		}
		tools, err := w.client.Tools(w.ctx, "")
		if err != nil || len(tools) != 3 || len(tools[0].Providers) != 2 || tools[2].Tool.Name != "tool_2" {
			t.Errorf("%+v, %v", tools, err)
		}
		if _, err := w.client.Node(w.ctx, "nobody", false); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}
