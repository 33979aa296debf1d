//go:build !linux

package atomicfile

import (
	"errors"
	"io"
	"path"
)

// Read returns the content of name and its version. The content is valid until
// the next call. Neither name nor a directory in it may be a symbolic link.
func (r *Reader) Read(name string) ([]byte, Version, error) {
	if err := plainPath(r.root, path.Dir(name)); err != nil {
		return nil, Version{}, err
	}
	version, info, err := current(r.root, name)
	if err == nil && info == nil {
		_, err = r.root.Lstat(name)
	}
	if err != nil {
		return nil, Version{}, err
	}
	if info.Size() > r.max {
		return nil, Version{}, r.tooLarge(name, info.Size())
	}
	f, err := r.root.Open(name)
	if err != nil {
		return nil, Version{}, err
	}
	defer f.Close()
	buf := r.grow(info.Size())[:info.Size()]
	n, err := io.ReadFull(f, buf)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return buf[:n], version, err
}
