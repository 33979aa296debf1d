package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry/claim"
)

// A world is a bus with a registry that does as the test says.
type world struct {
	t      *testing.T
	bus    *bus.Memory
	caller *bus.Caller
	keeper *claim.Keeper
	claims func(event.CallClaimRequest) event.CallClaimResponse // what the registry says of keys, instead of the keeper's; set before a node runs
	seen   chan event.Event                                     // what nodes publish, undirected
}

const registryName node.Name = "registry"

// newWorld returns a world whose registry answers the nth announcement, counted
// from 1, with what answer returns; nil is silence.
func newWorld(t *testing.T, answer func(n int, a event.NodeAnnounce) event.Payload) *world {
	t.Helper()
	w := &world{t: t, bus: bus.NewMemory(nil), keeper: claim.NewKeeper(nil), seen: make(chan event.Event, 10_000)}
	all, err := w.bus.Subscribe(t.Context(), "*.*", nil)
	if err != nil {
		t.Fatal(err)
	}
	if w.caller, err = bus.NewCaller(t.Context(), w.bus, "caller"); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; {
			d, err := all.Next(context.Background())
			if err != nil {
				return
			}
			if a, ok := d.Event.Payload.(event.NodeAnnounce); ok {
				n++
				if p := answer(n, a); p != nil {
					_ = bus.Answer(context.Background(), w.bus, registryName, d.Event, "r1", p)
				}
			}
			if r, ok := d.Event.Payload.(event.CallClaimRequest); ok {
				answer := func(a event.CallClaimResponse) {
					_ = bus.Answer(context.Background(), w.bus, registryName, d.Event, "r1", a)
				}
				if w.claims != nil {
					answer(w.claims(r))
				} else {
					w.keeper.Handle(context.Background(), time.Now(), r, answer)
				}
			}
			w.seen <- d.Event
		}
	}()
	t.Cleanup(func() {
		all.Close()
		<-done
		w.caller.Close()
		w.bus.Close(context.Background())
	})
	return w
}

func accept(n int, a event.NodeAnnounce) event.Payload {
	return event.NodeAnnounceAccepted{
		NodeID: a.NodeID, Name: a.Manifest.Name, RegistryID: "r1", TTL: 300 * time.Millisecond, Incarnation: 7,
	}
}

// await returns the next event of a kind.
func (w *world) await(k event.Kind) event.Event {
	w.t.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case e := <-w.seen:
			if e.Kind() == k {
				return e
			}
		case <-late:
			w.t.Fatalf("no %s in 30 s", k)
		}
	}
}

// run runs h until the test or stop ends it, and waits for it to be accepted.
func (w *world) run(h *host.Host, ready <-chan host.Accepted) (stop func() error) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx, w.bus) }()
	w.t.Cleanup(func() { cancel(); h.Close() })
	select {
	case <-ready:
	case err := <-ended:
		w.t.Fatalf("Run ended: %v", err)
	case <-time.After(30 * time.Second):
		w.t.Fatal("not accepted in 30 s")
	}
	return func() error { cancel(); return <-ended }
}

// readiness is an option that tells of acceptance.
func readiness(o *host.Options) <-chan host.Accepted {
	ready := make(chan host.Accepted, 1)
	o.Ready = func(a host.Accepted) { ready <- a }
	return ready
}

