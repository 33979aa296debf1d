package mcpbridge

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// maxHeard bounds what a call says before its answer that waits to be written to
// the client; more is dropped, as progress may be.
const maxHeard = 256

// A talk is what a client can do while a request of its runs: hear of it, and
// answer questions.
type talk struct {
	session *mcp.ServerSession
	modern  bool            // the client speaks the stateless protocol, and comes back with answers by itself
	token   any             // for progress; nil when the client wants none
	can     json.RawMessage // what it may be asked, as the event has it
	answers mcp.InputResponseMap
	state   string // that came with the answers, sealed
}

// A clientRequest is a request that may be asked back.
type clientRequest interface {
	GetSession() mcp.Session
	ClientCapabilities() *mcp.ClientCapabilities
	ProtocolVersion() string
}

func newTalk(r clientRequest, answers mcp.InputResponseMap, state string, token any) talk {
	session, _ := r.GetSession().(*mcp.ServerSession)
	return talk{session, r.ProtocolVersion() >= stateless, token, abilities(r.ClientCapabilities()), answers, state}
}

// abilities is what a client may be asked: nil for nothing.
func abilities(c *mcp.ClientCapabilities) json.RawMessage {
	can := map[string]any{}
	if c == nil {
		return nil
	}
	if c.Elicitation != nil {
		can["elicitation"] = c.Elicitation
	}
	if c.Sampling != nil {
		can["sampling"] = c.Sampling
	}
	if c.RootsV2 != nil {
		can["roots"] = c.RootsV2
	}
	if len(can) == 0 {
		return nil
	}
	return encode(can)
}

// converse makes a call, and passes on to the client what is heard before its
// end.
func (s *Server) converse(ctx context.Context, t talk, call invoke.Call) invoke.Reply {
	call.Dialogue.CanAnswer = t.can
	if c := callerOf(ctx); c.name != "" {
		call.Origin = c.origin()
	}
	if t.session == nil {
		r, _ := s.client.Invoke(ctx, call) // the reply reports the error
		return r
	}
	heard := make(chan event.Payload, maxHeard)
	call.Hear = func(p event.Payload) {
		select {
		case heard <- p:
		default: // the client is slow; progress may get lost
		}
	}
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t.passAll(ctx, heard, ended)
	}()
	r, _ := s.client.Invoke(ctx, call) // the reply reports the error
	close(ended)
	<-done // so that it comes before the answer
	return r
}

// passAll passes on what is heard, and what is left when the call has ended.
func (t talk) passAll(ctx context.Context, heard <-chan event.Payload, ended <-chan struct{}) {
	for {
		select {
		case p := <-heard:
			t.pass(ctx, p)
			continue
		case <-ended:
		}
		select {
		case p := <-heard:
			t.pass(ctx, p)
		default:
			return
		}
	}
}

// pass writes to the client what a call says before its end.
func (t talk) pass(ctx context.Context, p event.Payload) {
	switch p := p.(type) {
	case event.ToolProxyProgress:
		if t.token != nil {
			_ = t.session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ // it may get lost
				ProgressToken: t.token, Progress: p.Progress, Total: p.Total, Message: p.Message,
			})
		}
	case event.StructuredLog:
		_ = t.session.Log(ctx, logOf(p)) // the SDK drops what the client does not want
	}
}

// logOf is a log entry as MCP has it.
func logOf(p event.StructuredLog) *mcp.LoggingMessageParams {
	var as struct {
		Level  mcp.LoggingLevel `json:"level"`
		Logger string           `json:"logger"`
		Data   any              `json:"data"`
	}
	if json.Unmarshal(p.Attributes, &as) == nil && as.Level != "" {
		return &mcp.LoggingMessageParams{Level: as.Level, Logger: as.Logger, Data: as.Data}
	}
	level := mcp.LoggingLevel(p.Level)
	if p.Level == event.LevelTrace {
		level = "debug"
	}
	return &mcp.LoggingMessageParams{Level: level, Data: p.Message}
}

