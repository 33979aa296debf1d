package mcpbridge

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// Addresses of the resources. What is behind them is JSON: nodes as onex nodes
// and onex describe print them, tools with their contract and those who offer them.
const (
	nodesURI = "onex://nodes"
	toolsURI = "onex://tools"
	quarURI  = "onex://quarantine"
)

// isOurs reports whether an address is of our own resources.
func isOurs(uri string) bool { return strings.HasPrefix(uri, "onex://") }

func (s *Server) addResources() {
	add := func(uri, name, about string, read func(context.Context, string) (json.RawMessage, error)) {
		base, isTemplate := strings.CutSuffix(uri, "{ref}")
		h := func(ctx context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
			return resource(ctx, r.Params.URI, strings.TrimPrefix(r.Params.URI, base), read)
		}
		if isTemplate {
			s.server.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: uri, Name: name, Description: about, MIMEType: "application/json"}, h)
			return
		}
		s.server.AddResource(&mcp.Resource{URI: uri, Name: name, Description: about, MIMEType: "application/json"}, h)
	}
	add(nodesURI, "nodes", "the nodes that are alive, and what they offer", s.readNodes)
	add(toolsURI, "tools", "every tool with its contract and the nodes that offer it", s.readTools)
	add(quarURI, "quarantine", "tools, prompts and templates that are not served because their definition has changed, and how", s.readQuarantine)
	add(nodesURI+"/{ref}", "node", "one node, by its id or its name: manifest, contract, history", s.readNode)
	if len(s.o.Tools) == 0 && !s.o.ReadOnly { // events tell of tools that are left out
		add(eventsURI+"/{ref}", "events", "what happened because of one call, by the onex/correlation_id of its result", s.readEvents)
	}
	add(toolsURI+"/{ref}", "tool", "one tool, by its name: its contract and the nodes that offer it", s.readTool)
}

func resource(ctx context.Context, uri, ref string, read func(context.Context, string) (json.RawMessage, error)) (*mcp.ReadResourceResult, error) {
	raw, err := read(ctx, ref)
	switch fault.ClassOf(err) {
	case "":
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: uri, MIMEType: "application/json", Text: string(raw)}}}, nil
	case fault.NotFound, fault.Denied:
		return nil, rpcError(jsonrpc.CodeInvalidParams, err)
	}
	return nil, rpcError(jsonrpc.CodeInternalError, err)
}

func (s *Server) readNodes(ctx context.Context, _ string) (json.RawMessage, error) {
	all, err := s.registry.Nodes(ctx, event.NodeDiscoveryRequest{Statuses: []node.Status{node.Online, node.Unverified, node.Suspect}})
	if err != nil {
		return nil, err
	}
	seen := []event.NodeEntry{}
	for _, n := range all {
		if n = s.visible(ctx, n); len(n.Tools) > 0 {
			seen = append(seen, n)
		}
	}
	return json.Marshal(seen)
}

func (s *Server) readNode(ctx context.Context, ref string) (json.RawMessage, error) {
	n, err := s.registry.Node(ctx, ref, true)
	if err != nil {
		return nil, err
	}
	if n = s.visible(ctx, n); len(n.Tools) == 0 {
		return nil, ErrHidden.With("node %q", ref)
	}
	return json.Marshal(n)
}

// visible is a node as clients may see it: with the tools that they may call.
func (s *Server) visible(ctx context.Context, n event.NodeEntry) event.NodeEntry {
	c := callerOf(ctx)
	hidden := func(name node.ToolName) bool { t, ok := s.tool(name); return !ok || !c.permits(name, t.Tool) }
	n.Tools = slices.DeleteFunc(slices.Clone(n.Tools), hidden)
	if n.Contract != nil {
		c := *n.Contract
		c.Tools = slices.DeleteFunc(slices.Clone(c.Tools), func(t node.Tool) bool { return hidden(t.Name) })
		n.Contract = &c
	}
	return n
}

func (s *Server) readTools(ctx context.Context, _ string) (json.RawMessage, error) {
	all, err := s.registry.Tools(ctx, "")
	if err != nil {
		return nil, err
	}
	return json.Marshal(callerOf(ctx).sees(s.permitted(all)))
}

func (s *Server) readQuarantine(context.Context, string) (json.RawMessage, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return json.Marshal(slices.Concat([]Difference{}, s.changed, s.extras.changed))
}

func (s *Server) readTool(ctx context.Context, name string) (json.RawMessage, error) {
	if _, err := s.lookup(ctx, node.ToolName(name)); err != nil {
		return nil, err
	}
	all, err := s.registry.Tools(ctx, node.ToolName(name))
	if err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// permitted leaves out what clients may not see.
func (s *Server) permitted(all []event.ToolEntry) []event.ToolEntry {
	names := byName(all)
	return slices.DeleteFunc(slices.Clone(all), func(e event.ToolEntry) bool {
		return !s.permits(e.Tool.Name, names[e.Tool.Name])
	})
}
