package natsbus_test

import (
	"context"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/internal/natsd"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("NATSBUS_TEST_SERVE"); dir != "" {
		serve(dir)
	}
	goleak.VerifyTestMain(m)
}

var quiet = slog.New(slog.DiscardHandler)

// A backend is a server that can be restarted under its clients.
type backend struct {
	t      testing.TB
	dir    string
	server atomic.Pointer[natsd.Server]
}

func newBackend(t testing.TB) *backend {
	b := &backend{t: t, dir: t.TempDir()}
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *backend) start() {
	s, err := natsd.Start(context.Background(), natsd.Options{Dir: b.dir, Log: quiet})
	if err != nil {
		b.t.Fatal(err)
	}
	b.server.Store(s)
}

func (b *backend) stop() {
	if err := b.server.Load().Close(context.Background()); err != nil {
		b.t.Error(err)
	}
}

func (b *backend) restart() {
	b.stop()
	b.start()
}

func (b *backend) connect() bus.Bus {
	c, err := natsbus.Dial(context.Background(), natsbus.Options{
		Dialer: func() (net.Conn, error) { return b.server.Load().Dial() }, Log: quiet,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func TestConformance(t *testing.T) {
	bustest.Run(t, func(t testing.TB) bustest.System {
		b := newBackend(t)
		return bustest.System{Bus: b.connect(), Connect: b.connect, Restart: b.restart}
	})
}
