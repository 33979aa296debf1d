package host

import "github.com/omninode-ai/onex/fault"

// ErrNoTool is returned for a call of a tool that the node does not have. Run
// onex describe with the node's name to see its tools.
var ErrNoTool = fault.New("ONEX_HOST_001_TOOL_NOT_FOUND", fault.NotFound,
	"the node has no such tool").Hinted("see the node's tools with onex describe")

// ErrArguments is returned when the tool itself refuses arguments that keep its
// input schema: an mcp program that answers "invalid params", or a Go type that
// reads less than its schema allows. What breaks the schema is refused before,
// with ONEX_CONTRACT_041_VIOLATED.
var ErrArguments = fault.New("ONEX_HOST_002_ARGUMENTS_REFUSED", fault.Invalid,
	"the tool refuses the arguments").Hinted("see what it takes with onex describe")

// ErrResult is returned when the tool ran and answered something that its output
// schema does not allow. The defect is in the tool, or in its contract.
var ErrResult = fault.New("ONEX_HOST_003_INVALID_RESULT", fault.Internal,
	"the tool's result breaks its contract").Hinted("mend the tool or its contract; it did run")

// ErrPanic is returned when a Go tool panicked. The node goes on; the stack is
// in its log. The defect is in the tool.
var ErrPanic = fault.New("ONEX_HOST_004_TOOL_PANICKED", fault.Internal,
	"the tool panicked").Hinted("the stack is in the node's log")

// ErrBusy is the answer of a node that has as many calls running and waiting as
// it allows. The tool was not run: try again, or start another instance.
var ErrBusy = fault.New("ONEX_HOST_005_BUSY", fault.Exhausted,
	"the node has too many calls waiting").Hinted("try again, or start another instance of the node")

// ErrStopping is the answer of a node that is about to end: it finishes the calls
// it has and takes no new ones. The tool was not run.
var ErrStopping = fault.New("ONEX_HOST_006_STOPPING", fault.Unavailable,
	"the node is stopping").Hinted("call again: another instance will be chosen if there is one")

// ErrIncarnation is the answer to a call meant for another life of the node than
// the present one. The tool was not run; the caller's route is out of date.
var ErrIncarnation = fault.New("ONEX_HOST_007_WRONG_INCARNATION", fault.Unavailable,
	"the incarnation of the node that the call is for has ended").Hinted("look the tool up again")

// ErrKey is returned when an idempotency key comes back with other arguments
// than it was first used with. The tool was not run again. Use a new key for a
// new call.
var ErrKey = fault.New("ONEX_HOST_008_KEY_REUSED", fault.Conflict,
	"the idempotency key was used with other arguments").Hinted("use a new key for a new call")

// ErrRejected is returned by Run when the registry refuses the node. The message
// holds the registry's reason.
var ErrRejected = fault.New("ONEX_HOST_009_ANNOUNCE_REJECTED", fault.Denied,
	"the registry rejected the node")

// ErrTimeout is returned when a tool took longer than its time limit. A program
// was killed; what it had done by then is unknown.
var ErrTimeout = fault.New("ONEX_HOST_010_TOOL_TIMEOUT", fault.Timeout,
	"the tool took longer than its time limit").Hinted("raise timeout_ms in node.onex.yaml, or ask for less")

// ErrRunning is returned by Run when the host runs already, or ran: a host has
// one life on a bus.
var ErrRunning = fault.New("ONEX_HOST_011_ALREADY_RUN", fault.Conflict, "the host was run before")

// ErrClosed is the answer of a host after Close.
var ErrClosed = fault.New("ONEX_HOST_012_CLOSED", fault.Unavailable, "the host is closed")

// ErrCutOff is the answer to a call that was running when its node ended: the
// drain time was over, or the host was closed. What the tool had done by then is
// not known. Find out before you call again, unless the tool is pure.
var ErrCutOff = fault.New("ONEX_HOST_013_CUT_OFF", fault.Timeout,
	"the node ended during the call, and its outcome is not known").Hinted("find out whether it took effect before calling again")

// ErrKeyUnknown is the answer to a call whose idempotency key was used before, on
// a node that is gone and never told what came of the call. The tool is never run
// again with this key, because it may have taken effect: repeating the call is
// harmless, and brings the outcome if the node was only cut off and tells it after
// all. Otherwise find out whether it took effect; if not, call with a new key.
var ErrKeyUnknown = fault.New("ONEX_HOST_014_KEY_OUTCOME_UNKNOWN", fault.Timeout,
	"the call was begun before, by a node that is gone, and its outcome is not known").
	Hinted("it is never run again with this key; find out whether it took effect, and only if it did not, call with a new key")

// ErrNoClaims is the answer to a call with an idempotency key when no registry
// says in time whether it may be run. The tool was not run.
var ErrNoClaims = fault.New("ONEX_HOST_015_CLAIM_UNAVAILABLE", fault.Unavailable,
	"no registry grants the call with an idempotency key").Hinted("nothing happened; call again with the same key")

// ErrNoKeys is the answer to a call with an idempotency key of a tool that takes
// none: its contract says idempotency none, so that a key would promise what
// nobody keeps. The tool was not run.
var ErrNoKeys = fault.New("ONEX_HOST_016_KEY_NOT_TAKEN", fault.Invalid,
	"the tool takes no idempotency key").Hinted("call it without a key, or have its contract say `idempotency: key`")

