package atomicfile

import (
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// ErrNotDir is the system's way to say that something on the way to a name is no
// directory.
const ErrNotDir = unix.ENOTDIR

// A Statter asks about names below a root with one system call each; os.Root
// needs one for every directory on the way. It may be used by many goroutines.
// It follows symbolic links in the directories of a name: before a file is read
// or written, somebody else has to look.
type Statter struct{ dir *os.File }

// NewStatter returns a Statter for root.
func NewStatter(root *os.Root) (*Statter, error) {
	dir, err := root.Open(".")
	return &Statter{dir}, err
}

// Close releases what s holds.
func (s *Statter) Close() { s.dir.Close() }

// Lstat returns the size and the type of name, which may be a link.
func (s *Statter) Lstat(name string) (int64, fs.FileMode, error) {
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
