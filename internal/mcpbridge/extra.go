package mcpbridge

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// Limits of what the programs of nodes offer beside tools.
const (
	extraTime  = 5 * time.Second // for a program to list one kind of it
	extraPages = 16              // of a list
	maxExtra   = 1000            // of one kind and program
)

// An extra is what the program of one life of a node offers beside tools.
type extra struct {
	prompts     []*mcp.Prompt
	resources   []*mcp.Resource
	templates   []*mcp.ResourceTemplate
	definitions []event.ToolEntry // of prompts and templates, as they are pinned
}

// A life is one incarnation of a node.
type life struct {
	node        node.ID
	incarnation node.Incarnation
}

// extras is what clients see beside tools: of two with one name, that of the
// node whose name comes first.
type extras struct {
	lives     map[life]extra
	prompts   map[string]life
	resources map[string]life
	templates map[string]life
	changed   []Difference // quarantined
}

// refreshExtras asks the programs that are new what they offer, and shows it.
// One goroutine calls it at a time.
func (s *Server) refreshExtras(ctx context.Context) {
	providers := s.extraProviders(ctx)
	s.mu.RLock()
	last := s.extras
	s.mu.RUnlock()
	next := extras{lives: map[life]extra{}, prompts: map[string]life{}, resources: map[string]life{}, templates: map[string]life{}}
	for _, p := range providers {
		l := life{p.NodeID, p.Incarnation}
		x, known := last.lives[l]
		if !known {
			x = s.askExtra(ctx, p)
		}
		next.lives[l] = x
	}
	may, changed, err := s.admit(ctx, next.lives)
	if err != nil {
		s.o.Log.Warn("prompts and resources of programs may be out of date", "error", err)
		return
	}
	next.changed = changed
	for _, p := range providers {
		s.showExtra(life{p.NodeID, p.Incarnation}, &next, last, may)
	}
	s.removeExtras(last, next)
	s.warn(last.changed, changed)
	s.mu.Lock()
	s.extras = next
	s.mu.Unlock()
	if len(last.changed) != len(changed) {
		s.tellUpdates(ctx, quarURI)
	}
}

// extraProviders returns who has a program with more than tools, by name.
func (s *Server) extraProviders(ctx context.Context) (all []event.Provider) {
	entries, err := s.registry.Tools(ctx, host.RequestTool)
	if err != nil || !s.permits(host.RequestTool, entries) {
		return nil
	}
	for _, e := range entries {
		all = append(all, e.Providers...)
	}
	slices.SortFunc(all, func(a, b event.Provider) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.NodeID, b.NodeID))
	})
	return all
}

func (s *Server) askExtra(ctx context.Context, p event.Provider) extra {
	x := extra{
		prompts:   listed[mcp.Prompt](ctx, s, p.NodeID, "prompts/list", "prompts"),
		resources: listed[mcp.Resource](ctx, s, p.NodeID, "resources/list", "resources"),
		templates: listed[mcp.ResourceTemplate](ctx, s, p.NodeID, "resources/templates/list", "resourceTemplates"),
	}
	x.definitions = definitions(p, x.prompts, x.templates)
	return x
}

// listed asks a program for one kind of thing. One that does not have it says so
// with an error, which is no news.
func listed[T any](ctx context.Context, s *Server, id node.ID, method, key string) (all []*T) {
	ctx, cancel := context.WithTimeout(ctx, extraTime)
	defer cancel()
	params := map[string]any{}
	for range extraPages {
		r := s.passOn(ctx, talk{}, id, method, params, nil)
		var page map[string]json.RawMessage
		if r.Error != nil || json.Unmarshal(r.Result, &page) != nil {
			return all
		}
		var some []*T
		var cursor string
		_ = json.Unmarshal(page[key], &some)
		_ = json.Unmarshal(page["nextCursor"], &cursor)
		all = append(all, some...)
		if cursor == "" || len(all) > maxExtra {
			break
		}
		params["cursor"] = cursor
	}
	return slices.DeleteFunc(all[:min(len(all), maxExtra)], func(v *T) bool { return v == nil })
}

// passOn makes a request to the program of a node.
func (s *Server) passOn(ctx context.Context, t talk, id node.ID, method string, params map[string]any, own func(*invoke.Call) error) invoke.Reply {
	call := invoke.Call{
		Tool: host.RequestTool, Node: string(id),
		Args: encode(map[string]any{"method": method, "params": params}),
	}
	if own != nil {
		if err := own(&call); err != nil {
			return refused(call.Tool, call.Correlation, err)
		}
	}
	return s.converse(ctx, t, call)
}

