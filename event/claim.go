package event

import (
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// ClaimAction is what a [CallClaimRequest] wants.
type ClaimAction string

// The actions.
const (
	ClaimBegin    ClaimAction = "begin"    // may the call be run?
	ClaimComplete ClaimAction = "complete" // it was run, and this came of it
	ClaimRelease  ClaimAction = "release"  // it was not run after all
)

// ClaimState is what a registry knows of a keyed call.
type ClaimState string

// The states.
const (
	ClaimGranted   ClaimState = "granted"   // to the claim that asks: run it
	ClaimRunning   ClaimState = "running"   // another claim is at it: wait, and ask again
	ClaimCompleted ClaimState = "completed" // it was run, and this came of it
	ClaimUnknown   ClaimState = "unknown"   // the node that had it is gone, and whether it took effect is not known
	ClaimReleased  ClaimState = "released"  // nobody has it
	ClaimConflict  ClaimState = "conflict"  // the key was used with other arguments
	ClaimRefused   ClaimState = "refused"   // see the error: claims cannot be kept now
)

// CallClaimRequest is how a node asks a registry, before it runs a call with an
// idempotency key, whether it may, and tells it afterwards what came of it.
type CallClaimRequest struct {
	Action         ClaimAction   // required
	ClaimID        ID            // required; of this attempt, chosen by the node, which may so ask twice
	ToolName       node.ToolName // required
	IdempotencyKey string        // required
	ArgumentsHash  string        // SHA-256 of the arguments' canonical form, in hex
	NodeID         node.ID       // required; who runs it
	Incarnation    node.Incarnation
	Limit          time.Duration // limit_ms: how long it may take

	// What came of it; only of complete.
	Status     node.Result
	Result     json.RawMessage
	Error      *fault.Report
	DurationMS float64
}

func (p CallClaimRequest) visit(c *codec) Payload {
	enum(c, "action", &p.Action, required, claimActions)
	c.id("claim_id", &p.ClaimID, required)
	token(c, "tool_name", &p.ToolName, required)
	text(c, "idempotency_key", &p.IdempotencyKey, required)
	text(c, "arguments_hash", &p.ArgumentsHash, optional)
	token(c, "node_id", &p.NodeID, required)
	unsigned(c, "incarnation", &p.Incarnation, optional)
	c.duration("limit_ms", &p.Limit, optional)
	c.outcome(&p.Status, &p.Result, &p.Error, &p.DurationMS)
	return keep(c, p)
}

// CallClaimResponse answers [CallClaimRequest].
type CallClaimResponse struct {
	RegistryID string
	State      ClaimState // required
	NodeID     node.ID    // who has it, or had it

	// What came of it, when it is completed; Error also when the request is refused.
	Status     node.Result
	Result     json.RawMessage
	Error      *fault.Report
	DurationMS float64
}

func (p CallClaimResponse) visit(c *codec) Payload {
	text(c, "registry_id", &p.RegistryID, optional)
	enum(c, "state", &p.State, required, claimStates)
	token(c, "node_id", &p.NodeID, optional)
	c.outcome(&p.Status, &p.Result, &p.Error, &p.DurationMS)
	return keep(c, p)
}

// outcome visits what came of a call, all of it optional.
func (c *codec) outcome(status *node.Result, result *json.RawMessage, report **fault.Report, ms *float64) {
	c.result("status", status, optional)
	c.raw("result", result, optional)
	var r fault.Report
	if *report != nil {
		r = **report
	}
	c.report("error", &r, optional)
	if r.Code != "" || r.Message != "" {
		*report = &r
	}
	c.float("duration_ms", ms, optional)
}

func (CallClaimRequest) Kind() Kind  { return KindCallClaimRequest }
func (CallClaimResponse) Kind() Kind { return KindCallClaimResponse }

func (CallClaimRequest) payload()  {}
func (CallClaimResponse) payload() {}
