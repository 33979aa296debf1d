package mcpbridge

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// stateless is the version of the protocol that made results any JSON value.
// Versions are dates and compare as text.
const stateless = "2026-07-28"

// A request is a call as an MCP client makes it.
type request struct {
	tool   node.ToolName
	args   json.RawMessage
	meta   mcp.Meta
	modern bool      // the client speaks the stateless protocol
	known  node.Tool // as the client sees it; zero when it does not
	talk   talk
}

func newRequest(r *mcp.CallToolRequest) request {
	return request{
		tool: node.ToolName(r.Params.Name), args: r.Params.Arguments, meta: r.Params.Meta,
		modern: r.ProtocolVersion() >= stateless,
		talk:   newTalk(r, r.Params.InputResponses, r.Params.RequestState, r.Params.GetProgressToken()),
	}
}

// handler returns what the SDK calls for t.
func (s *Server) handler(t node.Tool) mcp.ToolHandler {
	return func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		q := newRequest(r)
		q.known = t
		return s.answer(ctx, q)
	}
}

// answer is reply as an operation of its own: a span, below the one that the client
// names in its metadata, and above the call.
func (s *Server) answer(ctx context.Context, q request) (*mcp.CallToolResult, error) {
	above, _ := q.meta[metaTrace].(string)
	q.named()
	ctx, span := trace.Begin(trace.Below(ctx, above), s.o.Invoke.Trace, trace.Span{
		Operation: "mcp", Function: string(q.tool), Kind: trace.Server, Correlation: trace.ID(q.correlation()),
	})
	res, err := s.reply(ctx, q)
	if report := reported(res); err == nil && report != nil {
		span.Fail(report)
	} else {
		span.End(err)
	}
	return res, err
}

// named gives a request a correlation id, if the client gave it none: the trace is
// called after it.
func (q *request) named() {
	if _, given := q.meta[metaCorrelation]; !given {
		q.meta = maps.Clone(q.meta)
		if q.meta == nil {
			q.meta = mcp.Meta{}
		}
		q.meta[metaCorrelation] = event.NewID().String()
	}
}

// reported is the error that a result reports, or nil.
func reported(res *mcp.CallToolResult) *fault.Report {
	if res == nil || !res.IsError {
		return nil
	}
	report, _ := res.Meta[metaError].(*fault.Report)
	return report
}

// reply makes a call and puts its end into MCP's form.
func (s *Server) reply(ctx context.Context, q request) (*mcp.CallToolResult, error) {
	if c := callerOf(ctx); !s.rates.take(c.name, c.PerMinute, time.Now()) {
		return q.result(refused(q.tool, q.correlation(), ErrRate.With("%s may make %d a minute", c.name, c.PerMinute))), nil
	}
	r, requests, state, err := s.rounds(ctx, q, func(q request) invoke.Reply { return s.call(ctx, q) })
	switch {
	case err != nil:
		return nil, err
	case requests != nil:
		return &mcp.CallToolResult{Meta: metaOf(r), InputRequests: requests, RequestState: state}, nil
	}
	return q.result(r), nil
}

// call makes a call. Whatever goes wrong is in the reply.
func (s *Server) call(ctx context.Context, q request) invoke.Reply {
	c := callerOf(ctx)
	call := invoke.Call{Tool: q.tool, Args: q.args, Policy: invoke.LocalFirst}
	if err := apply(q.meta, &call); err != nil {
		return refused(q.tool, call.Correlation, err)
	}
	call.TraceParent = trace.FromContext(ctx).String()
	if t, ok := s.tool(q.tool); ok {
		call.Node = string(t.only)
	}
	if err := s.answers(q, &call); err != nil {
		return refused(q.tool, call.Correlation, err)
	}
	if r := s.confirm(q, c); r != nil {
		return *r
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return refused(q.tool, call.Correlation, ErrBusy.With("%d are running", s.o.Calls))
	}
	r := s.converse(ctx, q.talk, call)
	if c.MaxResult > 0 && len(r.Result) > c.MaxResult {
		return refused(q.tool, call.Correlation, ErrTooLarge.With("%d bytes, limit %d; the tool did run", len(r.Result), c.MaxResult))
	}
	return r
}

