package mcpbridge

import (
	"context"
	"maps"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/invoke"
)

// maxRounds bounds how often one request may ask an older client: a tool that
// asks for ever must end.
const maxRounds = 16

// rounds makes a request as often as it takes, with the answers of a client that
// older versions of the protocol let us ask while its request runs. Newer clients
// get the questions as the result, and come back by themselves.
func (s *Server) rounds(ctx context.Context, q request, do func(request) invoke.Reply) (invoke.Reply, mcp.InputRequestMap, string, error) {
	for range maxRounds {
		r := do(q)
		if err := protocolError(r); err != nil {
			return r, nil, "", err
		}
		requests, state, err := s.questions(q, r)
		if requests == nil || err != nil || q.modern || q.talk.session == nil {
			return r, requests, state, err
		}
		answers, err := q.talk.fulfil(ctx, requests)
		if err != nil {
			return refused(q.tool, correlation(r), ErrAsk.Wrap(err, "tool %q", q.tool)), nil, "", nil
		}
		q.talk.answers, q.talk.state = answers, state
	}
	return refused(q.tool, q.correlation(), ErrAsk.With("tool %q asks for the %dth time", q.tool, maxRounds)), nil, "", nil
}

// fulfil asks an older client everything, one thing after the other: there is
// one person in front of it.
func (t talk) fulfil(ctx context.Context, requests mcp.InputRequestMap) (mcp.InputResponseMap, error) {
	answers := mcp.InputResponseMap{}
	for _, key := range sortedKeys(requests) {
		a, err := t.put(ctx, requests[key])
		if err != nil {
			return nil, err
		}
		answers[key] = a
	}
	return answers, nil
}

func (t talk) put(ctx context.Context, request mcp.InputRequest) (mcp.InputResponse, error) {
	switch r := request.(type) {
	case *mcp.ElicitParams:
		return answered(t.session.Elicit(ctx, r))
	case *mcp.CreateMessageWithToolsParams:
		return answered(t.session.CreateMessageWithTools(ctx, r))
	case *mcp.CreateMessageParams:
		return answered(t.session.CreateMessage(ctx, r))
	case *mcp.ListRootsParams:
		return answered(t.session.ListRoots(ctx, r))
	}
	return nil, fault.ErrUncoded.With("it asks something unknown: %T", request)
}

// answered keeps a nil pointer from becoming an answer.
func answered[R mcp.InputResponse](r R, err error) (mcp.InputResponse, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

// tidy takes out of a question what the SDK refuses although it means nothing:
// a type beside the titled choices of a list.
func tidy(requests mcp.InputRequestMap) {
	for _, r := range requests {
		if e, ok := r.(*mcp.ElicitParams); ok {
			e.RequestedSchema = tidyForm(e.RequestedSchema)
		}
	}
}

func tidyForm(form any) any {
	properties := member(form, "properties")
	for name, p := range properties {
		items := member(p, "items")
		if items["anyOf"] == nil || items["type"] == nil {
			continue
		}
		items, field := maps.Clone(items), maps.Clone(p.(map[string]any))
		delete(items, "type")
		field["items"] = items
		properties[name] = field
	}
	return form
}

// member returns the object under a key of an object, or nil.
func member(v any, key string) map[string]any {
	object, _ := v.(map[string]any)
	inner, _ := object[key].(map[string]any)
	return inner
}
