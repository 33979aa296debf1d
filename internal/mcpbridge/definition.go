package mcpbridge

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// definition is a tool as MCP clients see it.
func definition(t node.Tool) *mcp.Tool {
	d := &mcp.Tool{
		Name:        string(t.Name),
		Description: t.Description,
		InputSchema: t.Input,
		Annotations: annotations(t),
		Meta:        mcp.Meta{metaIdempotency: string(t.Idempotency)},
	}
	if !isContent(t.Output) {
		d.OutputSchema = t.Output
	}
	if len(t.Effects) > 0 {
		d.Meta[metaEffects] = t.Effects
	}
	if len(t.Errors) > 0 {
		d.Meta[metaErrors] = declared(t.Errors)
	}
	if t.TimeoutMS > 0 {
		d.Meta[metaTimeout] = t.TimeoutMS
	}
	return d
}

// A declaration is an error that a tool may answer with, as clients see it.
type declaration struct {
	Code        string `json:"code"`
	Description string `json:"description,omitempty"`
}

func declared(errs []node.ToolError) []declaration {
	var all []declaration
	for _, e := range errs {
		all = append(all, declaration{e.Code, e.Description})
	}
	return all
}

// annotations are what a tool's contract says of its effects, in MCP's words.
// Hints may make a client call without asking its user; so what the contract
// does not say is taken for the worst.
func annotations(t node.Tool) *mcp.ToolAnnotations {
	pure := t.Idempotency == node.Pure
	says := pure || len(t.Effects) > 0
	destructive := !readOnly(t) && (!says || has(t, node.WritesFiles, node.Network, node.Processes))
	open := !says || has(t, node.Network, node.Processes)
	return &mcp.ToolAnnotations{
		ReadOnlyHint:    readOnly(t),
		DestructiveHint: &destructive,
		IdempotentHint:  pure,
		OpenWorldHint:   &open,
	}
}

// readOnly reports whether t's contract says that t changes nothing.
func readOnly(t node.Tool) bool {
	return t.Idempotency == node.Pure && !has(t, node.WritesFiles, node.Network, node.Processes, node.Events)
}

func has(t node.Tool, effects ...node.Effect) bool {
	return slices.ContainsFunc(effects, func(e node.Effect) bool { return slices.Contains(t.Effects, e) })
}

// contentSchema is the output schema of a tool that came from an MCP server and
// promises no structure, as package host writes it: its result is MCP content.
const contentSchema = `{"properties":{"content":{"type":"array"}},"required":["content"],"type":"object"}`

func isContent(output json.RawMessage) bool {
	canonical, err := schema.Canonical(output)
	return err == nil && string(canonical) == contentSchema
}

// isObject reports whether a schema's type is object and nothing else, which
// is all that clients before protocol version 2026-07-28 understand of a result.
func isObject(output json.RawMessage) bool {
	var s struct {
		Type json.RawMessage `json:"type"`
	}
	return json.Unmarshal(output, &s) == nil && bytes.Equal(s.Type, []byte(`"object"`))
}
