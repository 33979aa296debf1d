package atomicfile

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"
)

// openSteps is openBelow without openat2.
func openSteps(dirfd int, name string, flags int) (int, error) {
	at := dirfd
	for {
		step, rest, more := strings.Cut(name, "/")
		if step == ".." {
			return -1, unix.EXDEV
		}
		how := flags
		if more {
			how = unix.O_PATH | unix.O_DIRECTORY
		}
		fd, err := openRetry(at, step, how|unix.O_CLOEXEC|unix.O_NOFOLLOW)
		if at != dirfd {
			_ = unix.Close(at)
		}
		if err != nil || !more {
			return fd, err
		}
		at, name = fd, rest
	}
}

func openRetry(dirfd int, name string, flags int) (int, error) {
	for {
		fd, err := unix.Openat(dirfd, name, flags, 0)
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}
