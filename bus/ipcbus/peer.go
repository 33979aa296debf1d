package ipcbus

import (
	"net"
	"os"
)

// checkPeer refuses a process of another user at the other end. The modes of
// socket and directory do so, too; this holds even when somebody changed them,
// and for both ends. Where the system does not say who is there, the modes must do.
func checkPeer(c *net.UnixConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return ErrPeer.Wrap(err, "asking who it is")
	}
	var uid, pid int
	var peerErr error
	if err := raw.Control(func(fd uintptr) { uid, pid, peerErr = credentials(int(fd)) }); err != nil {
		return ErrPeer.Wrap(err, "asking who it is")
	}
	if peerErr != nil {
		return ErrPeer.Wrap(peerErr, "asking who it is")
	}
	return sameUser(uid, pid, os.Getuid())
}

func sameUser(uid, pid, self int) error {
	if uid != self {
		return ErrPeer.With("process %d of user %d; we are user %d", pid, uid, self)
	}
	return nil
}
