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
	Receipt  string   // of a parity run, as the node announced it, with its own signature
}

// A Change is one change of a node's status.
type Change struct {
	Time   time.Time
	From   node.Status // empty when the node was not known before
	To     node.Status
	Reason string
}

func (p *NodeEntry) fields(c *codec) {
	token(c, "node_id", &p.NodeID, required)
	token(c, "name", &p.Name, required)
	text(c, "version", &p.Version, always)
	unsigned(c, "incarnation", &p.Incarnation, always)
	enum(c, "status", &p.Status, required, statuses)
	text(c, "reason", &p.Reason, always)
	c.time("since", &p.Since, optional)
	enum(c, "runtime", &p.Runtime, optional, runtimes)
	texts(c, "tools", &p.Tools, always)
	text(c, "endpoint", &p.Endpoint, optional)
	enum(c, "trust_state", &p.Trust, optional, trusts)
	c.duration("ttl_ms", &p.TTL, optional)
	integer(c, "in_flight", &p.InFlight, optional)
	text(c, "description", &p.Description, optional)
	documentIf(c, "metadata_block", &p.Manifest)
	documentIf(c, "contract", &p.Contract)
	text(c, "parity_receipt", &p.Receipt, optional)
	for i := range list(c, "history", &p.History, optional) {
		c.item(i)
		p.History[i].fields(c)
		c.end()
	}
	c.endList()
	if c.mode == redacting && p.Contract != nil {
		redacted := c.redactContract(*p.Contract)
		p.Contract = &redacted
	}
}

func (p *Change) fields(c *codec) {
	c.time("time", &p.Time, required)
	enum(c, "from", &p.From, optional, statuses)
	enum(c, "to", &p.To, required, statuses)
	text(c, "reason", &p.Reason, always)
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
	UUID        string    // of its manifest, the same for all its instances; empty when it has none
	Version     string
	Incarnation node.Incarnation
	Status      node.Status // required
	Trust       node.Trust
	InFlight    int
	Host        string // as in [Process]
	Since       time.Time
}

func (p *ToolEntry) fields(c *codec) {
	document(c, "tool", &p.Tool)
	for i := range list(c, "providers", &p.Providers, always) {
		c.item(i)
		p.Providers[i].fields(c)
		c.end()
	}
	c.endList()
	if c.mode == redacting {
		p.Tool = c.redactTool(p.Tool)
	}
}

func (p *Provider) fields(c *codec) {
	token(c, "node_id", &p.NodeID, required)
	token(c, "name", &p.Name, required)
	text(c, "uuid", &p.UUID, optional)
	text(c, "version", &p.Version, always)
	unsigned(c, "incarnation", &p.Incarnation, always)
	enum(c, "status", &p.Status, required, statuses)
	enum(c, "trust_state", &p.Trust, optional, trusts)
	integer(c, "in_flight", &p.InFlight, optional)
	text(c, "host", &p.Host, optional)
	c.time("since", &p.Since, optional)
}

// MarshalJSON writes the form of docs/events.md.
func (p NodeEntry) MarshalJSON() ([]byte, error) {
	c := codec{mode: writing, out: []byte{'{'}}
	c.push("", 0)
	p.fields(&c)
	c.end()
	return c.out, c.err
}

// UnmarshalJSON reads what MarshalJSON writes, and nothing else.
func (p *NodeEntry) UnmarshalJSON(data []byte) error {
	if err := check(data, 0); err != nil {
		return err
	}
	c := codec{mode: reading, data: data}
	if *p = (NodeEntry{}); c.openRoot() {
		p.fields(&c)
		c.end()
	}
	return c.err
}

// MarshalJSON writes the form of docs/events.md.
func (p ToolEntry) MarshalJSON() ([]byte, error) {
	c := codec{mode: writing, out: []byte{'{'}}
	c.push("", 0)
	p.fields(&c)
	c.end()
	return c.out, c.err
}

// UnmarshalJSON reads what MarshalJSON writes, and nothing else.
func (p *ToolEntry) UnmarshalJSON(data []byte) error {
	if err := check(data, 0); err != nil {
		return err
	}
	c := codec{mode: reading, data: data}
	if *p = (ToolEntry{}); c.openRoot() {
		p.fields(&c)
		c.end()
	}
	return c.err
}
