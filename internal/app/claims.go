package app

import (
	"context"
	"errors"
	"log/slog"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/registry/claim"
)

// openClaims returns where the claims of idempotency keys are kept, and what ends
// it: on NATS in the JetStream of the bus, so that registries on one bus share
// them; else in the daemon's own.
func openClaims(ctx context.Context, server *natsd.Server, b bus.Bus, lg *slog.Logger) (claim.Store, func(), error) {
	const name = "claims"
	nats, ok := b.(*natsbus.Bus)
	end := func() {}
	if !ok {
		var err error
		if nats, err = natsbus.Dial(ctx, natsbus.Options{URL: embedded, Dialer: server.Dial, Name: "onex claims", Log: lg}); err != nil {
			return nil, nil, err
		}
		end = func() { _ = nats.Close(context.WithoutCancel(ctx)) } // nothing waits to be sent
	}
	cells, err := nats.Cells(ctx, name, claim.KeepFor)
	if errors.Is(err, bus.ErrUnsupported) {
		lg.Warn("calls with idempotency keys are refused: the bus's server has no JetStream, which claims are kept in")
		return noClaims{err}, end, nil
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return cells, end, nil
}

// noClaims refuses every claim: registries that share a bus could not share them.
type noClaims struct{ why error }

func (n noClaims) Get(context.Context, string) ([]byte, uint64, error) { return nil, 0, n.why }

func (n noClaims) Swap(context.Context, string, []byte, uint64) (bool, error) { return false, n.why }
