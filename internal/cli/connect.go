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
	"github.com/omninode-ai/onex/tree"
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

// publishTime bounds what telling the bus may cost a command that has done its work.
const publishTime = 2 * time.Second

// tell tells the bus of the project. No project and no daemon is no error: there is
// nobody to tell.
func (s *session) tell(ctx context.Context, p event.Payload, correlation event.ID) error {
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	err := s.onBus(ctx, func(_ app.Config, b bus.Bus) error {
		_, err := b.Publish(ctx, event.NewSubject(p.Kind(), self), event.New(event.NewID().String(), p, correlation))
		return err
	})
	if errors.Is(err, app.ErrNoDaemon) || errors.Is(err, tree.ErrNoProject) {
		return nil
	}
	return err
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
