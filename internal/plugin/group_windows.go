package plugin

import (
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup keeps console signals meant for us from the program.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// killGroup kills the process itself: what it started is not reached.
func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
		_ = p.Release()
	}
}

// runnable: Windows decides by the name.
func runnable(info fs.FileInfo) bool { return info.Mode().IsRegular() }
