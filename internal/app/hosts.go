package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/internal/process"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// A hosted node lives in the daemon.
type hosted struct {
	*host.Host               // nil when it failed before it ran
	dir        string        // of a program; empty for built-in nodes
	accepted   chan struct{} // closed when the registry accepted it
	failed     error         // why a program does not run
}

// hosts are the nodes that live in the daemon.
type hosts []hosted

func newHosts(ctx context.Context, cfg Config, program nodes.Program, own *voucher, b bus.Bus, rec trace.Recorder, lg *slog.Logger) (hosts, error) {
	var all hosts
	guard := cfg.Guard(lg) // one for all, so that limits are of the daemon
	for _, builtin := range nodes.All() {
		err := all.add(cfg.instance(string(builtin.Name)), rec, lg, guard, func(o *host.Options) (*host.Host, error) {
			return builtin.Host(nodes.Deps{Root: cfg.Project.Root, Data: cfg.Project.DataDir, Bus: b, Log: lg, Host: o, Program: program})
		})
		if err == nil {
			err = own.vouch(ctx, all[len(all)-1].Host)
		}
		if err != nil {
			all.close()
			return nil, err
		}
	}
	for _, dir := range distinct(cfg.Nodes) {
		err := all.add(cfg.instance(dir), rec, lg, guard, func(o *host.Options) (*host.Host, error) { return host.Load(ctx, dir, o) })
		if ctx.Err() != nil {
			all.close()
			return nil, ctx.Err()
		}
		if err != nil { // the others can run without it
			all = append(all, hosted{dir: dir, failed: err})
			continue
		}
		all[len(all)-1].dir = dir
	}
	return all, nil
}

// distinct returns the directories without those that were named before,
// however they are written: one directory is one node.
func distinct(dirs []string) []string {
	var out []string
	for _, dir := range dirs {
		dir = filepath.Clean(dir)
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		if !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// instance returns the id of a node that lives in the daemon. It is the same
// after a restart, which is then a new incarnation and not another instance.
func (c Config) instance(name string) node.ID {
	key := process.Self().Host + "\x00" + c.Project.DataDir + "\x00" + name
	return node.ID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(key)).String())
}

func (hs *hosts) add(id node.ID, rec trace.Recorder, lg *slog.Logger, guard *access.Guard, create func(*host.Options) (*host.Host, error)) error {
	accepted := make(chan struct{})
	once := sync.OnceFunc(func() { close(accepted) })
	h, err := create(&host.Options{ID: id, Log: lg, Trace: rec, Process: process.Self(), Access: guard, Relay: Relay(), Ready: func(host.Accepted) { once() }})
	if err == nil {
		*hs = append(*hs, hosted{Host: h, accepted: accepted})
	}
	return err
}

// run hosts every node until ctx ends, and calls ready when all that can be are
// accepted. A program of the project that fails is told to broken and costs the
// others nothing; a built-in node that fails ends all.
func (hs hosts) run(ctx context.Context, b bus.Bus, ready func([]string), broken func(Broken)) error {
	group, ctx := errgroup.WithContext(ctx)
	ended := make([]chan struct{}, len(hs))
	for i, h := range hs {
		ended[i] = make(chan struct{})
		group.Go(func() error {
			defer close(ended[i])
			err := h.failed
			if err == nil {
				err = h.Run(ctx, b)
			}
			if h.dir == "" || ctx.Err() != nil {
				return err
			}
			broken(brokenOf(h.dir, err))
			return nil
		})
	}
	for i, h := range hs {
		select {
		case <-h.accepted:
		case <-ended[i]:
		case <-ctx.Done():
			return group.Wait()
		}
	}
	ready(hs.names())
	return group.Wait()
}

func (hs hosts) names() []string {
	var names []string
	for _, h := range hs {
		if h.failed == nil && closed(h.accepted) {
			names = append(names, string(h.Manifest().Name))
		}
	}
	return names
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (hs hosts) close() {
	for _, h := range hs {
		if h.Host != nil {
			h.Close()
		}
	}
}
