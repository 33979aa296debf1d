package atomicfile

import (
	"os"
)

// A Lock keeps others from doing the same work on the same tree. The system
// releases it when the process ends, so that none is ever left over.
type Lock struct{ file *os.File }

// Acquire takes the lock that name, below root, stands for: a directory, where
// the system can lock one (not on Windows), or a file, which is made if need be.
// It does not wait: when another process, or another part of this one, holds
// the lock, it returns [ErrLocked]. A file stays when the lock is released,
// because deleting it would let two processes each lock their own.
func Acquire(root *os.Root, name string) (*Lock, error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		info, statErr := root.Stat(name)
		if statErr != nil || !info.IsDir() {
			return nil, explain(err, name)
		}
		if f, err = root.Open(name); err != nil {
			return nil, explain(err, name)
		}
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, ErrLocked.Wrap(err, "%s", f.Name())
	}
	return &Lock{f}, nil
}

// Release gives the lock up. Releasing it again does nothing.
func (l *Lock) Release() error {
	if l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	return f.Close()
}
