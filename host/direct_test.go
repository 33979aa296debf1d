package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

type greetIn struct {
	Name string `json:"name" jsonschema:"whom to greet"`
}

type greetOut struct {
	Greeting string `json:"greeting"`
}

func (o greetOut) ResultStatus() node.Result {
	if o.Greeting == "Hello, nobody!" {
		return node.Skipped
	}
	return node.Success
}

var errShy = fault.New("ONEX_GREETER_001_SHY", fault.Denied, "the greeter is shy")

func greet(ctx context.Context, in greetIn) (greetOut, error) {
	switch in.Name {
	case "panic":
		panic("boom")
	case "shy":
		return greetOut{}, errShy.With("%q", in.Name)
	case "slow":
		<-ctx.Done()
		return greetOut{}, ctx.Err()
	}
	return greetOut{Greeting: "Hello, " + in.Name + "!"}, nil
}

func manifest(name node.Name) node.Manifest {
	return node.Manifest{Name: name, Version: "1.2.3", Runtime: node.Go, Description: "for tests"}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func greeter(o *host.Options) *host.Host {
	if o == nil {
		o = &host.Options{}
	}
	o.Log = quiet()
	h := host.New(manifest("greeter"), o)
	host.Handle(h, "greet", "greets somebody", greet, &host.ToolOptions{Idempotency: node.Pure, Timeout: 100 * time.Millisecond})
	return h
}

func code(o host.Outcome) fault.Code {
	if o.Error == nil {
		return ""
	}
	return o.Error.Code
}

func TestCallChecksBothSidesOfTheContract(t *testing.T) {
	h := greeter(nil)
	host.Handle(h, "blank", "answers nil where its contract has a list", func(context.Context, struct{}) (json.RawMessage, error) {
		return json.RawMessage(`{"a":1,"a":2}`), nil
	}, nil)
	for _, tt := range []struct {
		tool     node.ToolName
		args     string
		status   node.Result
		result   string
		code     fault.Code
		rejected bool
	}{
		{"greet", `{"name":"Ada"}`, node.Success, `{"greeting":"Hello, Ada!"}`, "", false},
		{"greet", `{"name":"nobody"}`, node.Skipped, `{"greeting":"Hello, nobody!"}`, "", false},
		{"greet", `{}`, node.Failed, "", schema.ErrViolated.Code, true},
		{"greet", ``, node.Failed, "", schema.ErrViolated.Code, true},
		{"greet", `{"name":1}`, node.Failed, "", schema.ErrViolated.Code, true},
		{"greet", `{"name":"Ada","Name":"Eve"}`, node.Failed, "", schema.ErrViolated.Code, true},
		{"greet", `{"name":"Ada"`, node.Failed, "", schema.ErrDocument.Code, true},
		{"greet", `{"name":"shy"}`, node.Failed, "", errShy.Code, false},
		{"greet", `{"name":"panic"}`, node.Failed, "", host.ErrPanic.Code, false},
		{"greet", `{"name":"slow"}`, node.Failed, "", host.ErrTimeout.Code, false},
		{"blank", ``, node.Failed, "", host.ErrResult.Code, false},
		{"wave", `{}`, node.Failed, "", host.ErrNoTool.Code, true},
	} {
		t.Run(string(tt.tool)+tt.args, func(t *testing.T) {
			o := h.Call(t.Context(), tt.tool, json.RawMessage(tt.args))
			if o.Status != tt.status || string(o.Result) != tt.result || code(o) != tt.code || o.Rejected != tt.rejected {
				t.Errorf("got %s %s %q rejected %t, want %s %s %q rejected %t",
					o.Status, o.Result, code(o), o.Rejected, tt.status, tt.result, tt.code, tt.rejected)
			}
			if o.Duration <= 0 || o.Correlation.IsZero() {
				t.Errorf("duration %s, correlation %s", o.Duration, o.Correlation)
			}
		})
	}
}

func TestThePanicsStackStaysWithTheOperator(t *testing.T) {
	o := greeter(nil).Call(t.Context(), "greet", json.RawMessage(`{"name":"panic"}`))
	if got := fmt.Sprint(*o.Error); strings.Contains(got, "goroutine") {
		t.Errorf("the caller sees the stack: %s", got)
	}
}

func TestContractIsDerivedFromWhatIsRegistered(t *testing.T) {
	h := greeter(nil)
	host.Handle(h, "bow", "bows", func(context.Context, struct{}) (greetOut, error) { return greetOut{}, nil }, nil)
	c := h.Contract()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	var names []node.ToolName
	for _, tool := range c.Tools {
		names = append(names, tool.Name)
	}
	if diff := cmp.Diff([]node.ToolName{"bow", "greet"}, names); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
	got, _ := c.Tool("greet")
	const input = `{"type":"object","properties":{"name":{"description":"whom to greet","type":"string"}},"required":["name"],"additionalProperties":false}`
	if string(got.Input) != input || got.TimeoutMS != 100 || got.Idempotency != node.Pure {
		t.Errorf("greet = %s, timeout %d, %s", got.Input, got.TimeoutMS, got.Idempotency)
	}
	if c.Node != "greeter" || c.Version != "1.2.3" {
		t.Errorf("contract of %s@%s", c.Node, c.Version)
	}
}

func TestHandleRefusesDefectsAtStartUp(t *testing.T) {
	for name, register := range map[string]func(*host.Host){
		"twice": func(h *host.Host) {
			host.Handle(h, "greet", "again", greet, nil)
		},
		"no schema": func(h *host.Host) {
			host.Handle(h, "f", "", func(context.Context, struct{ C chan int }) (greetOut, error) { return greetOut{}, nil }, nil)
		},
		"bad name": func(h *host.Host) {
			host.Handle(h, "Not a Name", "", greet, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			register(greeter(nil))
		})
	}
}

func TestCorrelationReachesTheTool(t *testing.T) {
	h := host.New(manifest("echo"), &host.Options{Log: quiet()})
	host.Handle(h, "correlation", "", func(ctx context.Context, _ struct{}) (string, error) {
		return host.Correlation(ctx).String(), nil
	}, nil)
	id := event.NewID()
	o := h.Call(host.WithCorrelation(t.Context(), id), "correlation", nil)
	if got, want := string(o.Result), fmt.Sprintf("%q", id); got != want || o.Correlation != id {
		t.Errorf("got %s and %s, want %s", got, o.Correlation, want)
	}
}

func TestAClosedHostRefuses(t *testing.T) {
	h := greeter(nil)
	if err := errors.Join(h.Close(), h.Close()); err != nil {
		t.Fatal(err)
	}
	o := h.Call(t.Context(), "greet", json.RawMessage(`{"name":"Ada"}`))
	if code(o) != host.ErrClosed.Code || !o.Rejected {
		t.Errorf("got %+v", o)
	}
}

func TestACanceledCallSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := greeter(nil).Call(ctx, "greet", json.RawMessage(`{"name":"slow"}`))
	if o.Error == nil || o.Error.Class != fault.Canceled {
		t.Errorf("got %+v", o)
	}
}

