package invoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// A world is a bus with a registry and a client.
type world struct {
	t      testing.TB
	bus    *bus.Memory
	client *invoke.Client
	ends   processes
}

func newWorld(t testing.TB, o *invoke.Options) *world {
	t.Helper()
	w := &world{t: t, bus: bus.NewMemory(nil), ends: processes{gone: map[string]func(){}}}
	t.Cleanup(func() { w.bus.Close(context.Background()) })
	ready := make(chan struct{})
	w.background(func(ctx context.Context) error {
		return registry.Serve(ctx, w.bus, &registry.Options{Log: quiet(), Processes: &w.ends, Ready: func() { close(ready) }})
	})
	<-ready
	var err error
	if w.client, err = invoke.NewClient(t.Context(), w.bus, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.client.Close() })
	return w
}

// background runs f until stop is called or the test ends.
func (w *world) background(f func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f(ctx); err != nil && !errors.Is(err, bus.ErrClosed) {
			w.t.Errorf("in the background: %v", err)
		}
	}()
	stop = func() { cancel(); <-done }
	w.t.Cleanup(stop)
	return stop
}

type in struct {
	Text string `json:"text"`
}

type out struct {
	Text string `json:"text"`
	From string `json:"from"`
}

// A worker is a node whose tool does what the test says.
type worker struct {
	*host.Host
	runs    atomic.Int64
	entered chan struct{}
	leave   chan struct{}
	stop    func()
}

// start starts a node with a tool "work" of the given idempotency.
func (w *world) start(name node.Name, version string, idempotency node.Idempotency) *worker {
	w.t.Helper()
	ready := make(chan struct{})
	o := &host.Options{Log: quiet(), Ready: func(host.Accepted) { close(ready) }, Process: event.Process{Host: string("host-of-" + name), PID: 1}}
	x := &worker{
		Host:    host.New(node.Manifest{Name: name, Version: version, Runtime: node.Go}, o),
		entered: make(chan struct{}, 100), leave: make(chan struct{}, 100),
	}
	host.Handle(x.Host, "work", "works", func(ctx context.Context, i in) (out, error) {
		x.runs.Add(1)
		switch i.Text {
		case "wait":
			x.entered <- struct{}{}
			select {
			case <-x.leave:
			case <-ctx.Done():
				x.leave <- struct{}{}
				return out{}, ctx.Err()
			}
		case "late": // deaf to its context
			x.entered <- struct{}{}
			<-x.leave
		case "fail":
			return out{}, errWork.With("%q", i.Text)
		}
		return out{i.Text, string(name)}, nil
	}, &host.ToolOptions{Idempotency: idempotency})
	x.stop = w.background(func(ctx context.Context) error { return x.Run(ctx, w.bus) })
	<-ready
	return x
}

var errWork = fault.New("ONEX_WORKER_001_FAILED", fault.Conflict, "no work today")

// call calls "work".
func (w *world) call(text string, more ...func(*invoke.Call)) (invoke.Reply, error) {
	args, err := json.Marshal(in{text})
	if err != nil {
		w.t.Fatal(err)
	}
	c := invoke.Call{Tool: "work", Args: args, Timeout: 20 * time.Second}
	for _, f := range more {
		f(&c)
	}
	return w.client.Invoke(w.t.Context(), c)
}

// from returns who answered.
func from(r invoke.Reply) string {
	var o out
	_ = json.Unmarshal(r.Result, &o)
	return o.From
}

