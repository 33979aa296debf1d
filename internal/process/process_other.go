//go:build !linux

package process

import (
	"runtime"

	"github.com/omninode-ai/onex/event"
)

// Of returns [ErrUnsupported]: a process has no name here that outlives it.
func Of(pid int) (event.Process, error) {
	return event.Process{}, ErrUnsupported.With("%s has no pidfd", runtime.GOOS)
}

// A handle does not exist on this system.
type handle struct{}

func open(p event.Process) (*handle, error) {
	return nil, ErrUnsupported.With("process %d: %s has no pidfd", p.PID, runtime.GOOS)
}

func (h *handle) wait() error { return ErrUnsupported }
func (h *handle) close()      {}
