package mcpbridge

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// How many tools find_tools returns: by default what a model reads at a glance.
const (
	defaultFound = 10
	maxFound     = 50
)

// addSearch offers the three tools that stand for all others.
func (s *Server) addSearch() {
	addMeta(s, "find_tools", "finds tools by words that their names and descriptions contain; without words lists them all", readsOnly(), s.find)
	addMeta(s, "describe_tool", "shows one tool's contract: what it takes and gives, its errors, effects and examples", readsOnly(), s.describe)
	s.addCall()
}

func readsOnly() *mcp.ToolAnnotations {
	no := false
	return &mcp.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: &no, OpenWorldHint: &no}
}

// addMeta adds a tool of the server's own, with schemas derived from its types.
func addMeta[In, Out any](s *Server, name node.ToolName, about string, hints *mcp.ToolAnnotations, f func(context.Context, In) (Out, error)) {
	input, err := schema.For[In]()
	must(err)
	output, err := schema.For[Out]()
	must(err)
	valid, err := schema.Compile(input)
	must(err)
	t := node.Tool{Name: name, Description: about, Input: input, Output: output, Idempotency: node.Pure}
	d := definition(t)
	d.Annotations = hints
	s.server.AddTool(d, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		q := newRequest(r)
		q.known = t
		in, err := arguments[In](valid, q.args)
		if err != nil {
			return q.result(refused(name, event.ID{}, err)), nil
		}
		out, err := f(ctx, in)
		if err != nil {
			return q.result(refused(name, event.ID{}, err)), nil
		}
		return q.result(invoke.Reply{ToolName: name, Status: node.Success, Result: encode(out)}), nil
	})
}

// must is for schemas of types in this package: a defect found at start-up.
func must(err error) {
	if err != nil {
		panic("mcpbridge: " + err.Error())
	}
}

// arguments reads arguments that the schema allows. It knows no key but exact
// ones, so that the decoder's indifference to case does not matter.
func arguments[In any](valid *schema.Validator, args json.RawMessage) (in In, err error) {
	if len(args) == 0 {
		args = json.RawMessage("{}")
	}
	if err := valid.Validate(args); err != nil {
		return in, err
	}
	if err := json.Unmarshal(args, &in); err != nil {
		return in, fault.ErrUncoded.Wrap(err, "arguments")
	}
	return in, nil
}

type findIn struct {
	Query string `json:"query,omitempty" jsonschema:"words to look for"`
	Limit int    `json:"limit,omitempty" jsonschema:"most tools to return, at most 50; default 10"`
}

type findOut struct {
	Tools []found `json:"tools"`
	Total int     `json:"total" jsonschema:"how many tools match"`
}

type found struct {
	Name        node.ToolName `json:"name"`
	Description string        `json:"description"`
	ReadOnly    bool          `json:"read_only" jsonschema:"it changes nothing, as its contract says"`
}

func (s *Server) find(ctx context.Context, in findIn) (findOut, error) {
	if in.Limit == 0 {
		in.Limit = defaultFound
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	type hit struct {
		node.Tool
		score int
	}
	var hits []hit
	words := strings.Fields(strings.ToLower(in.Query))
	c := callerOf(ctx)
	for _, t := range s.tools {
		if !c.permits(t.Name, t.Tool) {
			continue
		}
		if n := score(t.Tool, words); n > 0 || len(words) == 0 {
			hits = append(hits, hit{t.Tool, n})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Name, b.Name)) })
	out := findOut{Tools: []found{}, Total: len(hits)}
	for _, h := range hits[:max(0, min(in.Limit, maxFound, len(hits)))] {
		out.Tools = append(out.Tools, found{h.Name, h.Description, readOnly(h.Tool)})
	}
	return out, nil
}

// score says how well a tool matches: a word counts most as a part of the name
// between underscores, then anywhere in the name, then in the description, then
// in the names of arguments.
func score(t node.Tool, words []string) int {
	n := 0
	about, input := strings.ToLower(t.Description), strings.ToLower(string(t.Input))
	for _, w := range words {
		switch {
		case slices.Contains(strings.Split(string(t.Name), "_"), w) || w == string(t.Name):
			n += 8
		case strings.Contains(string(t.Name), w):
			n += 4
		case strings.Contains(about, w):
			n += 2
		case strings.Contains(input, w):
			n++
		}
	}
	return n
}

type describeIn struct {
	Name node.ToolName `json:"name" jsonschema:"of the tool"`
}

type describeOut struct {
	Tool json.RawMessage `json:"tool"`
}

func (s *Server) describe(ctx context.Context, in describeIn) (describeOut, error) {
	t, ok := s.tool(in.Name)
	if !ok || !callerOf(ctx).permits(t.Name, t.Tool) {
		return describeOut{}, errNoTool(in.Name)
	}
	return describeOut{Tool: encode(t.Tool)}, nil
}

// callSchema is what call_tool takes. The arguments stay raw.
const callSchema = `{"type":"object","properties":{
	"name":{"type":"string","description":"of the tool"},
	"arguments":{"type":"object","description":"as the tool's contract has them; see describe_tool"}
},"required":["name"],"additionalProperties":false}`

type callIn struct {
	Name      node.ToolName   `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

func (s *Server) addCall() {
	valid, err := schema.Compile(json.RawMessage(callSchema))
	must(err)
	t := node.Tool{Name: "call_tool", Description: "calls one tool by its name", Input: json.RawMessage(callSchema)}
	d := definition(t)
	d.OutputSchema = nil // that of the tool that is called
	d.Meta = nil
	s.server.AddTool(d, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		q := newRequest(r)
		in, err := arguments[callIn](valid, q.args)
		if err != nil {
			return q.result(refused(t.Name, event.ID{}, err)), nil
		}
		q.tool, q.args = in.Name, in.Arguments
		if q.known, err = s.lookup(ctx, q.tool); err != nil {
			return q.result(refused(q.tool, event.ID{}, err)), nil
		}
		return s.answer(ctx, q)
	})
}
