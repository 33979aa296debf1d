package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/internal/process"
	"github.com/omninode-ai/onex/internal/telemetry"
	"github.com/omninode-ai/onex/registry"
)

// ErrOpen is returned when the daemon is to listen on the network and neither
// a token nor client certificates are asked for: whoever reaches the port could
// call every tool. Set listen_token (ONEX_LISTEN_TOKEN) to a long random string, or
// listen_client_ca.
var ErrOpen = fault.New("ONEX_BUS_023_TOKEN_MISSING", fault.Denied, "a port is not opened without a token").
	Hinted("set ONEX_LISTEN_TOKEN, for example to the output of `openssl rand -hex 24`")

// stopTime bounds an orderly end: nodes finish their calls, then the registry
// writes its last state, then the bus closes.
const stopTime = 10 * time.Second

// UpOptions say how the daemon talks to the one who started it.
type UpOptions struct {
	Version string // of the program, for MCP clients
	Log     *slog.Logger
	Ready   func(Running) // called once, when the registry and all nodes serve that can

	Program nodes.Program // that runs the daemon

	// Broken is called for each program of the project that does not run, before
	// Ready or later.
	Broken func(Broken)
}

// tell tells of a program that does not run: who asked to be told, else the log.
func (o *UpOptions) tell(b Broken) {
	if o.Broken == nil {
		o.Log.Error("a node does not run", "dir", b.Node, "error", b.Error.Message, "code", string(b.Error.Code))
		return
	}
	o.Broken(b)
}

// A Broken is a program that the daemon was to run and that does not.
type Broken struct {
	Node  string       `json:"node"` // its directory
	Error fault.Report `json:"error"`
}

func brokenOf(dir string, err error) Broken {
	if err == nil {
		err = host.ErrClosed.With("%s", dir)
	}
	return Broken{dir, fault.ReportOf(err)}
}

// Running describes a daemon that serves.
type Running struct {
	PID   int
	Bus   string
	HTTP  string // address of metrics and health; empty for none
	Nodes []string
	MCP   MCPServer // zero when no MCP clients are served
}

// Up runs the daemon of a project until ctx ends: the bus, the registry, the
// built-in nodes and the programs of cfg.Nodes, in this order; they stop in the
// reverse order. The first part that fails stops all.
//
// There is one daemon for a project: another is refused with natsd.ErrLocked.
func Up(ctx context.Context, cfg Config, o *UpOptions) (err error) {
	if cfg.Bus == "memory:" {
		return ErrOwnProcess
	}
	if err := cfg.Project.Prepare(); err != nil {
		return err
	}
	if cfg.Durability != string(natsd.ProfileMemory) && inMemory(cfg.Project.DataDir) {
		o.Log.Warn("the data directory is in memory: nothing survives a reboot; set XDG_STATE_HOME to a disk",
			"dir", cfg.Project.DataDir)
	}
	lost := newDepartures()
	server, err := startServer(ctx, cfg, telemetry.Local(o.Log), lost)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, server.Leaving)()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		err = errors.Join(err, server.Close(ctx))
	}()
	b, err := daemonBus(ctx, cfg, server, telemetry.Local(o.Log), lost)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		err = errors.Join(err, b.Close(ctx))
	}()
	defer telemetry.Attach(o.Log, b, "onex", event.NewID().String())()
	if z, ok := b.(*zmqbus.Bus); ok {
		cfg.Bus = z.URL() // with the port that was free, when it was to be any
	}
	about, err := cfg.record()
	if err != nil {
		return err
	}
	defer about.forget()
	goodbye, err := attendAll(ctx, cfg, b, o.Log)
	if err != nil {
		return err
	}
	defer goodbye()
	return serve(ctx, cfg, server, b, o, about, lost)
}

// attendAll attends the bus, and says that it listens where the daemon carries
// it.
func attendAll(ctx context.Context, cfg Config, b bus.Bus, lg *slog.Logger) (func(), error) {
	end, err := Attend(ctx, cfg, b, "onex up", lg)
	if err != nil || !cfg.carries() {
		return end, err
	}
	here := event.Connection{Backend: b.Health(ctx).Backend, Endpoint: cfg.reachable()}
	bound := event.New(event.NewID().String(), event.BusBound{Connection: here}, event.ID{})
	if _, err := b.Publish(ctx, event.NewSubject(bound.Kind(), "bus"), bound); err != nil {
		end()
		return nil, err
	}
	return end, nil
}

