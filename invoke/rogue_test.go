package invoke_test

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
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// rogue puts a node on the bus that answers calls of "work" as it likes: no host
// keeps it from breaking its contract. nil is no answer.
func (w *world) rogue(name node.Name, output string, answer func(event.ToolProxyInvoke) event.Payload) node.ID {
	w.t.Helper()
	id := event.NewID().String()
	sub, err := w.bus.Subscribe(w.t.Context(), event.FilterTo(id), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	accepted := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			d, err := sub.Next(context.Background())
			if err != nil {
				return
			}
			switch p := d.Event.Payload.(type) {
			case event.NodeAnnounceAccepted:
				close(accepted)
			case event.ToolProxyInvoke:
				if a := answer(p); a != nil {
					_ = bus.Answer(context.Background(), w.bus, name, d.Event, id, a)
				}
			}
		}
	}()
	w.t.Cleanup(func() { sub.Close(); <-done })
	a := event.NodeAnnounce{
		NodeID: node.ID(id), Status: event.AnnounceOnline, TTL: time.Minute,
		Manifest: node.Manifest{Name: name, Version: "1.0.0", Runtime: node.Go},
		Contract: node.Contract{Node: name, Version: "1.0.0", Tools: []node.Tool{{
			Name: "work", Input: json.RawMessage(`{"type":"object"}`), Output: json.RawMessage(output), Idempotency: node.Keyed,
		}}},
	}
	if _, err := w.bus.Publish(w.t.Context(), event.NewSubject(a.Kind(), name), event.New(id, a, event.ID{})); err != nil {
		w.t.Fatal(err)
	}
	<-accepted
	return node.ID(id)
}

func result(status node.Result, raw string) event.Payload {
	return event.ToolProxyResult{ToolName: "work", NodeID: "rogue", Status: status, Result: json.RawMessage(raw)}
}

func TestResultsOfARogueAreChecked(t *testing.T) {
	for name, tt := range map[string]struct {
		answer event.Payload
		want   error
	}{
		"wrong result":  {result(node.Success, `7`), invoke.ErrResult},
		"wrong status":  {result(node.Failed, `"x"`), invoke.ErrProtocol},
		"wrong kind":    {event.NodeHeartbeat{NodeID: "rogue"}, invoke.ErrProtocol},
		"right":         {result(node.Warning, `"x"`), nil},
		"skipped":       {result(node.Skipped, `null`), nil},
		"its own error": {event.ToolProxyError{ToolName: "work", NodeID: "rogue", Error: fault.Report{Code: errWork.Code, Class: fault.Denied, Message: "no"}}, errWork},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.rogue("rogue", `{"type":"string"}`, func(event.ToolProxyInvoke) event.Payload { return tt.answer })
			r, err := w.call("x")
			if !errors.Is(err, tt.want) || (err == nil) != (r.Error == nil) {
				t.Errorf("got %+v, %v, want %v", r, err, tt.want)
			}
		})
	}
}

func refusal(class fault.Class) event.Payload {
	return event.ToolProxyRejected{ToolName: "work", NodeID: "rogue", Error: fault.Report{
		Code: "ONEX_HOST_005_BUSY", Class: class, Message: "too many calls",
	}}
}

func TestARejectedCallGoesToAnotherNode(t *testing.T) {
	w := newWorld(t, nil)
	w.rogue("busy", `{}`, func(event.ToolProxyInvoke) event.Payload { return refusal(fault.Exhausted) })
	w.start("alice", "1.0.0", node.None)
	if r, err := w.call("x"); err != nil || from(r) != "alice" {
		t.Errorf("%s answers, %v; want alice", from(r), err)
	}
}

func TestARejectedCallIsTriedAgainWhenThereIsNobodyElse(t *testing.T) {
	w := newWorld(t, nil)
	n := 0
	w.rogue("busy", `{}`, func(event.ToolProxyInvoke) event.Payload {
		if n++; n < 3 {
			return refusal(fault.Unavailable)
		}
		return result(node.Success, `{}`)
	})
	if _, err := w.call("x"); err != nil || n != 3 {
		t.Errorf("after %d attempts: %v", n, err)
	}
}

func TestRefusalsThatStayAreToldInTheEnd(t *testing.T) {
	w := newWorld(t, nil)
	calls := 0
	w.rogue("busy", `{}`, func(event.ToolProxyInvoke) event.Payload {
		calls++
		return refusal(fault.Exhausted)
	})
	r, err := w.call("x")
	if fault.ClassOf(err) != fault.Exhausted || r.Error == nil || r.Error.Code != "ONEX_HOST_005_BUSY" {
		t.Errorf("got %+v, %v", r.Error, err)
	}
	if calls < 2 || calls > 5 {
		t.Errorf("%d attempts", calls)
	}
}

func TestARefusalForGoodIsNotRepeated(t *testing.T) {
	w := newWorld(t, nil)
	calls := 0
	w.rogue("strict", `{}`, func(event.ToolProxyInvoke) event.Payload {
		calls++
		return refusal(fault.Conflict)
	})
	if _, err := w.call("x"); fault.ClassOf(err) != fault.Conflict || calls != 1 {
		t.Errorf("after %d attempts: %v", calls, err)
	}
}

func TestSilenceIsAnUnknownOutcomeAndNotRepeated(t *testing.T) {
	w := newWorld(t, nil)
	calls := make(chan event.ToolProxyInvoke, 10)
	w.rogue("silent", `{}`, func(p event.ToolProxyInvoke) event.Payload {
		calls <- p
		return nil
	})
	_, err := w.call("x", func(c *invoke.Call) { c.Timeout, c.IdempotencyKey = 100*time.Millisecond, "k" })
	if !errors.Is(err, invoke.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	if p := <-calls; p.IdempotencyKey != "k" || p.TimeoutMS <= 0 || p.TimeoutMS > 100 || p.Incarnation == 0 {
		t.Errorf("the call was %+v", p)
	}
	if len(calls) > 0 {
		t.Error("it was repeated")
	}
}

func TestDifferentPromisesUnderOneNameAreTold(t *testing.T) {
	w := newWorld(t, nil)
	w.start("alice", "1.0.0", node.None)
	w.rogue("other", `{"type":"string"}`, func(event.ToolProxyInvoke) event.Payload { return result(node.Success, `"x"`) })
	for {
		r, err := w.call("x", func(c *invoke.Call) { c.Policy = invoke.RoundRobin })
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.Join(r.Warnings, " "), "2 different things") {
			return // the client has heard of the second one
		}
	}
}

// reconnecting is a bus whose connection the test breaks.
type reconnecting struct {
	bus.Bus
	again chan struct{}
}

func (r reconnecting) Reconnected(context.Context) <-chan struct{} { return r.again }

func TestAClientSurvivesReconnecting(t *testing.T) {
	w := newWorld(t, nil)
	w.start("alice", "1.0.0", node.None)
	b := reconnecting{w.bus, make(chan struct{})}
	c, err := invoke.NewClient(t.Context(), b, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2 {
		if _, err := c.Invoke(t.Context(), invoke.Call{Tool: "work", Args: json.RawMessage(`{"text":"x"}`)}); err != nil {
			t.Fatal(err)
		}
		b.again <- struct{}{}
	}
	close(b.again)
}

func TestManyCallsAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.start("alice", "1.0.0", node.None)
	const callers = 1000
	failed := make(chan error, callers)
	for range callers {
		go func() {
			_, err := w.call("x")
			failed <- err
		}()
	}
	for range callers {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}