func TestIntrospectionIsDerived(t *testing.T) {
	h := greeter(nil)
	i := h.Introspect()
	if i.Metadata.Name != "greeter" || len(i.Contract.Tools) != 1 || i.Instance.NodeID != h.ID() {
		t.Errorf("got %+v", i)
	}
	raw, err := json.Marshal(i)
	if err != nil || !json.Valid(raw) {
		t.Errorf("no JSON: %v", err)
	}
}

func ExampleHandle() {
	type In struct {
		Name string `json:"name"`
	}
	type Out struct {
		Greeting string `json:"greeting"`
	}
	h := host.New(node.Manifest{Name: "greeter", Version: "1.0.0"}, nil)
	host.Handle(h, "greet", "greets somebody", func(_ context.Context, in In) (Out, error) {
		return Out{"Hello, " + in.Name + "!"}, nil
	}, nil)

	o := h.Call(context.Background(), "greet", json.RawMessage(`{"name":"Ada"}`))
	fmt.Println(o.Status, string(o.Result))
	o = h.Call(context.Background(), "greet", json.RawMessage(`{}`))
	fmt.Println(o.Status, o.Error.Code)
	// Output:
	// success {"greeting":"Hello, Ada!"}
	// error ONEX_CONTRACT_041_VIOLATED
}
