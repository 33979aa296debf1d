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

// NodeSuccess says that the work is done.
type NodeSuccess struct {
	InputState      json.RawMessage // required
	OutputState     json.RawMessage // required
	NodeVersion     string
	Status          node.Result // how well; empty means success
	ExecutionTimeMS float64
	ResultSummary   string // one line for people
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

func (NodeStart) Kind() Kind    { return KindNodeStart }
func (NodeSuccess) Kind() Kind  { return KindNodeSuccess }
func (NodeFailure) Kind() Kind  { return KindNodeFailure }
func (NodeRegister) Kind() Kind { return KindNodeRegister }

func (NodeStart) payload()    {}
func (NodeSuccess) payload()  {}
func (NodeFailure) payload()  {}
func (NodeRegister) payload() {}
