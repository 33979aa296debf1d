package natsd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// A Profile says what an acknowledgement of the store is worth.
type Profile string

// The profiles.
const (
	ProfileDurable Profile = "durable" // on disk, synced: survives a power failure
	ProfileFile    Profile = "file"    // synced every second: a power failure may cost the last second
	ProfileMemory  Profile = "memory"  // in a temporary directory: gone when the server stops
)

const (
	// MaxPayload leaves room for headers beside the largest event.
	MaxPayload = 1<<20 + 64<<10

	// readyWithin bounds the wait for a server that reads a large store; a
	// million events take less than a second.
	readyWithin = 30 * time.Second

	// fileSync is the longest time that acknowledged events of ProfileFile are
	// only in the page cache.
	fileSync = time.Second

	// The limits of JetStream. Memory is not used by streams of ours; the disk
	// limit stops a forgotten server from filling a laptop.
	maxStoreMemory = 64 << 20
	maxStoreDisk   = 4 << 30

	// writeDeadline is how long a client may refuse to read before it is
	// disconnected as a slow consumer.
	writeDeadline = 10 * time.Second
)

// Options say how to start a server.
type Options struct {
	Dir      string       // data directory, on a real disk; required except for ProfileMemory
	Socket   string       // path of the Unix socket; empty for none
	Profile  Profile      // default ProfileDurable
	Listen   string       // host:port to open for others; empty for none. Port 0 takes a free one
	Token    string       // asked of those who come through Listen
	Cert     string       // path of a certificate in PEM: those who come through Listen use TLS
	Key      string       // path of its key
	ClientCA string       // path of authorities in PEM: those who come through Listen show a certificate of theirs
	Name     string       // of the server, in its logs and monitoring; default "onex"
	Log      *slog.Logger // default slog.Default()

	// Departed is called for each subject with wildcards that a client listened to
	// whose connection has ended, when no other listens to the same; more than once
	// when several end at the same time. It must not block. Default nobody.
	Departed func(subject string)
}

// A Server is a running NATS server with JetStream.
type Server struct {
	opts *server.Options
	log  *serverLog
	nats atomic.Pointer[server.Server] // another after each restart
	lock *os.File                      // nil for ProfileMemory
	temp string                        // directory to remove; empty except for ProfileMemory
	door *door                         // nil without a socket
	left *nats.Conn                    // on which the server tells who departed; nil when nobody wants to know

	mending sync.WaitGroup
	unmend  context.CancelFunc // ends it; nil before the server serves

	once sync.Once
	err  error
}

// Start starts a server and returns when it serves. The context bounds the
// start, not the server's life: Close ends it.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Server{log: newServerLog(o.Log)}
	defer func() {
		if err != nil {
			s.Close(context.WithoutCancel(ctx))
		}
	}()
	if s.opts, err = s.prepare(ctx, &o); err != nil {
		return nil, err
	}
	g := newGate(o.Token, s.nats.Load)
	s.opts.CustomClientAuthentication = g
	if err := s.serve(ctx); err != nil {
		return nil, err
	}
	if o.Departed != nil {
		if s.left, err = g.watchDepartures(s.Dial, o.Log, o.Departed); err != nil {
			return nil, err
		}
	}
	if o.Socket != "" {
		if s.door, err = openDoor(o.Socket, s.Dial, o.Log); err != nil {
			return nil, err
		}
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s.unmend = end
	s.mending.Go(func() { s.mend(life) })
	return s, nil
}

// serve starts a server and returns when it serves.
func (s *Server) serve(ctx context.Context) error {
	s.log.forgive()
	n, err := server.NewServer(s.opts)
	if err != nil {
		return ErrStart.Wrap(err, "%s", s.opts.StoreDir)
	}
	s.nats.Store(n)
	n.SetLoggerV2(s.log, false, false, false)
	n.Start()
	if !s.ready(ctx) {
		return ErrStart.With("%s: %s", s.opts.StoreDir, s.log.reason())
	}
	return nil
}

