package atomicfile

import (
	"errors"
	"os"
	"path"
	"runtime"

	"golang.org/x/sys/unix"
)

// A swapper exchanges files of the staging directory with files below root.
type swapper struct {
	root     *os.Root
	dir      string // the staging directory below root
	rootDir  *os.File
	stageDir *os.File

	// The directory of the last exchange stays open: files come sorted.
	parent     int
	parentName string
}

func (s *swapper) open(root, stage *os.Root, dir string) (err error) {
	s.root, s.dir, s.parent = root, dir, -1
	if s.rootDir, err = root.Open("."); err == nil {
		s.stageDir, err = stage.Open(".")
	}
	return err
}

func (s *swapper) close() {
	s.closeParent()
	s.rootDir.Close()
	s.stageDir.Close()
}

// syncsAll says that sync makes every staged file durable.
func (s *swapper) syncsAll() bool { return true }

func (s *swapper) sync() error {
	return unix.Syncfs(int(s.stageDir.Fd()))
}

// exchange makes tmp and name trade places.
func (s *swapper) exchange(tmp, name string) error {
	err := s.rename(tmp, name, unix.RENAME_EXCHANGE)
	if unsupported(err) {
		return exchangeByLink(s.root, s.dir, tmp, name)
	}
	return err
}

// create moves tmp to name, where nothing may be yet.
func (s *swapper) create(tmp, name string) error {
	err := s.rename(tmp, name, unix.RENAME_NOREPLACE)
	if unsupported(err) {
		return createByLink(s.root, s.dir, tmp, name)
	}
	return err
}

// unsupported lists what file systems answer that know no renameat2 flags.
func unsupported(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP)
}

func (s *swapper) rename(tmp, name string, flags uint) error {
	dir, err := s.parentOf(name)
	if err != nil {
		return err
	}
	err = unix.Renameat2(int(s.stageDir.Fd()), tmp, dir, path.Base(name), flags)
	runtime.KeepAlive(s)
	return err
}

func (s *swapper) parentOf(name string) (int, error) {
	dir := path.Dir(name)
	if s.parent >= 0 && s.parentName == dir {
		return s.parent, nil
	}
	s.closeParent()
	fd, err := openBelow(int(s.rootDir.Fd()), dir, unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return -1, err
	}
	s.parent, s.parentName = fd, dir
	return fd, nil
}

func (s *swapper) closeParent() {
	if s.parent >= 0 {
		_ = unix.Close(s.parent)
	}
	s.parent = -1
}

// openBelow opens name below the directory dirfd without ever following a
// symbolic link. Kernels before 5.6 and some sandboxes have no openat2; there
// each component is opened on its own.
func openBelow(dirfd int, name string, flags int) (int, error) {
	how := unix.OpenHow{
		Flags:   uint64(flags | unix.O_CLOEXEC | unix.O_NOFOLLOW),
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	}
	for {
		fd, err := unix.Openat2(dirfd, name, &how)
		switch {
		case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM):
			return openSteps(dirfd, name, flags)
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			continue
		}
		return fd, err
	}
}
