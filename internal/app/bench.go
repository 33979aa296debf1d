package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/parity"
)

// A Bench is every bus of this program, each of its own and started when it is
// first asked for, for trying nodes on them. No daemon is touched.
type Bench struct {
	dir string
	cfg Config
	log *slog.Logger

	mu     sync.Mutex
	closes []func(context.Context) error // in the order of opening
}

// NewBench makes a bench with an empty project to work in. Close removes it.
// What the buses have to say is of no interest to anybody.
func NewBench() (*Bench, error) {
	dir, err := os.MkdirTemp("", "onex") // a short name: it holds sockets
	if err != nil {
		return nil, err
	}
	b := &Bench{dir: dir, log: slog.New(slog.DiscardHandler)}
	b.cfg = Config{Prefix: zmqbus.DefaultPrefix, Project: Project{
		Root: b.Root(), RuntimeDir: filepath.Join(dir, "run"), DataDir: filepath.Join(dir, "data"),
	}}
	if err := errors.Join(b.cfg.Project.Prepare(), os.Mkdir(b.Root(), 0o700)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return b, nil
}

// Root returns the directory of the bench's project.
func (b *Bench) Root() string { return filepath.Join(b.dir, "project") }

// Socket returns the URL under which other processes find the embedded bus,
// once it is open.
func (b *Bench) Socket() string { return "unix://" + b.cfg.Project.Socket() }

// Close ends all that was opened and removes the project.
func (b *Bench) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, end := range slices.Backward(b.closes) {
		errs = append(errs, end(ctx))
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

func (b *Bench) closeLater(end func(context.Context) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closes = append(b.closes, end)
}

// Transports returns every bus there is.
func (b *Bench) Transports() []parity.Transport {
	run := b.cfg.Project.RuntimeDir
	return []parity.Transport{
		parity.Memory(),
		b.transport("embedded", "the embedded NATS server, over its socket", embedded, b.startEmbedded),
		b.transport("ipc", "a Unix socket", "ipc://"+filepath.Join(run, "ipc.sock"), nil),
		b.transport("zmq+tcp", "ZeroMQ over TCP", "zmq+tcp://127.0.0.1:0", b.startForwarder),
		b.transport("zmq+ipc", "ZeroMQ over a Unix socket", "zmq+ipc://"+filepath.Join(run, "zmq.sock"), b.startForwarder),
		b.transport("nats", "NATS over TCP", "", b.startNATS),
	}
}

// transport returns a bus whose servers are started by start, which may change
// where it is.
func (b *Bench) transport(name, how, url string, start func(context.Context, *Config) error) parity.Transport {
	cfg := b.cfg
	cfg.Bus = url
	return parity.Transport{
		Name: name, How: how,
		Open: func(ctx context.Context) (bus.Bus, error) {
			if start == nil {
				return daemonBus(ctx, cfg, nil, b.log, nil) // the hub
			}
			if err := start(ctx, &cfg); err != nil {
				return nil, err
			}
			return OpenBus(ctx, cfg, "onex parity", b.log)
		},
		Join: func(ctx context.Context) (bus.Bus, error) { return OpenBus(ctx, cfg, "onex parity", b.log) },
	}
}

func (b *Bench) startEmbedded(ctx context.Context, cfg *Config) error {
	_, err := b.server(ctx, natsd.Options{Socket: cfg.Project.Socket()})
	return err
}

func (b *Bench) startNATS(ctx context.Context, cfg *Config) error {
	cfg.Token = event.NewID().String()
	s, err := b.server(ctx, natsd.Options{Listen: "127.0.0.1:0", Token: cfg.Token})
	if err == nil {
		cfg.Bus = "nats://" + s.Address()
	}
	return err
}

func (b *Bench) server(ctx context.Context, o natsd.Options) (*natsd.Server, error) {
	o.Profile, o.Log = natsd.ProfileMemory, b.log
	s, err := natsd.Start(ctx, o)
	if err == nil {
		b.closeLater(s.Close)
	}
	return s, err
}

func (b *Bench) startForwarder(ctx context.Context, cfg *Config) error {
	f, err := zmqbus.Forward(ctx, zmqOptions(*cfg, b.log))
	if err == nil {
		cfg.Bus = f.URL()
		b.closeLater(f.Close)
	}
	return err
}
