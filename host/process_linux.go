package host

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownGroup puts the process into a session and so a group of its own, and has the
// kernel kill it when this process dies.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}

// ownSession keeps signals meant for this process from another, which outlives it.
func ownSession(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// limitMemory limits the address space of a process and of those that it starts
// from now on.
func limitMemory(pid int, bytes int64) error {
	limit := unix.Rlimit{Cur: uint64(bytes), Max: uint64(bytes)}
	if err := unix.Prlimit(pid, unix.RLIMIT_AS, &limit, nil); err != nil && err != unix.ESRCH { // ESRCH: it ended
		return ErrNoMemoryLimit.Wrap(err, "%d MiB", bytes>>20)
	}
	return nil
}

// awaitExit waits until the process has ended and leaves it to be waited for.
func awaitExit(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return err == nil
		}
	}
}

// killGroup kills every process of the group; an empty group is no error.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
