package atomicfile

import (
	"bytes"
	"os"

	"golang.org/x/sys/unix"
)

// maxAttributes bounds the list of names, and each value, of the extended
// attributes that are kept; it is the kernel's own limit (XATTR_LIST_MAX).
const maxAttributes = 64 << 10

// keepAttributes copies the extended attributes of old to f: access control
// lists, security labels, and what users put there. It does what the system
// permits.
func keepAttributes(f, old *os.File) {
	size, err := unix.Flistxattr(int(old.Fd()), nil)
	if err != nil || size == 0 {
		return
	}
	buf := make([]byte, 2*maxAttributes)
	names, value := buf[:maxAttributes], buf[maxAttributes:]
	if size, err = unix.Flistxattr(int(old.Fd()), names); err != nil {
		return
	}
	for name := range bytes.SplitSeq(bytes.TrimRight(names[:size], "\x00"), []byte{0}) {
		if n, err := unix.Fgetxattr(int(old.Fd()), string(name), value); err == nil {
			_ = unix.Fsetxattr(int(f.Fd()), string(name), value[:n], 0)
		}
	}
}
