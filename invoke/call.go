package invoke

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// A Policy says which of several nodes that offer a tool is called.
type Policy = event.Policy

// The policies. The zero value reads as First.
const (
	First       = event.PolicyFirst       // the one that was accepted first; warns when there are several
	RoundRobin  = event.PolicyRoundRobin  // one after the other
	Random      = event.PolicyRandom      // any
	LeastLoaded = event.PolicyLeastLoaded // the one with the fewest calls running
	LocalFirst  = event.PolicyLocalFirst  // one on this host, if there is one
)

// Policies returns all policies.
func Policies() []Policy { return []Policy{First, RoundRobin, Random, LeastLoaded, LocalFirst} }

// ParsePolicy reads a policy; the empty string is First.
func ParsePolicy(s string) (Policy, error) {
	if s == "" {
		return First, nil
	}
	if p := Policy(s); slices.Contains(Policies(), p) {
		return p, nil
	}
	var names []string
	for _, p := range Policies() {
		names = append(names, string(p))
	}
	return "", ErrCall.With("policy %q is none of %s", s, strings.Join(names, ", "))
}

// DefaultTimeout is how long a call waits when neither it nor the contract says
// (design decision 21).
const DefaultTimeout = 5 * time.Second

// MaxKey bounds an idempotency key in bytes: room for any id.
const MaxKey = 255

// A Call is one invocation of a tool by its name. Only Tool is required.
type Call struct {
	Tool        node.ToolName
	Args        json.RawMessage // default an empty object
	Timeout     time.Duration   // for everything, from the lookup to the result; default the contract's timeout_ms, else DefaultTimeout
	Policy      Policy          // default First
	Version     string          // semver range of the node's version, as in ^1.2; default any
	Node        string          // name or id of the node; default any
	TrustedOnly bool            // only nodes that are trusted or verified

	// IdempotencyKey names this call among all others of the tool, for a day. A
	// tool with idempotency "key" has at most one effect per key, whoever repeats
	// the call. A pure tool has none to repeat: it runs again, and a warning says so.
	// All others refuse keys. At most MaxKey bytes.
	IdempotencyKey string

	Correlation event.ID // of what the call belongs to; default a new one
	TraceParent string   // W3C trace context
	DryRun      bool     // check everything and choose a node, but send nothing
	Origin      node.ID  // for whom the call is made, when it is passed on; for the audit

	// Dialogue says what the node may ask the caller, and answers what it asked
	// before. Hear, if set, is called with progress and log entries while the call
	// runs, in order; it must not wait for anything.
	Dialogue event.Dialogue
	Hear     func(event.Payload)

	// Chosen, if set, is called before each attempt with the node that was chosen for
	// it, and why, in words for people; it must not wait for anything.
	Chosen func(to event.Provider, why string)

	cause event.ID // the event that asked for the call
}

// An Outcome says whether a tool took effect, which is what one must know before
// one repeats a call.
type Outcome string

// The outcomes.
const (
	Completed Outcome = "completed" // it ran to its end, well or not
	NotRun    Outcome = "not_run"   // nothing happened: repeating the call is harmless
	Unknown   Outcome = "unknown"   // it may have taken effect, in part or in whole
)

// A Reply is how a call ended. Its JSON is the stable output of onex invoke.
type Reply struct {
	ToolName      node.ToolName   `json:"tool_name"`
	Status        node.Result     `json:"status"`
	Result        json.RawMessage `json:"result"` // null when there is an error, or nothing to show
	Error         *fault.Report   `json:"error"`  // null unless status is error
	NodeID        node.ID         `json:"node_id"`
	CorrelationID string          `json:"correlation_id"`
	DurationMS    float64         `json:"duration_ms"` // as the caller saw it
	Outcome       Outcome         `json:"outcome"`     // whether the tool took effect

	Warnings []string `json:"-"` // for people: what was ambiguous
}

// complete fills in defaults and refuses what makes no sense.
func (c *Call) complete() (err error) {
	if c.Policy, err = ParsePolicy(string(c.Policy)); err != nil {
		return err
	}
	if c.Timeout < 0 {
		return ErrCall.With("timeout %s is negative", c.Timeout)
	}
	if len(c.Args) == 0 {
		c.Args = json.RawMessage("{}")
	}
	if c.Correlation.IsZero() {
		c.Correlation = event.NewID()
	}
	if len(c.IdempotencyKey) > MaxKey {
		return ErrCall.With("an idempotency key of %d bytes; at most %d are allowed", len(c.IdempotencyKey), MaxKey)
	}
	if _, err := node.ParseToolName(string(c.Tool)); err != nil {
		return ErrNoTool.Wrap(err, "%q", c.Tool)
	}
	if _, err := c.versions(); err != nil {
		return err
	}
	return nil
}

// versions returns the range of versions that c accepts, or nil for any.
func (c *Call) versions() (*semver.Constraints, error) {
	if c.Version == "" {
		return nil, nil
	}
	r, err := semver.NewConstraint(c.Version)
	if err != nil {
		return nil, ErrCall.Wrap(err, "version %q is not a semver range", c.Version)
	}
	return r, nil
}
