//go:build unix

package natsd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// lockFile is the file in the data directory that is locked. It holds the id of
// the process that has the lock, for the message to the one that has not.
const lockFile = "onex.lock"

// lockDir locks dir until the file is closed or the process ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, ErrStart.Wrap(err, "data directory")
	}
	if err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrStart.Wrap(err, "locking %s", dir)
		}
		pid, _ := io.ReadAll(io.LimitReader(f, 20))
		return nil, ErrLocked.With("%s, process %s", dir, strings.TrimSpace(string(pid)))
	}
	if err = f.Truncate(0); err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
	}
	if err != nil {
		f.Close()
		return nil, ErrStart.Wrap(err, "data directory")
	}
	return f, nil
}

// refused reports whether a dial failed because nobody listens.
func refused(err error) bool {
	return errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, unix.ENOENT)
}