// prepare takes the data directory and returns the server's options.
func (s *Server) prepare(ctx context.Context, o *Options) (*server.Options, error) {
	opts := &server.Options{
		ServerName:             or(o.Name, "onex"),
		DontListen:             true,
		NoSigs:                 true, // else it ends the process on a signal
		DisableJetStreamBanner: true,
		JetStream:              true,
		JetStreamMaxMemory:     maxStoreMemory,
		JetStreamMaxStore:      maxStoreDisk,
		MaxPayload:             MaxPayload,
		WriteDeadline:          writeDeadline,
	}
	if err := s.openDir(ctx, o, opts); err != nil {
		return nil, err
	}
	return opts, listen(o, opts)
}

func (s *Server) openDir(ctx context.Context, o *Options, opts *server.Options) (err error) {
	opts.StoreDir = o.Dir
	switch or(o.Profile, ProfileDurable) {
	case ProfileDurable:
		opts.SyncAlways = true
	case ProfileFile:
		opts.SyncInterval = fileSync
		o.Log.Warn("events are synced every second: a power failure may cost the last second", "profile", ProfileFile)
	case ProfileMemory:
		o.Log.Warn("events are gone when the server stops", "profile", ProfileMemory)
		s.temp, err = os.MkdirTemp("", "onex-natsd-")
		opts.StoreDir = s.temp
		return err
	default:
		return ErrProfile.With("%q", o.Profile)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return ErrStart.Wrap(err, "data directory")
	}
	s.lock, err = lockDir(ctx, o.Dir, o.Log)
	return err
}

// listen opens the network as asked.
func listen(o *Options, opts *server.Options) error {
	if o.Listen == "" {
		return nil
	}
	host, text, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return ErrListen.Wrap(err, "%q", o.Listen)
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return ErrListen.With("%q: port %q", o.Listen, text)
	}
	if ip := net.ParseIP(host); o.Token == "" && o.ClientCA == "" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return ErrListen.With("%q is open to others, and neither a token nor a certificate is asked for", o.Listen)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	opts.DontListen, opts.Host, opts.Port = false, host, port
	return secure(o, opts)
}

// ready waits until the server serves. A server that gave up says so in its log only.
func (s *Server) ready(ctx context.Context) bool {
	n := s.nats.Load()
	const slice = 50 * time.Millisecond // how late we may notice that ctx has ended
	for end := time.Now().Add(readyWithin); time.Now().Before(end) && ctx.Err() == nil; {
		if n.ReadyForConnections(slice) {
			return true
		}
		if s.log.failed() || !n.Running() {
			return false
		}
	}
	return false
}

// Dial returns a connection to the server within this process.
func (s *Server) Dial() (net.Conn, error) { return s.nats.Load().InProcessConn() }

// Address returns the host:port that Options.Listen became, or "".
func (s *Server) Address() string {
	if a := s.nats.Load().Addr(); a != nil {
		return a.String()
	}
	return ""
}

// Close ends the server in order: no new connections, those that exist are
// closed, the store is closed, the lock released. It is idempotent. The store
// is closed even when ctx has ended; nothing else is waited for then.
func (s *Server) Close(ctx context.Context) error {
	s.once.Do(func() { s.err = s.close(ctx) })
	return s.err
}

func (s *Server) close(ctx context.Context) (err error) {
	s.Leaving()
	if s.door != nil {
		err = s.door.close()
	}
	if s.left != nil {
		s.left.Close()
	}
	if s.unmend != nil {
		s.unmend()
		s.mending.Wait()
	}
	if n := s.nats.Load(); n != nil {
		n.Shutdown()
		n.WaitForShutdown()
	}
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close()) // closing releases the lock
	}
	if s.temp != "" {
		err = errors.Join(err, os.RemoveAll(s.temp))
	}
	return errors.Join(err, context.Cause(ctx))
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}
