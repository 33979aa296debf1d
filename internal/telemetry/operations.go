package telemetry

import (
	"math"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/metric"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// Operations tell of what nodes of this process do: as TELEMETRY_OPERATION_START,
// _SUCCESS and _ERROR on a bus, and as numbers. They are a trace.Recorder: what
// is told are the spans of tools and of commands, not those of asking for them.
type Operations struct {
	Silent bool // counts, and publishes only what Tell is given; set before use

	sink  *sink // nil when nothing is published
	calls metric.Vector
}

// NewOperations returns Operations that publish on b, until Close, or count only
// when b is nil. What concerns no node comes from the one named from, whose instance is id.
func NewOperations(b Publisher, from node.Name, id string) *Operations {
	o := &Operations{calls: metric.Vector{
		Family: Described("onex_call_duration_seconds"), Labels: []string{"node", "tool", "status"},
	}}
	// From a function in Go to a program that works for a minute.
	o.calls.Family.Bounds = []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60}
	if b != nil {
		o.sink = newSink(b, from, id, operationRate)
	}
	return o
}

// Tell publishes another event of a node of this process, in its place among
// the others.
func (o *Operations) Tell(from node.Name, e event.Event) {
	if o.sink != nil {
		o.sink.put(message{from, e})
	}
}

// Close publishes what waits, for a limited time.
func (o *Operations) Close() {
	if o.sink != nil {
		o.sink.close()
	}
}

// Lost returns how many events were dropped.
func (o *Operations) Lost() uint64 {
	if o.sink == nil {
		return 0
	}
	return o.sink.lost.Load()
}

// Calls returns the durations of the calls so far.
func (o *Operations) Calls() metric.Family { return o.calls.Collect() }

// Sample implements trace.Recorder: whether a trace is exported is not decided here.
func (o *Operations) Sample(parent trace.Context, _ trace.ID) bool { return parent.Sampled }

// Began implements trace.Recorder.
func (o *Operations) Began(s trace.Span) {
	if told(s) {
		o.publish(s, event.TelemetryOperationStart{
			Operation: s.Operation, Function: s.Function, ArgsCount: len(s.Arguments), KwargsKeys: s.Arguments,
		})
	}
}

// Ended implements trace.Recorder.
func (o *Operations) Ended(s trace.Span) {
	if !told(s) {
		return
	}
	took := s.Ended.Sub(s.Began)
	o.calls.Observe(took.Seconds(), s.Node, s.Function, s.Status)
	if s.Error == nil {
		o.publish(s, event.TelemetryOperationSuccess{Operation: s.Operation, Function: s.Function, ExecutionTimeMS: millis(took), ResultType: s.Status})
		return
	}
	o.publish(s, event.TelemetryOperationError{
		Operation: s.Operation, Function: s.Function, ExecutionTimeMS: millis(took),
		ErrorType: string(s.Error.Class), ErrorMessage: s.Error.Message, Recoverable: s.Error.Class.Retryable(),
	})
}

// told reports whether s is the work of a node.
func told(s trace.Span) bool { return s.Operation == "tool" || s.Operation == "run" }

func (o *Operations) publish(s trace.Span, p event.Payload) {
	if o.sink == nil || o.Silent {
		return
	}
	id, from := o.sink.id, o.sink.from
	if s.Node != "" {
		id, from = s.NodeID, node.Name(s.Node)
	}
	e := event.New(id, p, event.ID(s.Correlation))
	e.TraceParent = s.Context.String()
	o.sink.put(message{from, e})
}

// millis returns d in milliseconds with two decimals.
func millis(d time.Duration) float64 { return math.Round(d.Seconds()*1e5) / 100 }
