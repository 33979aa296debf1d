//go:build !linux

package tree

import (
	"io/fs"
	"os"
	"syscall"
)

// errNotDir says that something on the way to a name is no directory.
const errNotDir = syscall.ENOTDIR

type statter struct{ root *os.Root }

func newStatter(root *os.Root) (*statter, error) { return &statter{root}, nil }

func (s *statter) close() {}

func (s *statter) lstat(name string) (int64, fs.FileMode, error) {
	info, err := s.root.Lstat(name)
	if err != nil {
		return 0, 0, err
	}
	return info.Size(), info.Mode().Type(), nil
}