// showExtra shows what is new of a life.
func (s *Server) showExtra(l life, next *extras, last extras, may func(node.ID, string) bool) {
	x := next.lives[l]
	for _, p := range x.prompts {
		if may(l.node, promptPin+p.Name) && claim(next.prompts, p.Name, l) && last.prompts[p.Name] != l {
			s.safely("prompt", p.Name, func() { s.server.AddPrompt(p, s.getPrompt(l.node)) })
		}
	}
	for _, r := range x.resources {
		if claim(next.resources, r.URI, l) && last.resources[r.URI] != l {
			s.safely("resource", r.URI, func() { s.server.AddResource(r, s.readProgram(l.node)) })
		}
	}
	for _, t := range x.templates {
		if may(l.node, templatePin+t.URITemplate) && claim(next.templates, t.URITemplate, l) && last.templates[t.URITemplate] != l {
			s.safely("resource template", t.URITemplate, func() { s.server.AddResourceTemplate(t, s.readProgram(l.node)) })
		}
	}
}

// claim gives a name to the first who wants it. Our own addresses are taken.
func claim(taken map[string]life, name string, by life) bool {
	if _, ok := taken[name]; ok || isOurs(name) {
		return false
	}
	taken[name] = by
	return true
}

// safely does what the SDK panics at when it does not like it.
func (s *Server) safely(kind, name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			s.o.Log.Warn("a "+kind+" of a program cannot be shown", "name", name, "error", fmt.Sprint(r))
		}
	}()
	f()
}

func (s *Server) removeExtras(last, next extras) {
	if gone := missing(last.prompts, next.prompts); len(gone) > 0 {
		s.server.RemovePrompts(gone...)
	}
	if gone := missing(last.resources, next.resources); len(gone) > 0 {
		s.server.RemoveResources(gone...)
	}
	if gone := missing(last.templates, next.templates); len(gone) > 0 {
		s.server.RemoveResourceTemplates(gone...)
	}
}

func missing(last, next map[string]life) (gone []string) {
	for name := range maps.Keys(last) {
		if _, ok := next[name]; !ok {
			gone = append(gone, name)
		}
	}
	return gone
}

// getPrompt returns what answers prompts/get for the program of a node.
func (s *Server) getPrompt(id node.ID) mcp.PromptHandler {
	return func(ctx context.Context, r *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		params := map[string]any{"name": r.Params.Name}
		if r.Params.Arguments != nil {
			params["arguments"] = r.Params.Arguments
		}
		t := newTalk(r, r.Params.InputResponses, r.Params.RequestState, r.Params.GetProgressToken())
		res := new(mcp.GetPromptResult)
		requests, state, err := s.ask(ctx, t, id, "prompts/get", params, res)
		if requests != nil {
			res = &mcp.GetPromptResult{InputRequests: requests, RequestState: state}
		}
		return res, err
	}
}

// readProgram returns what answers resources/read for the program of a node.
func (s *Server) readProgram(id node.ID) mcp.ResourceHandler {
	return func(ctx context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		t := newTalk(r, r.Params.InputResponses, r.Params.RequestState, r.Params.GetProgressToken())
		res := new(mcp.ReadResourceResult)
		requests, state, err := s.ask(ctx, t, id, "resources/read", map[string]any{"uri": r.Params.URI}, res)
		if requests != nil {
			res = &mcp.ReadResourceResult{InputRequests: requests, RequestState: state}
		}
		return res, err
	}
}

// ask makes a client's request to the program of a node and reads the result
// into res, or returns what the program asks first.
func (s *Server) ask(ctx context.Context, t talk, id node.ID, method string, params map[string]any, res any) (mcp.InputRequestMap, string, error) {
	q := request{tool: host.RequestTool, args: encode(params), talk: t, modern: t.modern}
	r, requests, state, err := s.rounds(ctx, q, func(q request) invoke.Reply {
		return s.passOn(ctx, q.talk, id, method, params, func(call *invoke.Call) error { return s.answers(q, call) })
	})
	if requests != nil || err != nil {
		return requests, state, err
	}
	if r.Error != nil {
		return nil, "", programError(r)
	}
	if err := json.Unmarshal(r.Result, res); err != nil {
		return nil, "", rpcError(jsonrpc.CodeInternalError, err)
	}
	return nil, "", nil
}

