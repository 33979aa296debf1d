package registry

import "github.com/omninode-ai/onex/fault"

// The numbers follow the reference implementation's NODE_REGISTRY component,
// which leaves 101-119 to announcements, 121-139 to ports and 141-159 to tools.

// ErrDuplicate is the answer to an announcement whose node_id belongs to a node
// of another identity (name, manifest uuid, signer). Every instance needs an id
// of its own: let the host choose it, or give each configured id to one node
// only. The id is free again ten minutes after its owner stopped or died.
var ErrDuplicate = fault.New("ONEX_NODE_REGISTRY_101_DUPLICATE_NODE_ID", fault.Conflict, "the node_id belongs to another node").
	Hinted("start the node with a node_id of its own")

// ErrAnnouncement is the answer to an announcement that contradicts itself or is
// out of bounds: no UUID as node_id, a name or a version that is none, a
// contract that is not the manifest's, a tool twice, a negative TTL, a sender
// that announces somebody else. The message names the field and the value.
var ErrAnnouncement = fault.New("ONEX_NODE_REGISTRY_102_INVALID_ANNOUNCEMENT", fault.Invalid, "invalid announcement")

// ErrUnsigned is the answer to an announcement that claims to be trusted or
// verified without a signature. Sign the manifest, or announce as untrusted.
var ErrUnsigned = fault.New("ONEX_NODE_REGISTRY_103_UNSIGNED_TRUST", fault.Denied, "trust is claimed without a signature").
	Hinted("sign the manifest, or leave trust_state out")

// ErrFull is the answer to an announcement when the registry holds as many live
// nodes as it may.
var ErrFull = fault.New("ONEX_NODE_REGISTRY_104_FULL", fault.Exhausted, "the registry is full").
	Hinted("`onex nodes` shows what fills it")

// ErrNotFound is returned when no node has the id, the name, the name@version or
// the id prefix that was asked for. Dead and stopped nodes are found for ten
// minutes.
var ErrNotFound = fault.New("ONEX_NODE_REGISTRY_105_NODE_NOT_FOUND", fault.NotFound, "no such node").
	Hinted("`onex nodes` lists the nodes that the registry knows")

// ErrAmbiguous is returned when an id prefix fits several nodes. Give more of
// the id.
var ErrAmbiguous = fault.New("ONEX_NODE_REGISTRY_106_AMBIGUOUS_NODE", fault.Invalid, "several nodes have this id prefix").
	Hinted("give more of the id; `onex nodes` lists them")

// ErrUnavailable is returned when no registry answers on the bus. Nodes that
// found each other before go on working; finding new ones needs a registry.
var ErrUnavailable = fault.New("ONEX_NODE_REGISTRY_107_UNAVAILABLE", fault.Unavailable, "no registry answers").
	Hinted("start one with `onex up`, and check that both use the same bus (--bus, ONEX_BUS)")

// ErrRecord is logged when a saved node cannot be read at start: the record is
// damaged, or a newer version wrote it. The node is left out and, if it lives,
// announces itself again.
var ErrRecord = fault.New("ONEX_NODE_REGISTRY_108_CORRUPT_RECORD", fault.Corrupt, "the saved record of a node cannot be read")

// ErrAnotherRegistry is logged when another registry leads on the bus by now. This
// one stands by and takes over when that one ends. Nothing has to be done about
// it, unless it was not wanted: then give each a bus or a subject_prefix of its own.
var ErrAnotherRegistry = fault.New("ONEX_NODE_REGISTRY_110_ANOTHER_REGISTRY", fault.Conflict, "another registry leads this bus").
	Hinted("this one stands by; for two that know nothing of each other set another bus or subject_prefix")

// ErrUnshared is the answer to a call with an idempotency key when another registry
// led this bus before, and the two share no store: which keys that one granted is
// not known here, and a key that it granted would take effect twice. The tool was
// not run. Use a bus that keeps a store for all registries (nats: with JetStream),
// or restart this registry when no call from before will be repeated.
var ErrUnshared = fault.New("ONEX_NODE_REGISTRY_112_KEYS_NOT_SHARED", fault.Unsupported, "the keys that another registry granted are not known here").
	Hinted("use one nats: bus with JetStream for several daemons; or restart this one when no call from before will be repeated")

// ErrLoad is returned at start when the store of the registry cannot be read at
// all. It does not start empty instead, because it would give incarnations a
// second time.
var ErrLoad = fault.New("ONEX_NODE_REGISTRY_109_LOAD_FAILED", fault.Unavailable, "the registry could not load its state").
	Hinted("see whether the disk of the data directory is full or cannot be written; the log says what the store met")
