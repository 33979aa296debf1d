package invoke

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// lookFor is how long Send asks the registry before it sends unseen.
const lookFor = time.Second

// A Sent is a call that the bus has taken, to be made when it can be. Its JSON is the
// stable output of onex invoke --async.
type Sent struct {
	ToolName      node.ToolName `json:"tool_name"`
	CorrelationID string        `json:"correlation_id"` // of everything that comes of it
	EventID       string        `json:"event_id"`
	Sequence      uint64        `json:"sequence"` // of the call in the store

	Warnings []string `json:"-"` // for people
}

// Send leaves a call on the bus, to be made by whoever dispatches (see
// [Client.Dispatch]), and returns when it is stored. What comes of it has the same
// correlation id. Arguments are checked if the registry knows the tool; that no node is
// alive now is no error.
//
// It fails with [bus.ErrUnsupported] on a bus that keeps no events, with [ErrNotSent]
// when the bus did not take the call, and with [ErrOutcomeUnknown] when that is not known.
func (c *Client) Send(ctx context.Context, call Call) (Sent, error) {
	if err := call.complete(); err != nil {
		return Sent{}, err
	}
	if !slices.Contains(c.bus.Classes(), bus.Durable) {
		return Sent{}, bus.ErrUnsupported.With("calls that wait need a bus that keeps events, as embedded: or nats: with JetStream")
	}
	warnings, err := c.preview(ctx, call)
	if err != nil {
		return Sent{}, err
	}
	p := event.ToolProxyInvoke{
		ToolName: call.Tool, Arguments: call.Args, TimeoutMS: call.Timeout.Milliseconds(),
		RequestTime: time.Now().UTC().Truncate(time.Microsecond), ToolVersion: call.Version, Policy: call.Policy,
		TrustedOnly: call.TrustedOnly, IdempotencyKey: call.IdempotencyKey, Caller: c.o.User,
	}
	e := event.New(c.o.ID, p, call.Correlation)
	e.TraceParent = call.TraceParent
	subject := event.NewSubject(e.Kind(), c.o.From)
	if e, err = c.sign(subject, e, p); err != nil {
		return Sent{}, ErrNotSent.Wrap(err, "tool %q", call.Tool)
	}
	receipt, err := c.bus.Publish(ctx, subject, e)
	switch {
	case fault.ClassOf(err) == fault.Timeout || fault.ClassOf(err) == fault.Canceled:
		return Sent{}, ErrOutcomeUnknown.Wrap(err, "tool %q, whether the bus has taken the call", call.Tool)
	case err != nil:
		return Sent{}, ErrNotSent.Wrap(err, "tool %q", call.Tool)
	}
	return Sent{
		ToolName: call.Tool, CorrelationID: e.Correlation.String(), EventID: e.ID.String(),
		Sequence: receipt.Sequence, Warnings: warnings,
	}, nil
}

// preview checks what can be checked before a call is left to others.
func (c *Client) preview(ctx context.Context, call Call) (warnings []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	call.DryRun = true
	r, err := c.attempt(ctx, call, nil)
	switch {
	case errors.Is(err, ErrNoProvider), errors.Is(err, ErrNoRegistry), errors.Is(err, ErrNoMatch):
		return []string{err.Error() + "; the call waits"}, nil
	case err != nil:
		return nil, err
	}
	return slices.DeleteFunc(r.Warnings, func(string) bool { return true }), nil
}

// sign adds the proof that a call is local, if there is a key.
func (c *Client) sign(s event.Subject, e event.Event, p event.ToolProxyInvoke) (event.Event, error) {
	if c.o.Key == nil {
		return e, nil
	}
	var err error
	p.Proof, err = c.o.Key.Prove(s, e)
	e.Payload = p
	return e, err
}
