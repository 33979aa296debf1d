package mcpbridge

import "github.com/omninode-ai/onex/fault"

// ErrMeta is returned to an MCP client whose call carries metadata under onex/
// that is unknown or has a wrong value. Known are onex/timeout_ms,
// onex/idempotency_key, onex/correlation_id and onex/tool_version.
var ErrMeta = fault.New("ONEX_MCP_001_INVALID_META", fault.Invalid, "invalid metadata of a call").
	Hinted("in _meta, set onex/timeout_ms (number), onex/idempotency_key, onex/correlation_id (UUID) or onex/tool_version (semver range)")

// ErrBusy is returned to an MCP client when the server runs as many calls as it
// may. The tool was not run: call again in a moment.
var ErrBusy = fault.New("ONEX_MCP_002_BUSY", fault.Exhausted, "too many calls at once").
	Hinted("nothing happened; call again in a moment")

// ErrPattern is returned when a pattern that selects tools cannot be read. It is
// a name in which * stands for any characters, ? for one, and [a-z] for one of
// a set.
var ErrPattern = fault.New("ONEX_MCP_003_INVALID_PATTERN", fault.Invalid, "invalid pattern of tool names").
	Hinted("write names of tools, with * for any characters, as in stamp_*")

// ErrNoResult is returned to an MCP client when a tool ended without a result
// although it promises one, because there was nothing to do: it was skipped.
// MCP knows no other way to say so.
var ErrNoResult = fault.New("ONEX_MCP_004_NO_RESULT", fault.NotFound, "the tool was skipped and has no result").
	Hinted("there was nothing to do")

// ErrHidden is returned to an MCP client that names a tool that its profile does
// not include.
var ErrHidden = fault.New("ONEX_MCP_005_TOOL_NOT_SERVED", fault.Denied, "the tool is not served to this client").
	Hinted("list the tools that are; the others are left out by onex mcp --tool or --read-only, or by the client's profile in onex.yaml")

// ErrClient is returned by "onex mcp config" for an MCP client whose
// configuration is not known. The hint lists those that are.
var ErrClient = fault.New("ONEX_MCP_006_UNKNOWN_CLIENT", fault.Invalid, "unknown mcp client")

// ErrExposed is returned when the MCP server is to listen on an address that
// other machines can reach. It serves this machine only; put a proxy with TLS
// before it to serve others.
var ErrExposed = fault.New("ONEX_MCP_007_NOT_LOOPBACK", fault.Denied, "the mcp server listens on loopback addresses only").
	Hinted("use 127.0.0.1:PORT or [::1]:PORT; for other machines put a proxy with TLS before it")

// ErrToken is returned when the token that MCP clients must present cannot be
// used: the file cannot be read, or the token is shorter than 16 characters or
// has white space in it.
var ErrToken = fault.New("ONEX_MCP_008_INVALID_TOKEN", fault.Invalid, "invalid token for mcp clients").
	Hinted("write at least 16 characters without white space into the file, as from: openssl rand -hex 32")

// ErrUnauthorized is returned, with HTTP status 401, to an MCP client that does
// not present the server's token. onex mcp --http prints it at start.
var ErrUnauthorized = fault.New("ONEX_MCP_009_UNAUTHORIZED", fault.Denied, "the token is missing or wrong").
	Hinted("send the header Authorization: Bearer TOKEN; onex mcp --http prints the token, or reads it from --token-file")

// ErrQuarantined is returned to an MCP client that calls a tool, or asks for a prompt,
// whose definition is not the one that was accepted: another description, other
// schemas or effects. It is not listed until a person has looked at the difference
// and accepted it.
var ErrQuarantined = fault.New("ONEX_MCP_010_QUARANTINED", fault.Denied, "the definition has changed and was not accepted yet").
	Hinted("look at the difference with onex mcp diff, then onex mcp accept TOOL")

// ErrPins is returned when the file with the accepted definitions of tools
// (mcp-pins.json in the project's data directory) cannot be read or written.
var ErrPins = fault.New("ONEX_MCP_011_PINS_UNREADABLE", fault.Corrupt, "the accepted definitions of tools cannot be used").
	Hinted("mend mcp-pins.json in the project's data directory, or delete it to accept everything anew; or run with --no-pins")

// ErrNothingToAccept is returned by "onex mcp accept" for a tool whose definition
// is the accepted one, or that nobody offers now.
var ErrNothingToAccept = fault.New("ONEX_MCP_012_NOTHING_TO_ACCEPT", fault.NotFound, "the tool has no changed definition").
	Hinted("see with onex mcp diff which tools have")

// ErrHistory is returned to an MCP client that asks for the events of a
// correlation id (onex://events/ID) when the id is not a UUID, or the bus keeps
// no events or cannot be read.
var ErrHistory = fault.New("ONEX_MCP_013_NO_HISTORY", fault.NotFound, "no history of events").
	Hinted("give the onex/correlation_id that a result has in its _meta")

// ErrProbe is reported by parity when a call through MCP has no answer that can
// be read: the server did not start, broke the protocol, or left out what an
// ONEX server always says.
var ErrProbe = fault.New("ONEX_MCP_014_PROBE_FAILED", fault.Internal, "no answer through mcp")

// ErrState is returned to an MCP client that answers what a tool asked, with a
// state (requestState) that this server did not give, or gave for another call.
// A server that was started again knows no state of before.
var ErrState = fault.New("ONEX_MCP_015_INVALID_STATE", fault.Invalid, "the answers have an invalid state").
	Hinted("make the call again without answers")

// ErrAsk is returned to an MCP client when a tool asked it something, and the
// client did not answer well or the tool did not stop asking.
var ErrAsk = fault.New("ONEX_MCP_016_NOT_ANSWERED", fault.Canceled, "what the tool asked was not answered").
	Hinted("call the tool again and answer, in the form that is asked for")

// ErrNotConfirmed is returned to an MCP client for a call that its user must
// allow (confirm: in mcp: of onex.yaml), when the user did not, or the client
// cannot ask. The tool was not run.
var ErrNotConfirmed = fault.New("ONEX_MCP_017_NOT_CONFIRMED", fault.Denied, "the user did not allow the call").
	Hinted("nothing happened; the operator says in onex.yaml, under mcp, which calls are asked for")

// ErrRate is returned to an MCP client that makes more calls than its profile
// allows (calls_per_minute: in mcp: of onex.yaml). The tool was not run.
var ErrRate = fault.New("ONEX_MCP_018_TOO_MANY_CALLS", fault.Exhausted, "the client makes too many calls").
	Hinted("nothing happened; call again in a few seconds")

// ErrTooLarge is returned to an MCP client when a result is larger than its profile
// allows (max_result_bytes: in mcp: of onex.yaml). The tool did run.
var ErrTooLarge = fault.New("ONEX_MCP_019_RESULT_TOO_LARGE", fault.Exhausted, "the result is too large for the client").
	Hinted("ask for less: a part, a summary, a limit")

// ErrRelay is returned when the MCP server at the url of a node (node.onex.yaml) cannot
// be reached, refuses the token, or has forgotten the session. The node tries
// again.
var ErrRelay = fault.New("ONEX_MCP_020_SERVER_UNREACHABLE", fault.Unavailable, "the mcp server cannot be used").
	Hinted("check url and token_env in node.onex.yaml, and that the server runs")