// A sealed state is what a client brings back with its answers.
type sealed struct {
	Call      string  `json:"call"`           // what was asked in, so that the answers serve nothing else
	Node      node.ID `json:"node,omitempty"` // that asked; none when we did
	State     string  `json:"state,omitempty"`
	Confirmed bool    `json:"confirmed,omitempty"` // the user has allowed the call
}

// seal makes text of a state that nobody can alter.
func (s *Server) seal(x sealed) string {
	body := base64.RawURLEncoding.EncodeToString(encode(x))
	return body + "." + base64.RawURLEncoding.EncodeToString(s.mac(body))
}

func (s *Server) mac(text string) []byte {
	h := hmac.New(sha256.New, s.key[:])
	h.Write([]byte(text)) // never fails
	return h.Sum(nil)
}

func (s *Server) unseal(text string) (x sealed, err error) {
	body, mac, _ := strings.Cut(text, ".")
	got, err := base64.RawURLEncoding.DecodeString(mac)
	if err != nil || !hmac.Equal(got, s.mac(body)) {
		return x, ErrState.With("it is not one that this server gave")
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err == nil {
		err = json.Unmarshal(raw, &x)
	}
	return x, err
}

func (q request) correlation() event.ID {
	var call invoke.Call
	_ = apply(q.meta, &call) // what is wrong with it was said
	return call.Correlation
}

// callOf names a call, whatever the order of time.
func callOf(tool node.ToolName, args json.RawMessage) string {
	sum := sha256.Sum256(append([]byte(tool+"\n"), args...))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// answers puts a client's answers into a call. Clients may send answers without
// a state, when the tool gave none.
func (s *Server) answers(q request, call *invoke.Call) error {
	var x sealed
	if q.talk.state != "" {
		var err error
		if x, err = s.unseal(q.talk.state); err != nil {
			return err
		}
		if x.Call != callOf(q.tool, q.args) {
			return ErrState.With("it was given for another call")
		}
		if x.Node == "" { // what was answered is our own question
			return nil
		}
		call.Node, call.Dialogue.State = string(x.Node), x.State
	}
	if len(q.talk.answers) > 0 {
		call.Dialogue.Answers = encode(q.talk.answers)
	}
	return nil
}

// questions reads what a reply asks; nil for nothing.
func (s *Server) questions(q request, r invoke.Reply) (mcp.InputRequestMap, string, error) {
	if r.Error == nil {
		return nil, "", nil
	}
	asked, ok := host.Asked(r.Error.Err())
	if !ok {
		return nil, "", nil
	}
	var requests mcp.InputRequestMap
	if err := json.Unmarshal(asked.Requests, &requests); err != nil {
		return nil, "", rpcError(jsonrpc.CodeInternalError, ErrState.Wrap(err, "tool %q asks something unknown", q.tool))
	}
	if requests == nil {
		requests = mcp.InputRequestMap{}
	}
	tidy(requests)
	return requests, s.seal(sealed{callOf(q.tool, q.args), r.NodeID, asked.State, s.confirmed(q)}), nil
}

// protocolError returns the error of the protocol that a program answered with
// and that clients must see as one: what it says about them, or about their
// state. Anything else is the result of a call that failed.
func protocolError(r invoke.Reply) error {
	switch {
	case r.Error == nil:
		return nil
	case errors.Is(r.Error.Err(), ErrState):
		return rpcError(jsonrpc.CodeInvalidParams, r.Error.Err())
	}
	code, _ := strconv.ParseInt(r.Error.Details[host.DetailCode], 10, 64)
	if code != mcp.CodeMissingRequiredClientCapabilities && code != mcp.CodeURLElicitationRequired {
		return nil
	}
	return wireError(r.Error, code)
}

// wireError is the error of JSON-RPC that a report was made of.
func wireError(r *fault.Report, code int64) *jsonrpc.Error {
	e := &jsonrpc.Error{Code: code, Message: r.Message}
	if data := r.Details[host.DetailData]; data != "" {
		e.Data = json.RawMessage(data)
	}
	return e
}
