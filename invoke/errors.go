package invoke

import "github.com/omninode-ai/onex/fault"

// ErrNoTool is returned when no node ever offered a tool of this name. The hint
// names tools whose names are near; onex nodes lists all.
var ErrNoTool = fault.New("ONEX_INVOKE_001_TOOL_NOT_FOUND", fault.NotFound, "no such tool").
	Hinted("list the nodes and their tools with `onex nodes`")

// ErrResult is returned when a node answered something that the tool's output
// schema does not allow. The tool did run.
var ErrResult = fault.New("ONEX_INVOKE_002_INVALID_RESULT", fault.Internal, "the node's result breaks the tool's contract").
	Hinted("the tool did run; its node must be mended")

// ErrNoProvider is returned when a tool is known but no node that offers it is
// alive now. Start one, or try again when it is back.
var ErrNoProvider = fault.New("ONEX_INVOKE_003_NO_PROVIDER", fault.Unavailable, "no node that offers the tool is alive").
	Hinted("`onex nodes` says why; then start one")

// ErrNoMatch is returned when nodes that offer the tool are alive but none is
// what the call asks for: a version, a node, trust.
var ErrNoMatch = fault.New("ONEX_INVOKE_004_NO_MATCHING_PROVIDER", fault.NotFound, "no node that offers the tool is as asked for").
	Hinted("see the nodes with `onex nodes`, or ask for less")

// ErrNoRegistry is returned when no registry answers, so that nobody can be
// found. Nothing was sent.
var ErrNoRegistry = fault.New("ONEX_INVOKE_005_NO_REGISTRY", fault.Unavailable, "no registry answers").
	Hinted("start one with onex up, and check that both use the same bus (--bus, ONEX_BUS)")

// ErrCall is returned for a call that makes no sense: an unknown policy, a
// version that is not a semver range, a negative timeout.
var ErrCall = fault.New("ONEX_INVOKE_006_INVALID_CALL", fault.Invalid, "invalid call")

// ErrNotSent is returned when the call could not be handed to the bus in time.
// The tool was not run: repeating the call is harmless.
var ErrNotSent = fault.New("ONEX_INVOKE_007_NOT_SENT", fault.Unavailable, "the call was not sent").
	Hinted("nothing happened; call again")

// ErrTimeout is returned when no answer came in time from a tool whose contract
// says that calling it again is harmless (idempotency pure). A late answer is
// counted and discarded.
var ErrTimeout = fault.New("ONEX_INVOKE_008_TOOL_TIMEOUT", fault.Timeout, "no answer in time").
	Hinted("call again, or allow more time with --timeout")

// ErrOutcomeUnknown is returned when a call was sent and no answer came: the time
// is up, or the node died. Whether the tool took effect is not known. Find out
// before you repeat the call, or call it with an idempotency key if it takes one.
// A late answer is counted and discarded.
var ErrOutcomeUnknown = fault.New("ONEX_INVOKE_009_OUTCOME_UNKNOWN", fault.Timeout, "the call was sent, but its outcome is not known").
	Hinted("find out whether it took effect before calling again; or allow more time with --timeout")

// ErrCanceled is returned when the caller gave up. When the call had been sent,
// the message says so, and the node was told.
var ErrCanceled = fault.New("ONEX_INVOKE_010_CANCELED", fault.Canceled, "the call was canceled")

// ErrProtocol is returned when a node or a registry answers a question with
// something else than an answer to it.
var ErrProtocol = fault.New("ONEX_INVOKE_011_UNEXPECTED_ANSWER", fault.Internal, "unexpected answer")

// ErrClosed is returned by every call after Close.
var ErrClosed = fault.New("ONEX_INVOKE_012_CLOSED", fault.Unavailable, "the client is closed")

// ErrNoKeys is returned for a call with an idempotency key of a tool whose contract
// says idempotency none: a key would promise what nobody keeps. Nothing was sent.
var ErrNoKeys = fault.New("ONEX_INVOKE_013_KEY_NOT_TAKEN", fault.Invalid, "the tool takes no idempotency key").
	Hinted("call it without a key, or have its contract say `idempotency: key`")
