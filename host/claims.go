package host

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// How a node asks the registry who may run a keyed call.
const (
	claimAsk   = 2 * time.Second        // a question or its answer may get lost, and what others do may change
	claimPause = 100 * time.Millisecond // between questions that are answered at once with nothing

	// tellPatience is how long a caller waits, beyond the call itself, until what
	// came of it is kept. After that it is told anyway.
	tellPatience = 2 * time.Second

	// tellFor is how long a node tries to have it kept.
	tellFor = time.Minute
)

// claims asks the registry, which remembers keyed calls beyond this node's life.
type claims struct {
	*life
	caller *bus.Caller
	ending context.Context // of what is still told; a claims lives as long as a run, which allows it here
	stop   context.CancelFunc
	tells  sync.WaitGroup
}

// newClaims returns what asks for l, nil when no tool of it takes keys.
func newClaims(ctx context.Context, l *life) (*claims, error) {
	for _, t := range l.tools {
		if t.keys != nil {
			caller, err := bus.NewCaller(ctx, l.bus, event.NewID().String())
			if err != nil {
				return nil, err
			}
			c := &claims{life: l, caller: caller}
			c.ending, c.stop = context.WithCancel(context.WithoutCancel(ctx))
			return c, nil
		}
	}
	return nil, nil
}

// close lets what is being told be heard, for a limited time.
func (c *claims) close() {
	if c == nil {
		return
	}
	late := time.AfterFunc(farewell, c.stop)
	c.tells.Wait()
	late.Stop()
	c.stop()
	_ = c.caller.Close() // nothing is to be done about it
}

// run runs a keyed call if the registry grants it, and otherwise returns what it
// knows of the call. patience bounds the time until it is granted. done is called
// when the outcome may be told.
func (c *claims) run(patience context.Context, r request, execute func() Outcome, done func(Outcome)) {
	q := c.request(r)
	o, granted := c.begin(patience, q)
	if !granted {
		done(o)
		return
	}
	o = execute()
	c.complete(q, o, done)
}

func (c *claims) request(r request) event.CallClaimRequest {
	sum := sha256.Sum256(canonical(r.args))
	return event.CallClaimRequest{
		ClaimID: event.NewID(), ToolName: r.tool, IdempotencyKey: r.key, ArgumentsHash: hex.EncodeToString(sum[:]),
		NodeID: c.id, Incarnation: node.Incarnation(c.incarnation.Load()), Limit: c.tools[r.tool].limit,
	}
}

// begin asks until the call is granted, or it is known what became of it, or ctx
// ends.
func (c *claims) begin(ctx context.Context, q event.CallClaimRequest) (o Outcome, granted bool) {
	q.Action = event.ClaimBegin
	for running := false; ; {
		a, err := c.ask(ctx, q)
		if ctx.Err() != nil {
			c.release(q)
			return c.unclaimed(q, running, context.Cause(ctx)), false
		}
		if err == nil {
			switch a.State {
			case event.ClaimGranted:
				return Outcome{}, true
			case event.ClaimCompleted:
				return remembered(a), false
			case event.ClaimConflict:
				return rejected(ErrKey.With("key %q, tool %q", q.IdempotencyKey, q.ToolName)), false
			case event.ClaimUnknown:
				return ran(ErrKeyUnknown.With("key %q, tool %q, node %s", q.IdempotencyKey, q.ToolName, a.NodeID)), false
			case event.ClaimRefused:
				if err := a.Error.Err(); !fault.ClassOf(err).Retryable() || fault.ClassOf(err) == fault.Exhausted {
					return rejected(err), false
				}
			}
			running = a.State == event.ClaimRunning
		}
		await(ctx, claimPause)
	}
}

// unclaimed is the outcome of a call for which the caller's time was too short.
func (c *claims) unclaimed(q event.CallClaimRequest, running bool, cause error) Outcome {
	if running {
		return ran(ErrTimeout.Wrap(cause, "tool %q, another node runs the call of key %q", q.ToolName, q.IdempotencyKey))
	}
	return rejected(ErrNoClaims.Wrap(cause, "key %q, tool %q", q.IdempotencyKey, q.ToolName))
}

// complete has kept what came of a call, and then calls done; sooner if it takes
// long.
func (c *claims) complete(q event.CallClaimRequest, o Outcome, done func(Outcome)) {
	if o.Rejected || o.asks() {
		done(o)
		c.release(q)
		return
	}
	q.Action = event.ClaimComplete
	q.Status, q.Result, q.Error, q.DurationMS = o.Status, o.Result, o.Error, float64(o.Duration.Microseconds())/1000
	told := make(chan struct{})
	c.tells.Go(func() {
		defer close(told)
		c.tell(q)
	})
	timer := time.NewTimer(tellPatience)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
		c.log.Warn("the outcome of a keyed call is not kept yet", "tool", string(q.ToolName))
	}
	done(o)
}

// release gives a claim back whose call was not run.
func (c *claims) release(q event.CallClaimRequest) {
	q.Action = event.ClaimRelease
	c.tells.Go(func() { c.tell(q) })
}

// tell tells the registry until it has heard.
func (c *claims) tell(q event.CallClaimRequest) {
	ctx, cancel := context.WithTimeout(c.ending, tellFor)
	defer cancel()
	for ctx.Err() == nil {
		a, err := c.ask(ctx, q)
		switch {
		case err == nil && a.State != event.ClaimRefused:
			return
		case err == nil && !a.Error.Class.Retryable():
			c.log.Error("the outcome of a keyed call cannot be kept", "tool", string(q.ToolName), "error", a.Error.Message)
			return
		case fault.ClassOf(err) == fault.Invalid: // it makes no event: it is too large or too deep
			report := fault.ReportOf(ErrOutputLimit.Wrap(err, "tool %q, %d bytes", q.ToolName, len(q.Result)))
			q.Status, q.Result, q.Error = node.Failed, nil, &report
			continue
		}
		await(ctx, claimPause)
	}
	c.log.Error("the outcome of a keyed call is not kept: no registry answers", "tool", string(q.ToolName))
}

// ask asks once.
func (c *claims) ask(ctx context.Context, q event.CallClaimRequest) (event.CallClaimResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, claimAsk)
	defer cancel()
	e, err := c.caller.Do(ctx, event.NewSubject(q.Kind(), c.manifest.Name), event.New(c.caller.ID(), q, Correlation(ctx)))
	if err != nil {
		return event.CallClaimResponse{}, err
	}
	a, ok := e.Payload.(event.CallClaimResponse)
	if !ok || a.State == event.ClaimRefused && a.Error == nil {
		return event.CallClaimResponse{}, ErrNoClaims.With("%s to %s", e.Kind(), q.Kind())
	}
	return a, nil
}

// remembered is the outcome of a call that was run before.
func remembered(a event.CallClaimResponse) Outcome {
	if a.Error != nil {
		return Outcome{Status: node.Failed, Error: a.Error}
	}
	return Outcome{Status: a.Status, Result: a.Result}
}

// ran is rejected for a tool that may have been run.
func ran(err error) Outcome {
	o := rejected(err)
	o.Rejected, o.open = false, true
	return o
}

func await(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
