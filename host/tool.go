package host

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// ToolOptions are the parts of a tool's promise that Go types do not tell.
type ToolOptions struct {
	Errors        []node.ToolError
	Effects       []node.Effect
	Idempotency   node.Idempotency // default none
	Volatile      []string         // JSON Pointers into the result that may differ from call to call
	VolatileFiles []string         // patterns of files whose contents may differ from call to call
	Examples      []node.Scenario  // default those of the contract that is [Embedded]
	Timeout       time.Duration    // longest call: the deadline of the function's context; default DefaultTimeout
}

// A Statuser is a result that knows its status. A Go tool whose result type
// implements it can end as warning, skipped, fixed and so on; all other results
// are successes.
type Statuser interface {
	ResultStatus() node.Result
}

// A tool is a promise and what keeps it.
type tool struct {
	node.Tool
	in, out *schema.Validator
	limit   time.Duration
	run     runner
	keys    *keys // of a tool with idempotency key; else nil
}

// A runner executes a tool whose arguments are valid. Its error is what the
// caller gets; the result is checked by whoever calls it.
type runner func(ctx context.Context, args json.RawMessage) (node.Result, json.RawMessage, error)

// Handle registers f as a tool of h. The schemas of its arguments and its
// result are derived from In, a struct, and Out: fields without omitempty or
// omitzero are required, the tag jsonschema describes a field, and unknown
// arguments are refused.
//
// f is called from many goroutines at once. Its context ends when the caller's
// time is up or the host must stop, and carries the call's correlation id
// ([Correlation]); an f that goes on regardless keeps a worker busy. A panic of
// f is an error of that call alone. An error with a code reaches the caller as it is.
//
// Handle panics when the tool cannot be registered (a second tool of the name,
// a type without a schema): that is a defect found at start-up.
func Handle[In, Out any](h *Host, name node.ToolName, doc string, f func(context.Context, In) (Out, error), o *ToolOptions) {
	if o == nil {
		o = &ToolOptions{}
	}
	in, err := schema.For[In]()
	must(name, err)
	out, err := schema.For[Out]()
	must(name, err)
	examples := o.Examples
	if examples == nil {
		examples = h.examples[name]
	}
	must(name, h.register(node.Tool{
		Name: name, Description: doc, Input: in, Output: out,
		Errors: o.Errors, Effects: o.Effects, Idempotency: o.Idempotency, Volatile: o.Volatile, VolatileFiles: o.VolatileFiles,
		TimeoutMS: o.Timeout.Milliseconds(), Examples: examples,
	}, function(f), 0))
}

func must(name node.ToolName, err error) {
	if err != nil {
		panic(fmt.Sprintf("host: tool %q: %v", name, err))
	}
}

// function makes a runner of a Go function.
func function[In, Out any](f func(context.Context, In) (Out, error)) runner {
	return func(ctx context.Context, args json.RawMessage) (node.Result, json.RawMessage, error) {
		var in In
		if err := json.Unmarshal(args, &in); err != nil {
			return "", nil, ErrArguments.Wrap(err, "they do not fit %T", in)
		}
		out, err := f(ctx, in)
		if err != nil {
			return "", nil, err
		}
		raw, err := json.Marshal(out)
		if err != nil {
			return "", nil, ErrResult.Wrap(err, "%T has no JSON form", out)
		}
		if s, ok := any(out).(Statuser); ok {
			return s.ResultStatus(), raw, nil
		}
		return node.Success, raw, nil
	}
}

// register adds a tool to h. Its time limit is the given one, or else that of
// the contract, or else DefaultTimeout.
func (h *Host) register(t node.Tool, run runner, limit time.Duration) error {
	if h.tools[t.Name] != nil {
		return ErrContract.With("tool %q is registered twice", t.Name)
	}
	setDefault(&t.Idempotency, node.None)
	if err := schema.CheckContract(node.Contract{Node: h.manifest.Name, Tools: []node.Tool{t}}); err != nil {
		return err
	}
	in, err := schema.Compile(t.Input)
	if err != nil {
		return err
	}
	out, err := schema.Compile(t.Output)
	if err != nil {
		return err
	}
	if limit > 0 {
		t.TimeoutMS = min(limit, MaxTimeout).Milliseconds() // so that callers wait as long as the tool may take
	}
	setDefault(&limit, time.Duration(t.TimeoutMS)*time.Millisecond)
	limit = orDefault(limit, DefaultTimeout, MaxTimeout)
	h.tools[t.Name] = &tool{Tool: t, in: in, out: out, limit: limit, run: run}
	if t.Idempotency == node.Keyed {
		h.tools[t.Name].keys = newKeys()
	}
	return nil
}

// perform runs t with valid arguments and checks what it answers.
func (t *tool) perform(ctx context.Context, args json.RawMessage) (status node.Result, result json.RawMessage, err error) {
	defer func() {
		if r := recover(); r != nil {
			status, result, err = "", nil, ErrPanic.With("tool %q: %v", t.Name, r).Detail("stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, t.limit, ErrTimeout.With("tool %q, limit %s", t.Name, t.limit))
	defer cancel()
	status, result, err = t.run(ctx, args)
	if err != nil {
		return "", nil, causeOf(ctx, err)
	}
	if !slices.Contains(node.Results(), status) || status == node.Failed {
		return "", nil, ErrResult.With("tool %q has the status %q", t.Name, status)
	}
	if result == nil { // nothing was done, so there is nothing to show
		return status, json.RawMessage("null"), nil
	}
	if err := t.out.Validate(result); err != nil {
		return "", nil, ErrResult.Wrap(err, "tool %q", t.Name)
	}
	return status, result, nil
}

// causeOf replaces the bare error of an ended context by why it ended.
func causeOf(ctx context.Context, err error) error {
	if err == ctx.Err() {
		return context.Cause(ctx)
	}
	return err
}
