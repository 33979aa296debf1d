package invoke

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// How a call that was not executed is tried again, within its timeout.
const (
	maxAttempts = 5
	firstPause  = 50 * time.Millisecond // doubles; a program that died is back after 100 ms
	tellTime    = time.Second           // to tell a node that nobody waits any more
	onTheWay    = time.Second           // for question and answer, beside the time that the tool has
)

// Invoke calls a tool and waits for its result. The error is not nil exactly
// when the reply's status is error, and is the one that the reply reports: the
// tool's own, or one of this package that says whether the tool may have run.
// The reply is complete in any case.
//
// The call is sent at most once, and again only if it is certain that nothing
// happened (it was not sent, or was rejected before execution), or if the
// contract says that repeating it is harmless (idempotency pure, or key and the
// call has one) and the node died.
func (c *Client) Invoke(ctx context.Context, call Call) (Reply, error) {
	begin := time.Now()
	if call.Correlation.IsZero() {
		call.Correlation = event.NewID()
	}
	ctx, span := trace.Begin(trace.Below(ctx, call.TraceParent), c.o.Trace, trace.Span{
		Operation: "invoke", Function: string(call.Tool), Kind: trace.Client, NodeID: c.o.ID, Correlation: trace.ID(call.Correlation),
	})
	call.TraceParent = trace.FromContext(ctx).String()
	r, err := c.invoke(ctx, &call)
	r.Outcome = cmp.Or(r.Outcome, NotRun)
	span.Status(string(r.Status))
	span.End(err)
	r.ToolName, r.CorrelationID, r.DurationMS = call.Tool, call.Correlation.String(), ms(time.Since(begin))
	if err != nil {
		report := fault.ReportOf(err)
		r.Status, r.Result, r.Error = node.Failed, nil, &report
	}
	return r, err
}

func (c *Client) invoke(ctx context.Context, call *Call) (Reply, error) {
	if err := call.complete(); err != nil {
		return Reply{}, err
	}
	call.Dialogue.Listening = call.Hear != nil
	if call.Timeout == 0 {
		call.Timeout = c.suggested(ctx, call.Tool)
	}
	ctx, cancel := context.WithTimeout(ctx, call.Timeout)
	defer cancel()
	var tried []node.ID
	var refused, doubt *refusal
	for n := range maxAttempts {
		r, err := c.attempt(ctx, *call, tried)
		var again retryable
		switch {
		case errors.As(err, &again):
			refused = &refusal{r, again.error}
			tried = append(tried, r.NodeID)
			if r.Outcome == Unknown {
				doubt = refused
			}
		case errors.Is(err, ErrNoProvider) && refused != nil: // nobody else; those who refused may recover
			tried = nil
			pause(ctx, n)
		case doubt != nil && r.Outcome == NotRun: // this time; but before?
			return doubt.reply, doubt.err
		default:
			return r, err
		}
		if ctx.Err() != nil {
			break
		}
	}
	if doubt != nil {
		refused = doubt
	}
	return refused.reply, refused.err
}

// suggested is how long a call of a tool waits that does not say.
func (c *Client) suggested(ctx context.Context, tool node.ToolName) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, DefaultTimeout)
	defer cancel()
	r, err := c.route(ctx, tool)
	if err != nil || len(r.offers) == 0 || r.offers[0].tool.TimeoutMS == 0 {
		return DefaultTimeout
	}
	return time.Duration(r.offers[0].tool.TimeoutMS)*time.Millisecond + onTheWay
}

// A refusal is how an attempt ended that did nothing.
type refusal struct {
	reply Reply
	err   error
}

// retryable marks an error after which nothing speaks against another attempt.
type retryable struct{ error }

func (e retryable) Unwrap() error { return e.error }

