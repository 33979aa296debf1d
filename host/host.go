package host

import (
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// A Host runs one instance of one node: its tools in this process, or a program
// that it supervises. Register all tools before the first Call or Run; after
// that every method may be used from any goroutine.
type Host struct {
	manifest node.Manifest
	about    string // description in the contract
	id       node.ID
	o        Options
	log      *slog.Logger
	tools    map[node.ToolName]*tool
	child    *child                            // of an mcp node; else nil
	guard    *guard                            // of its program; nil for none
	tree     string                            // record of what its directory holds; empty for none
	receipt  string                            // of a parity run; empty for none
	dir      string                            // of a program whose receipt is claimed
	binary   string                            // hash of that program, guarded by mu
	examples map[node.ToolName][]node.Scenario // of an embedded contract
	ending   chan struct{}                     // closed by Close
	alive    atomic.Pointer[life]              // that Run began; nil before

	mu     sync.Mutex
	run    bool // Run was called
	closed bool
	calls  sync.WaitGroup // executions; nothing is added when closed
}

// Options say how a host behaves. The zero value is good for production.
type Options struct {
	ID        node.ID        // of this instance; default a new UUID. Never use one twice
	Log       *slog.Logger   // default slog.Default()
	Workers   int            // calls that run at once; default DefaultWorkers, for exec nodes DefaultProcesses
	Waiting   int            // calls that wait for a worker; more are answered ErrBusy; default DefaultWaiting
	Drain     time.Duration  // how long running calls may go on when Run's context has ended; default DefaultDrain
	TTL       time.Duration  // silent for so long, the node is dead; default the manifest's, else what the registry gives
	Endpoint  string         // where else the node can be reached, for people; may be empty
	Trust     node.Trust     // what the node claims; more than untrusted needs a Signature
	Signature string         // of the manifest; may be empty
	Path      string         // directory that programs find before those of PATH; for stand-ins in tests
	Relay     []string       // command that speaks MCP over its standard streams for a server at the URL that is added to it
	Trace     trace.Recorder // is told of each call; default nobody
	Process   event.Process  // that hosts the node, so that a registry beside it notices its end; default its number alone

	// Access decides who may call what; default everybody everything. A call that it
	// refuses is answered with its error.
	Access *access.Guard

	// Ready is called, once, when the registry has accepted the node and calls
	// can come. It must not wait for anything.
	Ready func(Accepted)
}

// Accepted is how a registry took in a node.
type Accepted struct {
	NodeID      node.ID
	Name        node.Name
	Incarnation node.Incarnation
	Tools       []node.ToolName // sorted
}

// Defaults of [Options].
const (
	DefaultWorkers   = 64               // functions mostly wait for something
	DefaultProcesses = 8                // each costs megabytes
	DefaultWaiting   = 2048             // twice the thousand callers at once that a node should stand
	DefaultDrain     = 10 * time.Second // longer than the default timeout of a call
)

// New returns a host for a node without tools; [Handle] adds them. It panics
// when the manifest is invalid: it is part of the program.
func New(m node.Manifest, o *Options) *Host {
	if err := m.Validate(); err != nil {
		panic("host: " + err.Error())
	}
	return newHost(m, o)
}

func newHost(m node.Manifest, o *Options) *Host {
	h := &Host{manifest: m, about: m.Description, tools: map[node.ToolName]*tool{}, ending: make(chan struct{})}
	if o != nil {
		h.o = *o
	}
	workers := DefaultWorkers
	if m.Runtime == node.Exec {
		workers = DefaultProcesses
	}
	setDefault(&h.o.ID, node.ID(event.NewID().String()))
	setDefault(&h.o.Log, slog.Default())
	setDefault(&h.o.Workers, workers)
	setDefault(&h.o.Waiting, DefaultWaiting)
	setDefault(&h.o.Drain, DefaultDrain)
	setDefault(&h.o.TTL, m.TTL)
	setDefault(&h.o.Process, event.Process{PID: os.Getpid()})
	h.id = h.o.ID
	h.log = h.o.Log.With("node", string(m.Name), "node_id", string(h.id))
	return h
}

// ID returns the id of this instance.
func (h *Host) ID() node.ID { return h.id }

// Manifest returns the node's manifest.
func (h *Host) Manifest() node.Manifest { return h.manifest }

// Contract returns what the node promises, derived from the tools that are
// registered and sorted by name.
func (h *Host) Contract() node.Contract {
	c := node.Contract{
		ContractVersion: node.ContractVersion,
		Node:            h.manifest.Name,
		Version:         h.manifest.Version,
		Description:     h.about,
	}
	for _, name := range h.names() {
		c.Tools = append(c.Tools, h.tools[name].Tool)
	}
	return c
}

func (h *Host) names() []node.ToolName { return slices.Sorted(maps.Keys(h.tools)) }

// Close refuses further calls, waits for those that run, and ends the node's
// program, if it has one. It is idempotent. A host without a program needs no
// Close.
func (h *Host) Close() error {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.ending)
	}
	h.mu.Unlock()
	if h.child != nil {
		h.child.close()
	}
	h.calls.Wait()
	if h.guard != nil {
		h.guard.close()
	}
	return nil
}

// enter counts an execution, unless the host is closed.
func (h *Host) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.calls.Add(1)
	return true
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
