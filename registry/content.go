package registry

import (
	"crypto/sha256"
	"encoding/json"
	"reflect"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// A digest tells whether two tools promise the same.
type digest [sha256.Size]byte

// Content is what an instance announced.
type content struct {
	announce event.NodeAnnounce // Incarnation is zero
	tools    []digest           // of the tools, in the order of the contract
	manifest json.RawMessage    // as it is saved
	contract json.RawMessage    // the same, shared by instances that are alike
}

func (c content) size() int {
	a := c.announce
	return len(c.manifest) + len(c.contract) +
		quoted(a.Endpoint) + quoted(a.Signature) + quoted(a.Process.Host) + quoted(a.Process.Started)
}

// content checks what a holds and takes its digests. Most announcements repeat
// one of before, or differ from another instance's in the node_id only; what has
// been checked then is shared and not checked again.
func (s *State) content(a event.NodeAnnounce) (content, error) {
	a.Incarnation = 0
	if e := s.entries[a.NodeID]; e != nil && reflect.DeepEqual(e.announce, a) {
		return e.content, nil
	}
	manifest, err := a.Manifest.MarshalJSON() // checks it, too
	if err != nil {
		return content{}, ErrAnnouncement.Wrap(err, "node %q", a.Manifest.Name)
	}
	c, ok := s.sibling(a)
	if !ok {
		if c, err = promise(a.Contract); err != nil {
			return content{}, ErrAnnouncement.Wrap(err, "node %q", a.Manifest.Name)
		}
	}
	a.Contract = c.announce.Contract
	c.announce, c.manifest = a, manifest
	if c.size() > maxContent {
		return content{}, ErrAnnouncement.With("node %q: it takes %d bytes, limit %d", a.Manifest.Name, c.size(), maxContent)
	}
	return c, nil
}

// sibling returns the content of the newest instance of the same node if that
// makes the same promises as a.
func (s *State) sibling(a event.NodeAnnounce) (content, bool) {
	same := s.names[a.Manifest.Name]
	if len(same) == 0 {
		return content{}, false
	}
	c := same[len(same)-1].content
	return c, reflect.DeepEqual(c.announce.Contract, a.Contract)
}

// promise returns the content of which only the contract is known.
func promise(contract node.Contract) (content, error) {
	data, err := contract.MarshalJSON() // checks it, too
	if err != nil {
		return content{}, err
	}
	c := content{contract: data, tools: make([]digest, len(contract.Tools))}
	c.announce.Contract = contract
	for i, t := range contract.Tools {
		if c.tools[i], err = digestOf(t); err != nil {
			return content{}, err
		}
	}
	return c, nil
}

// digestOf returns the digest of a tool's promise. It does not depend on how the
// promise is written down.
func digestOf(t node.Tool) (digest, error) {
	data, err := t.MarshalJSON()
	if err != nil {
		return digest{}, err
	}
	data, err = node.Canonical(data)
	return sha256.Sum256(data), err
}

// An announcement is a saved [event.NodeAnnounce].
type announcement struct {
	NodeID    node.ID              `json:"node_id"`
	Manifest  json.RawMessage      `json:"metadata_block"`
	Contract  json.RawMessage      `json:"contract"`
	Status    event.AnnounceStatus `json:"status"`
	Mode      event.ExecutionMode  `json:"execution_mode,omitempty"`
	TTL       int64                `json:"ttl_ms,omitempty"` // as asked for
	Trust     node.Trust           `json:"trust_state,omitempty"`
	Signature string               `json:"signature_block,omitempty"`
	Receipt   string               `json:"parity_receipt,omitempty"`
	Binary    string               `json:"binary_sha256,omitempty"`
	Host      string               `json:"host,omitempty"`
	PID       int                  `json:"pid,omitempty"`
	Started   string               `json:"started,omitempty"`
	Endpoint  string               `json:"endpoint,omitempty"`
}

func (c content) save() announcement {
	a := c.announce
	return announcement{
		NodeID: a.NodeID, Manifest: c.manifest, Contract: c.contract, Status: a.Status, Mode: a.Mode,
		TTL: a.TTL.Milliseconds(), Trust: a.Trust, Signature: a.Signature, Receipt: a.Receipt, Binary: a.Binary, Endpoint: a.Endpoint,
		Host: a.Process.Host, PID: a.Process.PID, Started: a.Process.Started,
	}
}

func (a announcement) read() (event.NodeAnnounce, error) {
	read := event.NodeAnnounce{
		NodeID: a.NodeID, Status: a.Status, Mode: a.Mode,
		TTL: time.Duration(a.TTL) * time.Millisecond, Trust: a.Trust, Signature: a.Signature, Receipt: a.Receipt, Binary: a.Binary, Endpoint: a.Endpoint,
		Process: event.Process{Host: a.Host, PID: a.PID, Started: a.Started},
	}
	if err := read.Manifest.UnmarshalJSON(a.Manifest); err != nil {
		return read, err
	}
	return read, read.Contract.UnmarshalJSON(a.Contract)
}
