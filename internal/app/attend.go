package app

import (
	"context"
	"log/slog"
	"strings"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/internal/process"
	"github.com/omninode-ai/onex/internal/telemetry"
)

// Attend lets b be seen by others: it answers for its health and tells what goes
// wrong on it, for as long as the program runs. Programs that stay do this;
// those that come and go do not. The function it returns ends that, before
// b is closed.
func Attend(ctx context.Context, cfg Config, b bus.Bus, name string, lg *slog.Logger) (func(), error) {
	a, err := bus.Attend(ctx, b, &bus.AttendOptions{
		Name: name, Endpoint: cfg.reachable(), Process: process.Self(), Log: telemetry.Local(lg), // it publishes diagnostics
	})
	if err != nil {
		return nil, err
	}
	return a.Close, nil
}

// Address returns the address of the bus as it may be shown.
func (c Config) Address() string { return natsbus.Redacted(c.Bus) }

// Embedded reports whether the bus is the one inside this project's daemon.
func (c Config) Embedded() bool { return c.Bus == embedded }

// Backend returns what diagnostics call the bus of c.
func (c Config) Backend() string {
	scheme, _, _ := strings.Cut(c.Bus, ":")
	switch scheme {
	case "zmq+tcp", "zmq+ipc":
		return "zmq"
	case "ipc", "memory":
		return scheme
	}
	return "nats"
}

// carries reports whether the daemon carries the bus of cfg for others.
func (c Config) carries() bool {
	scheme, _, _ := strings.Cut(c.Bus, ":")
	switch scheme {
	case "embedded", "ipc", "zmq+tcp", "zmq+ipc":
		return true
	}
	return false
}
