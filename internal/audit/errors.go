package audit

import "github.com/omninode-ai/onex/fault"

// ErrBroken is returned when the record of calls is not what was written: a line
// was changed, removed, put in or put elsewhere. The message names the first line
// where the chain does not hold, and why. What comes before it is as it was written.
var ErrBroken = fault.New("ONEX_AUDIT_001_CHAIN_BROKEN", fault.Corrupt, "the audit log is not as it was written").
	Hinted("keep the files, and compare them with a copy; lines before the one named can be relied on")

// ErrStore is returned when the audit log cannot be read or written, for example
// because the disk is full. Calls go on; those that are not recorded are counted
// in the log of the daemon.
var ErrStore = fault.New("ONEX_AUDIT_002_STORE", fault.Unavailable, "the audit log cannot be read or written")

// ErrInUse is returned when another process writes the audit log.
var ErrInUse = fault.New("ONEX_AUDIT_003_IN_USE", fault.Conflict, "another process writes the audit log").
	Hinted("one `onex up` of a project writes it")

// ErrHead is returned when a signed head of the audit log does not fit the lines:
// they were rewritten after it was signed.
var ErrHead = fault.New("ONEX_AUDIT_004_HEAD_MISMATCH", fault.Corrupt, "the audit log does not fit its signed head").
	Hinted("keep the files: lines up to that head were changed after it was signed")

// ErrNoHead is returned when a signed head is asked for and there is none. Sign
// one with `onex audit sign`.
var ErrNoHead = fault.New("ONEX_AUDIT_005_NO_HEAD", fault.NotFound, "the audit log has no signed head").
	Hinted("`onex audit sign` signs the head of the log")
