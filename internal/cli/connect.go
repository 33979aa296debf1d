package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/telemetry"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// self is the name under which commands publish; it is no node and announces
// nothing.
const self node.Name = "cli"

// closeTime bounds how long a command that has its answer waits for the bus.
const closeTime = 2 * time.Second

// onBus opens the configured bus, runs f, and closes it.
func (s *session) onBus(ctx context.Context, f func(app.Config, bus.Bus) error) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	return s.onBusOf(ctx, cfg, func(b bus.Bus) error { return f(cfg, b) })
}

// onBusOf opens the bus that cfg names, runs f, and closes it.
func (s *session) onBusOf(ctx context.Context, cfg app.Config, f func(bus.Bus) error) error {
	b, err := app.OpenBus(ctx, cfg, string(self), s.Log)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			s.Log.Debug("closing the bus", "error", err)
		}
	}()
	defer telemetry.Attach(s.Log, b, self, event.NewID().String())()
	return f(b)
}

// staying is onBus for commands that stay: others on the bus see them.
func (s *session) staying(ctx context.Context, name string, f func(app.Config, bus.Bus) error) error {
	return s.onBus(ctx, func(cfg app.Config, b bus.Bus) error {
		end, err := app.Attend(ctx, cfg, b, name, s.Log)
		if err != nil {
			return err
		}
		defer end()
		return f(cfg, b)
	})
}

// stayingAs is staying under a name.
func (s *session) stayingAs(name string) func(context.Context, func(app.Config, bus.Bus) error) error {
	return func(ctx context.Context, f func(app.Config, bus.Bus) error) error { return s.staying(ctx, name, f) }
}

// onRegistry is onBus with a client of the registry. Questions end with the
// configured timeout.
func (s *session) onRegistry(ctx context.Context, f func(context.Context, *registry.Client) error) error {
	return s.onBus(ctx, func(cfg app.Config, b bus.Bus) error {
		client, err := registry.NewClient(ctx, b, &registry.ClientOptions{Name: self, Timeout: cfg.Timeout})
		if err != nil {
			return err
		}
		defer client.Close()
		return elsewhere(s, cfg, f(ctx, client))
	})
}

// elsewhere says so when no registry answers here, and the daemon of this project
// serves another bus.
func elsewhere(s *session, cfg app.Config, err error) error {
	if !errors.Is(err, registry.ErrUnavailable) {
		return err
	}
	d, ok := s.daemon(cfg)
	if !ok || d.Bus == cfg.Address() || cfg.Embedded() && strings.HasPrefix(d.Bus, "unix:") {
		return err
	}
	return registry.ErrUnavailable.Wrap(err, "on %s", cfg.Address()).
		Hinted("the daemon of this project (pid %d) serves %s: use --bus %s", d.PID, d.Bus, d.Bus)
}