func TestInvoke(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	id := event.NewID()
	r, err := w.call("hello", func(c *invoke.Call) { c.Correlation = id })
	if err != nil {
		t.Fatal(err)
	}
	if r.DurationMS <= 0 {
		t.Errorf("duration %v ms", r.DurationMS)
	}
	r.DurationMS = 1.5
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"tool_name":"work","status":"success","result":{"text":"hello","from":"alice"},"error":null,"node_id":"%s","correlation_id":"%s","duration_ms":1.5,"outcome":"completed"}`, x.ID(), id)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
}

func TestErrorsAreTold(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	for name, tt := range map[string]struct {
		call invoke.Call
		want error
		hint string
	}{
		"unknown tool":    {invoke.Call{Tool: "wrok"}, invoke.ErrNoTool, "did you mean work?"},
		"no such name":    {invoke.Call{Tool: "not a name"}, invoke.ErrNoTool, ""},
		"far away":        {invoke.Call{Tool: "completely_different"}, invoke.ErrNoTool, "onex nodes"},
		"no arguments":    {invoke.Call{Tool: "work"}, schema.ErrViolated, ""},
		"bad arguments":   {invoke.Call{Tool: "work", Args: json.RawMessage(`{"text":1}`)}, schema.ErrViolated, ""},
		"no JSON":         {invoke.Call{Tool: "work", Args: json.RawMessage(`{`)}, schema.ErrDocument, ""},
		"tool's error":    {invoke.Call{Tool: "work", Args: json.RawMessage(`{"text":"fail"}`)}, errWork, ""},
		"unknown policy":  {invoke.Call{Tool: "work", Policy: "best"}, invoke.ErrCall, ""},
		"no range":        {invoke.Call{Tool: "work", Version: "newest"}, invoke.ErrCall, ""},
		"negative time":   {invoke.Call{Tool: "work", Timeout: -1}, invoke.ErrCall, ""},
		"other version":   {invoke.Call{Tool: "work", Version: "^2"}, invoke.ErrNoMatch, ""},
		"other node":      {invoke.Call{Tool: "work", Node: "bob"}, invoke.ErrNoMatch, ""},
		"trusted":         {invoke.Call{Tool: "work", TrustedOnly: true}, invoke.ErrNoMatch, ""},
		"too little time": {invoke.Call{Tool: "work", Args: json.RawMessage(`{"text":"x"}`), Timeout: 1}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := w.client.Invoke(t.Context(), tt.call)
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil || r.Status != node.Failed || r.Error == nil || r.Result != nil || r.CorrelationID == "" {
				t.Errorf("reply %+v with error %v", r, err)
			} else if !strings.Contains(r.Error.Hint, tt.hint) {
				t.Errorf("hint %q does not say %q", r.Error.Hint, tt.hint)
			}
		})
	}
	if n := x.runs.Load(); n != 1 {
		t.Errorf("the tool ran %d times, want once", n)
	}
}

func TestPolicies(t *testing.T) {
	w := newWorld(t, &invoke.Options{Host: "host-of-carol"})
	names := []string{"alice", "bob", "carol"}
	for _, n := range names {
		w.start(node.Name(n), "1.0.0", node.None)
	}
	answers := func(p invoke.Policy, n int) map[string]int {
		t.Helper()
		by := map[string]int{}
		for range n {
			r, err := w.call("x", func(c *invoke.Call) { c.Policy = p })
			if err != nil {
				t.Fatal(err)
			}
			if warned := len(r.Warnings) > 0; warned != (p == invoke.First) {
				t.Errorf("%s: warnings %q", p, r.Warnings)
			}
			by[from(r)]++
		}
		return by
	}
	for _, tt := range []struct {
		policy invoke.Policy
		want   map[string]int
	}{
		{invoke.First, map[string]int{"alice": 6}},
		{invoke.RoundRobin, map[string]int{"alice": 2, "bob": 2, "carol": 2}},
		{invoke.LocalFirst, map[string]int{"carol": 6}},
		{invoke.LeastLoaded, map[string]int{"alice": 6}},
	} {
		if diff := cmp.Diff(tt.want, answers(tt.policy, 6)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.policy, diff)
		}
	}
	if by := answers(invoke.Random, 200); len(by) != len(names) {
		t.Errorf("random chose only %v", by)
	}
}

func TestLeastLoadedAvoidsTheBusy(t *testing.T) {
	w := newWorld(t, nil)
	alice, _ := w.start("alice", "1.0.0", node.None), w.start("bob", "1.0.0", node.None)
	busy := make(chan error, 1)
	go func() {
		_, err := w.call("wait")
		busy <- err
	}()
	<-alice.entered
	r, err := w.call("x", func(c *invoke.Call) { c.Policy = invoke.LeastLoaded })
	if err != nil || from(r) != "bob" {
		t.Errorf("%s answers, %v; want bob", from(r), err)
	}
	alice.leave <- struct{}{}
	if err := <-busy; err != nil {
		t.Error(err)
	}
}

func TestVersionAndNodeAreHonoured(t *testing.T) {
	w := newWorld(t, nil)
	w.start("old", "1.4.0", node.None)
	x := w.start("new", "2.1.0", node.None)
	for name, tt := range map[string]struct {
		ask  func(*invoke.Call)
		want string
	}{
		"any":     {func(*invoke.Call) {}, "old"},
		"^2":      {func(c *invoke.Call) { c.Version = "^2" }, "new"},
		"<2":      {func(c *invoke.Call) { c.Version = "< 2" }, "old"},
		"name":    {func(c *invoke.Call) { c.Node = "new" }, "new"},
		"node id": {func(c *invoke.Call) { c.Node = string(x.ID()) }, "new"},
	} {
		if r, err := w.call("x", tt.ask); err != nil || from(r) != tt.want {
			t.Errorf("%s: %s answers, %v; want %s", name, from(r), err, tt.want)
		}
	}
}

func TestDryRunSendsNothing(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	r, err := w.call("x", func(c *invoke.Call) { c.DryRun = true })
	if err != nil || r.NodeID != x.ID() || r.Status != node.Success || len(r.Warnings) != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, err := w.client.Invoke(t.Context(), invoke.Call{Tool: "work", DryRun: true}); !errors.Is(err, schema.ErrViolated) {
		t.Errorf("bad arguments: %v", err)
	}
	if n := x.runs.Load(); n != 0 {
		t.Errorf("%d runs", n)
	}
}

func TestALateReplyIsCountedAndNeverDelivered(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	ended := make(chan error, 1)
	go func() {
		_, err := w.call("late", func(c *invoke.Call) { c.Timeout = time.Second })
		ended <- err
	}()
	<-x.entered // before the time was over, however busy the machine is
	if err := <-ended; !errors.Is(err, invoke.ErrOutcomeUnknown) {
		t.Fatalf("got %v", err)
	}
	close(x.leave)
	for w.client.Late() == 0 {
		if r, err := w.call("next"); err != nil || !strings.Contains(string(r.Result), `"next"`) {
			t.Fatalf("a later call got %s, %v", r.Result, err)
		}
	}
	if n := w.client.Late(); n != 1 {
		t.Errorf("%d late replies", n)
	}
}

func TestATimeoutOfAPureToolIsHarmless(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.Pure)
	_, err := w.call("wait", func(c *invoke.Call) { c.Timeout = time.Second })
	if !errors.Is(err, invoke.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	<-x.leave // the node was told, or noticed
}

func TestCancelTellsTheNode(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := w.client.Invoke(ctx, invoke.Call{Tool: "work", Args: json.RawMessage(`{"text":"wait"}`), Timeout: time.Minute})
		ended <- err
	}()
	<-x.entered
	cancel()
	if err := <-ended; !errors.Is(err, invoke.ErrCanceled) {
		t.Errorf("got %v", err)
	}
	<-x.leave // its context ended long before the timeout
}

// die has everybody hear that x died.
func (w *world) die(x *worker) {
	w.t.Helper()
	p := event.NodeDead{NodeID: x.ID(), Incarnation: 1 << 40, Reason: "the test says so"}
	if _, err := w.bus.Publish(w.t.Context(), event.NewSubject(p.Kind(), "registry"), event.New("r", p, event.ID{})); err != nil {
		w.t.Fatal(err)
	}
}

func TestADeathEndsTheWait(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	ended := make(chan error, 1)
	go func() {
		_, err := w.call("wait")
		ended <- err
	}()
	<-x.entered
	w.die(x)
	if err := <-ended; !errors.Is(err, invoke.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "died") {
		t.Errorf("got %v", err)
	}
	x.leave <- struct{}{}
	if n := x.runs.Load(); n != 1 {
		t.Errorf("%d runs", n)
	}
}

func TestAPureCallSurvivesADeath(t *testing.T) {
	w := newWorld(t, nil)
	alice := w.start("alice", "1.0.0", node.Pure)
	bob := w.start("bob", "1.0.0", node.Pure)
	bob.leave <- struct{}{}
	type end struct {
		r   invoke.Reply
		err error
	}
	ended := make(chan end, 1)
	go func() {
		r, err := w.call("wait")
		ended <- end{r, err}
	}()
	<-alice.entered
	w.die(alice)
	if e := <-ended; e.err != nil || from(e.r) != "bob" {
		t.Errorf("%s answers, %v; want bob", from(e.r), e.err)
	}
	alice.leave <- struct{}{}
}

func TestAStoppedNodeIsNotCalled(t *testing.T) {
	w := newWorld(t, nil)
	alice := w.start("alice", "1.0.0", node.None)
	w.start("bob", "1.0.0", node.None)
	if r, err := w.call("x"); err != nil || from(r) != "alice" {
		t.Fatalf("%s answers, %v", from(r), err)
	}
	stopped := make(chan struct{})
	go func() { alice.stop(); close(stopped) }()
	for answered := ""; answered != "bob"; { // until the client has heard; no call may fail
		r, err := w.call("x")
		if err != nil {
			t.Fatal(err)
		}
		answered = from(r)
	}
	<-stopped
	if r, err := w.call("x"); err != nil || from(r) != "bob" {
		t.Errorf("%s answers, %v; want bob", from(r), err)
	}
}

func TestAKnownToolWithoutProvider(t *testing.T) {
	w := newWorld(t, nil)
	w.start("alice", "1.0.0", node.None).stop()
	if _, err := w.call("x"); !errors.Is(err, invoke.ErrNoProvider) {
		t.Errorf("got %v", err)
	}
}

func TestANewProviderIsFound(t *testing.T) {
	w := newWorld(t, nil)
	w.start("alice", "1.0.0", node.None)
	if _, err := w.call("x"); err != nil {
		t.Fatal(err)
	}
	w.start("bob", "2.0.0", node.None)
	for {
		r, err := w.call("x", func(c *invoke.Call) { c.Version = "^2" })
		if err == nil && from(r) == "bob" {
			return
		}
		if !errors.Is(err, invoke.ErrNoMatch) {
			t.Fatal(err)
		}
	}
}

func TestWithoutRegistry(t *testing.T) {
	b := bus.NewMemory(nil)
	defer b.Close(context.Background())
	c, err := invoke.NewClient(t.Context(), b, &invoke.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Invoke(t.Context(), invoke.Call{Tool: "work", Timeout: 50 * time.Millisecond}); !errors.Is(err, invoke.ErrNoRegistry) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Invoke(ctx, invoke.Call{Tool: "work"}); !errors.Is(err, invoke.ErrCanceled) {
		t.Errorf("got %v", err)
	}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Error(err)
	}
	if _, err := c.Invoke(t.Context(), invoke.Call{Tool: "work"}); !errors.Is(err, invoke.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestParsePolicy(t *testing.T) {
	for _, p := range invoke.Policies() {
		if got, err := invoke.ParsePolicy(string(p)); got != p || err != nil {
			t.Errorf("ParsePolicy(%q) = %q, %v", p, got, err)
		}
	}
	if p, err := invoke.ParsePolicy(""); p != invoke.First || err != nil {
		t.Errorf("the default is %q, %v", p, err)
	}
	if _, err := invoke.ParsePolicy("best"); err == nil || !strings.Contains(err.Error(), "round_robin") {
		t.Errorf("the error does not list the policies: %v", err)
	}
}

func BenchmarkInvoke(b *testing.B) {
	w := newWorld(b, nil)
	w.start("alice", "1.0.0", node.Pure)
	for b.Loop() {
		if _, err := w.call("x"); err != nil {
			b.Fatal(err)
		}
	}
}
