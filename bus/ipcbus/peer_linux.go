package ipcbus

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// checkPeer refuses a process of another user at the other end. The modes of
// socket and directory do so, too; this holds even when somebody changed them,
// and for both ends.
func checkPeer(c *net.UnixConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return ErrPeer.Wrap(err, "asking who it is")
	}
	var peer *unix.Ucred
	var peerErr error
	if err := raw.Control(func(fd uintptr) {
		peer, peerErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return ErrPeer.Wrap(err, "asking who it is")
	}
	if peerErr != nil {
		return ErrPeer.Wrap(peerErr, "asking who it is")
	}
	return sameUser(int(peer.Uid), int(peer.Pid), os.Getuid())
}

func sameUser(uid, pid, self int) error {
	if uid != self {
		return ErrPeer.With("process %d of user %d; we are user %d", pid, uid, self)
	}
	return nil
}
