package invoke

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// How calls that were left on the bus are made.
const (
	dispatchAgain  = 8                // attempts after the first
	dispatchName   = "async_calls"    // of the position on the bus; those who dispatch share it
	dispatchAtOnce = 32               // calls of one dispatcher
	dispatchWait   = 30 * time.Second // silent for so long, a dispatcher is taken to be dead
	dispatchSign   = 10 * time.Second // between its signs of life

	// tooOld is the age from which a call is not made: it was left before the registry's
	// memory of keys begins, so that nobody knows whether it was made before.
	tooOld = 23 * time.Hour

	claimLimit = time.Hour       // the longest that a tool may take
	claimAgain = 2 * time.Second // for a question that got lost
)

// dispatchBackoff are the pauses between attempts at a call that was not run. They
// double from a second: nine attempts in nearly nine minutes, time enough for a node to
// be started again.
func dispatchBackoff() []time.Duration {
	pauses := make([]time.Duration, dispatchAgain)
	for i := range pauses {
		pauses[i] = time.Second << i
	}
	return pauses
}

// DispatchOptions say how to make the calls that others left.
type DispatchOptions struct {
	// Admit decides whether who left a call may call the tool. Default: everybody.
	Admit func(s event.Subject, e event.Event, t node.Tool) error

	Backoff []time.Duration // pauses between attempts; default nine attempts in nine minutes
}

// Dispatch makes the calls that [Client.Send] leaves on the bus, until ctx ends; then it
// returns nil when those that run have ended. Any number of processes may dispatch on one bus.
//
// A call takes effect at most once, unless its tool is pure: one with idempotency key
// has the call's key or one of its own, and for all others the dispatcher claims the call
// at the registry before it makes it. A call that was not run is tried again; one that was
// not for the last time, that failed, that is denied, or whose outcome is not known
// becomes a dead letter with the reason. A dead letter that is redriven is tried anew, except
// when its outcome is not known: that stays so.
func (c *Client) Dispatch(ctx context.Context, o *DispatchOptions) error {
	d := dispatcher{Client: c}
	if o != nil {
		d.o = *o
	}
	if d.o.Backoff == nil {
		d.o.Backoff = dispatchBackoff()
	}
	sub, err := c.bus.Subscribe(ctx, event.FilterKind(event.KindToolProxyInvoke), &bus.Options{
		Class: bus.Durable, Name: dispatchName, Start: bus.StartAll, Queue: dispatchAtOnce,
		AckWait: dispatchWait, MaxDeliver: len(d.o.Backoff) + 1, Backoff: d.o.Backoff,
	})
	if err != nil {
		return err
	}
	defer sub.Close()
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, dispatchAtOnce)
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		next, err := sub.Next(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		running.Go(func() {
			defer func() { <-slots }()
			d.dispatch(context.WithoutCancel(ctx), next)
		})
	}
}

type dispatcher struct {
	*Client
	o DispatchOptions
}

// dispatch makes one call and settles it.
func (d dispatcher) dispatch(ctx context.Context, m bus.Delivery) {
	ctx, cancel := context.WithCancel(ctx)
	var signs sync.WaitGroup
	signs.Go(func() { d.live(ctx, m) })
	again, err := d.make(ctx, m)
	cancel()
	signs.Wait()
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), dispatchWait)
	defer cancel()
	switch {
	case err == nil:
		err = m.Ack(ctx)
	case again && m.Attempt <= len(d.o.Backoff):
		d.Client.o.Log.Info("a call that waits was not run", "correlation_id", m.Event.Correlation.String(), "attempt", m.Attempt, "error", err)
		err = m.Nack(ctx, 0)
	default:
		d.Client.o.Log.Warn("a call that waited is given up", "correlation_id", m.Event.Correlation.String(), "error", err)
		err = m.Term(ctx, reasonOf(m, again, err))
	}
	if err != nil {
		d.Client.o.Log.Warn("a call comes again", "correlation_id", m.Event.Correlation.String(), "error", err)
	}
}

func reasonOf(m bus.Delivery, again bool, err error) string {
	r := fault.ReportOf(err)
	reason := event.CleanText(fmt.Sprintf("%s (%s)", r.Message, r.Code))
	if again {
		reason = fmt.Sprintf("attempt %d: %s", m.Attempt, reason)
	}
	return strings.ToValidUTF8(reason, "")
}

// live says that the call is being made.
func (d dispatcher) live(ctx context.Context, m bus.Delivery) {
	tick := time.NewTicker(dispatchSign)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = m.InProgress(ctx) // else it comes again, and is claimed
		case <-ctx.Done():
			return
		}
	}
}

