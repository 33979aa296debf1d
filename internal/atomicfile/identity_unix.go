//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"syscall"
)

func identity(info fs.FileInfo) (device, inode uint64, linked bool) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Dev), uint64(st.Ino), st.Nlink > 1
	}
	return 0, 0, false
}

// keepOwner gives f the owner and group that info has, where the system
// permits: only a privileged process may give a file away.
func keepOwner(f *os.File, info fs.FileInfo) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || (int(st.Uid) == os.Geteuid() && int(st.Gid) == os.Getegid()) {
		return
	}
	if f.Chown(int(st.Uid), int(st.Gid)) != nil {
		_ = f.Chown(-1, int(st.Gid)) // a member of the group may keep at least that
	}
}
