//go:build unix

package ipcbus

import (
	"errors"
	"io/fs"
	"syscall"
)

// refused reports whether a dial failed because nobody listens.
func refused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT)
}

// checkDir refuses a directory in which another user could put a socket in
// place of ours. In one with the sticky bit, as /tmp, that is impossible.
func checkDir(dir string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0 {
		return ErrDirectory.With("%s has mode %v", dir, info.Mode())
	}
	return nil
}
