//go:build unix && !linux

package host

import (
	"os/exec"
	"runtime"
	"syscall"
)

// ownGroup puts the process into a session and so a group of its own. This system
// has no signal for the death of a parent: the guard alone ends the group of
// a killed host's program.
func ownGroup(cmd *exec.Cmd) { ownSession(cmd) }

// ownSession keeps signals meant for this process from another, which outlives it.
func ownSession(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

func limitMemory(int, int64) error { return ErrNoMemoryLimit.With("on %s", runtime.GOOS) }

func awaitExit(int) bool { return false }

// killGroup kills every process of the group; an empty group is no error.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// killSession finds nobody: this system has no list of processes that is read without a
// program.
func killSession(int) {}
