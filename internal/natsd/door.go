package natsd

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

const (
	// maxGuests bounds the connections through the socket. Each costs two
	// descriptors and two goroutines.
	maxGuests = 4096

	// probeTimeout is how long a listening process may take to accept before
	// its socket counts as alive but busy.
	probeTimeout = time.Second

	// acceptPause keeps a door that cannot accept from spinning.
	acceptPause = 10 * time.Millisecond
)

// A door is a Unix socket whose connections are spliced to in-process ones.
// Only processes of our own user are let in.
type door struct {
	lock     *atomicfile.Lock // beside the socket: who holds it may remove one left behind
	listener *net.UnixListener
	dial     dialer // a connection within this process
	log      *slog.Logger
	tasks    sync.WaitGroup

	mu     sync.Mutex
	closed bool
	conns  map[io.Closer]struct{}
}

// DialSocket connects to the socket of a server, for natsbus.Options.Dialer.
func DialSocket(path string) (net.Conn, error) { return net.Dial("unix", path) }

func openDoor(path string, dial dialer, log *slog.Logger) (*door, error) {
	lock, err := lockSocket(path)
	if err != nil {
		return nil, err
	}
	l, err := listenSocket(path)
	if err != nil {
		_ = lock.Release() // it ends with the process at the latest
		return nil, err
	}
	d := &door{lock: lock, listener: l, dial: dial, log: log, conns: map[io.Closer]struct{}{}}
	d.tasks.Go(d.accept)
	return d, nil
}

// lockSocket locks a file beside the socket. Without it, of two starts that find
// a socket left behind, one could remove what the other has just made.
func lockSocket(path string) (*atomicfile.Lock, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, ErrStart.Wrap(err, "socket")
	}
	defer root.Close()
	lock, err := atomicfile.Acquire(root, filepath.Base(path)+".lock")
	if errors.Is(err, atomicfile.ErrLocked) {
		return nil, ErrSocket.Wrap(err, "%s", path)
	}
	if err != nil {
		return nil, ErrStart.Wrap(err, "socket")
	}
	return lock, nil
}

func listenSocket(path string) (*net.UnixListener, error) {
	if err := clearStale(path); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, ErrStart.Wrap(err, "socket")
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, ErrStart.Wrap(err, "socket")
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
		return ErrStart.Wrap(err, "socket")
	}
	if info.Mode().Type() != fs.ModeSocket {
		return ErrSocket.With("%s is not a socket", path)
	}
	conn, err := net.DialTimeout("unix", path, probeTimeout)
	if err == nil {
		conn.Close()
		return ErrSocket.With("%s", path)
	}
	if !refused(err) {
		return ErrSocket.Wrap(err, "%s", path)
	}
	return os.Remove(path)
}

func (d *door) accept() {
	for {
		conn, err := d.listener.AcceptUnix()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			d.log.Error("accepting on the bus socket", "error", err)
			time.Sleep(acceptPause) // out of descriptors: it passes, or Close ends it
			continue
		}
		if err := d.admit(conn); err != nil {
			d.log.Warn("connection to the bus socket refused", "error", err)
			conn.Close()
		}
	}
}

// admit checks who is there and splices the connection.
func (d *door) admit(guest *net.UnixConn) error {
	if err := checkPeer(guest); err != nil {
		return err
	}
	inner, err := d.dial()
	if err != nil {
		return err
	}
	if err := d.remember(guest, inner); err != nil {
		inner.Close()
		return err
	}
	// Whichever side ends first ends both.
	d.tasks.Go(func() { d.copy(inner, guest) })
	d.tasks.Go(func() { d.copy(guest, inner) })
	return nil
}

func (d *door) remember(conns ...io.Closer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return net.ErrClosed
	}
	if len(d.conns) >= 2*maxGuests {
		return errors.New("too many connections")
	}
	for _, c := range conns {
		d.conns[c] = struct{}{}
	}
	return nil
}

func (d *door) copy(dst, src net.Conn) {
	_, _ = io.Copy(dst, src) // how a connection ends is no news: the client reconnects
	dst.Close()
	src.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.conns, dst)
	delete(d.conns, src)
}

// close stops listening, which removes the socket, ends all connections, and
// only then gives up the lock.
func (d *door) close() error {
	err := d.listener.Close()
	d.mu.Lock()
	d.closed = true
	for c := range d.conns {
		c.Close()
	}
	d.mu.Unlock()
	d.tasks.Wait()
	return errors.Join(err, d.lock.Release())
}
