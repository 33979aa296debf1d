package atomicfile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
)

// TemporaryPrefix begins the name of every temporary file that this package
// creates beside another. One that is found when nothing runs is left over from
// a process that was killed, and may be deleted.
const TemporaryPrefix = ".onex-tmp-"

// Write makes data the content of name and makes it durable. A file that exists
// keeps its mode, attributes and owner; a new one gets perm (before umask). The
// directory must exist. When Write fails, name is what it was.
func Write(root *os.Root, name string, data []byte, perm fs.FileMode) error {
	if err := plainPath(root, path.Dir(name)); err != nil {
		return err
	}
	_, info, err := current(root, name)
	if err != nil {
		return err
	}
	tmp := path.Join(path.Dir(name), TemporaryPrefix+strings.ToLower(rand.Text()))
	s := successor{root: root, name: name, old: info, data: data, perm: perm, durable: true}
	if err := s.create(root, tmp); err != nil {
		return err
	}
	if err := root.Rename(tmp, name); err != nil {
		return errors.Join(explain(err, name), root.Remove(tmp))
	}
	return nil
}

// A successor is the file that is to take the place of name in root.
type successor struct {
	root    *os.Root
	name    string
	old     fs.FileInfo // nil: there is no such file yet
	data    []byte
	perm    fs.FileMode // for a new file
	durable bool        // sync it on its own
}

// create writes the successor as tmp in dir, and leaves nothing when it fails.
func (s *successor) create(dir *os.Root, tmp string) error {
	f, err := dir.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, s.perm)
	if err != nil {
		return err
	}
	_, err = f.Write(s.data)
	if err == nil && s.old != nil {
		err = s.inherit(f)
	}
	if err == nil && s.durable {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, dir.Remove(tmp))
	}
	return nil
}

// inherit gives f the owner, attributes and mode of the old file. It opens that
// for writing, which is the one portable way to learn that it is writable.
func (s *successor) inherit(f *os.File) error {
	if VersionOf(s.old).ReadOnly() { // the superuser could write it all the same
		return ErrReadOnly.With("%s has mode %04o", s.name, s.old.Mode().Perm())
	}
	old, err := s.root.OpenFile(s.name, os.O_WRONLY, 0)
	if err != nil {
		return explain(err, s.name)
	}
	defer old.Close()
	if info, err := old.Stat(); err != nil || !os.SameFile(info, s.old) {
		return ErrConflict.With("%s", s.name)
	}
	keepOwner(f, s.old)
	keepAttributes(f, old)
	return f.Chmod(s.old.Mode())
}

// plainPath reports an error unless dir and all its parents below root are
// directories themselves, not links to some.
func plainPath(root *os.Root, dir string) error {
	for ; dir != "." && dir != "/"; dir = path.Dir(dir) {
		info, err := root.Lstat(dir)
		switch {
		case err != nil:
			return err
		case info.Mode()&fs.ModeSymlink != 0:
			return ErrSymlink.With("%s", dir)
		}
	}
	return nil
}
