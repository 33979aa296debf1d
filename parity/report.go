package parity

import (
	"fmt"
	"slices"
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// ReportVersion is the version of the form of a [Report].
const ReportVersion = "1.0.0"

// A Report is what was checked and what was found. Its JSON is the stable output
// of onex parity.
type Report struct {
	Version  string      `json:"schema_version"`
	Time     time.Time   `json:"completed_at"`
	Status   node.Result `json:"status"` // success, warning or error
	Message  string      `json:"message"`
	Paths    []PathInfo  `json:"paths"`
	Nodes    []Subject   `json:"discovered_nodes"`   // in the order in which they were given
	Results  []Result    `json:"validation_results"` // by node, tool, example and path
	Summary  Summary     `json:"summary"`
	Stopped  bool        `json:"stopped"` // by the first failure, or by the caller
	Duration float64     `json:"total_execution_time_ms"`
}

// A PathInfo says what a path is.
type PathInfo struct {
	Path Path   `json:"path"`
	How  string `json:"how"`
}

// A Subject is a node that was checked.
type Subject struct {
	Name         string       `json:"name"` // as it was asked for
	Node         node.Name    `json:"node_name"`
	Version      string       `json:"node_version"`
	Runtime      node.Runtime `json:"runtime"`
	ContractHash string       `json:"contract_sha256"` // of its canonical JSON; empty when there is none
	BinaryHash   string       `json:"binary_sha256"`   // of its program; empty when that cannot be told
	Failed       int          `json:"failed"`
	Checks       int          `json:"checks"`
}

// A Result is one check and how it went.
type Result struct {
	Node    string        `json:"node_name"` // as it was asked for
	Version string        `json:"node_version"`
	Check   Check         `json:"validation_type"`
	Tool    node.ToolName `json:"tool,omitempty"`
	Example string        `json:"example,omitempty"`
	Path    Path          `json:"path,omitempty"` // that was compared
	Verdict Verdict       `json:"result"`
	Message string        `json:"message"`
	Differs []Field       `json:"differs,omitempty"`
	Diff    string        `json:"diff,omitempty"`  // unified, of the two canonical answers
	Again   string        `json:"again,omitempty"` // the command that makes this check again
	Error   *fault.Report `json:"error,omitempty"`
	Time    float64       `json:"execution_time_ms"`
}

// A Check is a kind of check.
type Check string

// The checks.
const (
	CheckStructure     Check = "structure"     // the files of a node are there and can be read
	CheckContract      Check = "contract"      // the contract is sound
	CheckIdentity      Check = "identity"      // no other node claims to be this one
	CheckIntrospection Check = "introspection" // what runs says what the files say
	CheckExamples      Check = "examples"      // each tool has examples
	CheckExpectation   Check = "expectation"   // the direct answer is what the example expects
	CheckRefusal       Check = "refusal"       // arguments that break the contract are refused
	CheckErrorCodes    Check = "error_codes"   // errors are declared
	CheckEffects       Check = "effects"       // files are changed only by tools that say so
	CheckRepeat        Check = "repeat"        // a second call answers the same
	CheckParity        Check = "parity"        // another path answers the same
	CheckAccepted      Check = "accepted"      // differences that are accepted are still there
	CheckScenario      Check = "scenario"      // a recorded scenario answers as it was recorded
	CheckMetadata      Check = "metadata"      // the metadata of the node's own files is current
	CheckTree          Check = "tree"          // the directory holds what its .onextree says, and so says what runs
	CheckFlags         Check = "flags"         // the commands of a node take what its tools take
	CheckHomogeneity   Check = "homogeneity"   // nodes that lie beside each other have the same files
)

// A Verdict is how a check went.
type Verdict string

// The verdicts.
const (
	Pass Verdict = "pass"
	Warn Verdict = "warn"
	Fail Verdict = "fail"
	Skip Verdict = "skip" // not checked, and the message says why

	// Accept is a difference that the node's parity.yaml accepts, for the reason in
	// the message.
	Accept Verdict = "accept"
)

// A Summary counts. Executed are calls that were made.
type Summary struct {
	Nodes    int `json:"total_nodes"`
	Checks   int `json:"total_validations"`
	Passed   int `json:"passed"`
	Warned   int `json:"warned"`
	Failed   int `json:"failed"`
	Skipped  int `json:"skipped"`
	Accepted int `json:"accepted"`
	Executed int `json:"executed"`
}

// OK reports whether something was checked and nothing failed.
func (r Report) OK() bool { return r.Status != node.Failed && r.Summary.Passed > 0 }

// Err returns an [ErrDiffers] that counts what failed, or nil.
func (r Report) Err() error {
	if r.OK() {
		return nil
	}
	return ErrDiffers.With("%s", r.Message)
}

// Of returns the part of r that is about one node, as it is named there.
func (r Report) Of(name string) Report {
	own := func(n string) bool { return n != name }
	r.Nodes = slices.DeleteFunc(slices.Clone(r.Nodes), func(s Subject) bool { return own(s.Name) })
	r.Results = slices.DeleteFunc(slices.Clone(r.Results), func(c Result) bool { return own(c.Node) })
	r.Summary.Executed, r.Duration = 0, 0
	for _, c := range r.Results {
		r.Duration += c.Time
		if c.Time > 0 {
			r.Summary.Executed++
		}
	}
	r.conclude()
	return r
}

// conclude counts the results and draws the sum.
func (r *Report) conclude() {
	s := Summary{Nodes: len(r.Nodes), Checks: len(r.Results), Executed: r.Summary.Executed}
	for _, c := range r.Results {
		switch c.Verdict {
		case Pass:
			s.Passed++
		case Warn:
			s.Warned++
		case Fail:
			s.Failed++
		case Skip:
			s.Skipped++
		case Accept:
			s.Accepted++
		}
	}
	r.Summary = s
	switch {
	case s.Failed > 0:
		r.Status, r.Message = node.Failed, fmt.Sprintf("%d of %d checks failed", s.Failed, s.Checks-s.Skipped)
	case s.Passed == 0:
		r.Status, r.Message = node.Failed, "nothing was checked"
	case s.Warned > 0:
		r.Status, r.Message = node.Warning, fmt.Sprintf("%d checks passed, %d warnings", s.Passed, s.Warned)
	default:
		r.Status, r.Message = node.Success, fmt.Sprintf("all %d checks passed", s.Passed)
	}
}
