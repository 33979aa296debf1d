package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/node"
)

// A gate is a tool that a test holds open.
type gate struct {
	entered, leave chan struct{}
	runs           atomic.Int64
}

type gateIn struct {
	N int `json:"n,omitempty"`
}

func (g *gate) pass(ctx context.Context, _ gateIn) (string, error) {
	g.runs.Add(1)
	g.entered <- struct{}{}
	select {
	case <-g.leave:
		return "through", nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func gated(o *host.Options, idempotency node.Idempotency) (*host.Host, *gate) {
	g := &gate{entered: make(chan struct{}, 100), leave: make(chan struct{})}
	o.Log = quiet()
	h := host.New(manifest("gate"), o)
	host.Handle(h, "pass", "waits", g.pass, &host.ToolOptions{Idempotency: idempotency})
	return h, g
}

// ask calls in the background.
func (w *world) ask(h *host.Host, p event.ToolProxyInvoke) <-chan event.Payload {
	answers := make(chan event.Payload, 1)
	go func() { answers <- w.call(h, p).Payload }()
	return answers
}

func TestDrainLetsRunningCallsFinish(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h, g := gated(o, node.None)
	stop := w.run(h, ready)
	running := w.ask(h, invoke("pass", `{}`))
	<-g.entered
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	w.await(event.KindNodeStopped)
	if r, ok := w.call(h, invoke("pass", `{}`)).Payload.(event.ToolProxyRejected); !ok || r.Error.Code != host.ErrStopping.Code {
		t.Errorf("a new call while stopping: %+v", r)
	}
	close(g.leave)
	if r, ok := (<-running).(event.ToolProxyResult); !ok || string(r.Result) != `"through"` {
		t.Errorf("the running call: %+v", r)
	}
	if err := <-ended; err != nil {
		t.Errorf("Run = %v", err)
	}
	if n := g.runs.Load(); n != 1 {
		t.Errorf("%d runs", n)
	}
}

func TestDrainIsBounded(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{Drain: 10 * time.Millisecond}
	ready := readiness(o)
	h, g := gated(o, node.None)
	stop := w.run(h, ready)
	running := w.ask(h, invoke("pass", `{}`))
	<-g.entered
	if err := stop(); err != nil {
		t.Errorf("Run = %v", err)
	}
	if e, ok := (<-running).(event.ToolProxyError); !ok || e.Error.Code != host.ErrCutOff.Code {
		t.Errorf("the call that was cut off: %+v", e)
	}
}

func TestAFullNodeRejects(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{Workers: 1, Waiting: 1}
	ready := readiness(o)
	h, g := gated(o, node.None)
	w.run(h, ready)
	first := w.ask(h, invoke("pass", `{}`))
	<-g.entered
	second := w.ask(h, invoke("pass", `{}`))
	var rejected event.ToolProxyRejected
	var third <-chan event.Payload
	for rejected.NodeID == "" { // the second may not have arrived yet
		third = w.ask(h, invoke("pass", `{}`))
		select {
		case p := <-third:
			rejected = p.(event.ToolProxyRejected)
		case p := <-second:
			rejected = p.(event.ToolProxyRejected)
			second = third
		}
	}
	if rejected.Error.Code != host.ErrBusy.Code {
		t.Errorf("got %+v", rejected)
	}
	close(g.leave)
	for _, c := range []<-chan event.Payload{first, second} {
		if r, ok := (<-c).(event.ToolProxyResult); !ok {
			t.Errorf("got %+v", r)
		}
	}
}

// TestAllWhoFitAreTaken asks for as many calls at once as may run and wait.
func TestAllWhoFitAreTaken(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{Workers: 4, Waiting: 1}
	ready := readiness(o)
	h, g := gated(o, node.None)
	w.run(h, ready)
	var calls []<-chan event.Payload
	for range o.Workers + o.Waiting {
		calls = append(calls, w.ask(h, invoke("pass", `{}`)))
	}
	for range o.Workers {
		<-g.entered
	}
	close(g.leave)
	for i, c := range calls {
		if r, ok := (<-c).(event.ToolProxyResult); !ok {
			t.Errorf("call %d got %+v", i, r)
		}
	}
}

func TestTheCallersTimeoutEndsTheCall(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h, _ := gated(o, node.None)
	w.run(h, ready)
	p := invoke("pass", `{}`)
	p.TimeoutMS = 20
	if e, ok := w.call(h, p).Payload.(event.ToolProxyError); !ok || e.Error.Code != host.ErrTimeout.Code {
		t.Errorf("got %+v", e)
	}
}

func TestACallerThatGaveUpEndsTheCall(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h, g := gated(o, node.None)
	w.run(h, ready)
	request := event.New("caller", invoke("pass", `{}`), event.ID{})
	to := event.NewSubject(request.Kind(), "tester").To(string(h.ID()))
	answers := make(chan event.Event, 1)
	go func() {
		a, err := w.caller.Do(t.Context(), to, request)
		if err != nil {
			t.Error(err)
		}
		answers <- a
	}()
	<-g.entered
	gaveUp := event.Reply(request, "caller", event.ToolProxyTimeout{ToolName: "pass", TimeoutMS: 1})
	if _, err := w.bus.Publish(t.Context(), event.NewSubject(gaveUp.Kind(), "tester").To(string(h.ID())), gaveUp); err != nil {
		t.Fatal(err)
	}
	if e, ok := (<-answers).Payload.(event.ToolProxyError); !ok {
		t.Errorf("got %+v", e)
	}
}

func TestIdempotencyKeys(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h, g := gated(o, node.Keyed)
	w.run(h, ready)
	p := invoke("pass", `{}`)
	p.IdempotencyKey = "k1"

	impatient := p
	impatient.TimeoutMS = 20
	first := w.ask(h, impatient)
	<-g.entered
	if e, ok := (<-first).(event.ToolProxyError); !ok || e.Error.Class != fault.Timeout {
		t.Errorf("the impatient caller: %+v", e)
	}
	again := []<-chan event.Payload{w.ask(h, p), w.ask(h, p)}
	close(g.leave)
	for _, c := range append(again, w.ask(h, p)) {
		if r, ok := (<-c).(event.ToolProxyResult); !ok || string(r.Result) != `"through"` {
			t.Errorf("with the same key: %+v", r)
		}
	}
	if n := g.runs.Load(); n != 1 {
		t.Errorf("%d runs of one key", n)
	}
	p.Arguments = json.RawMessage(`{ }`)
	if r, ok := w.call(h, p).Payload.(event.ToolProxyResult); !ok {
		t.Errorf("the key with the same arguments, written otherwise: %+v", r)
	}
	p.Arguments = json.RawMessage(`{"n":1}`)
	if r, ok := w.call(h, p).Payload.(event.ToolProxyRejected); !ok || r.Error.Code != host.ErrKey.Code {
		t.Errorf("the key with other arguments: %+v", r)
	}
}

func TestATooLargeResultIsAnError(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{Log: quiet()}
	ready := readiness(o)
	h := host.New(manifest("big"), o)
	host.Handle(h, "big", "", func(context.Context, struct{}) (string, error) {
		return strings.Repeat("x", 1<<20-10), nil
	}, nil)
	w.run(h, ready)
	if e, ok := w.call(h, invoke("big", `{}`)).Payload.(event.ToolProxyError); !ok {
		t.Errorf("got %+v", e)
	}
}

func TestAProgramThatKeepsDyingEndsTheRun(t *testing.T) {
	if testing.Short() {
		t.Skip("the restarts take ten seconds")
	}
	t.Parallel()
	w := newWorld(t, accept)
	o := &host.Options{Log: quiet()}
	ready := readiness(o)
	h, err := host.Load(t.Context(), mcpDir(t, "", ""), o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Run(t.Context(), w.bus) }()
	t.Cleanup(func() { h.Close() })
	<-ready
	soon.True(t, "Run gives up", func() bool {
		h.Call(t.Context(), "die", nil)
		return len(ended) > 0
	})
	if err := <-ended; !errors.Is(err, host.ErrGaveUp) || !strings.Contains(err.Error(), "farewell, cruel world") {
		t.Errorf("Run = %v", err)
	}
	if s := w.await(event.KindNodeStopped).Payload.(event.NodeStopped); !strings.Contains(s.Reason, "keeps ending") {
		t.Errorf("goodbye %+v", s)
	}
}

func TestManyCallsAtOnce(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{}
	ready := readiness(o)
	h := greeter(o)
	w.run(h, ready)
	const callers = 1000
	answers := make([]<-chan event.Payload, callers)
	for i := range answers {
		answers[i] = w.ask(h, invoke("greet", fmt.Sprintf(`{"name":"n%d"}`, i)))
	}
	for i, c := range answers {
		want := fmt.Sprintf(`{"greeting":"Hello, n%d!"}`, i)
		if r, ok := (<-c).(event.ToolProxyResult); !ok || string(r.Result) != want {
			t.Fatalf("call %d: %+v, want %s", i, r, want)
		}
	}
}

func TestExecNodeOnTheBus(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{Log: quiet()}
	ready := readiness(o)
	dir := script(t, `echo $$ >pid; exec sleep 3600`, "")
	h, err := host.Load(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	w.run(h, ready)
	answer := w.ask(h, invoke("work", `{}`))
	if err := kill(pidFrom(t, filepath.Join(dir, "pid"))); err != nil {
		t.Fatal(err)
	}
	if e, ok := (<-answer).(event.ToolProxyError); !ok || e.Error.Code != host.ErrProgram.Code {
		t.Errorf("got %+v", e)
	}
}

// A program that ends is told as the death of the node, with the reason; when it
// was started again, the node is announced anew.
func TestAProgramThatDiesIsADeath(t *testing.T) {
	peer.Find(t, "python3")
	w := newWorld(t, func(n int, a event.NodeAnnounce) event.Payload {
		p := accept(n, a).(event.NodeAnnounceAccepted)
		p.Incarnation = node.Incarnation(n)
		return p
	})
	o := &host.Options{Log: quiet()}
	ready := readiness(o)
	h, err := host.Load(t.Context(), mcpDir(t, "", ""), o)
	if err != nil {
		t.Fatal(err)
	}
	stop := w.run(h, ready)
	for life := range node.Incarnation(2) {
		if err := kill(pid(t, h)); err != nil {
			t.Fatal(err)
		}
		died := w.await(event.KindNodeDead).Payload.(event.NodeDead)
		if died.NodeID != h.ID() || died.Incarnation != life+1 || !strings.Contains(died.Reason, "its program ended: ") || !strings.Contains(died.Reason, "killed") {
			t.Errorf("told: %+v", died)
		}
		w.await(event.KindNodeAnnounce)
		w.await(event.KindNodeHeartbeat)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// A program that is replaced while its node runs is announced with another hash.
func TestAProgramThatChangesIsToldOf(t *testing.T) {
	w := newWorld(t, accept)
	dir := script(t, "echo '{}'", "")
	claims(t, dir)
	o := &host.Options{Log: quiet()}
	ready := readiness(o)
	h, err := host.Load(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	stop := w.run(h, ready)
	first := w.await(event.KindNodeAnnounce).Payload.(event.NodeAnnounce)
	if first.Trust != node.Verified || first.Binary == "" {
		t.Fatalf("claims %s of program %q", first.Trust, first.Binary)
	}
	write(t, dir, "run.sh", "#!/bin/sh\necho '{\"other\":true}'\n")
	second := w.await(event.KindNodeAnnounce).Payload.(event.NodeAnnounce)
	if second.Binary == first.Binary || second.Binary == "" || second.Receipt != first.Receipt {
		t.Errorf("announced again with program %q, before %q", second.Binary, first.Binary)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// claims gives the node of a directory what looks like a signature and a receipt.
func claims(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, node.ManifestFile)
	manifest, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, node.ManifestFile, string(manifest)+"signature_block:\n  signature: \"-----BEGIN SSH SIGNATURE-----\"\n")
	write(t, dir, host.ReceiptFile, "{}")
}