// result is how a call ended in MCP's form. Clients see the result twice, as
// structured content and as text, because many models are shown only the text.
func (q request) result(r invoke.Reply) *mcp.CallToolResult {
	output := q.known.Output
	if r.Error == nil && string(r.Result) == "null" && r.Status == node.Skipped && output != nil {
		r = refused(q.tool, correlation(r), ErrNoResult.With("%q", q.tool))
	}
	if r.Error != nil {
		return q.failure(r)
	}
	res := &mcp.CallToolResult{Meta: metaOf(r)}
	if content := contentOf(output, r.Result); content != nil {
		res.Content = content
		return res
	}
	res.Content = []mcp.Content{&mcp.TextContent{Text: text(r.Result)}}
	if q.modern || isObject(output) {
		res.StructuredContent = r.Result
	}
	if r.Status != node.Success { // a model that sees only the text must not take it for one
		res.Content = append(res.Content, &mcp.TextContent{Text: "status: " + string(r.Status)})
	}
	return res
}

// failure is a call that ended in an error. The text is the report, too, so
// that a model sees it and an ONEX node can read it back. Clients before the
// stateless protocol hold structured content against the output schema even when
// it is an error, and would hide it; they find the report in the metadata.
func (q request) failure(r invoke.Reply) *mcp.CallToolResult {
	res := &mcp.CallToolResult{Meta: metaOf(r), IsError: true}
	res.Meta[metaError] = r.Error
	res.Content = []mcp.Content{&mcp.TextContent{Text: string(encode(r.Error))}}
	if q.modern || !isObject(q.known.Output) || isContent(q.known.Output) {
		res.StructuredContent = r.Error
	}
	return res
}

// text is a result for a model: a string as it is, all else as JSON.
func text(result json.RawMessage) string {
	var s string
	if json.Unmarshal(result, &s) == nil {
		return s
	}
	return string(result)
}

// contentOf returns the result of a tool whose result is MCP content as such, and
// nil of all others.
func contentOf(output, result json.RawMessage) []mcp.Content {
	if !isContent(output) {
		return nil
	}
	var r mcp.CallToolResult // knows every kind of content
	if json.Unmarshal(result, &r) != nil {
		return nil
	}
	return r.Content
}

func correlation(r invoke.Reply) event.ID {
	id, err := event.ParseID(r.CorrelationID)
	if err != nil {
		return event.ID{}
	}
	return id
}

// encode is for values of our own, which have a JSON form.
func encode[T any](v T) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		raw, _ = json.Marshal(fault.ReportOf(err))
	}
	return raw
}

// adapt serves what the SDK does not know of: calls of tools that are not on
// the list, and older clients.
func (s *Server) adapt(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
		ctx = s.withCaller(ctx, r)
		switch r := r.(type) {
		case *mcp.CallToolRequest:
			if res, err := s.unlisted(ctx, newRequest(r)); res != nil || err != nil {
				return res, err
			}
		case *mcp.ListToolsRequest:
			res, err := next(ctx, method, r)
			if list, ok := res.(*mcp.ListToolsResult); ok && err == nil {
				list.Tools = s.forClient(ctx, list.Tools, r.ProtocolVersion() >= stateless)
			}
			return res, err
		case *mcp.ListPromptsRequest, *mcp.GetPromptRequest, *mcp.ListResourcesRequest, *mcp.ListResourceTemplatesRequest, *mcp.ReadResourceRequest, *mcp.SubscribeRequest:
			return s.extrasFor(ctx, method, r, next)
		}
		return next(ctx, method, r)
	}
}

