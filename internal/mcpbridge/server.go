package mcpbridge

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// self is the name under which a server publishes. It is no node.
const self node.Name = "mcp"

// DefaultCalls is how many calls a server runs at once: twice the thousand
// clients that a node should stand.
const DefaultCalls = 2048

// Options say what a server shows and to whom. The zero value shows every tool.
type Options struct {
	Version  string       // of the program, as clients see it; default "dev"
	Tools    []string     // patterns of names that are served, as of path.Match; default all
	ReadOnly bool         // serve only tools whose contracts say that they change nothing
	Search   bool         // offer find_tools, describe_tool and call_tool in place of the tools
	Pins     *Pins        // accepted definitions; tools whose definition is another are not served; default none are kept
	Calls    int          // that run at once; more are answered ErrBusy; default DefaultCalls
	Host     string       // as in event.Process, so that nodes of this machine are preferred
	Log      *slog.Logger // default slog.Default()

	// Invoke says for whom calls are made; default nobody in particular. From, Host
	// and Log of it are the server's own. Its Trace is told of calls of clients, too.
	Invoke invoke.Options

	// Clients says what each client may see and do, by its name in lower case;
	// EveryoneElse stands for the others. Default: everything.
	Clients map[string]Profile

	// Client is whom this server was started for. Default: who the client says it is.
	Client string
}

// A Server offers the tools of a bus's registry to MCP clients.
type Server struct {
	o        Options
	bus      bus.Bus
	registry *registry.Client
	client   *invoke.Client
	server   *mcp.Server
	slots    chan struct{}                // one for each call that runs
	stir     chan struct{}                // something may have changed; holds one
	lease    atomic.Int64                 // shortest of a node, a time.Duration
	key      [32]byte                     // seals the states of questions
	tokens   map[[sha256.Size]byte]string // names of clients by what they send to prove it
	rates    rates
	stop     context.CancelFunc
	subs     []bus.Subscription
	updated  bus.Subscription // to changed resources of programs
	again    chan struct{}    // look at what programs offer beside tools; holds one
	parts    sync.WaitGroup

	asking sync.Mutex // one refresh at a time
	gate   *gate      // nil when nothing is pinned

	extraGate *gate // of prompts and templates; likewise

	mu      sync.RWMutex
	tools   map[node.ToolName]served
	changed []Difference // quarantined
	extras  extras
}

// New returns a server on b that knows the registry's tools. ctx bounds the
// beginning only. It fails when no registry answers, or with [ErrPattern]. Close
// it.
func New(ctx context.Context, b bus.Bus, o *Options) (*Server, error) {
	s := &Server{bus: b, stir: make(chan struct{}, 1), again: make(chan struct{}, 1), tools: map[node.ToolName]served{}}
	if o != nil {
		s.o = *o
	}
	s.o.Version = cmp.Or(s.o.Version, "dev")
	s.o.Calls = cmp.Or(s.o.Calls, DefaultCalls)
	s.o.Log = cmp.Or(s.o.Log, slog.Default())
	if err := s.checkProfiles(); err != nil {
		return nil, err
	}
	if s.o.Pins != nil {
		s.gate, s.extraGate = &gate{file: s.o.Pins}, &gate{file: s.o.Pins}
	}
	s.slots = make(chan struct{}, s.o.Calls)
	_, _ = rand.Read(s.key[:]) // never fails
	life, stop := context.WithCancel(context.Background())
	s.stop = stop
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.follow(life)
	return s, nil
}

// checkProfiles checks what clients may do, and notes whose tokens are whose.
func (s *Server) checkProfiles() error {
	s.tokens = map[[sha256.Size]byte]string{}
	if err := (Profile{Tools: s.o.Tools}).Check(); err != nil {
		return err
	}
	for name, p := range s.o.Clients {
		if err := p.Check(); err != nil {
			return err
		}
		if p.Token != "" {
			s.tokens[tokenSum("Bearer "+p.Token)] = name
		}
	}
	if s.o.Client != "" {
		s.o.Client = plainName(s.o.Client)
	}
	return nil
}

