package process

import "github.com/omninode-ai/onex/fault"

// ErrElsewhere is returned for a process that is not of this machine, this boot
// and this process namespace: its end cannot be seen from here. Nothing is
// wrong; the process is judged by its heartbeats alone.
var ErrElsewhere = fault.New("ONEX_PROCESS_001_ELSEWHERE", fault.Unsupported, "the process runs elsewhere")

// ErrUnsupported is returned where the system cannot tell when a process ends:
// on systems other than Linux, on Linux before 5.3, and in sandboxes that forbid
// pidfd_open. The process is judged by its heartbeats alone, so its death is
// noticed after its TTL and not at once.
var ErrUnsupported = fault.New("ONEX_PROCESS_002_UNSUPPORTED", fault.Unsupported, "processes cannot be watched here")

// ErrTooMany is returned when a watcher watches as many processes as it may.
// The process is judged by its heartbeats alone. Run fewer processes on this
// machine, or raise the limit.
var ErrTooMany = fault.New("ONEX_PROCESS_003_TOO_MANY", fault.Exhausted, "too many processes are watched")

// ErrClosed is returned by Watch after Close: the program is shutting down.
var ErrClosed = fault.New("ONEX_PROCESS_004_CLOSED", fault.Unavailable, "the watcher is closed")
