package tree

import (
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// errNotDir says that something on the way to a name is no directory.
const errNotDir = unix.ENOTDIR

// A statter asks about names below a root with one system call each; os.Root
// needs one for every directory on the way. It may be used by many goroutines.
type statter struct{ dir *os.File }

func newStatter(root *os.Root) (*statter, error) {
	dir, err := root.Open(".")
	return &statter{dir}, err
}

func (s *statter) close() { s.dir.Close() }

func (s *statter) lstat(name string) (int64, fs.FileMode, error) {
	var st unix.Stat_t
	err := unix.Fstatat(int(s.dir.Fd()), name, &st, unix.AT_SYMLINK_NOFOLLOW)
	runtime.KeepAlive(s)
	if err != nil {
		return 0, 0, &fs.PathError{Op: "lstat", Path: name, Err: err}
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return st.Size, 0, nil
	case unix.S_IFDIR:
		return st.Size, fs.ModeDir, nil
	case unix.S_IFLNK:
		return st.Size, fs.ModeSymlink, nil
	}
	return st.Size, fs.ModeIrregular, nil
}