// startServer starts the embedded server. It is the store of the registry also
// when the nodes talk on another bus.
func startServer(ctx context.Context, cfg Config, lg *slog.Logger, lost departures) (*natsd.Server, error) {
	options := natsd.Options{
		Dir:     cfg.Project.DataDir,
		Profile: natsd.Profile(cfg.Durability),
		Log:     lg,
	}
	if cfg.Bus == embedded {
		options.Socket, options.Listen, options.Token = cfg.Project.Socket(), cfg.Listen, cfg.ListenToken
		options.Cert, options.Key, options.ClientCA = cfg.ListenCert, cfg.ListenKey, cfg.ListenCA
		options.Departed = lost.subject(cfg.Prefix)
	}
	if options.Listen != "" && options.Token == "" && options.ClientCA == "" {
		return nil, ErrOpen.With("listen: %s", options.Listen)
	}
	return natsd.Start(ctx, options)
}

// daemonBus opens the bus for the daemon, which carries it for everybody where
// nobody else does: the embedded one, the hub of ipc:, the forwarder of zmq:.
func daemonBus(ctx context.Context, cfg Config, server *natsd.Server, lg *slog.Logger, lost departures) (b bus.Bus, err error) {
	const name = "onex up"
	scheme, _, _ := strings.Cut(cfg.Bus, ":")
	switch scheme {
	case "embedded":
		b, err = dial(ctx, cfg, name, lg, embedded, server.Dial)
	case "ipc":
		o := ipcOptions(cfg, name, lg, false)
		o.Departed = lost.receiver
		b, err = ipcbus.Dial(ctx, o)
	case "zmq+tcp", "zmq+ipc":
		o := zmqOptions(cfg, lg)
		o.Bind, o.Departed = true, lost.receiver
		b, err = zmqbus.Dial(ctx, o)
	default:
		b, err = OpenBus(ctx, cfg, name, lg)
	}
	return b, err
}

// serve runs the registry and the nodes. Nodes end first, so that their
// goodbyes still find the registry.
func serve(ctx context.Context, cfg Config, server *natsd.Server, b bus.Bus, o *UpOptions, about *record, lost departures) error {
	store, err := openRegistryStore(ctx, cfg, server, b, o.Log)
	if err != nil {
		return err
	}
	defer store.close()
	claims, closeClaims, err := openClaims(ctx, server, b, o.Log)
	if err != nil {
		return err
	}
	defer closeClaims()
	watcher := process.NewWatcher(nil)
	defer watcher.Close()
	own, err := newVoucher()
	if err != nil {
		return err
	}
	watch, err := startVitals(ctx, cfg, server, b, o.Log)
	if err != nil {
		return err
	}
	defer watch.stop()
	hosts, err := newHosts(ctx, cfg, o.Program, own, b, watch.Recorder(), o.Log)
	if err != nil {
		return err
	}
	defer hosts.close()

	nodesCtx, stopNodes := context.WithCancel(ctx)
	defer stopNodes()
	r := startRegistry(context.WithoutCancel(ctx), b, &registry.Options{
		Store: store, Lead: store.lead, Claims: claims, Processes: watcher, Lost: lost, TTL: cfg.Liveness.TTL(), Trust: judge(cfg, own, o.Log), Trace: watch.Recorder(), Log: o.Log,
		Ports: cfg.Ports, Host: process.Self().Host,
	}, stopNodes)
	stopAudit, err := startAudit(context.WithoutCancel(ctx), cfg, b, o.Log)
	if err != nil {
		return errors.Join(err, r.end())
	}
	stopDispatch, err := startDispatch(context.WithoutCancel(ctx), cfg, b, watch.Recorder(), o.Log)
	if err != nil {
		return errors.Join(err, stopAudit(), r.end())
	}
	if r.await(nodesCtx) {
		err = runNodes(nodesCtx, cfg, b, o, about, watch, hosts)
	}
	return errors.Join(stopDispatch(), stopAudit(), r.end(), unlessEnded(ctx, err))
}

// runNodes runs the nodes, and serves them to MCP clients if the configuration
// says so.
func runNodes(ctx context.Context, cfg Config, b bus.Bus, o *UpOptions, about *record, watch *watched, all hosts) error {
	m, err := listenMCP(ctx, cfg, o.Version, watch.Recorder(), o.Log)
	if err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	stop := func() error { return nil }
	err = all.run(ctx, b, func(names []string) {
		up := Running{PID: os.Getpid(), Bus: cfg.reachable(), HTTP: watch.address, Nodes: names}
		if m != nil {
			stopped, err := m.serve(ctx, b)
			if err != nil {
				fail(err)
				return
			}
			stop, up.MCP = stopped, m.at
		}
		watch.vitals.ready.Store(true)
		o.Ready(up)
	}, func(broken Broken) {
		about.add(broken)
		o.tell(broken)
	})
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	return errors.Join(stop(), err)
}

// reachable returns the URL under which other processes find the bus.
func (c Config) reachable() string {
	if c.Bus == embedded {
		return "unix://" + c.Project.Socket()
	}
	return natsbus.Redacted(c.Bus)
}

// unlessEnded drops the error that says no more than that ctx has ended.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