func (w *world) call(h *host.Host, p event.ToolProxyInvoke) event.Event {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	a, err := w.caller.Do(ctx, event.NewSubject(p.Kind(), "tester").To(string(h.ID())), event.New("caller", p, event.ID{}))
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func invoke(tool node.ToolName, args string) event.ToolProxyInvoke {
	return event.ToolProxyInvoke{ToolName: tool, Arguments: json.RawMessage(args), TimeoutMS: 20_000}
}

func TestRunServesCalls(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h := greeter(o)
	stop := w.run(h, ready)

	announced := w.await(event.KindNodeAnnounce)
	if a := announced.Payload.(event.NodeAnnounce); a.NodeID != h.ID() || len(a.Contract.Tools) != 1 || a.Process.PID == 0 {
		t.Errorf("announcement %+v", a)
	}
	if announced.Correlation.IsZero() {
		t.Error("an event without correlation")
	}
	if b := w.await(event.KindNodeHeartbeat).Payload.(event.NodeHeartbeat); b.Incarnation != 7 {
		t.Errorf("a beat of incarnation %d, want 7", b.Incarnation)
	}

	p := invoke("greet", `{"name":"Ada"}`)
	p.Incarnation = 7
	a := w.call(h, p)
	r, ok := a.Payload.(event.ToolProxyResult)
	if !ok || r.Status != node.Success || string(r.Result) != `{"greeting":"Hello, Ada!"}` || r.NodeID != h.ID() {
		t.Fatalf("answer %+v", a.Payload)
	}
	if copied := w.await(event.KindToolProxyResult); copied.Correlation != a.Correlation {
		t.Errorf("the audit copy has correlation %s, the answer %s", copied.Correlation, a.Correlation)
	}
	if e, ok := w.call(h, invoke("greet", `{"name":"shy"}`)).Payload.(event.ToolProxyError); !ok || e.Error.Code != errShy.Code {
		t.Errorf("an error is answered by %+v", e)
	}
	if e, ok := w.call(h, invoke("greet", `{"name":1}`)).Payload.(event.ToolProxyRejected); !ok || e.Error.Class != fault.Invalid {
		t.Errorf("bad arguments are answered by %+v", e)
	}
	p.Incarnation = 6
	if e, ok := w.call(h, p).Payload.(event.ToolProxyRejected); !ok || e.Error.Code != host.ErrIncarnation.Code {
		t.Errorf("another incarnation is answered by %+v", e)
	}

	if err := stop(); err != nil {
		t.Errorf("Run = %v", err)
	}
	if s := w.await(event.KindNodeStopped).Payload.(event.NodeStopped); s.Incarnation != 7 || s.Reason == "" {
		t.Errorf("goodbye %+v", s)
	}
	w.await(event.KindNodeSuccess)
	if err := h.Run(t.Context(), w.bus); !errors.Is(err, host.ErrRunning) {
		t.Errorf("a second Run = %v", err)
	}
}

func TestRunAnnouncesUntilItIsHeard(t *testing.T) {
	w := newWorld(t, func(n int, a event.NodeAnnounce) event.Payload {
		switch n {
		case 1:
			return nil
		case 2: // a registry that cannot save just now
			return event.NodeAnnounceRejected{NodeID: a.NodeID, Name: a.Manifest.Name, Reason: "not now", Error: fault.Report{
				Code: "ONEX_NODE_REGISTRY_104_NOT_SAVED", Class: fault.Unavailable, Message: "the disk is full",
			}}
		}
		return accept(n, a)
	})
	o := &host.Options{}
	ready := readiness(o)
	w.run(greeter(o), ready)
	for range 3 {
		w.await(event.KindNodeAnnounce)
	}
}

func TestRunEndsWhenTheRegistryRefuses(t *testing.T) {
	w := newWorld(t, func(_ int, a event.NodeAnnounce) event.Payload {
		return event.NodeAnnounceRejected{NodeID: a.NodeID, Name: a.Manifest.Name, Reason: "the name is taken", Error: fault.Report{
			Code: "ONEX_NODE_REGISTRY_101_DUPLICATE_NODE_ID", Class: fault.Conflict, Message: "the name is taken",
		}}
	})
	err := greeter(nil).Run(t.Context(), w.bus)
	if !errors.Is(err, host.ErrRejected) || !strings.Contains(err.Error(), "the name is taken") {
		t.Errorf("Run = %v", err)
	}
	for len(w.seen) > 0 {
		if e := <-w.seen; e.Kind() == event.KindNodeStopped {
			t.Error("a node that was never accepted says goodbye in another's name")
		}
	}
}

func TestRunEndsWithItsBus(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h := greeter(o)
	ended := make(chan error, 1)
	go func() { ended <- h.Run(t.Context(), w.bus) }()
	<-ready
	w.bus.Close(t.Context())
	if err := <-ended; !errors.Is(err, bus.ErrClosed) {
		t.Errorf("Run = %v", err)
	}
}

func TestADiscoveryRequestIsAnsweredByAnAnnouncement(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h := greeter(o)
	w.run(h, ready)
	w.await(event.KindNodeAnnounce)
	q := event.NodeDiscoveryRequest{}
	if _, err := w.bus.Publish(t.Context(), event.NewSubject(q.Kind(), registryName).To(string(h.ID())), event.New("r1", q, event.ID{})); err != nil {
		t.Fatal(err)
	}
	if a := w.await(event.KindNodeAnnounce).Payload.(event.NodeAnnounce); a.Incarnation != 7 {
		t.Errorf("announced again as incarnation %d, want 7", a.Incarnation)
	}
}

func TestIntrospectionIsAnswered(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h := greeter(o)
	w.run(h, ready)
	for _, tt := range []struct {
		subject event.Subject
		filter  []string
	}{
		{event.NewSubject(event.KindIntrospectionRequest, "tester").To(string(h.ID())), nil},
		{event.NewSubject(event.KindIntrospectionRequest, "tester"), []string{"greeter"}},
	} {
		q := event.IntrospectionRequest{Types: []string{"contract"}, NodeFilter: tt.filter}
		a, err := w.caller.Do(t.Context(), tt.subject, event.New("caller", q, event.ID{}))
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]json.RawMessage
		if err := json.Unmarshal(a.Payload.(event.IntrospectionResponse).Introspection, &got); err != nil {
			t.Fatal(err)
		}
		if got["contract"] == nil || got["introspection_version"] == nil || got["instance"] != nil {
			t.Errorf("got keys of %v", got)
		}
	}
}

// reconnecting is a bus whose connection the test breaks.
type reconnecting struct {
	bus.Bus
	again chan struct{}
}

func (r reconnecting) Reconnected(context.Context) <-chan struct{} { return r.again }

func TestANodeAnnouncesItselfAfterReconnecting(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h := greeter(o)
	r := reconnecting{w.bus, make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx, r) }()
	<-ready
	w.await(event.KindNodeAnnounce)
	r.again <- struct{}{}
	w.await(event.KindNodeAnnounce)
	close(r.again)
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run = %v", err)
	}
}
