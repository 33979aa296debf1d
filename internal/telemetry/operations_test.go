package telemetry_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/telemetry"
	"github.com/omninode-ai/onex/trace"
)

// A recorded event is what somebody at the bus sees of it.
type recorded struct {
	Subject     event.Subject
	NodeID      string
	Correlation event.ID
	TraceParent string
	Payload     event.Payload
}

// recorder is a bus that keeps what is published, or fails.
type recorder struct {
	events []recorded
	fails  error
}

func (r *recorder) Publish(_ context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	if r.fails == nil {
		r.events = append(r.events, recorded{s, e.NodeID, e.Correlation, e.TraceParent, e.Payload})
	}
	return bus.Receipt{}, r.fails
}

// span is a span of the greeter that took 1234.567 ms.
func span(operation string, err *fault.Report) trace.Span {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := trace.Span{
		Context:   trace.Context{Trace: trace.ID{1}, Span: trace.SpanID{2}, Sampled: true},
		Operation: operation, Function: "greet", Node: "greeter", NodeID: "g1", Correlation: trace.ID{7}, Arguments: []string{"name", "title"},
		Began: began, Ended: began.Add(1234567 * time.Microsecond), Status: "success", Error: err,
	}
	if err != nil {
		s.Status = "error"
	}
	return s
}

// TestOperationsAreTold holds what is published of spans, and which.
func TestOperationsAreTold(t *testing.T) {
	start := event.TelemetryOperationStart{Operation: "tool", Function: "greet", ArgsCount: 2, KwargsKeys: []string{"name", "title"}}
	failed := func(class fault.Class, retry bool) event.TelemetryOperationError {
		return event.TelemetryOperationError{Operation: "tool", Function: "greet", ExecutionTimeMS: 1234.57, ErrorType: string(class), ErrorMessage: "away", Recoverable: retry}
	}
	command := span("run", nil)
	command.Node, command.NodeID = "", ""
	for _, tt := range []struct {
		name string
		span trace.Span
		from string
		want []event.Payload
	}{
		{"a success", span("tool", nil), "greeter", []event.Payload{start,
			event.TelemetryOperationSuccess{Operation: "tool", Function: "greet", ExecutionTimeMS: 1234.57, ResultType: "success"}}},
		{"what may be tried again", span("tool", &fault.Report{Class: fault.Unavailable, Message: "away"}), "greeter", []event.Payload{start, failed(fault.Unavailable, true)}},
		{"what may not", span("tool", &fault.Report{Class: fault.Invalid, Message: "away"}), "greeter", []event.Payload{start, failed(fault.Invalid, false)}},
		{"a command, of no node", command, "tester", []event.Payload{
			event.TelemetryOperationStart{Operation: "run", Function: "greet", ArgsCount: 2, KwargsKeys: []string{"name", "title"}},
			event.TelemetryOperationSuccess{Operation: "run", Function: "greet", ExecutionTimeMS: 1234.57, ResultType: "success"}}},
		{"asking for it", span("invoke", nil), "", nil},
	} {
		b := &recorder{}
		o := telemetry.NewOperations(b, "tester", "t1")
		o.Began(tt.span)
		o.Ended(tt.span)
		o.Close()
		id := map[string]string{"greeter": "g1", "tester": "t1"}[tt.from]
		var want []recorded
		for _, p := range tt.want {
			want = append(want, recorded{event.Subject(p.Kind().Token() + "." + tt.from), id, event.ID{7}, "00-01000000000000000000000000000000-0200000000000000-01", p})
		}
		if diff := cmp.Diff(want, b.events); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestCallsAreCounted holds that calls are counted by how they ended, also where
// nothing is published, and that asking for them is not counted.
func TestCallsAreCounted(t *testing.T) {
	b := &recorder{}
	silent := telemetry.NewOperations(b, "tester", "t1")
	silent.Silent = true
	for name, o := range map[string]*telemetry.Operations{"silent": silent, "without a bus": telemetry.NewOperations(nil, "tester", "t1")} {
		o.Began(span("tool", nil))
		o.Ended(span("tool", nil))
		o.Ended(span("tool", nil))
		o.Ended(span("tool", &fault.Report{Class: fault.Invalid}))
		o.Ended(span("invoke", nil))
		o.Tell("greeter", event.New("g1", event.NodeStart{}, event.ID{}))
		o.Close()
		calls := map[string]uint64{}
		for _, s := range o.Calls().Samples {
			calls[s.Labels[0].Value+" "+s.Labels[1].Value+" "+s.Labels[2].Value] = s.Count
		}
		if diff := cmp.Diff(map[string]uint64{"greeter greet success": 2, "greeter greet error": 1}, calls); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if o.Lost() != 0 {
			t.Errorf("%s: %d events are lost", name, o.Lost())
		}
	}
	if len(b.events) != 1 || b.events[0].Payload.Kind() != event.KindNodeStart {
		t.Errorf("a silent one publishes %+v, want what it was told to", b.events)
	}
}

func TestWhatTheBusRefusesIsCounted(t *testing.T) {
	o := telemetry.NewOperations(&recorder{fails: errors.New("away")}, "tester", "t1")
	o.Began(span("tool", nil))
	o.Ended(span("tool", nil))
	o.Close()
	o.Close()
	o.Ended(span("tool", nil)) // after the end
	if o.Lost() != 3 {
		t.Errorf("%d events are lost, want 3", o.Lost())
	}
}

func TestTheCallerSaysWhetherATraceIsSampled(t *testing.T) {
	o := telemetry.NewOperations(nil, "tester", "t1")
	got := []bool{o.Sample(trace.Context{Sampled: true}, trace.ID{1}), o.Sample(trace.Context{}, trace.ID{1})}
	if !slices.Equal(got, []bool{true, false}) {
		t.Errorf("sampled: %v", got)
	}
}
