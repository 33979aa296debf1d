//go:build unix

package host_test

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func kill(pid int) error { return syscall.Kill(pid, syscall.SIGKILL) }

// apart is what a program's child does that wants to outlive everybody: it makes
// a process group of its own and does not hear SIGTERM.
func apart(path string) {
	signal.Ignore(syscall.SIGTERM, syscall.SIGHUP)
	if err := syscall.Setpgid(0, 0); err != nil {
		panic(err)
	}
	if err := os.WriteFile(path, []byte(fmt.Sprintln(os.Getpid())), 0o600); err != nil {
		panic(err)
	}
	select {}
}
