package zmtp

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// A pathListener is a listening socket with a name in the file system. It removes
// the name when it closes, if it is still its own.
type pathListener struct {
	*net.UnixListener
	path string
	file fs.FileInfo
}

// listenPath makes the socket under another name and renames it, so that nobody
// sees it before it is private. The lock keeps two programs that start together
// from replacing each other.
func listenPath(ctx context.Context, path string) (net.Listener, error) {
	unlock, err := lockDir(filepath.Dir(path))
	if err != nil {
		return nil, ErrListen.Wrap(err, "ipc://%s", path)
	}
	defer unlock()
	if err := checkVacant(ctx, path); err != nil {
		return nil, err
	}
	hidden := filepath.Join(filepath.Dir(path), ".z"+hex.EncodeToString(random(4)))
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: hidden, Net: "unix"})
	if err != nil {
		return nil, ErrListen.Wrap(err, "ipc://%s", path)
	}
	l.SetUnlinkOnClose(false)
	file, err := publish(hidden, path)
	if err != nil {
		_ = os.Remove(hidden)
		_ = l.Close()
		return nil, ErrListen.Wrap(err, "ipc://%s", path)
	}
	return &pathListener{l, path, file}, nil
}

func publish(hidden, path string) (fs.FileInfo, error) {
	if err := os.Chmod(hidden, 0o600); err != nil {
		return nil, err
	}
	if err := os.Rename(hidden, path); err != nil {
		return nil, err
	}
	return os.Lstat(path)
}

// checkVacant returns nil when path does not exist or is a socket that nobody
// listens on. Only a refused connection proves the latter.
func checkVacant(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return ErrListen.Wrap(err, "ipc://%s", path)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return ErrInUse.With("ipc://%s: there is a file that is not a socket", path)
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err == nil {
		_ = conn.Close()
		return ErrInUse.With("ipc://%s", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return ErrInUse.Wrap(err, "ipc://%s", path)
	}
	return nil
}

func (l *pathListener) Close() error {
	err := l.UnixListener.Close()
	if now, statErr := os.Lstat(l.path); statErr == nil && os.SameFile(now, l.file) {
		_ = os.Remove(l.path)
	}
	return err
}
