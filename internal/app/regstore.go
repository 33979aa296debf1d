package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/registry"
)

// A registryStore is where a registry keeps what it knows.
type registryStore struct {
	registry.Store
	lead  registry.Leadership // nil when no other registry has the store
	close func()
}

// openRegistryStore opens the store of the registry. On an external NATS server with
// JetStream it is there, shared by all registries of that bus, of which one leads:
// whoever takes over knows what the one before knew. Else it is the daemon's own.
func openRegistryStore(ctx context.Context, cfg Config, server *natsd.Server, b bus.Bus, lg *slog.Logger) (registryStore, error) {
	owner := string(cfg.instance("registry"))
	if n, ok := b.(*natsbus.Bus); ok && cfg.Bus != embedded && n.Conn() != nil {
		store, err := natsd.OpenStoreOf(ctx, n.Conn(), cfg.storeName(), max(1, cfg.Replicas))
		if err == nil {
			shared := store.Share(owner)
			return registryStore{shared, shared, func() {}}, nil
		}
		lg.Warn("the registry keeps its state in this project: the server of the bus does not take it", "error", err)
	}
	store, done, err := server.OpenStore(ctx, "registry")
	if err != nil {
		return registryStore{}, err
	}
	if cfg.Bus == embedded && cfg.Listen != "" { // daemons of other projects may use this bus
		shared := store.Share(owner)
		return registryStore{shared, shared, done}, nil
	}
	return registryStore{store, nil, done}, nil
}

// storeName returns the name of the store: registries with different prefixes know
// nothing of each other.
func (c Config) storeName() string {
	if c.Prefix == natsbus.DefaultPrefix {
		return "registry"
	}
	sum := sha256.Sum256([]byte(c.Prefix))
	return "registry_" + hex.EncodeToString(sum[:4])
}
