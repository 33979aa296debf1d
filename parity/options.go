package parity

import (
	"context"
	"io/fs"
	"log/slog"
	"runtime"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
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

	// Run is what onex run calls a node in Go. Default Name.
	Run string

	// Files are what is in root when a node in Go begins. Nil for nothing.
	Files fs.FS

	// Examples are run beside those of the contract. They are for nodes whose
	// examples make sense only with certain Files.
	Examples map[node.ToolName][]node.Scenario
}

// A Transport is a bus that nodes are tried on.
type Transport struct {
	Name string                                 // one word: "memory", "nats"
	How  string                                 // what it is, for the report
	Open func(context.Context) (bus.Bus, error) // connects; Run closes what it returns
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
	Filters  []string      // names of nodes to check, with the wildcards of path.Match; default all
	Example  string        // the only example to run, as tool/example; default all
	FailFast bool          // stop at the first failure
	Parallel int           // nodes that are checked at once; default twice the number of processors: nodes mostly wait
	Timeout  time.Duration // of one call; default DefaultTimeout
	Log      *slog.Logger  // of hosts and buses; default none
	Done     func(Subject) // called after each node, never twice at once
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
