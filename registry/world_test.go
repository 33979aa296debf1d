package registry_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// A shelf is a store in memory that can be made to fail or to wait.
type shelf struct {
	mu      sync.Mutex
	records map[string][]byte
	saves   int
	err     error
	wait    time.Duration
}

func (s *shelf) Load(context.Context) (map[string][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.records), s.err
}

func (s *shelf) Save(_ context.Context, puts map[string][]byte, deletes []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wait > 0 {
		time.Sleep(s.wait) // of the bubble
	}
	if s.err != nil {
		return s.err
	}
	if s.records == nil {
		s.records = map[string][]byte{}
	}
	maps.Copy(s.records, puts)
	for _, key := range deletes {
		delete(s.records, key)
	}
	s.saves++
	return nil
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// hospital lets tests end processes.
type hospital struct {
	mu   sync.Mutex
	gone map[event.Process]func()
}

func (h *hospital) Watch(p event.Process, gone func()) (func(), error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p.Host != "here" {
		return nil, errors.New("elsewhere")
	}
	if h.gone == nil {
		h.gone = map[event.Process]func(){}
	}
	h.gone[p] = gone
	return func() { h.mu.Lock(); defer h.mu.Unlock(); delete(h.gone, p) }, nil
}

func (h *hospital) kill(p event.Process) {
	h.mu.Lock()
	gone := h.gone[p]
	h.mu.Unlock()
	if gone != nil {
		gone()
	}
}

// A world is a bus with a registry on it.
type world struct {
	t       testing.TB
	ctx     context.Context
	bus     *bus.Memory
	client  *registry.Client
	verdict bus.Subscription // of the registry, on nodes
	stop    func() error     // the registry
}

func newWorld(t testing.TB, o *registry.Options) *world {
	t.Helper()
	return newWorldOn(t, bus.NewMemory(nil), o)
}

func newWorldOn(t testing.TB, b *bus.Memory, o *registry.Options) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), bus: b}
	w.serve(o)
	var err error
	if w.client, err = registry.NewClient(w.ctx, w.bus, nil); err != nil {
		t.Fatal(err)
	}
	if w.verdict, err = w.bus.Subscribe(w.ctx, "*.registry", &bus.Options{Queue: bus.MaxQueue}); err != nil {
		t.Fatal(err)
	}
	return w
}

// serve starts a registry and waits until it listens.
func (w *world) serve(o *registry.Options) {
	w.t.Helper()
	c := registry.Options{Log: quiet}
	if o != nil {
		c = *o
		c.Log = quiet
	}
	ready, done := make(chan struct{}), make(chan error, 1)
	c.Ready = func() { close(ready) }
	ctx, cancel := context.WithCancel(w.ctx)
	go func() { done <- registry.Serve(ctx, w.bus, &c) }()
	select {
	case <-ready:
	case err := <-done:
		w.t.Fatal(err)
	}
	w.stop = sync.OnceValue(func() error { cancel(); return <-done })
}

func (w *world) close() {
	w.t.Helper()
	if err := w.stop(); err != nil {
		w.t.Errorf("Serve: %v", err)
	}
	_ = w.client.Close()
	_ = w.bus.Close(context.Background())
}

func (w *world) publish(p event.Payload, from node.Name, id node.ID) event.Event {
	w.t.Helper()
	e := event.New(string(id), p, event.ID{})
	if _, err := w.bus.Publish(w.ctx, event.NewSubject(p.Kind(), from), e); err != nil {
		w.t.Fatal(err)
	}
	return e
}

// listen returns what is directed to one receiver.
func (w *world) listen(to node.ID) bus.Subscription {
	w.t.Helper()
	sub, err := w.bus.Subscribe(w.ctx, event.FilterTo(string(to)), &bus.Options{Queue: bus.MaxQueue})
	if err != nil {
		w.t.Fatal(err)
	}
	return sub
}

// next returns the next event of a subscription that is not the registry's own beat.
func (w *world) next(sub bus.Subscription) event.Event {
	w.t.Helper()
	for {
		d, err := sub.Next(w.ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		if d.Event.Kind() != event.KindNodeHeartbeat {
			return d.Event
		}
	}
}

// join announces a node and returns its incarnation.
func (w *world) join(a event.NodeAnnounce) node.Incarnation {
	w.t.Helper()
	sub := w.listen(a.NodeID)
	defer sub.Close()
	request := w.publish(a, a.Manifest.Name, a.NodeID)
	e := w.next(sub)
	p, ok := e.Payload.(event.NodeAnnounceAccepted)
	if !ok || e.Causation != request.ID || e.Correlation != request.Correlation {
		w.t.Fatalf("answer to the announcement: %+v", e)
	}
	return p.Incarnation
}

func (w *world) beat(n int, i node.Incarnation) {
	w.publish(event.NodeHeartbeat{NodeID: id(n), Incarnation: i}, "greeter", id(n))
}

func (w *world) wantStatus(n int, want node.Status) event.NodeEntry {
	w.t.Helper()
	e, err := w.client.Node(w.ctx, string(id(n)), true)
	if err != nil || e.Status != want {
		w.t.Errorf("node %d is %q, want %q (%v)", n, e.Status, want, err)
	}
	return e
}

func (w *world) wantProviders(want int) {
	w.t.Helper()
	tools, err := w.client.Tools(w.ctx, "greet")
	if err != nil || len(tools) != 1 || len(tools[0].Providers) != want {
		w.t.Errorf("greet is offered by %+v, want %d (%v)", tools, want, err)
	}
}

func (w *world) wantVerdict(want event.Payload) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.next(w.verdict).Payload); diff != "" {
		w.t.Errorf("verdict (-want +got):\n%s", diff)
	}
}
