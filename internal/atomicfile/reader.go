package atomicfile

import (
	"os"
)

// BufferSize is what a Reader reads at once and keeps between files. It holds
// nearly every source file, so that nearly every file costs one read.
const BufferSize = 1 << 20

// A Reader reads regular files below a root, one after another, through one
// buffer that grows to the largest file read. It makes half the system calls of
// os.ReadFile, which is most of the cost of looking at thousands of files.
type Reader struct {
	root *os.Root
	dir  *os.File // of root
	max  int64
	buf  []byte
}

// NewReader returns a Reader of files of at most max bytes.
func NewReader(root *os.Root, max int64) (*Reader, error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	return &Reader{root: root, dir: dir, max: max}, nil
}

// Close releases what r holds. The files that it returned become invalid.
func (r *Reader) Close() error {
	r.buf = nil
	return r.dir.Close()
}

// Read returns the content of name and its version. The content is valid until
// the next call. Neither name nor a directory in it may be a symbolic link.
func (r *Reader) Read(name string) ([]byte, Version, error) { return r.read(name, r.max) }

// Head is Read for the first n bytes of a file.
func (r *Reader) Head(name string, n int) ([]byte, Version, error) { return r.read(name, int64(n)) }

// grow makes room for n bytes.
func (r *Reader) grow(n int64) []byte {
	if int64(len(r.buf)) < n {
		r.buf = make([]byte, max(n, BufferSize))
	}
	return r.buf
}

// tooLarge is the error for a file of size bytes.
func (r *Reader) tooLarge(name string, size int64) error {
	return ErrTooLarge.With("%s has %d bytes, limit %d", name, size, r.max)
}
