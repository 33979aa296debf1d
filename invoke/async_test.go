package invoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// dispatching has w's client make the calls that are left.
func (w *world) dispatching(o invoke.DispatchOptions) (stop func()) {
	if o.Backoff == nil {
		o.Backoff = []time.Duration{time.Millisecond, time.Millisecond}
	}
	return w.background(func(ctx context.Context) error { return w.client.Dispatch(ctx, &o) })
}

func (w *world) send(text string, more ...func(*invoke.Call)) invoke.Sent {
	w.t.Helper()
	args, err := json.Marshal(in{text})
	if err != nil {
		w.t.Fatal(err)
	}
	call := invoke.Call{Tool: "work", Args: args}
	for _, f := range more {
		f(&call)
	}
	s, err := w.client.Send(w.t.Context(), call)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// kept waits for the kept copy of what came of a call.
func (w *world) kept(s invoke.Sent) event.Payload {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	sub, err := w.bus.Subscribe(ctx, event.FilterKind(event.KindToolProxyResult), &bus.Options{Class: bus.Durable, Start: bus.StartAll})
	if err != nil {
		w.t.Fatal(err)
	}
	defer sub.Close()
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			w.t.Fatalf("nothing came of the call: %v", err)
		}
		_ = d.Ack(ctx)
		if d.Event.Correlation.String() == s.CorrelationID {
			return d.Event.Payload
		}
	}
}

// letter waits for the dead letter of a call.
func (w *world) letter(s invoke.Sent) bus.DeadLetter {
	w.t.Helper()
	var all []bus.DeadLetter
	i := -1
	soon.True(w.t, "the call is a dead letter", func() bool {
		var err error
		if all, err = w.bus.DeadLetters(w.t.Context(), 100); err != nil {
			w.t.Fatal(err)
		}
		i = slices.IndexFunc(all, func(l bus.DeadLetter) bool { return l.Event.ID.String() == s.EventID })
		return i >= 0
	})
	return all[i]
}

func TestACallThatWaitsIsMade(t *testing.T) {
	for _, idempotency := range []node.Idempotency{node.None, node.Keyed, node.Pure} {
		t.Run(string(idempotency), func(t *testing.T) {
			w := newWorld(t, nil)
			x := w.start("alice", "1.0.0", idempotency)
			w.dispatching(invoke.DispatchOptions{})
			s := w.send("hello")
			if p, ok := w.kept(s).(event.ToolProxyResult); !ok || !strings.Contains(string(p.Result), "hello") || x.runs.Load() != 1 {
				t.Errorf("got %+v after %d runs", p, x.runs.Load())
			}
		})
	}
}

func TestACallThatFailsIsADeadLetterAndCanBeRedriven(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	w.dispatching(invoke.DispatchOptions{})
	l := w.letter(w.send("fail"))
	if !strings.Contains(l.Reason, "ONEX_WORKER_001_FAILED") || x.runs.Load() != 1 {
		t.Errorf("%+v after %d runs", l, x.runs.Load())
	}
	if _, err := w.bus.Redrive(t.Context(), l.Number); err != nil {
		t.Fatal(err)
	}
	soon.True(t, "it runs again", func() bool { return x.runs.Load() >= 2 })
	if n := x.runs.Load(); n != 2 {
		t.Errorf("%d runs after a redrive", n)
	}
}

func TestACallThatNobodyTakesIsADeadLetter(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	s := w.send("hello", func(c *invoke.Call) { c.Version = "^2" })
	if len(s.Warnings) != 1 {
		t.Errorf("warnings %q", s.Warnings)
	}
	w.dispatching(invoke.DispatchOptions{})
	l := w.letter(s)
	if !strings.Contains(l.Reason, "ONEX_INVOKE_004_NO_MATCHING_PROVIDER") || l.Attempts != 3 || x.runs.Load() != 0 {
		t.Errorf("%+v after %d runs", l, x.runs.Load())
	}
}

func TestACallThatIsNotAdmittedIsADeadLetter(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	w.dispatching(invoke.DispatchOptions{Admit: func(event.Subject, event.Event, node.Tool) error { return errWork.With("not you") }})
	if l := w.letter(w.send("hello")); !strings.Contains(l.Reason, "not you") || l.Attempts != 1 || x.runs.Load() != 0 {
		t.Errorf("%+v after %d runs", l, x.runs.Load())
	}
}

func TestSendChecksWhatItCan(t *testing.T) {
	w := newWorld(t, nil)
	w.start("alice", "1.0.0", node.None)
	for name, call := range map[string]invoke.Call{
		"no such tool":    {Tool: "wrok"},
		"wrong arguments": {Tool: "work", Args: json.RawMessage(`{"text":1}`)},
		"a key":           {Tool: "work", Args: json.RawMessage(`{"text":"x"}`), IdempotencyKey: "k"},
		"a policy":        {Tool: "work", Policy: "fastest"},
	} {
		if _, err := w.client.Send(t.Context(), call); err == nil || fault.ClassOf(err).Retryable() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.client.Send(t.Context(), invoke.Call{Tool: "wrok"}); !errors.Is(err, invoke.ErrNoTool) {
		t.Errorf("got %v", err)
	}
}