// make makes one call. again says that nothing speaks against another attempt.
func (d dispatcher) make(ctx context.Context, m bus.Delivery) (again bool, err error) {
	p, ok := m.Event.Payload.(event.ToolProxyInvoke)
	if !ok {
		return false, ErrProtocol.With("a %s was left as a call", m.Event.Kind())
	}
	if age := time.Since(m.Event.Time); age > tooOld {
		return false, ErrNotSent.With("tool %q, the call was left %s ago; call anew", p.ToolName, age.Round(time.Hour))
	}
	call := Call{
		Tool: p.ToolName, Args: p.Arguments, Timeout: time.Duration(p.TimeoutMS) * time.Millisecond, Policy: p.Policy, Version: p.ToolVersion,
		TrustedOnly: p.TrustedOnly, IdempotencyKey: p.IdempotencyKey, Correlation: m.Event.Correlation, TraceParent: m.Event.TraceParent,
		cause: m.Event.ID,
	}
	looking, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	r, err := d.route(looking, call.Tool)
	if err != nil {
		return true, err
	}
	if len(r.offers) == 0 {
		return true, ErrNoTool.With("%q", call.Tool)
	}
	tool := r.offers[0].tool
	if d.o.Admit != nil {
		if err := d.o.Admit(m.Subject, m.Event, tool); err != nil {
			return false, err
		}
	}
	own := "async/" + m.Event.ID.String()
	switch tool.Idempotency {
	case node.Keyed:
		if call.IdempotencyKey == "" {
			call.IdempotencyKey = own
		}
	case node.Pure:
	default:
		return d.claimed(ctx, call, own)
	}
	reply, err := d.Invoke(ctx, call)
	return reply.Outcome == NotRun && retriable(err) || reply.Outcome == Unknown && !lost(err), err
}

// retriable reports whether a call that was not run may be run later. What is wrong
// stays wrong.
func retriable(err error) bool {
	c := fault.ClassOf(err)
	return c.Retryable() || c == fault.NotFound
}

// lost reports whether the registry has said that nothing more will be known.
func lost(err error) bool {
	return strings.HasSuffix(string(fault.ReportOf(err).Code), "_KEY_OUTCOME_UNKNOWN")
}

// claimed makes a call whose repetition may do harm: only if nobody has begun it.
func (d dispatcher) claimed(ctx context.Context, call Call, key string) (again bool, err error) {
	q := event.CallClaimRequest{
		Action: event.ClaimBegin, ClaimID: event.NewID(), ToolName: call.Tool, IdempotencyKey: key,
		NodeID: node.ID(d.Client.o.ID), Limit: claimLimit,
	}
	a, err := d.askClaim(ctx, q)
	switch {
	case err != nil:
		return true, err
	case a.State == event.ClaimCompleted: // and the acknowledgement was lost
		return false, nil
	case a.State == event.ClaimRefused:
		return true, a.Error.Err()
	case a.State != event.ClaimGranted:
		return false, ErrOutcomeUnknown.With("tool %q, the call was begun before", call.Tool)
	}
	reply, err := d.Invoke(ctx, call)
	q.Action = event.ClaimComplete
	q.Status = reply.Status
	if err != nil && reply.Outcome != Unknown { // it may be redriven
		q.Action, q.Status = event.ClaimRelease, ""
	}
	if err == nil || reply.Outcome != Unknown { // else the claim stays, and nobody runs it again
		if _, e := d.askClaim(ctx, q); e != nil {
			d.Client.o.Log.Warn("what came of a call that waited is not kept", "error", e)
		}
	}
	return reply.Outcome == NotRun && retriable(err), err
}

// askClaim asks until the registry answers or it has had time enough.
func (d dispatcher) askClaim(ctx context.Context, q event.CallClaimRequest) (event.CallClaimResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	for {
		one, stop := context.WithTimeout(ctx, claimAgain)
		e, err := d.caller.Do(one, event.NewSubject(q.Kind(), d.Client.o.From), event.New(d.Client.o.ID, q, event.ID{}))
		stop()
		if a, ok := e.Payload.(event.CallClaimResponse); err == nil && ok {
			return a, nil
		}
		if ctx.Err() != nil {
			return event.CallClaimResponse{}, ErrNoRegistry.With("for the claim of a call")
		}
		if err != nil && fault.ClassOf(err) != fault.Timeout {
			return event.CallClaimResponse{}, err
		}
	}
}
