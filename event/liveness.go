package event

import (
	"time"

	"github.com/omninode-ai/onex/node"
)

// NodeHeartbeat says that a node is alive.
type NodeHeartbeat struct {
	NodeID      node.ID          // required
	Incarnation node.Incarnation // as the registry gave it
	InFlight    int              // calls running now
	Calls       uint64           // calls since it started
}

// NodeStopped is a node's goodbye. It finishes what it runs and takes no more.
type NodeStopped struct {
	NodeID      node.ID // required
	Name        node.Name
	Incarnation node.Incarnation
	Reason      string
}

// NodeSuspect is a registry's word that a node may be gone.
type NodeSuspect struct {
	NodeID      node.ID // required
	Name        node.Name
	Incarnation node.Incarnation
	Reason      string // required
	Since       time.Time
}

// NodeDead is a registry's word that an incarnation of a node is gone for good.
type NodeDead struct {
	NodeID      node.ID // required
	Name        node.Name
	Incarnation node.Incarnation
	Reason      string // required
	Since       time.Time
}

// NodeRejoined is a registry's word that a suspect or unverified node is back.
type NodeRejoined struct {
	NodeID      node.ID // required
	Name        node.Name
	Incarnation node.Incarnation
	Reason      string // required
	Since       time.Time
}

// change visits the fields that the three verdicts of a registry share.
func (NodeHeartbeat) Kind() Kind { return KindNodeHeartbeat }
func (NodeStopped) Kind() Kind   { return KindNodeStopped }
func (NodeSuspect) Kind() Kind   { return KindNodeSuspect }
func (NodeDead) Kind() Kind      { return KindNodeDead }
func (NodeRejoined) Kind() Kind  { return KindNodeRejoined }

func (NodeHeartbeat) payload() {}
func (NodeStopped) payload()   {}
func (NodeSuspect) payload()   {}
func (NodeDead) payload()      {}
func (NodeRejoined) payload()  {}
