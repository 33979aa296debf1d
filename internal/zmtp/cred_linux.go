package zmtp

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// checkUser refuses local peers of another user. A socket's mode does so, too,
// but an abstract name has none.
func checkUser(c net.Conn) error {
	local, ok := c.(*net.UnixConn)
	if !ok {
		return nil
	}
	raw, err := local.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	var peerErr error
	if err := raw.Control(func(fd uintptr) {
		peer, peerErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return err
	}
	if peerErr != nil {
		return peerErr
	}
	if int(peer.Uid) != os.Getuid() {
		return ErrDenied.With("process %d belongs to user %d", peer.Pid, peer.Uid)
	}
	return nil
}
