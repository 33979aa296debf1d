package parity

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// A Path is a way to reach a tool: direct, cli, the name of a bus, or that with
// "+proxy" or the name of another [Gateway].
type Path string

// The paths that do not depend on a bus.
const (
	Direct Path = "direct"
	CLI    Path = "cli"
)

// through returns the path through a gateway on the bus that p names.
func (p Path) through(gateway string) Path { return p + Path("+"+gateway) }

// ways returns the paths on a bus: directed to the node, and the gateways.
func (r *runner) ways(t Transport) []way {
	p := Path(t.Name)
	all := []way{
		{PathInfo: PathInfo{p, "TOOL_PROXY_INVOKE directed to the node, on " + t.How}},
		{PathInfo: PathInfo{p.through("proxy"), "registry and invoke client, on " + t.How}, open: openProxy(r.o.Log)},
	}
	for _, g := range r.o.Gateways {
		if g.Bus == t.Name {
			all = append(all, way{PathInfo{p.through(g.Name), g.How + ", on " + t.How}, g.Open, g.Lossy, g.Hidden})
		}
	}
	return slices.DeleteFunc(all, func(w way) bool { return !r.wanted(w.Path) })
}

// A way is a path on a bus. Without open, calls are directed to the node.
type way struct {
	PathInfo
	open   func(context.Context, bus.Bus) (Door, error)
	lossy  bool
	hidden []node.ToolName
}

// carries says why a call cannot be made this way; empty when it can.
func (w way) carries(t trial, direct Observation) string {
	switch {
	case !t.object():
		return "arguments that are no object cannot be sent on a bus"
	case slices.Contains(w.hidden, t.tool.Name):
		return "the tool is for the gateway, which does not show it"
	case w.lossy && direct.Result == nil && direct.Error == nil:
		return "an answer without a result cannot be given this way"
	}
	return ""
}

// wanted reports whether a path is among those asked for.
func (r *runner) wanted(p Path) bool {
	return len(r.o.Paths) == 0 || slices.ContainsFunc(r.o.Paths, func(pattern string) bool {
		match, err := path.Match(pattern, string(p))
		return match && err == nil
	})
}

// paths says what each path of this run is, and fails when a pattern fits none.
func (r *runner) paths() ([]PathInfo, error) {
	all := []PathInfo{{Direct, "host.Call in this process: the function of a Go node; the program of any other, over stdio"}}
	if r.onCommandLine() {
		all = append(all, PathInfo{CLI, "onex run --once -o json, a process for each call, in another time zone and locale"})
	}
	for _, t := range r.o.Buses {
		for _, w := range r.ways(t) {
			all = append(all, w.PathInfo)
		}
	}
	for _, pattern := range r.o.Paths {
		if _, err := path.Match(pattern, ""); err != nil {
			return all, ErrFilter.Wrap(err, "path %q", pattern)
		}
		if !slices.ContainsFunc(all, func(p PathInfo) bool { match, _ := path.Match(pattern, string(p.Path)); return match }) {
			return all, ErrNoMatch.With("no path is called %q", pattern).Hinted("the paths are those that -o detailed lists, as cli, memory, nats+proxy")
		}
	}
	return all, nil
}

func (r *runner) onCommandLine() bool { return len(r.o.CLI) > 0 && r.wanted(CLI) }

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
		root = filepath.Join(c.dir, string(p), "project")
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
	return c.hostWith(ctx, at, b, &host.Options{Log: c.r.o.Log, Ready: ready})
}

func (c *checker) hostWith(ctx context.Context, at place, b bus.Bus, o *host.Options) (*host.Host, error) {
	if c.Host != nil {
		return c.Host(ctx, at.root, b, o)
	}
	o.Relay = c.r.o.Relay
	return host.Load(ctx, at.root, o)
}

// directly returns a function that calls the node without a bus.
func (c *checker) directly(h *host.Host, at place) func(context.Context, trial) Observation {
	return func(ctx context.Context, t trial) Observation {
		before := look(at)
		out := h.Call(ctx, t.tool.Name, t.want.Input)
		o := observe(t, out.Status, out.Result, out.Error)
		o.answer = answerKind(out)
		before.effects(t, &o)
		return o
	}
}
