//go:build unix

package plugin

import (
	"io/fs"
	"os/exec"
	"syscall"
)

// ownGroup puts the process into a group of its own, to be killed as one.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills every process of the group; an empty group is no error.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// runnable reports whether a file may be executed.
func runnable(info fs.FileInfo) bool { return info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 }
