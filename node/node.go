// Package node is what a node says of itself: its [Manifest] (who it is) and
// its [Contract] (what goes in, what comes out, which errors, which effects).
// It is data and its encoding; nothing here runs a node or talks to a bus.
//
//	m, err := node.ParseManifest(data)  // node.onex.yaml
//	c, err := node.ParseContract(data)  // contract.yaml
//
// Both are decoded strictly: an unknown, missing, repeated or mistyped key is an
// error, and one error lists them all by line and column. The same documents
// travel as JSON with the same keys, read by the same rules, and problems are
// then named by JSON Pointer. Printing and parsing again changes nothing, in
// either form. Documents have at most 1 MiB, 64 levels and 100000 values; the
// normative page is docs/manifest-and-contract.md.
//
// Values are data: copy them, compare them, use them from any goroutine as long
// as nobody writes to their slices. To test with them, build them as literals
// and call Validate.
package node

// A Name names a node: lower-case letters, digits and underscores, beginning
// with a letter, at most [MaxName] bytes. It has no dots, so that it can be one
// token of a bus subject.
type Name string

// MaxName bounds names of nodes and tools: they are tokens of bus subjects and
// labels of metrics, where long names cost every reader.
const MaxName = 64

// A ToolName names a tool; its form is that of a [Name].
type ToolName string

// An ID identifies one running instance of a node: a UUID, made anew for each
// process.
type ID string

// An Incarnation counts the lives of an instance. The registry gives it with
// every acceptance that begins a new life; it only grows, and 0 means none yet.
type Incarnation uint64

// Status is what the registry believes about a node.
type Status string

// The statuses of a node in the registry.
const (
	Unverified Status = "unverified" // known from before a restart, not yet heard of again
	Online     Status = "online"     // announced, accepted and beating
	Suspect    Status = "suspect"    // its connection is lost, or a beat is late
	Dead       Status = "dead"       // silent for its TTL, or its process is gone
	Stopped    Status = "stopped"    // it said goodbye
)

// Routable reports whether calls may be sent to a node of status s.
func (s Status) Routable() bool { return s == Online || s == Unverified }

// Trust is how far a node's manifest has been shown to be what it claims.
type Trust string

// The levels of trust, lowest first.
const (
	Untrusted Trust = "untrusted" // no valid signature
	Trusted   Trust = "trusted"   // the manifest is signed by an allowed signer
	Verified  Trust = "verified"  // trusted, and a fresh parity receipt for this binary and contract
)

// Runtime says how a node's tools are executed.
type Runtime string

// The runtimes.
const (
	Go   Runtime = "go"   // functions in the host's own process
	Exec Runtime = "exec" // one process per call: arguments on stdin, result on stdout
	MCP  Runtime = "mcp"  // one long-lived process that speaks MCP over stdio
)

// Result is the outcome of an invocation, and so the exit status of the
// commands that make one.
type Result string

// The results. "failure" is read as error and never written.
const (
	Success Result = "success"
	Warning Result = "warning"
	Failed  Result = "error"
	Skipped Result = "skipped"
	Fixed   Result = "fixed"
	Partial Result = "partial"
	Info    Result = "info"
	Unknown Result = "unknown"
)

// ExitStatus returns the process exit status that stands for r.
func (r Result) ExitStatus() int {
	switch r {
	case Success:
		return 0
	case Warning:
		return 2
	case Partial:
		return 3
	case Skipped:
		return 4
	case Fixed:
		return 5
	case Info:
		return 6
	}
	return 1
}
