//go:build unix

package zmtp

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockDir takes the directory's lock, which needs no file of its own.
func lockDir(dir string) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(d.Fd()), unix.LOCK_EX); err != nil {
		_ = d.Close()
		return nil, err
	}
	return func() { _ = d.Close() }, nil
}
