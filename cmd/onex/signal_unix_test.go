//go:build unix

package main

import "syscall"

// kill sends the signal of that name to a process.
func kill(pid int, name string) error {
	signals := map[string]syscall.Signal{"KILL": syscall.SIGKILL, "TERM": syscall.SIGTERM, "STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT}
	return syscall.Kill(pid, signals[name])
}
