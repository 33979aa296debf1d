package host

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/omninode-ai/onex/node"
)

// Limits of the tools that an mcp program offers.
const (
	mcpStart = 10 * time.Second // from start to the answer of tools/list; interpreters are slow on busy machines
	mcpPages = 16               // of tools/list
	mcpTools = 256              // of one program
)

// An offer is a tool as an mcp program describes it.
type offer struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Input       json.RawMessage `json:"inputSchema"`
	Output      json.RawMessage `json:"outputSchema"`
	Hints       struct {
		ReadOnly   bool `json:"readOnlyHint"`
		Idempotent bool `json:"idempotentHint"`
	} `json:"annotations"`
}

// contentSchema describes the result of a tool that promises no structure: the
// content that MCP has in any case.
const contentSchema = `{"type":"object","properties":{"content":{"type":"array"}},"required":["content"]}`

// offers asks for the program's tools.
func (s *session) offers(ctx context.Context) ([]offer, error) {
	var all []offer
	cursor := s.params(nil)
	for range mcpPages {
		raw, err := s.ask(ctx, "tools/list", cursor)
		if err != nil {
			return nil, ErrProtocol.Wrap(err, "tools/list")
		}
		var page struct {
			Tools []offer `json:"tools"`
			Next  string  `json:"nextCursor"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return nil, ErrProtocol.Wrap(err, "tools/list answered %s", excerpt(raw))
		}
		if all = append(all, page.Tools...); page.Next == "" || len(all) > mcpTools {
			break
		}
		cursor["cursor"] = page.Next
	}
	if len(all) == 0 || len(all) > mcpTools {
		return nil, ErrProtocol.With("the program offers %d tools, want 1 to %d", len(all), mcpTools)
	}
	return all, nil
}

// promise is o as a tool of a contract. Names of MCP tools may have capitals,
// dashes and dots, which ours have not.
func (o offer) promise() node.Tool {
	t := node.Tool{
		Name: o.toolName(), Description: o.Description, Idempotency: node.None,
		Input: undrafted(o.Input), Output: undrafted(o.Output),
	}
	if o.Hints.ReadOnly || o.Hints.Idempotent {
		t.Idempotency = node.Pure
	}
	if len(t.Input) == 0 {
		t.Input = json.RawMessage(`{"type":"object"}`)
	}
	if len(t.Output) == 0 {
		t.Output = json.RawMessage(contentSchema)
	}
	return t
}

// undrafted takes the draft out of a schema. The usual SDKs write draft-07 there,
// with nothing in it that means something else in 2020-12.
func undrafted(raw json.RawMessage) json.RawMessage {
	var s map[string]json.RawMessage
	if json.Unmarshal(raw, &s) != nil || s["$schema"] == nil || strings.Contains(string(s["$schema"]), "/2020-12/") {
		return raw
	}
	delete(s, "$schema")
	plain, err := json.Marshal(s)
	if err != nil {
		return raw
	}
	return plain
}

func (o offer) toolName() node.ToolName {
	return node.ToolName(strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(o.Name)))
}

// An answer is the result of tools/call.
type answer struct {
	Content    []json.RawMessage `json:"content"`
	Structured json.RawMessage   `json:"structuredContent"`
	IsError    bool              `json:"isError"`
}

// result reads a tool's result out of the answer of tools/call: its structured
// content; or else, of a tool that promises a structure, the JSON in its text;
// or else the content as it is.
func (a answer) result(structured bool) (json.RawMessage, error) {
	text := a.text()
	switch {
	case a.IsError:
		if err := reported([]byte(text)); err != nil {
			return nil, err
		}
		return nil, ErrProgram.With("%s", text)
	case len(a.Structured) > 0 && string(a.Structured) != "null":
		return a.Structured, nil
	case structured && json.Valid([]byte(text)):
		return json.RawMessage(text), nil
	case structured:
		return nil, ErrProtocol.With("the result has no structuredContent, and its text is not JSON: %s", excerpt([]byte(text)))
	}
	return json.Marshal(map[string][]json.RawMessage{"content": a.Content})
}

// text joins the text in a's content.
func (a answer) text() string {
	var texts []string
	for _, raw := range a.Content {
		var c struct {
			Text string `json:"text"`
		}
		if json.Unmarshal(raw, &c) == nil && c.Text != "" {
			texts = append(texts, c.Text)
		}
	}
	return strings.Join(texts, "\n")
}
