package ipcbus

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/internal/atomicfile"
)

// errHeld says that another process is the hub, or becomes it right now.
var errHeld = errors.New("another process holds the lock of the bus")

// probeTimeout bounds the question whether somebody listens. A hub that is
// busy or stopped lets it pass, and counts as alive.
const probeTimeout = time.Second

// A place is the right to be the hub: the lock, and the socket that nobody
// else listens on while it is held.
type place struct {
	lock     *atomicfile.Lock
	listener *net.UnixListener
}

// takePlace returns the place at o.Path, or errHeld. Only who holds the lock
// removes a socket, and only one on which nobody listens.
func takePlace(o Options) (*place, error) {
	if err := o.makeDir(); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(filepath.Dir(o.Path))
	if err != nil {
		return nil, ErrDirectory.Wrap(err, "%s", filepath.Dir(o.Path))
	}
	defer root.Close()
	lock, err := atomicfile.Acquire(root, filepath.Base(o.Path)+".lock")
	if errors.Is(err, atomicfile.ErrLocked) {
		return nil, errHeld
	}
	if err != nil {
		return nil, ErrDirectory.Wrap(err, "lock of %s", o.Path)
	}
	l, err := listen(o.Path)
	if err != nil {
		_ = lock.Release() // it ends with the process at the latest
		return nil, err
	}
	return &place{lock, l}, nil
}

func listen(path string) (*net.UnixListener, error) {
	if err := clearStale(path); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, bus.ErrUnavailable.Wrap(err, "listening on %s", path)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, ErrDirectory.Wrap(err, "socket %s", path)
	}
	return l, nil
}

// clearStale removes a socket that nobody listens on. What is not a socket is
// not ours to remove.
func clearStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return ErrSocket.Wrap(err, "%s", path)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return ErrSocket.With("%s is not a socket", path)
	}
	conn, err := net.DialTimeout("unix", path, probeTimeout)
	if err == nil {
		conn.Close()
		return ErrSocket.With("another program listens on %s", path)
	}
	if !refused(err) {
		return ErrSocket.Wrap(err, "%s", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return ErrSocket.Wrap(err, "%s", path)
	}
	return nil
}

// leave removes the socket and then gives up the lock, in this order: whoever
// gets the lock finds no socket of ours.
func (p *place) leave() error {
	err := p.listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return errors.Join(err, p.lock.Release())
}
