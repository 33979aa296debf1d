package host

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/omninode-ai/onex/trace"
)

// converse makes a request for a caller, who can be told of progress and asked
// questions meanwhile. It fails with [ErrInput] when the program asks something;
// with the answers it goes on where it stopped.
func (s *session) converse(ctx context.Context, method string, own map[string]any) (json.RawMessage, error) {
	d := dialogueOf(ctx)
	if d.State != "" && !s.manners.stateless {
		return s.resume(ctx, &d, method, own)
	}
	id, p, err := s.expect(&d)
	if err != nil {
		return nil, err
	}
	if err := s.send(ctx, id, method, s.callParams(ctx, id, d, own)); err != nil {
		return nil, err
	}
	raw, err := s.await(ctx, id, p, method, own)
	if err != nil {
		return nil, err
	}
	if q, ok := asksForInput(raw); ok {
		return nil, Ask(q)
	}
	return raw, nil
}

// callParams returns the parameters of a request that is made for a caller.
func (s *session) callParams(ctx context.Context, id int64, d dialogue, own map[string]any) map[string]any {
	all := s.params(own)
	meta := map[string]any{}
	if s.manners.stateless {
		meta = statelessMeta(d.CanAnswer)
		if len(d.Answers) > 0 {
			all["inputResponses"] = d.Answers
		}
		if d.State != "" {
			all["requestState"] = d.State
		}
		if d.tell != nil {
			meta[metaLogLevel] = "debug"
		}
	}
	if d.tell != nil {
		meta["progressToken"] = id
	}
	if c := trace.FromContext(ctx); c.Valid() {
		meta["traceparent"] = c.String()
	} else if d.trace != "" {
		meta["traceparent"] = d.trace
	}
	if d.key != "" {
		meta["onex/idempotency_key"] = d.key
	}
	meta["onex/correlation_id"] = Correlation(ctx).String()
	all["_meta"] = meta
	return all
}

// await waits for the answer to a request, or for what the program asks first.
func (s *session) await(ctx context.Context, id int64, p *pending, method string, own map[string]any) (json.RawMessage, error) {
	hung := s.suspect()
	select {
	case a, ok := <-p.answer:
		hung.Stop()
		raw, err := s.answered(a, ok)
		return raw, inWords(err)
	case first := <-p.asks:
		hung.Stop()
		return nil, s.park(id, p, first, fingerprint(method, own))
	case <-ctx.Done(): // it still owes an answer
		s.abandon(id)
		return nil, context.Cause(ctx)
	}
}

// inWords gives the error of a program a code. What it says beside stays in the
// details, for callers that speak MCP, too.
func inWords(err error) error {
	rpc := (*rpcError)(nil)
	if !errors.As(err, &rpc) {
		return err
	}
	coded := ErrProgram.With("%s", rpc)
	if rpc.Code == rpcBadParams {
		coded = ErrArguments.With("%s", rpc.Message)
	}
	coded = coded.Detail(DetailCode, strconv.Itoa(rpc.Code))
	if len(rpc.Data) > 0 {
		coded = coded.Detail(DetailData, string(rpc.Data))
	}
	return coded
}

// Details of the report of a call that an mcp program answered with an error of
// JSON-RPC.
const (
	DetailCode = "jsonrpc_code"
	DetailData = "jsonrpc_data"
)

// asksForInput reads a result that is a question, as of the protocol without
// sessions.
func asksForInput(raw json.RawMessage) (Question, bool) {
	var r struct {
		Type     string          `json:"resultType"`
		Requests json.RawMessage `json:"inputRequests"`
		State    string          `json:"requestState"`
	}
	if json.Unmarshal(raw, &r) != nil || r.Type != "input_required" {
		return Question{}, false
	}
	if len(r.Requests) == 0 {
		r.Requests = json.RawMessage("{}")
	}
	return Question{r.Requests, r.State}, true
}
