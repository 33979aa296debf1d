package registry

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// DefaultTimeout is how long a client waits for one answer. A registry answers
// in milliseconds; one that is being restarted needs a second.
const DefaultTimeout = 3 * time.Second

// ClientOptions say how to ask. The zero value is ready.
type ClientOptions struct {
	Caller  *bus.Caller   // asks and listens; default one of the client's own
	Name    node.Name     // of the node that asks; default "client"
	Timeout time.Duration // for one answer; default DefaultTimeout
}

// A Client asks the registry on a bus. It may be used from any goroutine.
type Client struct {
	caller  *bus.Caller
	own     bool // the caller is the client's
	name    node.Name
	timeout time.Duration
}

// NewClient returns a client on b. Close it.
func NewClient(ctx context.Context, b bus.Bus, o *ClientOptions) (*Client, error) {
	c := &Client{name: "client", timeout: DefaultTimeout}
	if o != nil {
		c.caller = o.Caller
		c.name = cmp.Or(o.Name, c.name)
		c.timeout = cmp.Or(o.Timeout, c.timeout)
	}
	if c.caller == nil {
		caller, err := bus.NewCaller(ctx, b, event.NewID().String())
		if err != nil {
			return nil, err
		}
		c.caller, c.own = caller, true
	}
	return c, nil
}

// Close ends the client, and its caller unless that was given.
func (c *Client) Close() error {
	if !c.own {
		return nil
	}
	return c.caller.Close()
}

// Nodes returns the instances that q asks for (see [State.Nodes] for its filters),
// sorted by name, version and id, however many events they take. It fails with
// [ErrUnavailable] when no registry answers.
func (c *Client) Nodes(ctx context.Context, q event.NodeDiscoveryRequest) ([]event.NodeEntry, error) {
	var all []event.NodeEntry
	filters := q.NodeFilter
	for last := ""; ; last = string(all[len(all)-1].NodeID) {
		q.NodeFilter = append(slices.Clone(filters), after+last)
		page, err := c.nodes(ctx, q)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
	}
	slices.SortFunc(all, func(a, b event.NodeEntry) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.NodeID, b.NodeID))
	})
	return all, nil
}

// Node returns the instance that ref names (see [State.Node]), with its manifest,
// contract and history if detail is set. It fails with [ErrNotFound],
// [ErrAmbiguous] and [ErrUnavailable].
func (c *Client) Node(ctx context.Context, ref string, detail bool) (event.NodeEntry, error) {
	page, err := c.nodes(ctx, event.NodeDiscoveryRequest{NodeFilter: []string{ref}, Detail: detail})
	if err != nil {
		return event.NodeEntry{}, err
	}
	return pick(ref, page)
}

// Tools returns the tool of that name, once for each promise that is made under
// it, or all tools for the empty name, sorted by name (see [State.Tools]). It
// fails with [ErrUnavailable].
func (c *Client) Tools(ctx context.Context, name node.ToolName) ([]event.ToolEntry, error) {
	if name != "" {
		return c.tools(ctx, name)
	}
	var all []event.ToolEntry
	for ask := node.ToolName(""); ; ask = toolAfter(all[len(all)-1].Tool.Name) {
		page, err := c.tools(ctx, ask)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return all, nil
		}
		all = append(all, page...)
	}
}

func (c *Client) nodes(ctx context.Context, q event.NodeDiscoveryRequest) ([]event.NodeEntry, error) {
	p, err := ask[event.NodeDiscoveryResponse](ctx, c, q)
	return p.Nodes, err
}

func (c *Client) tools(ctx context.Context, name node.ToolName) ([]event.ToolEntry, error) {
	p, err := ask[event.ToolDiscoveryResponse](ctx, c, event.ToolDiscoveryRequest{ToolName: name})
	return p.Tools, err
}

// firstAsk is how long a question waits before it is asked again. Questions are
// ephemeral: one that was put while the registry started is lost, and asking
// twice harms nobody.
const firstAsk = 200 * time.Millisecond

// ask returns the registry's answer to q, which it repeats, with growing pauses,
// until the client's time is up.
func ask[A event.Payload](ctx context.Context, c *Client, q event.Payload) (answer A, err error) {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	e, err := c.repeat(bounded, q)
	if errors.Is(err, bus.ErrNoAnswer) && ctx.Err() == nil {
		return answer, ErrUnavailable.Wrap(err, "within %s", c.timeout)
	}
	if err != nil {
		return answer, err
	}
	answer, ok := e.Payload.(A)
	if !ok {
		return answer, ErrUnavailable.With("the answer to %s is a %s", q.Kind(), e.Kind())
	}
	return answer, nil
}

// repeat asks until there is an answer or ctx ends.
func (c *Client) repeat(ctx context.Context, q event.Payload) (event.Event, error) {
	subject := event.NewSubject(q.Kind(), c.name)
	for wait := firstAsk; ; wait *= 2 {
		e, err := c.once(ctx, wait, subject, event.New(c.caller.ID(), q, event.ID{}))
		if !errors.Is(err, bus.ErrNoAnswer) || ctx.Err() != nil {
			return e, err
		}
	}
}

func (c *Client) once(ctx context.Context, wait time.Duration, s event.Subject, q event.Event) (event.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return c.caller.Do(ctx, s, q)
}
