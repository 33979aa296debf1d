package invoke_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

func key(k string) func(*invoke.Call) { return func(c *invoke.Call) { c.IdempotencyKey = k } }

func on(name string) func(*invoke.Call) { return func(c *invoke.Call) { c.Node = name } }

func TestAKeyHoldsOnEveryNode(t *testing.T) {
	w := newWorld(t, nil)
	a, b := w.start("alice", "1.0.0", node.Keyed), w.start("bob", "1.0.0", node.Keyed)
	first, err := w.call("pay", key("order 7"), on("alice"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.call("pay", key("order 7"), on("bob"))
	if err != nil || string(again.Result) != string(first.Result) || again.Outcome != invoke.Completed {
		t.Errorf("from another node: %+v, %v; want the result of the first", again, err)
	}
	if r, err := w.call("steal", key("order 7"), on("bob")); fault.ClassOf(err) != fault.Conflict || r.Outcome != invoke.NotRun {
		t.Errorf("other arguments: %+v, %v", r, err)
	}
	if n := a.runs.Load() + b.runs.Load(); n != 1 {
		t.Errorf("%d runs of one key", n)
	}
}

func TestARepetitionIsAttachedToTheCallOfAnotherNode(t *testing.T) {
	w := newWorld(t, nil)
	a, b := w.start("alice", "1.0.0", node.Keyed), w.start("bob", "1.0.0", node.Keyed)
	replies := make(chan invoke.Reply, 2)
	ask := func(name string) {
		r, err := w.call("wait", key("k"), on(name))
		if err != nil {
			t.Error(err)
		}
		replies <- r
	}
	go ask("alice")
	<-a.entered
	go ask("bob")
	a.leave <- struct{}{}
	x, y := <-replies, <-replies
	if string(x.Result) != string(y.Result) || b.runs.Load() != 0 {
		t.Errorf("got %s and %s; the second node ran %d times", x.Result, y.Result, b.runs.Load())
	}
}

func TestAKeyWhoseNodeDiedHasAnUnknownOutcome(t *testing.T) {
	w := newWorld(t, nil)
	a := w.start("alice", "1.0.0", node.Keyed)
	ended := make(chan invoke.Reply, 1)
	go func() {
		r, _ := w.call("late", key("k"))
		ended <- r
	}()
	<-a.entered
	b := w.start("bob", "1.0.0", node.Keyed)
	w.kill(a)
	r := <-ended
	if r.Outcome != invoke.Unknown || r.Error == nil {
		t.Errorf("the first caller: %+v", r)
	}
	r, err := w.call("late", key("k"), on("bob"))
	if r.Outcome != invoke.Unknown || err == nil || b.runs.Load() != 0 {
		t.Errorf("a repetition: %+v, %v; it ran %d times", r, err, b.runs.Load())
	}
	a.leave <- struct{}{} // it was only slow, and tells after all
	for end := time.Now().Add(20 * time.Second); err != nil && time.Now().Before(end); {
		r, err = w.call("late", key("k"), on("bob"))
	}
	if err != nil || b.runs.Load() != 0 {
		t.Errorf("when it is known after all: %+v, %v", r, err)
	}
}

func TestAToolThatTakesNoKeySaysSo(t *testing.T) {
	w := newWorld(t, nil)
	a := w.start("alice", "1.0.0", node.None)
	if r, err := w.call("x", key("k")); !errors.Is(err, invoke.ErrNoKeys) || r.Outcome != invoke.NotRun || a.runs.Load() != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := w.call("x", key(string(make([]byte, invoke.MaxKey+1)))); !errors.Is(err, invoke.ErrCall) {
		t.Errorf("a long key: %v", err)
	}
}

// processes are those that the registry watches: a test ends them.
type processes struct {
	mu   sync.Mutex
	gone map[string]func()
}

func (p *processes) Watch(process event.Process, gone func()) (stop func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone[process.Host] = gone
	return func() {}, nil
}

// kill has the registry believe that x's process ended.
func (w *world) kill(x *worker) {
	w.ends.mu.Lock()
	gone := w.ends.gone["host-of-"+string(x.Manifest().Name)]
	w.ends.mu.Unlock()
	gone()
}

// TestAPureToolKeepsNoKeys: it runs again, also with other arguments, and the caller
// is told.
func TestAPureToolKeepsNoKeys(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.Pure)
	for _, text := range []string{"a", "b"} {
		r, err := w.call(text, key("k"))
		if err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "key is not kept") {
			t.Errorf("got %+v, %v; want a warning", r, err)
		}
	}
	if n := x.runs.Load(); n != 2 {
		t.Errorf("%d runs, want 2", n)
	}
}
