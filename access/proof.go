package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/omninode-ai/onex/event"
)

const (
	// KeySize is that of a [Key] in bytes.
	KeySize = 32

	// ProofFor is how long a proof is good: callers and nodes that share a key share
	// a clock, and a call does not wait longer on its way.
	ProofFor = time.Minute

	// maxSeen bounds the proofs that are remembered, so that none is used twice: a
	// thousand a second. Beyond it, proofs are good for less time.
	maxSeen = 60_000
)

// A Key is a secret of this user, machine and project.
type Key []byte

// Prove returns the proof that whoever publishes the call e on subject s has k: the
// HMAC-SHA256, in hex, of the subject, a line feed, and the encoded event without proof.
func (k Key) Prove(s event.Subject, e event.Event) (string, error) {
	sum, err := k.sum(s, e)
	return hex.EncodeToString(sum), err
}

func (k Key) sum(s event.Subject, e event.Event) ([]byte, error) {
	if p, ok := e.Payload.(event.ToolProxyInvoke); ok {
		p.Proof = ""
		e.Payload = p
	}
	wire, err := event.Encode(e)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, k)
	h.Write([]byte(s))
	h.Write([]byte("\n"))
	h.Write(wire)
	return h.Sum(nil), nil
}

// proves reports whether e carries k's proof.
func (k Key) proves(s event.Subject, e event.Event, proof string) bool {
	if len(k) != KeySize {
		return false
	}
	want, err := k.sum(s, e)
	got, bad := hex.DecodeString(proof)
	return err == nil && bad == nil && hmac.Equal(got, want)
}

// seen remembers the events whose proof was used.
type seen struct {
	at    map[event.ID]time.Time
	order []event.ID
}

// before reports whether id was seen, and remembers it.
func (s *seen) before(id event.ID, now time.Time) bool {
	for len(s.order) > 0 && (len(s.order) >= maxSeen || now.Sub(s.at[s.order[0]]) > 2*ProofFor) {
		delete(s.at, s.order[0])
		s.order = s.order[1:]
	}
	if _, ok := s.at[id]; ok {
		return true
	}
	s.at[id] = now
	s.order = append(s.order, id)
	return false
}
