package process

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/omninode-ai/onex/event"
)

// host returns the name of this machine since its last boot, together with the
// process namespace: a number in a container is another process outside.
var host = sync.OnceValues(func() (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", ErrUnsupported.Wrap(err, "no boot id")
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return "", ErrUnsupported.Wrap(err, "no process namespace")
	}
	return strings.TrimSpace(string(boot)) + "/" + space, nil
})

// Of describes the process with this number. It fails with fs.ErrNotExist when
// there is none, and with [ErrUnsupported] where processes have no names that
// outlive them.
func Of(pid int) (event.Process, error) {
	h, err := host()
	if err != nil {
		return event.Process{}, err
	}
	started, err := startOf(pid)
	if err != nil {
		return event.Process{}, err
	}
	return event.Process{Host: h, PID: pid, Started: started}, nil
}

// startOf returns the time at which a process started, in clock ticks since
// boot: field 22 of /proc/<pid>/stat (proc_pid_stat(5)). Field 2, the name of
// the program, may contain spaces and parentheses, so counting begins after the
// last parenthesis.
func startOf(pid int) (string, error) {
	const name = "/proc/"
	data, err := os.ReadFile(name + strconv.Itoa(pid) + "/stat")
	if errors.Is(err, unix.ESRCH) { // it ended between open and read
		return "", fs.ErrNotExist
	}
	if err != nil {
		return "", err
	}
	text := string(data)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	const first, start = 3, 22 // the first field after the name, and the one we want
	if len(fields) <= start-first {
		return "", ErrUnsupported.With("/proc/%d/stat has %d fields after the name", pid, len(fields))
	}
	return fields[start-first], nil
}

// A handle is a pidfd; it becomes readable when the process ends.
type handle struct{ file *os.File }

// open takes hold of p, and then makes sure that it took hold of p. In the other
// order the number could change hands in between.
func open(p event.Process) (*handle, error) {
	h, err := host()
	if err != nil {
		return nil, err
	}
	if p.Host != h || p.PID <= 0 || p.Started == "" {
		return nil, ErrElsewhere.With("process %d of host %q, this is %q", p.PID, p.Host, h)
	}
	fd, err := unix.PidfdOpen(p.PID, 0)
	switch {
	case errors.Is(err, unix.ESRCH):
		return nil, errGone
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE), errors.Is(err, unix.ENOMEM):
		return nil, ErrTooMany.Wrap(err, "process %d", p.PID)
	case err != nil:
		return nil, ErrUnsupported.Wrap(err, "process %d", p.PID)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // else os.NewFile does not use the poller
		_ = unix.Close(fd)
		return nil, ErrUnsupported.Wrap(err, "process %d", p.PID)
	}
	o := &handle{os.NewFile(uintptr(fd), "pidfd:"+strconv.Itoa(p.PID))}
	if err := o.verify(fd, p); err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

// verify returns errGone when the number belongs to another process by now.
func (h *handle) verify(fd int, p event.Process) error {
	started, err := startOf(p.PID)
	switch {
	case err == nil && started == p.Started:
		return nil
	case err == nil, readable(fd):
		return errGone
	}
	// It lives, but this user may not see it (hidepid in proc(5)).
	return ErrUnsupported.Wrap(err, "process %d", p.PID)
}

// wait returns nil when the process has ended, and an error after close.
func (h *handle) wait() error {
	c, err := h.file.SyscallConn()
	if err != nil {
		return err
	}
	return c.Read(func(fd uintptr) bool { return readable(int(fd)) })
}

func (h *handle) close() { _ = h.file.Close() }

func readable(fd int) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, 0)
		if err != unix.EINTR {
			return err == nil && n > 0
		}
	}
}
