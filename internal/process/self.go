package process

import (
	"os"

	"github.com/omninode-ai/onex/event"
)

// Self describes this process, for its announcement. Where the system cannot
// name a process so that others can watch it, only the number is filled in, and
// watching it is refused with [ErrElsewhere] or [ErrUnsupported].
func Self() event.Process {
	p, err := Of(os.Getpid())
	if err != nil {
		return event.Process{PID: os.Getpid()}
	}
	return p
}
