package event

import (
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// AnnounceStatus says how far a node has come when it announces itself.
type AnnounceStatus string

// The statuses of an announcement.
const (
	AnnounceEphemeral AnnounceStatus = "ephemeral" // here for a while, keep nothing
	AnnounceOnline    AnnounceStatus = "online"    // ready to serve
	AnnounceValidated AnnounceStatus = "validated" // ready, and its contract has been checked against its code
)

// ExecutionMode says where a node runs.
type ExecutionMode string

// The execution modes.
const (
	ModeMemory    ExecutionMode = "memory"    // inside a program that hosts several nodes
	ModeContainer ExecutionMode = "container" // in a container or process of its own
	ModeExternal  ExecutionMode = "external"  // somewhere that ONEX does not control
)

// NodeAnnounce is how a node says that it exists, and what it can do.
type NodeAnnounce struct {
	NodeID      node.ID        // required
	Manifest    node.Manifest  // required; metadata_block
	Contract    node.Contract  // required
	Status      AnnounceStatus // required
	Mode        ExecutionMode  // execution_mode
	TTL         time.Duration  // silent for so long, it is dead; 0 leaves it to the registry
	Trust       node.Trust     // what it claims; more than untrusted requires Signature
	Signature   string         // signature_block: SSHSIG over the manifest
	Receipt     string         // parity_receipt: of a parity run, with its own signature
	Binary      string         // binary_sha256: hash of the node's program, which the receipt must name
	Process     Process
	Incarnation node.Incarnation // last known; 0 when this is its first announcement
	Endpoint    string           // where it can be reached beside the bus
}

// A Process says which process a node is, so that a registry on the same host
// can see it end.
type Process struct {
	Host    string // boot id or host id
	PID     int
	Started string // start time as the system gives it: tells a reused pid from the same process
}

func (p NodeAnnounce) visit(c *codec) Payload {
	token(c, "node_id", &p.NodeID, required)
	document(c, "metadata_block", &p.Manifest)
	document(c, "contract", &p.Contract)
	enum(c, "status", &p.Status, required, announceStatuses)
	enum(c, "execution_mode", &p.Mode, optional, modes)
	c.duration("ttl_ms", &p.TTL, optional)
	enum(c, "trust_state", &p.Trust, optional, trusts)
	text(c, "signature_block", &p.Signature, optional)
	text(c, "parity_receipt", &p.Receipt, optional)
	text(c, "binary_sha256", &p.Binary, optional)
	if c.begin("process", p.Process != Process{}) {
		text(c, "host", &p.Process.Host, optional)
		integer(c, "pid", &p.Process.PID, optional)
		text(c, "started", &p.Process.Started, optional)
		c.end()
	}
	unsigned(c, "incarnation", &p.Incarnation, optional)
	text(c, "endpoint", &p.Endpoint, optional)
	if p.Signature == "" && p.Trust != "" && p.Trust != node.Untrusted {
		c.fail(ErrMissing, "signature_block", "a trust_state of %q requires it", p.Trust)
	}
	if c.mode == redacting {
		p.Contract = c.redactContract(p.Contract)
	}
	return keep(c, p)
}

// NodeAnnounceAccepted is a registry's yes to [NodeAnnounce].
type NodeAnnounceAccepted struct {
	NodeID      node.ID // required
	Name        node.Name
	RegistryID  string
	Trust       node.Trust       // what the registry found
	TTL         time.Duration    // what the registry will wait
	Incarnation node.Incarnation // of this life; to be repeated in every heartbeat
}

func (p NodeAnnounceAccepted) visit(c *codec) Payload {
	token(c, "node_id", &p.NodeID, required)
	c.constant("status", "accepted")
	token(c, "name", &p.Name, optional)
	text(c, "registry_id", &p.RegistryID, optional)
	enum(c, "trust_state", &p.Trust, optional, trusts)
	c.duration("ttl_ms", &p.TTL, optional)
	unsigned(c, "incarnation", &p.Incarnation, optional)
	return keep(c, p)
}

// NodeAnnounceRejected is a registry's no to [NodeAnnounce].
type NodeAnnounceRejected struct {
	NodeID     node.ID // required
	Name       node.Name
	RegistryID string
	Reason     string       // required; for people
	Error      fault.Report // for programs
}

func (p NodeAnnounceRejected) visit(c *codec) Payload {
	token(c, "node_id", &p.NodeID, required)
	c.constant("status", "rejected")
	token(c, "name", &p.Name, optional)
	text(c, "registry_id", &p.RegistryID, optional)
	text(c, "reason", &p.Reason, required)
	c.report("error", &p.Error, optional)
	return keep(c, p)
}

func (NodeAnnounce) Kind() Kind         { return KindNodeAnnounce }
func (NodeAnnounceAccepted) Kind() Kind { return KindNodeAnnounceAccepted }
func (NodeAnnounceRejected) Kind() Kind { return KindNodeAnnounceRejected }

func (NodeAnnounce) payload()         {}
func (NodeAnnounceAccepted) payload() {}
func (NodeAnnounceRejected) payload() {}
