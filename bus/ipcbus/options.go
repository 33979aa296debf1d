package ipcbus

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
)

const (
	// DefaultHandshake is how long Dial waits for a hub, which may just be
	// starting, and a hub for the first frame of a client.
	DefaultHandshake = 2 * time.Second

	// DefaultPing is the silence after which either side asks whether the other
	// is still there. Twice as much ends the connection: a stopped process has
	// no other sign. A dead one is noticed at once.
	DefaultPing = 5 * time.Second

	// DefaultRetain is how long a hub keeps an event for those who read later: long
	// enough for a reader to be restarted by hand.
	DefaultRetain = 10 * time.Minute

	// firstPause and longestPause bound the pauses between attempts to connect
	// again. They double, and are random up to the bound, so that the clients of
	// a dead hub do not all come at once.
	firstPause   = 2 * time.Millisecond
	longestPause = time.Second

	// takeover is how long after a loss Publish and Subscribe wait for the next
	// hub instead of failing: an election takes some milliseconds.
	takeover = 2 * time.Second

	// maxPath bounds the path of a socket: the system's limit is 104 bytes on
	// some systems and includes a zero.
	maxPath = 100

	// maxName bounds the name of a client, which is for people.
	maxName = 128
)

// Options say where the bus is and who we are.
type Options struct {
	// Path is the path of the hub's Unix socket, at most 100 bytes; required.
	// Beside it there is Path + ".lock". The directory is made, with mode 0700,
	// when it does not exist. Abstract names ("@name") are refused: they have
	// no permissions.
	Path string

	// Name is shown to people, in the hub's log; default "onex".
	Name string

	// NoHub keeps this process from becoming the hub: short-lived commands, and
	// those that must not carry others' events, only connect. Serve ignores it.
	NoHub bool

	// CompressAbove is the size in bytes of an encoded event beyond which it is
	// compressed with zstd. Zero means never: on one machine compressing costs
	// more than it saves, except for large events that wait in queues.
	CompressAbove int

	// Ping is the silence after which the other side is asked; default
	// DefaultPing. Twice the time without an answer ends the connection.
	Ping time.Duration

	// Handshake is how long Dial waits for a hub, which may just be starting, and
	// a hub for the first frame of a client; default DefaultHandshake.
	Handshake time.Duration

	// Retain bounds what this process keeps for retained subscriptions while it is
	// the hub; default [bus.MemoryEvents], [bus.MemoryBytes] and DefaultRetain.
	Retain bus.MemoryOptions

	// Departed is called, while this process is the hub, when the connection of
	// the last one that listened to what is directed to receiver has ended: the
	// receiver died, was cut off, or left. It must not block. Default nobody.
	Departed func(receiver string)

	// Log gets what happens to the connection and the hub; default slog.Default().
	Log *slog.Logger

	checkPeer func(*net.UnixConn) error // tests replace it
}

// complete fills in the defaults and checks the path.
func (o Options) complete() (Options, error) {
	switch {
	case o.Path == "":
		return o, bus.ErrAddress.With("no path of a socket")
	case strings.HasPrefix(o.Path, "@") || strings.Contains(o.Path, "\x00"):
		return o, bus.ErrAddress.With("socket %q: abstract names have no permissions, use a path", o.Path)
	}
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return o, bus.ErrAddress.Wrap(err, "socket %q", o.Path)
	}
	if len(path) > maxPath {
		return o, bus.ErrAddress.With("socket %q: %d bytes, at most %d", path, len(path), maxPath)
	}
	o.Path = path
	if o.Name == "" {
		o.Name = "onex"
	}
	if len(o.Name) > maxName {
		return o, bus.ErrAddress.With("name of %d bytes, at most %d", len(o.Name), maxName)
	}
	if o.Ping <= 0 {
		o.Ping = DefaultPing
	}
	if o.Handshake <= 0 {
		o.Handshake = DefaultHandshake
	}
	if o.Retain.Age <= 0 {
		o.Retain.Age = DefaultRetain
	}
	if o.Departed == nil {
		o.Departed = func(string) {}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	o.Log = o.Log.With("backend", backend, "socket", o.Path)
	if o.checkPeer == nil {
		o.checkPeer = checkPeer
	}
	return o, nil
}

// makeDir makes the directory of the socket, or checks the one that is there.
func (o Options) makeDir() error {
	dir := filepath.Dir(o.Path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return ErrDirectory.Wrap(err, "%s", dir)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return ErrDirectory.Wrap(err, "%s", dir)
	}
	return checkDir(dir, info)
}
