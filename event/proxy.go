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
}

// ToolProxyAccepted says that a node has begun to run a tool.
type ToolProxyAccepted struct {
	ToolName node.ToolName // required
	NodeID   node.ID       // required
}

// ToolProxyRejected says that a tool was not run, and why: nothing happened.
type ToolProxyRejected struct {
	ToolName node.ToolName // required
	NodeID   node.ID
	Error    fault.Report // required
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

// ToolProxyError says that a tool was run and failed.
type ToolProxyError struct {
	ToolName     node.ToolName // required
	NodeID       node.ID       // required
	Error        fault.Report  // required
	DurationMS   float64
	ResponseTime time.Time // response_ts
}

// ToolProxyTimeout says that a caller gave up waiting: the outcome is unknown.
type ToolProxyTimeout struct {
	ToolName  node.ToolName // required
	NodeID    node.ID
	TimeoutMS int64
}

func (ToolProxyInvoke) Kind() Kind   { return KindToolProxyInvoke }
func (ToolProxyAccepted) Kind() Kind { return KindToolProxyAccepted }
func (ToolProxyRejected) Kind() Kind { return KindToolProxyRejected }
func (ToolProxyResult) Kind() Kind   { return KindToolProxyResult }
func (ToolProxyError) Kind() Kind    { return KindToolProxyError }
func (ToolProxyTimeout) Kind() Kind  { return KindToolProxyTimeout }

func (ToolProxyInvoke) payload()   {}
func (ToolProxyAccepted) payload() {}
func (ToolProxyRejected) payload() {}
func (ToolProxyResult) payload()   {}
func (ToolProxyError) payload()    {}
func (ToolProxyTimeout) payload()  {}
