package registry

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// A digest tells whether two contents are the same.
type digest [sha256.Size]byte

// Content is what an instance announced.
type content struct {
	announce event.NodeAnnounce // Incarnation is zero
	digest   digest             // of announce
	tools    []digest           // of the tools, in the order of the contract
	size     int                // of announce as JSON
}

// contentOf checks what a holds by encoding it, and takes its digests.
func contentOf(a event.NodeAnnounce) (content, error) {
	a.Incarnation = 0
	data, err := json.Marshal(saved(a))
	if err != nil {
		return content{}, ErrAnnouncement.Wrap(err, "node %q", a.Manifest.Name)
	}
	if len(data) > maxContent {
		return content{}, ErrAnnouncement.With("node %q: manifest and contract take %d bytes, limit %d", a.Manifest.Name, len(data), maxContent)
	}
	c := content{announce: a, digest: sha256.Sum256(data), size: len(data)}
	for _, t := range a.Contract.Tools {
		d, err := toolDigest(t)
		if err != nil {
			return content{}, ErrAnnouncement.Wrap(err, "tool %q", t.Name)
		}
		c.tools = append(c.tools, d)
	}
	return c, nil
}

// toolDigest returns the digest of a tool's promise. It does not depend on how
// the promise is written down.
func toolDigest(t node.Tool) (digest, error) {
	data, err := json.Marshal(t)
	if err != nil {
		return digest{}, err
	}
	data, err = node.Canonical(data)
	return sha256.Sum256(data), err
}

// An announcement is a saved [event.NodeAnnounce].
type announcement struct {
	NodeID    node.ID              `json:"node_id"`
	Manifest  node.Manifest        `json:"metadata_block"`
	Contract  node.Contract        `json:"contract"`
	Status    event.AnnounceStatus `json:"status"`
	Mode      event.ExecutionMode  `json:"execution_mode,omitempty"`
	TTL       int64                `json:"ttl_ms,omitempty"` // as asked for
	Trust     node.Trust           `json:"trust_state,omitempty"`
	Signature string               `json:"signature_block,omitempty"`
	Host      string               `json:"host,omitempty"`
	PID       int                  `json:"pid,omitempty"`
	Started   string               `json:"started,omitempty"`
	Endpoint  string               `json:"endpoint,omitempty"`
}

func saved(a event.NodeAnnounce) announcement {
	return announcement{
		NodeID: a.NodeID, Manifest: a.Manifest, Contract: a.Contract, Status: a.Status, Mode: a.Mode,
		TTL: a.TTL.Milliseconds(), Trust: a.Trust, Signature: a.Signature, Endpoint: a.Endpoint,
		Host: a.Process.Host, PID: a.Process.PID, Started: a.Process.Started,
	}
}

func (a announcement) announce() event.NodeAnnounce {
	return event.NodeAnnounce{
		NodeID: a.NodeID, Manifest: a.Manifest, Contract: a.Contract, Status: a.Status, Mode: a.Mode,
		TTL: time.Duration(a.TTL) * time.Millisecond, Trust: a.Trust, Signature: a.Signature, Endpoint: a.Endpoint,
		Process: event.Process{Host: a.Host, PID: a.PID, Started: a.Started},
	}
}