// ErrNoFile is returned by Load when a directory lacks its node.onex.yaml or the
// contract.yaml that nodes with runtime exec must have. docs/write-a-node.md
// shows both.
var ErrNoFile = fault.New("ONEX_HOST_031_FILE_NOT_FOUND", fault.NotFound,
	"the node's directory lacks a file").Hinted("a node is a directory with node.onex.yaml and contract.yaml; see docs/write-a-node.md")

// ErrNoProgram is returned by Load when the manifest's command is missing or
// cannot be found. Name a program that exists, relative to the manifest (with a
// slash in it) or on PATH.
var ErrNoProgram = fault.New("ONEX_HOST_021_PROGRAM_NOT_FOUND", fault.NotFound,
	"the node's program cannot be found").Hinted("check command in node.onex.yaml")

// ErrProgram is returned when a program ended with a status that means failure
// and gave no error report on standard output. The message ends with the last
// line it wrote to standard error.
var ErrProgram = fault.New("ONEX_HOST_022_PROGRAM_FAILED", fault.Internal,
	"the node's program failed").Hinted("what it wrote to standard error is in the log of the process that runs the node")

// ErrOutput is returned when what a program wrote to standard output is not one
// JSON document. Print the result alone there; everything else belongs on
// standard error.
var ErrOutput = fault.New("ONEX_HOST_023_PROGRAM_OUTPUT", fault.Internal,
	"the program's standard output is not one JSON document").Hinted("print the result alone on standard output; log to standard error")

// ErrOutputLimit is returned when a program wrote more than its output limit. It
// was killed.
var ErrOutputLimit = fault.New("ONEX_HOST_024_OUTPUT_LIMIT", fault.Exhausted,
	"the program wrote more than its output limit and was killed").Hinted("answer less, or raise max_output_bytes in node.onex.yaml")

// ErrDied is returned when an mcp program ended during a call. What it had done
// by then is unknown; the program is started again. The message ends with the
// last line it wrote to standard error.
var ErrDied = fault.New("ONEX_HOST_025_PROGRAM_DIED", fault.Unavailable,
	"the node's program ended during the call").Hinted("what it had done by then is unknown; it is being started again")

// ErrDown is the answer of a tool whose mcp program is not running just now. The
// tool was not run: try again soon.
var ErrDown = fault.New("ONEX_HOST_026_PROGRAM_DOWN", fault.Unavailable,
	"the node's program is being started again").Hinted("try again in a moment")

// ErrGaveUp is returned by Run when an mcp program ended so often that it is not
// started again. The message ends with how it ended last and the last line it
// wrote to standard error; the rest of that is in the node's log.
var ErrGaveUp = fault.New("ONEX_HOST_027_PROGRAM_GAVE_UP", fault.Unavailable,
	"the node's program keeps ending").Hinted("its standard error is in the node's log")

// ErrProtocol is returned when an mcp program answers something that is not MCP,
// or does not offer a tool that its contract promises.
var ErrProtocol = fault.New("ONEX_HOST_028_PROGRAM_PROTOCOL", fault.Internal,
	"the node's program does not speak MCP as needed").Hinted("tools/list and tools/call over standard input and output suffice")

// ErrRuntime is returned by Load for a manifest whose runtime is not that of a
// program: a Go node is built with New and Handle.
var ErrRuntime = fault.New("ONEX_HOST_029_RUNTIME", fault.Unsupported,
	"the node cannot be loaded from its directory").Hinted("runtime: exec or mcp; a Go node is a program of its own")

// ErrContract is returned when a contract cannot be served: it is another node's
// or another version's, has no tools, or two tools have one name.
var ErrContract = fault.New("ONEX_HOST_030_CONTRACT", fault.Invalid,
	"the contract cannot be served").Hinted("see docs/write-a-node.md")

// ErrInput is how a call ends whose tool asks something before it goes on: its
// user, its model, or for its directories. Nothing has failed: make the same call
// again with the answers. MCP clients do so by themselves; details.requests says
// what is asked, details.state must come back with the answers.
var ErrInput = fault.New("ONEX_HOST_032_INPUT_REQUIRED", fault.Invalid,
	"the tool asks something before it goes on").Hinted("call it from an MCP client, which can answer (onex mcp)")

// ErrAnswers is returned when a call answers a question that nobody waits with
// any more: the program was started again, the question is too old, or it was
// asked in another call.
var ErrAnswers = fault.New("ONEX_HOST_033_ANSWERS_UNWANTED", fault.Conflict,
	"nobody waits for these answers").Hinted("make the call again without answers")

// ErrMemoryLimit is returned when a program with max_memory_mb failed, gave no
// error report, and said last on standard error that it got no memory. What it had
// done by then is unknown.
var ErrMemoryLimit = fault.New("ONEX_HOST_034_MEMORY_LIMIT", fault.Exhausted,
	"the program needs more memory than its limit").Hinted("ask for less, or raise max_memory_mb in node.onex.yaml; it counts address space, of which Go, Java and Node.js reserve much")

// ErrNoMemoryLimit is returned for a program with max_memory_mb where memory cannot
// be limited: on other systems than Linux, or of a program that runs as another
// user. The program was not run, or was killed at once.
var ErrNoMemoryLimit = fault.New("ONEX_HOST_035_MEMORY_LIMIT_UNSUPPORTED", fault.Unsupported,
	"the program's memory cannot be limited").Hinted("remove max_memory_mb from node.onex.yaml, and limit the memory of the whole daemon with the system's means")
