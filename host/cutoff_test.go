package host_test

import (
	"context"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// TestACallThatNeverBeganIsRefusedAtTheEnd: of two calls at the end of the drain
// time one was running, so that nobody knows what it did, and one was waiting.
func TestACallThatNeverBeganIsRefusedAtTheEnd(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{Drain: 10 * time.Millisecond, Workers: 1}
	ready := readiness(o)
	h, g := gated(o, node.None)
	stop := w.run(h, ready)
	running := w.post(h, invoke("pass", `{}`))
	<-g.entered
	waiting := w.post(h, invoke("pass", `{}`))
	w.sync(h)
	if err := stop(); err != nil {
		t.Errorf("Run = %v", err)
	}
	if e, ok := (<-running).(event.ToolProxyError); !ok || e.Error.Code != host.ErrCutOff.Code {
		t.Errorf("the call that ran: %+v", e)
	}
	if r, ok := (<-waiting).(event.ToolProxyRejected); !ok || r.Error.Code != host.ErrStopping.Code {
		t.Errorf("the call that waited: %+v", r)
	}
	if n := g.runs.Load(); n != 1 {
		t.Errorf("%d runs", n)
	}
}

// sync returns when h has received all that was sent to it before.
func (w *world) sync(h *host.Host) {
	w.t.Helper()
	q := event.IntrospectionRequest{}
	if _, err := w.caller.Do(w.t.Context(), event.NewSubject(q.Kind(), "tester").To(string(h.ID())), event.New("caller", q, event.ID{})); err != nil {
		w.t.Fatal(err)
	}
}

// post is ask for one who cares about order: the call is on its way when it
// returns.
func (w *world) post(h *host.Host, p event.ToolProxyInvoke) <-chan event.Payload {
	w.t.Helper()
	self := event.NewID().String()
	sub, err := w.bus.Subscribe(w.t.Context(), event.FilterTo(self), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	to := event.NewSubject(p.Kind(), "tester").To(string(h.ID()))
	if _, err := w.bus.Publish(w.t.Context(), to, event.New(self, p, event.ID{})); err != nil {
		w.t.Fatal(err)
	}
	answers := make(chan event.Payload, 1)
	go func() {
		defer sub.Close()
		if d, err := sub.Next(context.Background()); err == nil { // ends with the bus
			answers <- d.Event.Payload
		}
	}()
	return answers
}

// TestCloseCutsAKeyedCallOff: nobody may read its end as "the tool was not run".
func TestCloseCutsAKeyedCallOff(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h, g := gated(o, node.Keyed)
	w.run(h, ready)
	p := invoke("pass", `{}`)
	p.IdempotencyKey = "k"
	running := w.post(h, p)
	<-g.entered
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if e, ok := (<-running).(event.ToolProxyError); !ok || e.Error.Code != host.ErrCutOff.Code {
		t.Errorf("got %+v", e)
	}
}

// A stuck bus publishes no refusal before it is let go.
type stuck struct {
	bus.Bus
	entered, leave chan struct{}
}

func (s stuck) Publish(ctx context.Context, to event.Subject, e event.Event) (bus.Receipt, error) {
	if e.Kind() == event.KindToolProxyRejected && to.Receiver() != "" {
		s.entered <- struct{}{}
		<-s.leave
	}
	return s.Bus.Publish(ctx, to, e)
}

// TestARefusalThatIsStuckHoldsNobodyUp: calls that run can end meanwhile.
func TestARefusalThatIsStuckHoldsNobodyUp(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{Workers: 1, Waiting: 1}
	ready := readiness(o)
	h, g := gated(o, node.None)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	line := stuck{w.bus, make(chan struct{}, 1), make(chan struct{})}
	go func() { ended <- h.Run(ctx, line) }()
	<-ready
	running := w.post(h, invoke("pass", `{}`))
	<-g.entered
	waiting := w.post(h, invoke("pass", `{}`))
	w.sync(h)
	refused := w.post(h, invoke("pass", `{}`))
	<-line.entered
	close(g.leave)
	for _, c := range []<-chan event.Payload{running, waiting} {
		if r, ok := (<-c).(event.ToolProxyResult); !ok || string(r.Result) != `"through"` {
			t.Errorf("got %+v", r)
		}
	}
	close(line.leave)
	if r, ok := (<-refused).(event.ToolProxyRejected); !ok || r.Error.Code != host.ErrBusy.Code {
		t.Errorf("got %+v", r)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run = %v", err)
	}
}
