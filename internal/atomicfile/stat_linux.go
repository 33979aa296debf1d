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

// Lstat returns what the system says of name, which may be a link.
func (s *Statter) Lstat(name string) (Status, error) {
	var st unix.Stat_t
	err := unix.Fstatat(int(s.dir.Fd()), name, &st, unix.AT_SYMLINK_NOFOLLOW)
	runtime.KeepAlive(s)
	if err != nil {
		return Status{}, &fs.PathError{Op: "lstat", Path: name, Err: err}
	}
	return Status{
		Size: st.Size, Mode: typeOf(st.Mode) | fs.FileMode(st.Mode)&fs.ModePerm, Exact: true,
		Modified: st.Mtim.Nano(), Changed: st.Ctim.Nano(), Inode: st.Ino, User: st.Uid, Group: st.Gid,
	}, nil
}

func typeOf(mode uint32) fs.FileMode {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	}
	return fs.ModeIrregular
}