// open connects the parts and asks the registry for the first time.
func (s *Server) open(ctx context.Context) (err error) {
	if s.registry, err = registry.NewClient(ctx, s.bus, &registry.ClientOptions{Name: self}); err != nil {
		return err
	}
	calls := s.o.Invoke
	calls.From, calls.Host, calls.Log = self, s.o.Host, s.o.Log
	if s.client, err = invoke.NewClient(ctx, s.bus, &calls); err != nil {
		return err
	}
	s.server = s.newServer()
	s.addResources()
	if s.o.Search {
		s.addSearch()
	}
	if err := s.subscribe(ctx); err != nil { // before asking, so that nothing is missed
		return err
	}
	if err := s.refresh(ctx); err != nil {
		return err
	}
	s.refreshExtras(ctx)
	return nil
}

func (s *Server) newServer() *mcp.Server {
	m := mcp.NewServer(&mcp.Implementation{Name: "onex", Title: "ONEX", Version: s.o.Version}, &mcp.ServerOptions{
		Instructions: s.instructions(),
		Logger:       slog.New(quieter{s.o.Log.Handler()}),
		SetCacheable: s.setAge,
		Capabilities: &mcp.ServerCapabilities{
			Tools:     &mcp.ToolCapabilities{ListChanged: true},
			Resources: &mcp.ResourceCapabilities{ListChanged: true, Subscribe: true},
			Prompts:   &mcp.PromptCapabilities{ListChanged: true},
			Logging:   &mcp.LoggingCapabilities{},
		},
		CompletionHandler:  s.complete,
		SubscribeHandler:   s.subscribed,
		UnsubscribeHandler: s.unsubscribed,
	})
	m.AddReceivingMiddleware(s.adapt)
	return m
}

func (s *Server) instructions() string {
	if s.o.Search {
		return "Tools of the nodes that are alive in this project. Search them with find_tools, read a tool's contract with describe_tool, call it with call_tool."
	}
	return "Tools of the nodes that are alive in this project; the list changes as nodes come and go. Errors have a code, a class that says whether to try again, and a hint."
}

// Run serves one client on t until the client leaves, and then returns nil, or
// until ctx ends, and then returns its error.
func (s *Server) Run(ctx context.Context, t mcp.Transport) error {
	session, err := s.server.Connect(ctx, exact{t}, nil)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { session.Close() })
	defer stop()
	err = session.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, left := range []error{io.EOF, io.ErrClosedPipe, mcp.ErrConnectionClosed} {
		if errors.Is(err, left) {
			return nil
		}
	}
	return err
}

// RunStreams is [Server.Run] over streams of lines, as MCP has it for standard
// input and output. It closes neither. A line that is no message is answered with
// an error, and the session goes on.
func (s *Server) RunStreams(ctx context.Context, in io.Reader, out io.Writer) error {
	shared := &sharedWriter{Writer: out}
	lines := &lineFilter{in: bufio.NewReaderSize(in, relayLine), out: shared}
	return s.Run(ctx, &mcp.IOTransport{Reader: io.NopCloser(lines), Writer: shared})
}

// Close ends every session and every call, and waits for them. It is idempotent.
func (s *Server) Close() error {
	s.stop()
	for _, sub := range s.subs {
		_ = sub.Close() // idempotent, and nothing is left to be done about it
	}
	if s.updated != nil {
		_ = s.updated.Close()
	}
	s.closeSessions()
	s.parts.Wait()
	var errs []error
	if s.client != nil {
		errs = append(errs, s.client.Close())
	}
	if s.registry != nil {
		errs = append(errs, s.registry.Close())
	}
	return errors.Join(errs...)
}

func (s *Server) closeSessions() {
	if s.server == nil {
		return
	}
	for session := range s.server.Sessions() {
		_ = session.Close() // its transport is of no use any more
	}
}

// MaxAge bounds how long clients may use a list without asking again. A node
// that is killed is gone within a second for those, too, that do not listen
// for changes.
const MaxAge = 500 * time.Millisecond

// setAge says how long a result may be used: as long as every node's lease.
func (s *Server) setAge(_ context.Context, _ mcp.Request, c *mcp.Cacheable) {
	age := min(time.Duration(s.lease.Load()), MaxAge)
	c.TTLMs, c.CacheScope = int(age.Milliseconds()), "private"
}