// pause waits before attempt n+1, or until ctx ends.
func pause(ctx context.Context, n int) {
	timer := time.NewTimer(firstPause << n)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// attempt makes one attempt at a call, with a node that has not been tried.
func (c *Client) attempt(ctx context.Context, call Call, tried []node.ID) (Reply, error) {
	r := Reply{Outcome: NotRun}
	route, err := c.route(ctx, call.Tool)
	if err != nil {
		return r, err
	}
	to, warnings, err := c.choose(ctx, call, route, tried)
	if err != nil {
		return r, err
	}
	defer c.leave(to.NodeID)
	r.NodeID, r.Warnings = to.NodeID, warnings
	if call.IdempotencyKey != "" && to.tool.Idempotency != node.Keyed && to.tool.Idempotency != node.Pure {
		return r, ErrNoKeys.With("tool %q of %s has idempotency %s", call.Tool, to.Name, cmp.Or(to.tool.Idempotency, node.None))
	}
	if call.IdempotencyKey != "" && to.tool.Idempotency == node.Pure {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s is pure, so repeating it is harmless and the key is not kept: each call runs anew", call.Tool))
	}
	if c.o.Policy != nil && c.o.Key != nil {
		who := access.Caller{Name: string(c.o.From), User: c.o.User, Local: true}.For(call.Origin)
		if err := c.o.Policy.Allowed(who, to.tool); err != nil {
			return r, err
		}
	}
	if err := to.in.Validate(call.Args); err != nil {
		return r, fmt.Errorf("arguments of %q: %w", call.Tool, schema.OfTool(err, call.Tool))
	}
	if call.DryRun {
		r.Status = node.Success
		r.Warnings = append(r.Warnings, fmt.Sprintf("dry run: %s@%s (%s) would be called", to.Name, to.Version, to.NodeID))
		return r, nil
	}
	answer, err := c.send(ctx, call, to)
	if err != nil {
		if !errors.Is(err, ErrNotSent) {
			r.Outcome = Unknown
		}
		return r, err
	}
	return c.read(r, call, to, answer)
}

// read makes a reply of a node's answer.
func (c *Client) read(r Reply, call Call, to choice, answer event.Event) (Reply, error) {
	r.Outcome = Completed
	switch p := answer.Payload.(type) {
	case event.ToolProxyResult:
		if string(p.Result) != "null" || p.Status != node.Skipped {
			if err := to.out.Validate(p.Result); err != nil {
				return r, ErrResult.Wrap(err, "tool %q of %s", call.Tool, to.Name)
			}
		}
		r.Status, r.Result = p.Status, p.Result
		if p.Status == node.Failed {
			return r, ErrProtocol.With("%s with the status %s", answer.Kind(), p.Status)
		}
		return r, nil
	case event.ToolProxyError:
		if c := p.Error.Class; c == fault.Timeout || c == fault.Canceled || c == fault.Unavailable { // it was cut short
			r.Outcome = Unknown
		}
		return r, p.Error.Err()
	case event.ToolProxyRejected:
		r.Outcome = NotRun
		err := p.Error.Err()
		switch fault.ClassOf(err) {
		case fault.NotFound, fault.Unavailable: // the route may be out of date
			c.refresh()
			return r, retryable{err}
		case fault.Exhausted:
			return r, retryable{err}
		}
		return r, err
	}
	r.Outcome = Unknown
	return r, ErrProtocol.With("%s to %s", answer.Kind(), event.KindToolProxyInvoke)
}

// An attempt waits for a node's answer.
type attempt struct {
	life   node.Incarnation
	cancel context.CancelCauseFunc
}

// errDied is why an attempt ends whose node died.
var errDied = errors.New("the node died")

// errLost is why an attempt ends whose bus is gone.
var errLost = errors.New("the bus was lost")

// send sends a call to a node and awaits the answer.
func (c *Client) send(ctx context.Context, call Call, to choice) (event.Event, error) {
	ctx, a := c.enlist(ctx, to)
	defer c.delist(to.NodeID, a)
	if c.isGone(to.Provider) { // it died before it was on the list
		return event.Event{}, retryable{ErrNotSent.With("node %s has died", to.NodeID)}
	}
	deadline, _ := ctx.Deadline()
	left := time.Until(deadline)
	if left < time.Millisecond {
		return event.Event{}, ErrNotSent.With("tool %q, no time was left of %s", call.Tool, call.Timeout)
	}
	p := event.ToolProxyInvoke{
		ToolName: call.Tool, Arguments: call.Args, TimeoutMS: left.Milliseconds(), OriginNodeID: call.Origin,
		RequestTime: time.Now().UTC().Truncate(time.Microsecond), ToolVersion: call.Version, Policy: call.Policy,
		TrustedOnly: call.TrustedOnly, IdempotencyKey: call.IdempotencyKey, Incarnation: to.Incarnation, Dialogue: call.Dialogue,
		Caller: c.o.User,
	}
	e := event.New(c.o.ID, p, call.Correlation)
	e.TraceParent = call.TraceParent
	subject := event.NewSubject(e.Kind(), c.o.From).To(string(to.NodeID))
	e.Causation = call.cause
	e, err := c.sign(subject, e, p)
	if err != nil {
		return event.Event{}, ErrNotSent.Wrap(err, "tool %q", call.Tool)
	}
	answer, err := c.caller.DoHearing(ctx, subject, e, hearing(call.Hear))
	if err == nil {
		return answer, nil
	}
	return event.Event{}, c.missing(ctx, call, to, e, err)
}

func hearing(hear func(event.Payload)) func(event.Event) {
	if hear == nil {
		return nil
	}
	return func(e event.Event) { hear(e.Payload) }
}

// missing says what it means that no answer came to e.
func (c *Client) missing(ctx context.Context, call Call, to choice, e event.Event, err error) error {
	pure := to.tool.Idempotency == node.Pure
	keyed := to.tool.Idempotency == node.Keyed && call.IdempotencyKey != ""
	switch {
	case context.Cause(ctx) == errLost && pure:
		return ErrTimeout.With("tool %q, the bus was lost", call.Tool)
	case context.Cause(ctx) == errLost && keyed:
		return retryable{ErrOutcomeUnknown.With("tool %q, the bus was lost while %s was at work", call.Tool, to.Name)}
	case context.Cause(ctx) == errLost:
		return ErrOutcomeUnknown.With("tool %q, the bus was lost while %s was at work", call.Tool, to.Name)
	case context.Cause(ctx) == errDied && pure:
		return retryable{ErrTimeout.With("tool %q, node %s died", call.Tool, to.NodeID)}
	case context.Cause(ctx) == errDied && keyed: // whoever has it next knows whether it was begun
		return retryable{ErrOutcomeUnknown.With("tool %q, node %s died", call.Tool, to.NodeID)}
	case context.Cause(ctx) == errDied:
		return ErrOutcomeUnknown.With("tool %q, node %s died", call.Tool, to.NodeID)
	case errors.Is(err, bus.ErrNoAnswer):
		c.tell(e, to, call)
		if pure {
			return ErrTimeout.With("tool %q of %s, waited %s", call.Tool, to.Name, call.Timeout)
		}
		return ErrOutcomeUnknown.With("tool %q of %s, waited %s", call.Tool, to.Name, call.Timeout)
	case errors.Is(err, context.Canceled):
		c.tell(e, to, call)
		return ErrCanceled.With("tool %q of %s; it may have been sent, and the node is told", call.Tool, to.Name)
	case errors.Is(err, bus.ErrClosed):
		return ErrOutcomeUnknown.Wrap(err, "tool %q of %s", call.Tool, to.Name)
	case fault.ClassOf(err).Retryable():
		return retryable{ErrNotSent.Wrap(err, "tool %q", call.Tool)}
	}
	return ErrNotSent.Wrap(err, "tool %q", call.Tool)
}

// tell lets the node know that nobody waits for its answer any more, in the
// background: the caller has waited long enough.
func (c *Client) tell(e event.Event, to choice, call Call) {
	t := event.Reply(e, c.o.ID, event.ToolProxyTimeout{
		ToolName: call.Tool, NodeID: to.NodeID, TimeoutMS: call.Timeout.Milliseconds(),
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.parts.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), tellTime)
		defer cancel()
		if _, err := c.bus.Publish(ctx, event.NewSubject(t.Kind(), c.o.From).To(string(to.NodeID)), t); err != nil {
			c.o.Log.Debug("a node could not be told that nobody waits", "error", err, "node_id", string(to.NodeID))
		}
	})
}

// enlist puts an attempt on the list of those that wait for a node.
func (c *Client) enlist(ctx context.Context, to choice) (context.Context, *attempt) {
	ctx, cancel := context.WithCancelCause(ctx)
	a := &attempt{to.Incarnation, cancel}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inFlight[to.NodeID] == nil {
		c.inFlight[to.NodeID] = map[*attempt]struct{}{}
	}
	c.inFlight[to.NodeID][a] = struct{}{}
	return ctx, a
}

func (c *Client) delist(id node.ID, a *attempt) {
	a.cancel(nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.inFlight[id], a)
	if len(c.inFlight[id]) == 0 {
		delete(c.inFlight, id)
	}
}

// fail ends everything that waits for a node that died.
func (c *Client) fail(p event.NodeDead) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for a := range c.inFlight[p.NodeID] {
		if p.Incarnation == 0 || a.life <= p.Incarnation {
			a.cancel(errDied)
		}
	}
}
