//go:build unix && !linux

package host

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the process into a group of its own. This system has no signal
// for the death of a parent: a killed host leaves a program behind until that
// reads the end of its standard input.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func awaitExit(int) bool { return false }

// killGroup kills every process of the group; an empty group is no error.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
