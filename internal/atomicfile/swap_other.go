//go:build !linux

package atomicfile

import "os"

// A swapper exchanges files of the staging directory with files below root.
type swapper struct {
	root *os.Root
	dir  string // the staging directory below root
}

func (s *swapper) open(root, _ *os.Root, dir string) error {
	s.root, s.dir = root, dir
	return nil
}

func (s *swapper) close() {}

// syncsAll says that every staged file is synced on its own instead.
func (s *swapper) syncsAll() bool { return false }

func (s *swapper) sync() error { return nil }

func (s *swapper) exchange(tmp, name string) error {
	return exchangeByLink(s.root, s.dir, tmp, name)
}

func (s *swapper) create(tmp, name string) error {
	return createByLink(s.root, s.dir, tmp, name)
}
