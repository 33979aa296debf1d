package parity

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
)

// A Path is a way to reach a tool: direct, cli, the name of a bus, or that with
// "+proxy".
type Path string

// The paths that do not depend on a bus.
const (
	Direct Path = "direct"
	CLI    Path = "cli"
)

// Proxy returns the path through a registry on the bus that p names.
func (p Path) Proxy() Path { return p + "+proxy" }

// paths says what each path of this run is.
func (r *runner) paths() []PathInfo {
	all := []PathInfo{{Direct, "host.Call in this process: the function of a Go node; the program of any other, over stdio"}}
	if len(r.o.CLI) > 0 {
		all = append(all, PathInfo{CLI, "onex run --once -o json, a process for each call, in another time zone and locale"})
	}
	for _, t := range r.o.Buses {
		p := Path(t.Name)
		all = append(all,
			PathInfo{p, "TOOL_PROXY_INVOKE directed to the node, on " + t.How},
			PathInfo{p.Proxy(), "registry and invoke client, on " + t.How})
	}
	return all
}

// A place is where a node runs on one path: a directory that nothing else uses.
type place struct {
	root    string // a copy of the node's directory or, for a node in Go, its project
	inPlace bool   // root is the node's own directory: it cannot be copied
}

// watched returns the directory whose files are watched; empty for none.
func (p place) watched() string {
	if p.inPlace {
		return ""
	}
	return p.root
}

// place makes the place of a path. Its last element is the same on all paths: a
// tool may well say the name of its project.
func (c *checker) place(p Path) (place, error) {
	root := filepath.Join(c.dir, string(p), filepath.Base(c.Name))
	if c.Host != nil {
		if err := os.MkdirAll(root, 0o755); err != nil || c.Files == nil {
			return place{root: root}, err
		}
		return place{root: root}, os.CopyFS(root, c.Files)
	}
	own, err := filepath.Abs(c.Dir)
	if err != nil || outside(c.manifest.Program) {
		return place{own, true}, err
	}
	if err := os.MkdirAll(filepath.Dir(root), 0o755); err != nil {
		return place{}, err
	}
	if err = copyDir(root, own); errors.Is(err, errLarge) {
		return place{own, true}, os.RemoveAll(root)
	}
	return place{root: root}, err
}

// host makes a host of the node at a place.
func (c *checker) host(ctx context.Context, at place, b bus.Bus, ready func(host.Accepted)) (*host.Host, error) {
	o := &host.Options{Log: c.r.o.Log, Ready: ready}
	if c.Host != nil {
		return c.Host(ctx, at.root, b, o)
	}
	return host.Load(ctx, at.root, o)
}

// directly returns a function that calls the node without a bus.
func (c *checker) directly(h *host.Host, at place) func(context.Context, trial) Observation {
	return func(ctx context.Context, t trial) Observation {
		before := snap(at.watched())
		out := h.Call(ctx, t.tool.Name, t.want.Input)
		o := observe(t, out.Status, out.Result, out.Error)
		o.answer = answerKind(out)
		o.Files = changes(before, snap(at.watched()))
		return o
	}
}
