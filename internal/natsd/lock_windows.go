package natsd

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// tryLock locks dir until the file is closed or the process ends. Windows does not let
// others read a locked file, so nothing is known of who has the lock.
func tryLock(dir string) (f *os.File, holder string, err error) {
	f, err = os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, "", ErrStart.Wrap(err, "data directory")
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err = windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if err == nil {
		return f, "", nil
	}
	f.Close()
	if !errors.Is(err, windows.ERROR_LOCK_VIOLATION) && !errors.Is(err, windows.ERROR_IO_PENDING) {
		return nil, "", ErrStart.Wrap(err, "locking %s", dir)
	}
	return nil, "", nil
}

// refused reports whether a dial failed because nobody listens.
func refused(err error) bool {
	return errors.Is(err, windows.WSAECONNREFUSED) || errors.Is(err, os.ErrNotExist)
}
