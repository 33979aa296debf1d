package claim

import "github.com/omninode-ai/onex/fault"

// ErrKey is returned for an idempotency key that is empty or longer than 255
// bytes. A UUID, or the number of the order that is paid, is a good key.
var ErrKey = fault.New("ONEX_CLAIM_001_INVALID_KEY", fault.Invalid, "invalid idempotency key").
	Hinted("use a UUID, or what names the job, of at most 255 bytes")

// ErrStore is returned when the claims of idempotency keys cannot be read or
// written now. The tool was not run.
var ErrStore = fault.New("ONEX_CLAIM_002_UNAVAILABLE", fault.Unavailable, "claims of idempotency keys cannot be kept now").
	Hinted("nothing happened; call again with the same key")

// ErrFull is returned when as many keys are remembered as there is room for. Keys
// are forgotten a day after their last use, never before, so that no call is
// repeated by mistake. The tool was not run.
var ErrFull = fault.New("ONEX_CLAIM_003_FULL", fault.Exhausted, "no more idempotency keys can be remembered").
	Hinted("keys are forgotten after 24 hours; use them for calls that must not be repeated only")

// ErrLost is returned to a node that tells what came of a call which another
// node has claimed meanwhile. It can only happen when the store lost its content.
var ErrLost = fault.New("ONEX_CLAIM_004_NOT_THE_HOLDER", fault.Conflict, "another node has claimed the call")
