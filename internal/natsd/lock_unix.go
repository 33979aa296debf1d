//go:build unix

package natsd

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// tryLock locks dir until the file is closed or the process ends. When another process
// has the lock, it returns what that one wrote into it.
func tryLock(dir string) (f *os.File, holder string, err error) {
	f, err = os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, "", ErrStart.Wrap(err, "data directory")
	}
	if err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err == nil {
		return f, "", nil
	}
	defer f.Close()
	if !errors.Is(err, unix.EWOULDBLOCK) {
		return nil, "", ErrStart.Wrap(err, "locking %s", dir)
	}
	note, _ := io.ReadAll(io.LimitReader(f, maxNote))
	return nil, string(note), nil
}

// refused reports whether a dial failed because nobody listens.
func refused(err error) bool {
	return errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, unix.ENOENT)
}
