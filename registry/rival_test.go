package registry_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// A candidate is a registry that leads or stands by.
type candidate struct {
	stop func() error
	log  *text
}

// A text is a log that may be read while it is written.
type text struct {
	mu sync.Mutex
	b  strings.Builder
}

func (t *text) Write(p []byte) (int, error) { t.mu.Lock(); defer t.mu.Unlock(); return t.b.Write(p) }
func (t *text) String() string              { t.mu.Lock(); defer t.mu.Unlock(); return t.b.String() }

// candidateOn starts a registry on b and waits until nodes can announce themselves.
func candidateOn(t *testing.T, b bus.Bus, o registry.Options) candidate {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	c := candidate{log: &text{}}
	o.Log, o.Ready = slog.New(slog.NewTextHandler(c.log, nil)), func() { close(ready) }
	go func() { done <- registry.Serve(ctx, b, &o) }()
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	c.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { cancel() })
	return c
}

// leads returns the registry that answers.
func (w *world) leads() string {
	w.t.Helper()
	caller, err := bus.NewCaller(w.ctx, w.bus, "asker")
	if err != nil {
		w.t.Fatal(err)
	}
	defer caller.Close()
	ctx, cancel := context.WithTimeout(w.ctx, time.Second)
	defer cancel()
	q := event.NodeDiscoveryRequest{}
	e, err := caller.Do(ctx, event.NewSubject(q.Kind(), "asker"), event.New("asker", q, event.ID{}))
	if err != nil {
		return ""
	}
	return e.Payload.(event.NodeDiscoveryResponse).RegistryID
}

// TestASecondRegistryStandsBy, and leads when the first says goodbye.
func TestASecondRegistryStandsBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &registry.Options{ID: "a"})
		defer w.close()
		old := &shelf{}
		if err := old.Save(t.Context(), saved(t, greeter(7)), nil); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		b := candidateOn(t, w.bus, registry.Options{ID: "b", Store: old})
		defer b.stop()
		if d := time.Since(begin); d > 100*time.Millisecond {
			t.Errorf("it took %s to stand by", d)
		}
		synctest.Wait() // b has what it wanted to know of a
		if i := w.join(greeter(1)); i != 1 || w.leads() != "a" {
			t.Errorf("incarnation %d from %s", i, w.leads())
		}
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		if w.leads() != "b" {
			t.Fatalf("%q leads", w.leads())
		}
		// The node beats, is asked to announce itself, and lives on in a new life;
		// what b knew long ago is not believed.
		asked := w.listen(id(1))
		w.beat(1, 1)
		if e := w.next(asked); e.Kind() != event.KindNodeDiscoveryRequest {
			t.Errorf("asked with a %s", e.Kind())
		}
		a := greeter(1)
		a.Incarnation = 1
		if i := w.join(a); i <= 1 {
			t.Errorf("incarnation %d", i)
		}
		nodes, err := w.client.Nodes(w.ctx, event.NodeDiscoveryRequest{})
		if err != nil || len(nodes) != 1 || nodes[0].NodeID != id(1) {
			t.Errorf("nodes %+v, %v", nodes, err)
		}
	})
}

func saved(t *testing.T, a event.NodeAnnounce) map[string][]byte {
	s, store := registry.NewState(nil), map[string][]byte{}
	mustAnnounce(t, s, time.Now(), a)
	flush(t, s, store)
	return store
}

// A severed bus takes what is published and carries it nowhere.
type severed struct {
	bus.Bus
	cut atomic.Bool
}

func (s *severed) Publish(ctx context.Context, to event.Subject, e event.Event) (bus.Receipt, error) {
	if s.cut.Load() {
		return bus.Receipt{}, nil
	}
	return s.Bus.Publish(ctx, to, e)
}

