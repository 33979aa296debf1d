package event

import (
	"time"

	"github.com/omninode-ai/onex/node"
)

// A NodeEntry is what a registry knows about one node. Its JSON, also outside
// an event, is that of docs/events.md.
type NodeEntry struct {
	NodeID      node.ID          // required
	Name        node.Name        // required
	Version     string           //
	Incarnation node.Incarnation //
	Status      node.Status      // required
	Reason      string           // of the status
	Since       time.Time        // it has had the status
	Runtime     node.Runtime     //
	Tools       []node.ToolName  // sorted
	Endpoint    string           //
	Trust       node.Trust       //
	TTL         time.Duration    //
	InFlight    int              // calls, as of the last heartbeat
	Description string           //

	// With Detail only:
	Manifest *node.Manifest
	Contract *node.Contract
	History  []Change // oldest first
}

// A Change is one change of a node's status.
type Change struct {
	Time   time.Time
	From   node.Status // empty when the node was not known before
	To     node.Status
	Reason string
}

// A ToolEntry is what a registry knows about one tool.
type ToolEntry struct {
	Tool      node.Tool  // required; its promise, as the newest provider announced it
	Providers []Provider // who offers it
}

// A Provider is a node that offers a tool.
type Provider struct {
	NodeID      node.ID   // required
	Name        node.Name // required
	Version     string
	Incarnation node.Incarnation
	Status      node.Status // required
	Trust       node.Trust
	InFlight    int
	Host        string // as in [Process]
	Since       time.Time
}
