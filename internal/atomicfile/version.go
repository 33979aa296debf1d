package atomicfile

import (
	"io/fs"
	"os"
	"time"
)

// A Version tells one state of a file from the next: two equal versions of a
// name mean that nobody replaced, wrote or protected it in between (within the resolution
// of the file system's clock). The zero Version means that there is no file.
type Version struct {
	device, inode uint64 // zero where the system has none
	size          int64
	modified      int64       // nanoseconds since 1970
	mode          fs.FileMode // permissions
	linked        bool        // it has several names
}

// VersionOf returns the version that info describes.
func VersionOf(info fs.FileInfo) Version {
	v := Version{size: info.Size(), modified: info.ModTime().UnixNano(), mode: info.Mode().Perm()}
	v.device, v.inode, v.linked = identity(info)
	return v
}

// ReadOnly reports whether nobody may write the file, whoever may by force.
func (v Version) ReadOnly() bool { return v != (Version{}) && v.mode&0o222 == 0 }

// Linked reports whether the file has several names (hard links), where the system
// says so.
func (v Version) Linked() bool { return v.linked }

// Before reports whether the file was last written before t, by the clock of its
// file system, which may be some milliseconds behind.
func (v Version) Before(t time.Time) bool { return v.modified < t.UnixNano() }

// current returns the version and the mode of a regular file, or the zero
// Version when there is none.
func current(root *os.Root, name string) (Version, fs.FileInfo, error) {
	info, err := root.Lstat(name)
	switch {
	case os.IsNotExist(err):
		return Version{}, nil, nil
	case err != nil:
		return Version{}, nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		return Version{}, nil, ErrSymlink.With("%s", name)
	case !info.Mode().IsRegular():
		return Version{}, nil, ErrNotRegular.With("%s is a %s", name, info.Mode().Type())
	}
	return VersionOf(info), info, nil
}
