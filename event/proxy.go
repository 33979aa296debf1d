package event

import (
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// A Policy says which of several nodes that offer a tool is called.
type Policy string

// The policies. The zero value reads as PolicyFirst.
const (
	PolicyFirst       Policy = "first"        // the one announced first; callers warn when there are several
	PolicyRoundRobin  Policy = "round_robin"  //
	PolicyRandom      Policy = "random"       //
	PolicyLeastLoaded Policy = "least_loaded" // fewest calls in flight
	PolicyLocalFirst  Policy = "local_first"  // on the caller's host, if there is one
)

// ToolProxyInvoke asks a node to run a tool.
type ToolProxyInvoke struct {
	ToolName       node.ToolName   // required
	Arguments      json.RawMessage // required; a JSON object
	TimeoutMS      int64           // how long the caller waits; 0 means the default of 5000
	OriginNodeID   node.ID         // who asked first, when the call was passed on
	RequestTime    time.Time       // request_ts
	ToolVersion    string          // semver range
	Policy         Policy          // node_selection_policy
	TrustedOnly    bool
	IdempotencyKey string           // the same key has at most one effect
	Incarnation    node.Incarnation // that the caller means; another one rejects the call
	Caller         string           // user@host, as it says itself
	Proof          string           // caller_proof: that it is this user on this machine; see package access
	Dialogue
}

// A Dialogue is what lets a node talk with its caller while a call runs, and lets
// a tool ask before it goes on. The zero value is a caller that only waits.
type Dialogue struct {
	Listening bool            // the caller wants TOOL_PROXY_PROGRESS and STRUCTURED_LOG, directed to it
	CanAnswer json.RawMessage // can_answer: what the caller may be asked; a JSON object with keys as elicitation, sampling, roots
	Answers   json.RawMessage // to what a tool asked when it was called before; a JSON object
	State     string          // answer_state: what the tool gave to come back with the answers
}

func (p ToolProxyInvoke) visit(c *codec) Payload {
	token(c, "tool_name", &p.ToolName, required)
	c.object("arguments", &p.Arguments, required)
	integer(c, "timeout_ms", &p.TimeoutMS, optional)
	token(c, "origin_node_id", &p.OriginNodeID, optional)
	c.time("request_ts", &p.RequestTime, optional)
	text(c, "tool_version", &p.ToolVersion, optional)
	enum(c, "node_selection_policy", &p.Policy, optional, policies)
	c.flag("trusted_only", &p.TrustedOnly, optional)
	text(c, "idempotency_key", &p.IdempotencyKey, optional)
	unsigned(c, "incarnation", &p.Incarnation, optional)
	c.flag("listening", &p.Listening, optional)
	c.object("can_answer", &p.CanAnswer, optional)
	c.object("answers", &p.Answers, optional)
	text(c, "answer_state", &p.State, optional)
	text(c, "caller", &p.Caller, optional)
	text(c, "caller_proof", &p.Proof, optional)
	return keep(c, p)
}

// ToolProxyAccepted says that a node has begun to run a tool.
type ToolProxyAccepted struct {
	ToolName node.ToolName // required
	NodeID   node.ID       // required
}

func (p ToolProxyAccepted) visit(c *codec) Payload {
	token(c, "tool_name", &p.ToolName, required)
	token(c, "node_id", &p.NodeID, required)
	return keep(c, p)
}

// ToolProxyRejected says that a tool was not run, and why: nothing happened.
type ToolProxyRejected struct {
	ToolName node.ToolName // required
	NodeID   node.ID
	Error    fault.Report // required
}

func (p ToolProxyRejected) visit(c *codec) Payload {
	token(c, "tool_name", &p.ToolName, required)
	token(c, "node_id", &p.NodeID, optional)
	c.report("error", &p.Error, required)
	return keep(c, p)
}

// ToolProxyResult is what a tool answered.
type ToolProxyResult struct {
	ToolName     node.ToolName   // required
	NodeID       node.ID         // required
	Status       node.Result     // required
	Result       json.RawMessage // required
	DurationMS   float64
	ResponseTime time.Time // response_ts
}

func (p ToolProxyResult) visit(c *codec) Payload {
	token(c, "tool_name", &p.ToolName, required)
	token(c, "node_id", &p.NodeID, required)
	c.result("status", &p.Status, required)
	c.raw("result", &p.Result, required)
	c.float("duration_ms", &p.DurationMS, always)
	c.time("response_ts", &p.ResponseTime, optional)
	return keep(c, p)
}

// ToolProxyError says that a tool was run and failed.
type ToolProxyError struct {
	ToolName     node.ToolName // required
	NodeID       node.ID       // required
	Error        fault.Report  // required
	DurationMS   float64
	ResponseTime time.Time // response_ts
}

func (p ToolProxyError) visit(c *codec) Payload {
	token(c, "tool_name", &p.ToolName, required)
	token(c, "node_id", &p.NodeID, required)
	c.report("error", &p.Error, required)
	c.float("duration_ms", &p.DurationMS, always)
	c.time("response_ts", &p.ResponseTime, optional)
	return keep(c, p)
}

// ToolProxyTimeout says that a caller gave up waiting: the outcome is unknown.
type ToolProxyTimeout struct {
	ToolName  node.ToolName // required
	NodeID    node.ID
	TimeoutMS int64
}

func (p ToolProxyTimeout) visit(c *codec) Payload {
	token(c, "tool_name", &p.ToolName, required)
	token(c, "node_id", &p.NodeID, optional)
	integer(c, "timeout_ms", &p.TimeoutMS, always)
	return keep(c, p)
}

// ToolProxyProgress says how far a call has come. It is directed to the caller,
// if that listens, and comes before the answer.
type ToolProxyProgress struct {
	ToolName node.ToolName // required
	NodeID   node.ID       // required
	Progress float64       // grows with each; in any unit
	Total    float64       // where it ends; 0 when that is not known
	Message  string        // for people
}

func (p ToolProxyProgress) visit(c *codec) Payload {
	token(c, "tool_name", &p.ToolName, required)
	token(c, "node_id", &p.NodeID, required)
	c.float("progress", &p.Progress, always)
	c.float("total", &p.Total, optional)
	text(c, "message", &p.Message, optional)
	return keep(c, p)
}

func (ToolProxyInvoke) Kind() Kind   { return KindToolProxyInvoke }
func (ToolProxyAccepted) Kind() Kind { return KindToolProxyAccepted }
func (ToolProxyRejected) Kind() Kind { return KindToolProxyRejected }
func (ToolProxyResult) Kind() Kind   { return KindToolProxyResult }
func (ToolProxyError) Kind() Kind    { return KindToolProxyError }
func (ToolProxyTimeout) Kind() Kind  { return KindToolProxyTimeout }
func (ToolProxyProgress) Kind() Kind { return KindToolProxyProgress }

func (ToolProxyInvoke) payload()   {}
func (ToolProxyAccepted) payload() {}
func (ToolProxyRejected) payload() {}
func (ToolProxyResult) payload()   {}
func (ToolProxyError) payload()    {}
func (ToolProxyTimeout) payload()  {}
func (ToolProxyProgress) payload() {}
