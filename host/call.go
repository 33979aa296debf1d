package host

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// An Outcome is how a call ended.
type Outcome struct {
	Status   node.Result
	Result   json.RawMessage // valid by the tool's contract, null when it was skipped; nil when there is an Error
	Error    *fault.Report   // set exactly when Status is error
	Rejected bool            // the tool was not run at all, so that a repetition is harmless
	Duration time.Duration

	Correlation event.ID // of the call; never zero

	open bool // more may come to be known of it: it is not remembered
}

// A request is a call as it reaches the host.
type request struct {
	tool node.ToolName
	args json.RawMessage
	key  string
	life *life // on a bus; nil for a direct call
}

// Call executes a tool directly, without a bus, exactly as a call from a bus is
// executed: the arguments and the result are checked by the tool's contract
// (ONEX_CONTRACT_041_VIOLATED, [ErrResult]), and its time limit holds. No arguments read as an empty object. Whatever goes
// wrong is in the Outcome.
func (h *Host) Call(ctx context.Context, name node.ToolName, args json.RawMessage) Outcome {
	return h.handle(ctx, request{tool: name, args: args})
}

// handle is Call for a request.
func (h *Host) handle(ctx context.Context, r request) Outcome {
	begin := time.Now()
	ctx = ensureCorrelation(ctx)
	ctx, span := h.span(ctx, r)
	o := h.outcome(ctx, r)
	span.Status(string(o.Status))
	span.Fail(o.Error)
	o.Duration, o.Correlation = time.Since(begin), Correlation(ctx)
	return o
}

// span begins the span of a call.
func (h *Host) span(ctx context.Context, r request) (context.Context, *trace.Running) {
	if h.o.Trace == nil {
		return ctx, nil
	}
	var args map[string]json.RawMessage
	_ = json.Unmarshal(r.args, &args) // what is no object has no names, and is refused
	return trace.Begin(ctx, h.o.Trace, trace.Span{
		Operation: "tool", Function: string(r.tool), Kind: trace.Server,
		Node: string(h.manifest.Name), NodeID: string(h.id), Correlation: trace.ID(Correlation(ctx)),
		Arguments: slices.Sorted(maps.Keys(args)),
	})
}

func (h *Host) outcome(ctx context.Context, r request) Outcome {
	t, ok := h.tools[r.tool]
	if !ok {
		return rejected(ErrNoTool.With("node %q has no tool %q", h.manifest.Name, r.tool))
	}
	if len(bytes.TrimSpace(r.args)) == 0 {
		r.args = json.RawMessage("{}")
	}
	if err := t.in.Validate(r.args); err != nil {
		return rejected(fmt.Errorf("arguments of %q: %w", r.tool, schema.OfTool(err, r.tool)))
	}
	if !h.enter() {
		return rejected(ErrClosed.With("node %q", h.manifest.Name))
	}
	defer h.calls.Done()
	switch {
	case r.key == "" || t.Idempotency == node.Pure: // repeating it does no harm
		return h.execute(ctx, t, r.args)
	case t.keys == nil:
		return rejected(ErrNoKeys.With("tool %q has idempotency %s", r.tool, t.Idempotency))
	}
	return h.once(ctx, t, r)
}

func (h *Host) execute(ctx context.Context, t *tool, args json.RawMessage) Outcome {
	status, result, err := t.perform(ctx, args)
	if err == nil {
		return Outcome{Status: status, Result: result}
	}
	o := rejected(err)
	_, o.Rejected = err.(notRun)
	if o.Error.Code == ErrPanic.Code {
		h.log.Error(o.Error.Message, "stack", o.Error.Details["stack"], "correlation_id", Correlation(ctx).String())
		delete(o.Error.Details, "stack") // it is the operator's business, not the caller's
	}
	return o
}

// notRun marks an error of a runner that did not begin.
type notRun struct{ error }

func (e notRun) Unwrap() error { return e.error }

func rejected(err error) Outcome {
	r := fault.ReportOf(err)
	return Outcome{Status: node.Failed, Error: &r, Rejected: true}
}

type correlationKey struct{}

// WithCorrelation returns a context in which calls have the given correlation
// id.
func WithCorrelation(ctx context.Context, id event.ID) context.Context {
	return context.WithValue(ctx, correlationKey{}, id)
}

// Correlation returns the correlation id of the call that ctx belongs to. It is
// never zero within a tool; outside a call it is zero.
func Correlation(ctx context.Context) event.ID {
	id, _ := ctx.Value(correlationKey{}).(event.ID)
	return id
}

func ensureCorrelation(ctx context.Context) context.Context {
	if Correlation(ctx).IsZero() {
		return WithCorrelation(ctx, event.NewID())
	}
	return ctx
}