// One that is not heard any more is missed after some silence. Of many who stand by,
// one leads then, and there is no fight; nor is there when the first is heard again.
func TestSuccession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &registry.Options{ID: "z"})
		defer w.close()
		line := &severed{Bus: w.bus}
		all := []candidate{}
		for _, o := range []struct {
			id  string
			bus bus.Bus
		}{{"a", line}, {"b", w.bus}, {"c", w.bus}, {"d", w.bus}} {
			all = append(all, candidateOn(t, o.bus, registry.Options{ID: o.id}))
		}
		steady := func(among string) string {
			t.Helper()
			first := w.leads()
			for range 20 {
				if now := w.leads(); now == "" || now != first || !strings.Contains(among, now) {
					t.Fatalf("%q leads after %q", now, first)
				}
				time.Sleep(time.Second)
			}
			return first
		}
		if err := w.stop(); err != nil { // one of the others leads
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		steady("abcd")
		for _, c := range all[1:] { // until it is the one on the line
			if err := c.stop(); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(10 * time.Second)
		steady("a")
		e := candidateOn(t, w.bus, registry.Options{ID: "e"})
		line.cut.Store(true)
		time.Sleep(5 * time.Second)
		steady("e")
		line.cut.Store(false)
		time.Sleep(2 * time.Second)
		steady("a")
		for _, c := range []candidate{e, all[0]} {
			if err := c.stop(); err != nil {
				t.Error(err)
			}
		}
	})
}

// Two that could not hear each other both lead; when they can, the older goes on.
func TestTheOlderGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &registry.Options{ID: "m"})
		defer w.close()
		beat := func(id string) {
			p := event.NodeHeartbeat{NodeID: node.ID(id)}
			w.publish(p, "registry", node.ID(id))
			synctest.Wait()
		}
		beat("younger-z")
		if w.leads() != "m" {
			t.Errorf("%q leads", w.leads())
		}
		for range 5 {
			beat("elder") // goes on leading elsewhere
			time.Sleep(time.Second)
		}
		if got := w.leads(); got != "" {
			t.Errorf("%q leads beside its elder", got)
		}
		time.Sleep(5 * time.Second) // which is silent now
		if w.leads() != "m" {
			t.Errorf("%q leads", w.leads())
		}
	})
}

func TestStartIsNotHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld(t, nil)
		defer w.close()
		if d := time.Since(begin); d > 100*time.Millisecond {
			t.Errorf("the start took %s", d)
		}
	})
}

// The registry's own name is nobody else's.
func TestTheNameOfTheRegistryIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		sub := w.listen(id(1))
		w.publish(announcement(1, registry.DefaultName), registry.DefaultName, id(1))
		if p, ok := w.next(sub).Payload.(event.NodeAnnounceRejected); !ok || !strings.Contains(p.Reason, `node name "registry" is the registry's`) {
			t.Errorf("%+v", p)
		}
	})
}

// TestHoldersKeepTheirPortsWhenAnotherTakesOver: those leased before it stood by, and
// after; not those given back. Fencing tokens only grow.
func TestHoldersKeepTheirPortsWhenAnotherTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &registry.Options{ID: "a"})
		defer w.close()
		lease := func(name string) event.Lease {
			t.Helper()
			l, err := w.client.Lease(w.ctx, registry.PortWish{Name: name})
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		before := lease("before")
		b := candidateOn(t, w.bus, registry.Options{ID: "b"})
		defer b.stop()
		time.Sleep(time.Second)
		after, returned := lease("after"), lease("returned")
		if err := w.client.Release(w.ctx, returned); err != nil {
			t.Fatal(err)
		}
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if w.leads() != "b" {
			t.Fatalf("%q leads", w.leads())
		}
		for _, l := range []event.Lease{before, after} {
			if r, err := w.client.Renew(w.ctx, l, 0); err != nil || r.Port != l.Port || r.Token != l.Token {
				t.Errorf("%s: %+v, %v", l.Name, r, err)
			}
		}
		if _, err := w.client.Renew(w.ctx, returned, 0); err == nil {
			t.Error("a port that was given back is held")
		}
		if l := lease("new"); l.Token <= returned.Token || l.Port == before.Port || l.Port == after.Port {
			t.Errorf("a new lease %+v", l)
		}
	})
}
