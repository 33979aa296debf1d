package host

import (
	"context"
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// offer shows the node to strangers, where the bus has a protocol for that. A call
// that comes this way takes the same way as any other: it waits for a worker, its
// arguments and its result are checked, and it is audited. The function that is
// returned ends it.
func (l *life) offer(ctx, calls context.Context) (withdraw func()) {
	b, ok := l.bus.(bus.Services)
	if !ok {
		return func() {}
	}
	s := bus.Service{
		Name: string(l.manifest.Name), ID: string(l.id), Version: l.manifest.Version, Description: l.manifest.Description,
		Metadata: map[string]string{"onex_node_id": string(l.id)},
	}
	for _, name := range l.names() {
		s.Endpoints = append(s.Endpoints, bus.Endpoint{Name: string(name), Metadata: l.endpointMetadata(name), Call: func(ctx context.Context, args []byte) ([]byte, error) {
			return l.callFromOutside(ctx, calls, name, args)
		}})
	}
	withdraw, err := b.Offer(ctx, s)
	if err != nil {
		// Whoever looks for nodes of ONEX finds it all the same.
		l.log.Warn("the node is not offered to programs that do not speak ONEX", "error", err)
		return func() {}
	}
	return withdraw
}

// endpointMetadata is what a stranger may want to know of a tool before calling it.
func (l *life) endpointMetadata(name node.ToolName) map[string]string {
	t := l.tools[name]
	return map[string]string{
		"description": t.Description, "input_schema": string(t.Input), "output_schema": string(t.Output),
		"idempotency": string(t.Idempotency),
	}
}

// outsider is the name of callers that do not publish under one.
const outsider = "service"

// callFromOutside runs one call and waits for its end. The caller has
// [defaultWait]: this protocol has no place to say otherwise.
func (l *life) callFromOutside(ctx, calls context.Context, name node.ToolName, args []byte) ([]byte, error) {
	p := event.ToolProxyInvoke{
		ToolName: name, Arguments: json.RawMessage(args), TimeoutMS: defaultWait.Milliseconds(),
		RequestTime: time.Now().UTC().Truncate(time.Microsecond),
	}
	done := make(chan Outcome, 1)
	request := event.New(string(l.id), p, event.ID{})
	leave, err := l.admit(func(g *access.Guard) (access.Caller, error) { return g.Stranger(outsider), nil }, p)
	if err != nil {
		return nil, err
	}
	if err := l.queue(calls, request, p, leave, func(o Outcome) { done <- o }); err != nil {
		return nil, err
	}
	select {
	case o := <-done:
		if o.Error != nil {
			return nil, o.Error.Err()
		}
		return o.Result, nil
	case <-ctx.Done():
		l.cancel(request.ID)
		return nil, ctx.Err()
	}
}
