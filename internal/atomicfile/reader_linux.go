package atomicfile

import (
	"errors"
	"io/fs"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// read returns the content of name, at most limit bytes of it, and its version.
func (r *Reader) read(name string, limit int64) ([]byte, Version, error) {
	fd, err := openBelow(int(r.dir.Fd()), name, unix.O_RDONLY|unix.O_NONBLOCK) // a pipe must not block
	runtime.KeepAlive(r)
	if err != nil {
		return nil, Version{}, openError(err, name)
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, Version{}, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, Version{}, ErrNotRegular.With("%s", name)
	}
	if st.Size > r.max {
		return nil, Version{}, r.tooLarge(name, st.Size)
	}
	data, err := r.readAll(fd, name, min(st.Size, limit))
	return data, Version{
		device: uint64(st.Dev), inode: st.Ino, linked: st.Nlink > 1,
		size: st.Size, modified: time.Unix(st.Mtim.Unix()).UnixNano(), mode: fs.FileMode(st.Mode) & fs.ModePerm,
	}, err
}

// readAll reads size bytes, or up to where the file now ends.
func (r *Reader) readAll(fd int, name string, size int64) ([]byte, error) {
	buf := r.grow(size)[:size]
	n := 0
	for n < len(buf) {
		m, err := unix.Read(fd, buf[n:])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return nil, &fs.PathError{Op: "read", Path: name, Err: err}
		case m == 0:
			return buf[:n], nil
		}
		n += m
	}
	return buf, nil
}

func openError(err error, name string) error {
	switch {
	case errors.Is(err, unix.ELOOP):
		return ErrSymlink.With("%s", name)
	case errors.Is(err, unix.ENXIO): // a socket
		return ErrNotRegular.With("%s", name)
	}
	return &fs.PathError{Op: "open", Path: name, Err: err}
}