// programError is what a client of a program gets that did not answer well: the
// program's own error, or ours.
func programError(r invoke.Reply) error {
	if r.Error.Details[host.DetailCode] != "" {
		var code int64
		if json.Unmarshal([]byte(r.Error.Details[host.DetailCode]), &code) == nil {
			return wireError(r.Error, code)
		}
	}
	return rpcError(jsonrpc.CodeInternalError, r.Error.Err())
}

// quarantined reports whether something was accepted, and all that is offered under
// its name now is something else.
func (s *Server) quarantined(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, served := s.extras.prompts[strings.TrimPrefix(name, promptPin)]
	return !served && slices.ContainsFunc(s.extras.changed, func(d Difference) bool { return string(d.Tool) == name })
}

// complete answers completion/complete: programs may, we have nothing to
// complete.
func (s *Server) complete(ctx context.Context, r *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
	none := &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{Values: []string{}}}
	s.mu.RLock()
	id := cmp.Or(s.extras.prompts[r.Params.Ref.Name], s.extras.templates[r.Params.Ref.URI]).node
	s.mu.RUnlock()
	if id == "" {
		return none, nil
	}
	params := map[string]any{"ref": r.Params.Ref, "argument": r.Params.Argument}
	if r.Params.Context != nil {
		params["context"] = r.Params.Context
	}
	res := new(mcp.CompleteResult)
	if _, _, err := s.ask(ctx, talk{}, id, "completion/complete", params, res); err != nil {
		return none, nil // most programs have none, and say so in many ways
	}
	return res, nil
}

// subscribed answers resources/subscribe.
func (s *Server) subscribed(ctx context.Context, r *mcp.SubscribeRequest) error {
	return s.subscription(ctx, "resources/subscribe", r.Params.URI)
}

func (s *Server) unsubscribed(ctx context.Context, r *mcp.UnsubscribeRequest) error {
	return s.subscription(ctx, "resources/unsubscribe", r.Params.URI)
}

// subscription tells the program that a resource belongs to. Of our own ones,
// we tell changes ourselves.
func (s *Server) subscription(ctx context.Context, method, uri string) error {
	if isOurs(uri) {
		return nil
	}
	s.mu.RLock()
	l, ok := s.extras.resources[uri]
	s.mu.RUnlock()
	if !ok {
		return mcp.ResourceNotFoundError(uri)
	}
	var nothing struct{}
	_, _, err := s.ask(ctx, talk{}, l.node, method, map[string]any{"uri": uri}, &nothing)
	return err
}

// extrasFor answers a request for prompts or resources as the client may see
// them: a client that may not use [host.RequestTool] sees only what is ours.
func (s *Server) extrasFor(ctx context.Context, method string, r mcp.Request, next mcp.MethodHandler) (mcp.Result, error) {
	if p, ok := r.(*mcp.GetPromptRequest); ok && s.quarantined(promptPin+p.Params.Name) {
		return nil, rpcError(jsonrpc.CodeInvalidParams, ErrQuarantined.With("prompt %q", p.Params.Name))
	}
	if callerOf(ctx).permits(host.RequestTool) {
		return next(ctx, method, r)
	}
	switch r := r.(type) {
	case *mcp.GetPromptRequest:
		return nil, rpcError(jsonrpc.CodeInvalidParams, ErrHidden.With("prompt %q", r.Params.Name))
	case *mcp.ReadResourceRequest:
		if !isOurs(r.Params.URI) {
			return nil, mcp.ResourceNotFoundError(r.Params.URI)
		}
	case *mcp.SubscribeRequest:
		if !isOurs(r.Params.URI) {
			return nil, mcp.ResourceNotFoundError(r.Params.URI)
		}
	}
	res, err := next(ctx, method, r)
	switch res := res.(type) {
	case *mcp.ListPromptsResult:
		res.Prompts = []*mcp.Prompt{}
	case *mcp.ListResourcesResult:
		res.Resources = slices.DeleteFunc(res.Resources, func(r *mcp.Resource) bool { return !isOurs(r.URI) })
	case *mcp.ListResourceTemplatesResult:
		res.ResourceTemplates = slices.DeleteFunc(res.ResourceTemplates, func(t *mcp.ResourceTemplate) bool { return !isOurs(t.URITemplate) })
	}
	return res, err
}
