//go:build !linux

package atomicfile

import (
	"errors"
	"io"
	"path"
)

// read returns the content of name, at most limit bytes of it, and its version.
func (r *Reader) read(name string, limit int64) ([]byte, Version, error) {
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
	size := min(info.Size(), limit)
	buf := r.grow(size)[:size]
	n, err := io.ReadFull(f, buf)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return buf[:n], version, err
}
