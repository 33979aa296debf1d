package host

import (
	"context"
	"encoding/json"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// RequestTool is the tool of a node whose mcp program has more than tools:
// prompts, resources, completion. It passes a request of the Model Context Protocol on
// to the program. Nodes without such a program do not have it, nor does one whose
// contract.yaml does not list it.
const RequestTool node.ToolName = "mcp_request"

// The requests that may be passed on, by the capability that they belong to.
// Calls of tools are not among them: tools have their own contracts.
var passedOn = map[string][]string{
	"prompts":     {"prompts/list", "prompts/get"},
	"resources":   {"resources/list", "resources/templates/list", "resources/read", "resources/subscribe", "resources/unsubscribe"},
	"completions": {"completion/complete"},
}

// requestTool is the promise of [RequestTool] for a program with the given
// capabilities; ok is false when it has none that matter.
func (m manners) requestTool() (t node.Tool, ok bool) {
	var methods []string
	for _, capability := range sortedKeys(passedOn) {
		if m.can[capability] != nil {
			methods = append(methods, passedOn[capability]...)
		}
	}
	input, err := json.Marshal(map[string]any{
		"type": "object",
		"properties": map[string]any{
			"method": map[string]any{"enum": methods, "description": "of the Model Context Protocol"},
			"params": map[string]any{"type": "object"},
		},
		"required": []string{"method"}, "additionalProperties": false,
	})
	return node.Tool{
		Name: RequestTool, Description: "asks the program for its prompts, its resources and completions, in the words of MCP",
		Input: input, Output: json.RawMessage(`{"type":"object"}`), Idempotency: node.None,
	}, err == nil && len(methods) > 0
}

// request runs [RequestTool].
func (c *child) request(ctx context.Context, args json.RawMessage) (node.Result, json.RawMessage, error) {
	s := c.current()
	if s == nil {
		return "", nil, notRun{ErrDown.With("tool %q", RequestTool)}
	}
	var in struct {
		Method string         `json:"method"`
		Params map[string]any `json:"params"`
	}
	if err := json.Unmarshal(args, &in); err != nil {
		return "", nil, ErrArguments.Wrap(err, "tool %q", RequestTool)
	}
	raw, err := s.converse(ctx, in.Method, in.Params)
	if err != nil {
		return "", nil, err
	}
	if int64(len(raw)) > c.output {
		return "", nil, ErrOutputLimit.With("%s, %d bytes, limit %d", in.Method, len(raw), c.output)
	}
	return node.Success, raw, nil
}

// resourceUpdated tells everybody that a resource of the program has changed.
func (h *Host) resourceUpdated(uri string) {
	l := h.alive.Load()
	if l == nil || uri == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	e := event.New(string(h.id), event.NodeResourceUpdated{NodeID: h.id, Name: h.manifest.Name, URI: uri}, l.story)
	if _, err := l.bus.Publish(ctx, event.NewSubject(e.Kind(), h.manifest.Name), e); err != nil {
		l.log.Debug("a changed resource cannot be announced", "error", err, "uri", uri)
	}
}
