package app

import (
	"context"
	"sync"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/registry"
)

// A runningRegistry outlives the nodes of the daemon.
type runningRegistry struct {
	listening chan struct{} // closed when nodes can announce themselves
	stop      context.CancelFunc
	done      sync.WaitGroup
	err       error
}

// startRegistry runs the registry; ended is called when it stops, for whatever
// reason: without a registry nobody finds the nodes.
func startRegistry(ctx context.Context, b bus.Bus, o *registry.Options, ended func()) *runningRegistry {
	r := &runningRegistry{listening: make(chan struct{})}
	o.Ready = func() { close(r.listening) }
	ctx, r.stop = context.WithCancel(ctx)
	r.done.Go(func() {
		defer ended()
		r.err = registry.Serve(ctx, b, o)
	})
	return r
}

// await reports whether the registry listens before ctx ends.
func (r *runningRegistry) await(ctx context.Context) bool {
	select {
	case <-r.listening:
		return true
	case <-ctx.Done():
		return false
	}
}

// end stops the registry, which writes its last state, and returns its error.
func (r *runningRegistry) end() error {
	r.stop()
	r.done.Wait()
	return r.err
}
