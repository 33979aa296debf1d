package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

func TestAQuestionIsAnError(t *testing.T) {
	for _, c := range []struct{ requests, message string }{
		{`{"b":{"method":"roots/list"},"a":{"method":"elicitation/create"}}`, "a (elicitation/create), b (roots/list)"},
		{`{}`, "it is to be called again"},
		{``, "it is to be called again"},
		{`[1]`, "it is to be called again"},
	} {
		want := host.Question{Requests: json.RawMessage(c.requests), State: "s1"}
		err := fault.ReportOf(host.Ask(want)).Err() // as it comes from the wire
		if got, ok := host.Asked(err); !ok || !errors.Is(err, host.ErrInput) || cmp.Diff(want, got) != "" {
			t.Errorf("%s: %+v, %v", c.requests, got, err)
		}
		if text := host.ErrInput.Text + ": " + c.message; err.Error() != text {
			t.Errorf("%s: %q, want %q", c.requests, err, text)
		}
	}
	if q, ok := host.Asked(host.ErrBusy.With("x")); ok {
		t.Errorf("another error asks %+v", q)
	}
}

// TestATalkWithTheCaller calls a tool that says how far it is, asks, and is called
// again with the answers.
func TestATalkWithTheCaller(t *testing.T) {
	type said struct {
		Answers json.RawMessage `json:"answers"`
		State   string          `json:"state"`
	}
	w := newWorld(t, accept)
	o := &host.Options{Log: quiet()}
	ready := readiness(o)
	h := host.New(manifest("oracle"), o)
	host.Handle(h, "ask", "", func(ctx context.Context, _ struct{}) (said, error) {
		host.Progress(ctx, 1, 3, "thinking")
		answers, state := host.Answers(ctx)
		if answers == nil && host.CanAnswer(ctx, "elicitation") && !host.CanAnswer(ctx, "sampling") {
			return said{}, host.Ask(host.Question{Requests: json.RawMessage(`{"q":{"method":"elicitation/create"}}`), State: "s1"})
		}
		return said{answers, state}, nil
	}, nil)
	w.run(h, ready)

	answer, heard := w.talk(h, "ask", `{}`, event.Dialogue{Listening: true, CanAnswer: json.RawMessage(`{"elicitation":{}}`)})
	q := questionIn(t, answer)
	if want := (host.Question{Requests: json.RawMessage(`{"q":{"method":"elicitation/create"}}`), State: "s1"}); cmp.Diff(want, q) != "" {
		t.Errorf("it asks %s", cmp.Diff(want, q))
	}
	if diff := cmp.Diff([]event.Payload{event.ToolProxyProgress{ToolName: "ask", NodeID: h.ID(), Progress: 1, Total: 3, Message: "thinking"}}, heard); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	answer, heard = w.talk(h, "ask", `{}`, event.Dialogue{Answers: json.RawMessage(`{"q":"yes"}`), State: q.State})
	if r, ok := answer.(event.ToolProxyResult); !ok || string(r.Result) != `{"answers":{"q":"yes"},"state":"s1"}` || len(heard) != 0 {
		t.Errorf("with answers: %+v; heard %v", answer, heard)
	}
	if r, ok := w.call(h, invoke("ask", `{}`)).Payload.(event.ToolProxyResult); !ok || string(r.Result) != `{"answers":null,"state":""}` {
		t.Errorf("a caller that cannot be asked: %+v", r)
	}
}

