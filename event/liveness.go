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

func (p NodeHeartbeat) visit(c *codec) Payload {
	token(c, "node_id", &p.NodeID, required)
	unsigned(c, "incarnation", &p.Incarnation, always)
	integer(c, "in_flight", &p.InFlight, always)
	unsigned(c, "calls", &p.Calls, always)
	return keep(c, p)
}

// NodeStopped is a node's goodbye. It finishes what it runs and takes no more.
type NodeStopped struct {
	NodeID      node.ID // required
	Name        node.Name
	Incarnation node.Incarnation
	Reason      string
}

func (p NodeStopped) visit(c *codec) Payload {
	token(c, "node_id", &p.NodeID, required)
	token(c, "name", &p.Name, optional)
	unsigned(c, "incarnation", &p.Incarnation, optional)
	text(c, "reason", &p.Reason, optional)
	return keep(c, p)
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

// NodeResourceUpdated says that the content of a resource is another now, which
// the program of a node offers to MCP clients and somebody subscribed to.
type NodeResourceUpdated struct {
	NodeID node.ID   // required
	Name   node.Name // required
	URI    string    // required
}

func (p NodeResourceUpdated) visit(c *codec) Payload {
	token(c, "node_id", &p.NodeID, required)
	token(c, "name", &p.Name, required)
	text(c, "uri", &p.URI, required)
	return keep(c, p)
}

func (p NodeSuspect) visit(c *codec) Payload {
	(*NodeDead)(&p).change(c)
	return keep(c, p)
}

func (p NodeDead) visit(c *codec) Payload {
	p.change(c)
	return keep(c, p)
}

func (p NodeRejoined) visit(c *codec) Payload {
	(*NodeDead)(&p).change(c)
	return keep(c, p)
}

// change visits the fields that the three verdicts of a registry share.
func (p *NodeDead) change(c *codec) {
	token(c, "node_id", &p.NodeID, required)
	token(c, "name", &p.Name, optional)
	unsigned(c, "incarnation", &p.Incarnation, optional)
	text(c, "reason", &p.Reason, required)
	c.time("since", &p.Since, optional)
}

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

func (NodeResourceUpdated) Kind() Kind { return KindNodeResourceUpdated }
func (NodeResourceUpdated) payload()   {}