// forClient is the list of tools as one client sees it.
func (s *Server) forClient(ctx context.Context, tools []*mcp.Tool, modern bool) []*mcp.Tool {
	if c := callerOf(ctx); c.narrows() && !s.o.Search {
		tools = slices.DeleteFunc(slices.Clone(tools), func(d *mcp.Tool) bool {
			t, ok := s.tool(node.ToolName(d.Name))
			return !ok || !c.permits(t.Name, t.Tool)
		})
	}
	if !modern {
		tools = simpler(tools)
	}
	return tools
}

// unlisted answers a call of a tool that is not on the client's list. It may
// just have come, or have vanished, which the client must be able to tell
// from a tool that never was: nil leaves that to the SDK.
func (s *Server) unlisted(ctx context.Context, q request) (*mcp.CallToolResult, error) {
	if s.o.Search {
		return nil, nil
	}
	t, ok := s.tool(q.tool)
	if ok && callerOf(ctx).permits(t.Name, t.Tool) {
		return nil, nil
	}
	var err error
	q.known, err = s.lookup(ctx, q.tool)
	switch {
	case errors.Is(err, invoke.ErrNoTool):
		return nil, nil
	case err != nil:
		return q.complete(refused(q.tool, event.ID{}, err)), nil
	}
	res, err := s.answer(ctx, q)
	if err != nil || res.InputRequests != nil {
		return res, err
	}
	return q.marked(res), nil
}

// complete is result for an answer that the SDK does not see, and so does not
// mark as the stateless protocol demands. The mark has no other way in.
func (q request) complete(r invoke.Reply) *mcp.CallToolResult { return q.marked(q.result(r)) }

func (q request) marked(res *mcp.CallToolResult) *mcp.CallToolResult {
	if !q.modern {
		return res
	}
	var marked mcp.CallToolResult
	if err := json.Unmarshal([]byte(`{"resultType":"complete","content":[]}`), &marked); err != nil {
		return res
	}
	marked.Meta, marked.Content, marked.StructuredContent, marked.IsError = res.Meta, res.Content, res.StructuredContent, res.IsError
	return &marked
}

// lookup returns a tool that clients may call, also one that nobody offers any
// more. It fails with [invoke.ErrNoTool], [ErrHidden] and [ErrQuarantined].
func (s *Server) lookup(ctx context.Context, name node.ToolName) (node.Tool, error) {
	c := callerOf(ctx)
	if t, ok := s.tool(name); ok {
		if !c.permits(name, t.Tool) {
			return node.Tool{}, ErrHidden.With("%q", name)
		}
		return t.Tool, nil
	}
	if _, err := node.ParseToolName(string(name)); err != nil {
		return node.Tool{}, errNoTool(name)
	}
	promises, err := s.registry.Tools(ctx, name)
	switch {
	case err != nil:
		return node.Tool{}, err
	case len(promises) == 0:
		return node.Tool{}, errNoTool(name)
	case name == host.RequestTool || !s.permits(name, promises) || !c.permits(name, promised(promises)...):
		return node.Tool{}, ErrHidden.With("%q", name)
	case s.o.Pins == nil || len(promises[0].Providers) == 0:
		return promises[0].Tool, nil
	}
	return s.pinned(ctx, name)
}

// pinned returns a tool that has just come, if its definition is the accepted one.
func (s *Server) pinned(ctx context.Context, name node.ToolName) (node.Tool, error) {
	if err := s.refresh(ctx); err != nil {
		return node.Tool{}, err
	}
	if t, ok := s.tool(name); ok {
		return t.Tool, nil
	}
	return node.Tool{}, ErrQuarantined.With("%q", name)
}

func errNoTool(name node.ToolName) error {
	return invoke.ErrNoTool.With("%q", name).Hinted("list the tools, or search them with find_tools")
}

// simpler leaves out what older clients refuse the whole list for: results that
// are not objects.
func simpler(tools []*mcp.Tool) []*mcp.Tool {
	tools = slices.Clone(tools)
	for i, t := range tools {
		if output, ok := t.OutputSchema.(json.RawMessage); ok && !isObject(output) {
			plain := *t
			plain.OutputSchema = nil
			tools[i] = &plain
		}
	}
	return tools
}
