package host

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// ownGroup keeps console signals meant for the host from the program.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// ownSession is for a guard, which Windows does not have: there is no /bin/sh.
func ownSession(cmd *exec.Cmd) { ownGroup(cmd) }

func limitMemory(int, int64) error { return ErrNoMemoryLimit.With("on %s", runtime.GOOS) }

func awaitExit(int) bool { return false }

// killGroup kills the process itself: Windows has no process groups in this
// sense, so what the program started is not reached.
func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
		_ = p.Release()
	}
}

// killSession finds nobody: Windows has no such sessions.
func killSession(int) {}
