package ipcbus

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
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
	path string
	lock *atomicfile.Lock

	mu       sync.Mutex
	listener *net.UnixListener
	socket   fs.FileInfo // what listener made
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
	p := &place{path: o.Path, lock: lock}
	if err := p.listen(); err != nil {
		_ = lock.Release() // it ends with the process at the latest
		return nil, err
	}
	return p, nil
}

func (p *place) listen() error {
	if err := clearStale(p.path); err != nil {
		return err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: p.path, Net: "unix"})
	if err != nil {
		return bus.ErrUnavailable.Wrap(err, "listening on %s", p.path)
	}
	err = os.Chmod(p.path, 0o600)
	if err == nil {
		p.socket, err = os.Lstat(p.path)
	}
	if err != nil {
		l.Close()
		return ErrDirectory.Wrap(err, "socket %s", p.path)
	}
	p.listener = l
	return nil
}

// accept waits for a connection.
func (p *place) accept() (*net.UnixConn, error) {
	p.mu.Lock()
	l := p.listener
	p.mu.Unlock()
	conn, err := l.AcceptUnix()
	if err != nil && errors.Is(err, net.ErrClosed) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.listener != l {
			return nil, errMoved
		}
	}
	return conn, err
}

// errMoved says that accept waits on another socket now.
var errMoved = errors.New("listening anew")

// guard sees to it that the socket is at its path: people and programs tidy up.
// When it is gone it is made again; when there is another, somebody has
// removed the lock file, too, and become the hub: ours is over.
func (p *place) guard() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	info, err := os.Lstat(p.path)
	if err == nil && !os.SameFile(info, p.socket) {
		p.listener.SetUnlinkOnClose(false)
		return ErrSocket.With("%s is another socket now", p.path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	old := p.listener
	if err := p.listen(); err != nil {
		return nil // until the next time: perhaps the directory comes back
	}
	old.SetUnlinkOnClose(false)
	old.Close()
	return nil
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
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return errors.Join(err, p.lock.Release())
}
