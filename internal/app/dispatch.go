package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// dispatching is the name under which the daemon makes calls that others left.
const dispatching node.Name = "async"

// startDispatch makes the calls that are left on a bus that keeps them, until the
// function it returns is called.
func startDispatch(ctx context.Context, cfg Config, b bus.Bus, rec trace.Recorder, lg *slog.Logger) (stop func() error, err error) {
	if !slices.Contains(b.Classes(), bus.Durable) {
		return func() error { return nil }, nil
	}
	guard := cfg.Guard(lg)
	o := cfg.Caller(dispatching, lg)
	o.Trace = rec
	o.Policy = nil // who left the call is asked for, not the daemon
	client, err := invoke.NewClient(ctx, b, o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		err := client.Dispatch(ctx, &invoke.DispatchOptions{Admit: func(s event.Subject, e event.Event, t node.Tool) error {
			return guard.Allowed(guard.Kept(s, e), t)
		}})
		if err != nil && !errors.Is(err, bus.ErrClosed) {
			lg.Error("calls that wait are not made", "error", err)
		}
	})
	return func() error { cancel(); done.Wait(); return client.Close() }, nil
}
