package app

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/telemetry"
)

// ErrNoDaemon is returned when the embedded bus is asked for and no daemon of
// this project runs. "onex up" starts one; commands find it by the project that
// they run in.
var ErrNoDaemon = fault.New("ONEX_BUS_020_NO_DAEMON", fault.Unavailable, "no onex daemon runs for this project").
	Hinted("start one with `onex up &`, or name another bus with --bus")

// ErrBusURL is returned for a bus that this program does not have. It never
// falls back to another bus.
var ErrBusURL = fault.New("ONEX_BUS_021_UNKNOWN_BUS", fault.Unsupported, "unknown bus").
	Hinted("use embedded: (the bus inside `onex up`), ipc:///path, zmq+tcp://host:port, zmq+ipc:///path, nats://host:port or tls://host:port")

// ErrOwnProcess is returned when several processes are to meet on the bus
// memory:, which lives inside one process only.
var ErrOwnProcess = fault.New("ONEX_BUS_022_ONE_PROCESS", fault.Unsupported, "the bus memory: lives inside one process").
	Hinted("use embedded: for this machine or nats:// for several")

// daemonGrace is how long a client waits for a daemon that may just be
// starting, so that "onex up & onex nodes" works.
const daemonGrace = 600 * time.Millisecond

// longestWait is the longest pause between two looks for the socket.
const longestWait = 50 * time.Millisecond

// embedded is the URL of the bus inside the daemon.
const embedded = "embedded:"

// OpenBus connects to the bus that cfg names. The caller closes it.
func OpenBus(ctx context.Context, cfg Config, name string, lg *slog.Logger) (bus.Bus, error) {
	lg = telemetry.Local(lg)
	scheme, _, _ := strings.Cut(cfg.Bus, ":")
	switch scheme {
	case "embedded":
		return openEmbedded(ctx, cfg, name, lg)
	case "nats", "tls", "unix":
		return dial(ctx, cfg, name, lg, cfg.Bus, nil)
	case "ipc":
		return ipcbus.Dial(ctx, ipcOptions(cfg, name, lg, true))
	case "zmq+tcp", "zmq+ipc":
		return zmqbus.Dial(ctx, zmqOptions(cfg, lg))
	case "memory":
		return nil, ErrOwnProcess
	}
	return nil, ErrBusURL.With("%q", natsbus.Redacted(cfg.Bus))
}

// ipcOptions say where the hub is. Only the daemon may be the hub: commands come
// and go.
func ipcOptions(cfg Config, name string, lg *slog.Logger, client bool) ipcbus.Options {
	return ipcbus.Options{Path: strings.TrimPrefix(cfg.Bus, "ipc://"), Name: name, NoHub: client, Log: lg}
}

func zmqOptions(cfg Config, lg *slog.Logger) zmqbus.Options {
	o := cfg.ZMQ
	o.URL, o.Prefix, o.Log = cfg.Bus, cfg.Prefix, lg
	o.Credentials.User, o.Credentials.Password = cfg.User, cfg.Password
	return o
}

// openEmbedded connects to the daemon's socket.
func openEmbedded(ctx context.Context, cfg Config, name string, lg *slog.Logger) (bus.Bus, error) {
	socket := cfg.Project.Socket()
	if err := awaitSocket(ctx, socket); err != nil {
		return nil, cfg.noDaemon(err)
	}
	if err := cfg.Project.private(); err != nil {
		return nil, err
	}
	return dial(ctx, cfg, name, lg, embedded, func() (net.Conn, error) {
		return net.DialTimeout("unix", socket, daemonGrace)
	})
}

// noDaemon is ErrNoDaemon, and names the bus that the daemon of this project carries
// instead, if it does.
func (c Config) noDaemon(err error) error {
	d, ok := readDaemon(filepath.Join(c.Project.RuntimeDir, daemonFile))
	if ok && !strings.HasPrefix(d.Bus, "unix:") {
		return ErrNoDaemon.Wrap(err, "%s", c.Project.Root).
			Hinted("the daemon of this project (pid %d) serves %s: use --bus %s, or set it as bus: in onex.yaml", d.PID, d.Bus, d.Bus)
	}
	return ErrNoDaemon.Wrap(err, "%s", c.Project.Root)
}

func dial(ctx context.Context, cfg Config, name string, lg *slog.Logger, url string, dialer func() (net.Conn, error)) (bus.Bus, error) {
	o := natsbus.Options{URL: url, Dialer: dialer, Prefix: cfg.Prefix, Name: name, Log: lg}
	if url != embedded { // which knows its user by the socket and needs no secrets
		o.Replicas = cfg.Replicas
		o.Credentials = natsbus.Credentials{
			Token: cfg.Token, User: cfg.User, Password: cfg.Password,
			CredsFile: cfg.Creds, NKeySeedFile: cfg.NKey, CA: cfg.CA, Cert: cfg.Cert, Key: cfg.Key,
		}
	}
	return natsbus.Dial(ctx, o)
}

// awaitSocket waits until somebody listens on the socket, or grace is over.
func awaitSocket(ctx context.Context, socket string) error {
	ctx, cancel := context.WithTimeout(ctx, daemonGrace)
	defer cancel()
	for wait := time.Millisecond; ; wait = min(2*wait, longestWait) {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}
