//go:build !unix

package ipcbus

import (
	"errors"
	"io/fs"
	"syscall"
)

// wsaConnectionRefused is WSAECONNREFUSED of winsock2.h.
const wsaConnectionRefused = syscall.Errno(10061)

// refused reports whether a dial failed because nobody listens.
func refused(err error) bool {
	return errors.Is(err, wsaConnectionRefused) || errors.Is(err, fs.ErrNotExist)
}

// checkDir trusts the directory: its mode says nothing here, and a user's
// directories are closed to others by default.
func checkDir(string, fs.FileInfo) error { return nil }
