package event

import (
	"encoding/json"

	"github.com/omninode-ai/onex/node"
)

// NodeStart says that a node begins a piece of work of its own.
type NodeStart struct {
	InputState  json.RawMessage // required
	NodeVersion string
	Operation   string
}

func (p NodeStart) visit(c *codec) Payload {
	c.object("input_state", &p.InputState, required)
	text(c, "node_version", &p.NodeVersion, optional)
	text(c, "operation_type", &p.Operation, optional)
	return keep(c, p)
}

// NodeSuccess says that the work is done.
type NodeSuccess struct {
	InputState      json.RawMessage // required
	OutputState     json.RawMessage // required
	NodeVersion     string
	Status          node.Result // how well; empty means success
	ExecutionTimeMS float64
	ResultSummary   string // one line for people
}

func (p NodeSuccess) visit(c *codec) Payload {
	c.object("input_state", &p.InputState, required)
	c.object("output_state", &p.OutputState, required)
	text(c, "node_version", &p.NodeVersion, optional)
	c.result("status", &p.Status, optional)
	c.float("execution_time_ms", &p.ExecutionTimeMS, optional)
	text(c, "result_summary", &p.ResultSummary, optional)
	return keep(c, p)
}

// NodeFailure says that the work failed.
type NodeFailure struct {
	InputState      json.RawMessage // required
	Error           string          // required; the message
	ErrorType       string
	ErrorCode       string // ONEX_<COMPONENT>_<NNN>_<NAME>
	Recoverable     bool   // the same work may succeed later
	NodeVersion     string
	ExecutionTimeMS float64
}

func (p NodeFailure) visit(c *codec) Payload {
	c.object("input_state", &p.InputState, required)
	text(c, "error", &p.Error, required)
	text(c, "error_type", &p.ErrorType, optional)
	text(c, "error_code", &p.ErrorCode, optional)
	c.flag("recoverable", &p.Recoverable, optional)
	text(c, "node_version", &p.NodeVersion, optional)
	c.float("execution_time_ms", &p.ExecutionTimeMS, optional)
	return keep(c, p)
}

// NodeRegister says that a registry has taken a node into its books. It is the
// short form of [NodeAnnounceAccepted] for those who only count.
type NodeRegister struct {
	NodeID     node.ID   // required
	Name       node.Name // required
	Version    string
	RegistryID string
	Trust      node.Trust
	Reason     string
}

func (p NodeRegister) visit(c *codec) Payload {
	token(c, "node_id", &p.NodeID, required)
	token(c, "name", &p.Name, required)
	text(c, "node_version", &p.Version, optional)
	text(c, "registry_id", &p.RegistryID, optional)
	enum(c, "trust_state", &p.Trust, optional, trusts)
	text(c, "reason", &p.Reason, optional)
	return keep(c, p)
}

func (NodeStart) Kind() Kind    { return KindNodeStart }
func (NodeSuccess) Kind() Kind  { return KindNodeSuccess }
func (NodeFailure) Kind() Kind  { return KindNodeFailure }
func (NodeRegister) Kind() Kind { return KindNodeRegister }

func (NodeStart) payload()    {}
func (NodeSuccess) payload()  {}
func (NodeFailure) payload()  {}
func (NodeRegister) payload() {}
