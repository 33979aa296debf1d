package parity

import (
	"context"
	"io/fs"
	"log/slog"
	"runtime"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// A Node is what is checked: a directory, or a node in Go, or both.
type Node struct {
	Name string // as people ask for it: the name of a built-in node, or the path of the directory
	Dir  string // holds node.onex.yaml and contract.yaml; empty for a node that is Go alone

	// Host makes a host of a node in Go, for one path. root is a directory of
	// that path's own; b is nil where there is no bus. Nil for a program, which is
	// loaded from its directory.
	Host func(ctx context.Context, root string, b bus.Bus, o *host.Options) (*host.Host, error)

	// Bus says that the tools of a node in Go do nothing without a bus. Direct calls
	// are then made with the first bus beside them, and the command line is left out.
	Bus bool

	// Run is what onex run calls a node in Go. Default Name.
	Run string

	// Files are what is in root when a node in Go begins. Nil for nothing.
	Files fs.FS

	// More are directories with scenarios of the node that others keep, in scenarios as
	// beside the node itself.
	More []string

	// Examples are run beside those of the contract. They are for nodes whose
	// examples make sense only with certain Files.
	Examples map[node.ToolName][]node.Scenario

	// Checks are made of this node alone, as it runs.
	Checks []NodeCheck
}

// A NodeCheck looks at a node as it runs. It is for what only its maker knows,
// such as the commands that do what its tools do.
type NodeCheck struct {
	Check Check

	// Run returns what it found in order, or an error that says what is not.
	Run func(context.Context, *host.Host) (found string, err error)
}

// A Transport is a bus that nodes are tried on.
type Transport struct {
	Name string                                 // one word: "memory", "nats"
	How  string                                 // what it is, for the report
	Open func(context.Context) (bus.Bus, error) // connects; Run closes what it returns

	// Join connects once more, so that nodes have a connection of their own, as
	// they have in life. Nil where there is one for all: the bus memory.
	Join func(context.Context) (bus.Bus, error)
}

// A Gateway is one more way to a tool, through something that stands between
// the caller and a bus: MCP.
type Gateway struct {
	Name string // one word; the path is that of the bus, "+" and Name
	How  string // what it is, for the report
	Bus  string // name of the [Transport] that it stands on

	// Lossy says that it cannot carry a result that is nothing, as a skipped call
	// has: such examples are left out there.
	Lossy bool

	// Hidden are tools that it never shows, because they serve itself: their calls
	// are left out there.
	Hidden []node.ToolName

	// Open stands it up on a bus where the node's tools can be found. What it
	// returns makes calls; Run closes it.
	Open func(context.Context, bus.Bus) (Door, error)
}

// A Door makes calls. The error of Call says that there was no answer at all.
type Door interface {
	Call(context.Context, invoke.Call) (invoke.Reply, error)
	Close() error
}

// Memory is the transport within this process.
func Memory() Transport {
	return Transport{Name: "memory", How: "the bus within this process", Open: func(context.Context) (bus.Bus, error) {
		return bus.NewMemory(nil), nil
	}}
}

// Options say how to check. The zero value checks all examples directly and on
// the bus memory.
type Options struct {
	CLI      []string      // argv of the onex program; empty leaves that path out
	Buses    []Transport   // default Memory
	Gateways []Gateway     // beside the proxy, which every bus has
	Paths    []string      // paths to try beside direct, with the wildcards of path.Match; default all
	Relay    []string      // as in host.Options, for nodes that are MCP servers at a URL; default none, and they cannot be checked
	Filters  []string      // names of nodes to check, with the wildcards of path.Match; default all
	Example  string        // the only example to run, as tool/example; default all
	FailFast bool          // stop at the first failure
	Parallel int           // nodes that are checked at once; default twice the number of processors: nodes mostly wait
	Timeout  time.Duration // of one call; default DefaultTimeout
	Log      *slog.Logger  // of hosts and buses; default none
	Files    []FileCheck   // of the directories of nodes; default none
	Done     func(Subject) // called after each node, never twice at once
}

// A FileCheck looks at the directory of a node, without running it. What knows of
// files and their metadata does not know of nodes, so whoever calls Run brings
// these checks along.
type FileCheck struct {
	Check Check

	// Run returns what it found in order, or an error that says what is not. Both
	// are empty when the directory has nothing of the kind.
	Run func(ctx context.Context, dir string) (found string, err error)
}

// DefaultTimeout bounds one call of one example. It is generous: a busy machine
// in CI is slow, and nothing is measured here.
const DefaultTimeout = 30 * time.Second

func (o *Options) complete() Options {
	var c Options
	if o != nil {
		c = *o
	}
	if len(c.Buses) == 0 {
		c.Buses = []Transport{Memory()}
	}
	if c.Parallel <= 0 {
		c.Parallel = 2 * runtime.GOMAXPROCS(0)
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Done == nil {
		c.Done = func(Subject) {}
	}
	return c
}
