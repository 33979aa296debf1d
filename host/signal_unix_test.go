//go:build unix

package host_test

import "syscall"

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func kill(pid int) error { return syscall.Kill(pid, syscall.SIGKILL) }
