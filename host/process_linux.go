package host

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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

// killSession kills every process of the session that a leader made, whichever group it
// is in: twice, for those that were born meanwhile.
func killSession(leader int) {
	for range 2 {
		stats, err := filepath.Glob("/proc/[0-9]*/stat")
		if err != nil {
			return
		}
		for _, name := range stats {
			if pid, session := sessionOf(name); session == leader && pid != leader {
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
			}
		}
	}
}

// sessionOf reads which process a file of proc(5) is about, and which session that is
// in: the fourth field behind the name, which may hold anything. It returns zeros when
// the process has ended.
func sessionOf(stat string) (pid, session int) {
	text, err := os.ReadFile(stat)
	if err != nil {
		return 0, 0
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 4 {
		return 0, 0
	}
	pid, err = strconv.Atoi(filepath.Base(filepath.Dir(stat)))
	if err == nil {
		session, err = strconv.Atoi(string(fields[3]))
	}
	if err != nil {
		return 0, 0
	}
	return pid, session
}
