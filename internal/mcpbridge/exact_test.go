package mcpbridge_test

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/mcpbridge"
)

// A raw client writes what no client of the SDK would.
type raw struct {
	t       *testing.T
	input   *io.PipeWriter
	answers *json.Decoder
	done    chan error // of Run
}

type answer struct {
	ID    int
	Error *struct {
		Code int
		Data struct{ Code string }
	}
	Result struct {
		ResultType string
		IsError    bool
	}
}

func newRaw(t *testing.T, s *mcpbridge.Server) *raw {
	in, input := io.Pipe()
	output, out := io.Pipe()
	r := &raw{t: t, input: input, answers: json.NewDecoder(output), done: make(chan error, 1)}
	go func() { r.done <- s.RunStreams(context.Background(), in, out) }()
	return r
}

func (r *raw) ask(line string) (a answer) {
	r.t.Helper()
	if _, err := io.WriteString(r.input, line+"\n"); err != nil {
		r.t.Fatal(err)
	}
	if err := r.answers.Decode(&a); err != nil {
		r.t.Fatal(err)
	}
	return a
}

// leave closes the client's end.
func (r *raw) leave() {
	r.t.Helper()
	r.input.Close()
	if err := <-r.done; err != nil {
		r.t.Errorf("Run = %v at the end of the input", err)
	}
}

const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}`

func TestAmbiguousMessagesAreRefused(t *testing.T) {
	w := newWorld(t)
	g := &greeter{}
	w.run(g.host)
	c := newRaw(t, w.serve(nil))
	c.ask(hello)
	for _, params := range []string{
		`{"name":"count","arguments":{},"arguments":{}}`,
		`{"name":"greet","name":"count"}`,
		`{"name":"greet","arguments":{"name":"Ada","name":"Eve"}}`,
		`{"name":"greet","arguments":` + strings.Repeat("[", 80) + strings.Repeat("]", 80) + `}`,
	} {
		a := c.ask(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":` + params + `}`)
		if a.ID != 2 || a.Error == nil || a.Error.Code != -32602 || a.Error.Data.Code != "ONEX_CONTRACT_042_NOT_JSON" {
			t.Errorf("%s is answered %+v", params, a)
		}
	}
	if g.runs.Load() != 0 {
		t.Errorf("%d of them were run", g.runs.Load())
	}
	if a := c.ask(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"count"}}`); a.Error != nil {
		t.Errorf("a good call afterwards is answered %+v", a.Error)
	}
	c.leave()
}

func TestTheEndOfTheInputCostsNoAnswer(t *testing.T) {
	w := newWorld(t)
	g := &greeter{wait: make(chan struct{})}
	w.run(g.host)
	started, err := w.bus.Subscribe(t.Context(), "tool_proxy_invoke.>", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer started.Close()
	c := newRaw(t, w.serve(nil))
	c.ask(hello)
	if _, err := io.WriteString(c.input, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"greet","arguments":{"name":"wait"}}}`+"\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := started.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.input.Close()
	close(g.wait)
	var a answer
	if err := c.answers.Decode(&a); err != nil || a.ID != 2 || a.Error != nil || a.Result.IsError {
		t.Errorf("the last call is answered %+v, %v", a, err)
	}
	c.leave()
}

func TestAnswersOfVanishedToolsAreComplete(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)()
	c := newRaw(t, w.serve(nil))
	a := c.ask(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"count","_meta":{` +
		`"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`)
	if a.Error != nil || !a.Result.IsError || a.Result.ResultType != "complete" {
		t.Errorf("a tool that vanished answers %+v", a)
	}
	c.leave()
}