// TestAProgramAsksItsCaller does the same with a program that speaks MCP, which waits
// meanwhile.
func TestAProgramAsksItsCaller(t *testing.T) {
	w := newWorld(t, accept)
	o := &host.Options{Log: quiet()}
	ready := readiness(o)
	h, err := host.Load(t.Context(), mcpDir(t, "", ""), o)
	if err != nil {
		t.Fatal(err)
	}
	w.run(h, ready)
	can := json.RawMessage(`{"elicitation":{}}`)
	ask := func() host.Question {
		answer, heard := w.talk(h, "ask", `{}`, event.Dialogue{Listening: true, CanAnswer: can})
		want := []event.Payload{
			event.ToolProxyProgress{ToolName: "ask", NodeID: h.ID(), Progress: 1, Total: 2, Message: "half"},
			event.StructuredLog{Level: event.LevelInfo, Message: "hm", Context: event.LogContext{NodeID: string(h.ID())},
				Attributes: json.RawMessage(`{"level":"notice","logger":"oracle","data":"hm"}`)},
		}
		if diff := cmp.Diff(want, heard); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
		return questionIn(t, answer)
	}
	for _, c := range []struct {
		name     string
		args     string
		dialogue event.Dialogue
		waiting  bool // the state is that of a call that waits
		result   string
		code     fault.Code
	}{
		{name: "answered", args: `{}`, dialogue: event.Dialogue{Answers: json.RawMessage(`{"input_1":{"which":"left"}}`)}, waiting: true, result: `{"which":"left"}`},
		{name: "another call", args: `{"n":1}`, dialogue: event.Dialogue{Answers: json.RawMessage(`{"input_1":{}}`)}, waiting: true, code: host.ErrAnswers.Code},
		{name: "an unknown state", args: `{}`, dialogue: event.Dialogue{State: "s1", Answers: json.RawMessage(`{}`)}, code: host.ErrAnswers.Code},
		{name: "nobody can answer", args: `{}`, result: `{"refused":"the caller cannot be asked: elicitation"}`},
		{name: "another way", args: `{"how":"roots/list"}`, dialogue: event.Dialogue{CanAnswer: can}, result: `{"refused":"the caller cannot be asked: roots"}`},
		{name: "a method of its own", args: `{"how":"door/open"}`, dialogue: event.Dialogue{CanAnswer: can}, result: `{"refused":"method not found: door/open"}`},
		{name: "without the answer", args: `{}`, dialogue: event.Dialogue{Answers: json.RawMessage(`{"input_9":{}}`), CanAnswer: can}, waiting: true, code: host.ErrInput.Code}, // it waits on, so last
	} {
		if c.waiting {
			q := ask()
			if want := `{"input_1":{"method":"elicitation/create","params":{"message":"Which?"}}}`; !sameJSON(string(q.Requests), want) {
				t.Errorf("%s: it asks %s", c.name, q.Requests)
			}
			c.dialogue.State = q.State
		}
		answer, _ := w.talk(h, "ask", c.args, c.dialogue)
		result, code := "", fault.Code("")
		switch a := answer.(type) {
		case event.ToolProxyResult:
			result = string(a.Result)
		case event.ToolProxyError:
			code = a.Error.Code
		case event.ToolProxyRejected:
			code = a.Error.Code
		}
		if !sameJSON(result, c.result) || code != c.code {
			t.Errorf("%s: %q %q, want %q %q", c.name, result, code, c.result, c.code)
		}
	}
}

// talk calls a tool as a caller that hears and can answer, and returns the answer and
// what was heard before.
func (w *world) talk(h *host.Host, tool node.ToolName, args string, d event.Dialogue) (answer event.Payload, heard []event.Payload) {
	w.t.Helper()
	p := invoke(tool, args)
	p.Dialogue = d
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	a, err := w.caller.DoHearing(ctx, event.NewSubject(p.Kind(), "tester").To(string(h.ID())), event.New("caller", p, event.ID{}),
		func(e event.Event) { heard = append(heard, e.Payload) })
	if err != nil {
		w.t.Fatal(err)
	}
	return a.Payload, heard
}

// questionIn returns what an answer asks.
func questionIn(t *testing.T, answer event.Payload) host.Question {
	t.Helper()
	e, ok := answer.(event.ToolProxyError)
	if !ok {
		t.Fatalf("it answers %+v", answer)
	}
	q, ok := host.Asked(e.Error.Err())
	if !ok {
		t.Fatalf("it asks nothing: %+v", e.Error)
	}
	return q
}
