//go:build !linux

package atomicfile

import (
	"os"
	"syscall"
)

// ErrNotDir is the system's way to say that something on the way to a name is no
// directory.
const ErrNotDir = syscall.ENOTDIR

// A Statter asks about names below a root. It may be used by many goroutines.
type Statter struct{ root *os.Root }

// NewStatter returns a Statter for root.
func NewStatter(root *os.Root) (*Statter, error) { return &Statter{root}, nil }

// Close releases what s holds.
func (s *Statter) Close() {}

// Lstat returns what the system says of name, which may be a link.
func (s *Statter) Lstat(name string) (Status, error) {
	info, err := s.root.Lstat(name)
	if err != nil {
		return Status{}, err
	}
	return Status{Size: info.Size(), Mode: info.Mode(), Modified: info.ModTime().UnixNano()}, nil
}
