package access

import "github.com/omninode-ai/onex/fault"

// ErrDenied is returned for a call that the rules do not allow to this caller. The
// tool was not run. Rules are under access: in the onex.yaml of the project whose node
// offers the tool; docs/security.md says how.
var ErrDenied = fault.New("ONEX_ACCESS_001_DENIED", fault.Denied, "this caller may not call the tool")

// ErrRate is returned when a caller has made as many calls as a rule allows, in a
// minute or at once. The tool was not run.
var ErrRate = fault.New("ONEX_ACCESS_002_RATE", fault.Exhausted, "the caller has reached its limit").
	Hinted("wait, or raise per_minute or at_once of the rule under access: in onex.yaml")

// ErrSize is returned when the arguments of a call are larger than a rule allows. The
// tool was not run.
var ErrSize = fault.New("ONEX_ACCESS_003_SIZE", fault.Exhausted, "the arguments are larger than this caller may send").
	Hinted("send less, or raise max_bytes of the rule under access: in onex.yaml")

// ErrRule is returned for a rule that makes no sense: it allows and denies, or
// neither; a pattern is malformed; a limit is below zero, or stands where nothing is allowed.
var ErrRule = fault.New("ONEX_ACCESS_004_INVALID_RULE", fault.Invalid, "invalid rule of access").
	Hinted("a rule has allow or deny, a list of tools, and may have callers, per_minute, at_once and max_bytes; see docs/security.md")

// ErrRepeated is returned for a call that was delivered before. It gets no answer: the
// first one will have it.
var ErrRepeated = fault.New("ONEX_ACCESS_005_REPEATED", fault.Conflict, "the call was delivered before")
