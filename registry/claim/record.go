package claim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// A record is what the store has of a key.
type record struct {
	Tool     node.ToolName    `json:"tool_name"`
	Key      string           `json:"idempotency_key"`
	Args     string           `json:"arguments_hash"`
	Claim    event.ID         `json:"claim_id"`
	Node     node.ID          `json:"node_id"`
	Life     node.Incarnation `json:"incarnation"`
	State    event.ClaimState `json:"state"` // granted, completed or released
	Begun    time.Time        `json:"begun"`
	Until    time.Time        `json:"until"` // if it is not completed by then, its outcome is unknown
	Changed  time.Time        `json:"changed"`
	Status   node.Result      `json:"status,omitempty"`
	Result   json.RawMessage  `json:"result,omitempty"`
	Error    *fault.Report    `json:"error,omitempty"`
	Duration float64          `json:"duration_ms,omitempty"`
}

// newRecord is the record of a claim that begins now.
func newRecord(now time.Time, r event.CallClaimRequest) record {
	return record{
		Tool: r.ToolName, Key: r.IdempotencyKey, Args: r.ArgumentsHash, Claim: r.ClaimID, Node: r.NodeID, Life: r.Incarnation,
		State: event.ClaimGranted, Begun: now, Until: now.Add(r.Limit + grace), Changed: now,
	}
}

// completed is c with what came of it.
func (c record) completed(now time.Time, r event.CallClaimRequest) record {
	c.State, c.Changed = event.ClaimCompleted, now
	c.Status, c.Result, c.Error, c.Duration = r.Status, r.Result, r.Error, r.DurationMS
	return c
}

func (c record) response(s event.ClaimState) event.CallClaimResponse {
	r := event.CallClaimResponse{State: s, NodeID: c.Node}
	if s == event.ClaimCompleted {
		r.Status, r.Result, r.Error, r.DurationMS = c.Status, c.Result, c.Error, c.Duration
	}
	return r
}

// storeKey is the name of a call in the store: keys may hold anything.
func storeKey(tool node.ToolName, key string) string {
	sum := sha256.Sum256([]byte(string(tool) + "\x00" + key))
	return hex.EncodeToString(sum[:])
}

func refused(err error) event.CallClaimResponse {
	report := fault.ReportOf(err)
	return event.CallClaimResponse{State: event.ClaimRefused, Error: &report}
}
