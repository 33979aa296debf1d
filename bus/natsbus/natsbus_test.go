package natsbus_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/natsd/natsdtest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("NATSBUS_TEST_SERVE"); dir != "" {
		serve(dir)
	}
	natsdtest.VerifyMain(m)
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

func (b *backend) connect() bus.Bus { return b.connectOver(new(wire)) }

func (b *backend) connectOver(w *wire) *natsbus.Bus {
	c, err := natsbus.Dial(context.Background(), natsbus.Options{
		Dialer: func() (net.Conn, error) { return w.dial(b.server.Load().Dial) }, Log: quiet,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// A wire is the connection of one client, for a test to cut.
type wire struct{ now atomic.Pointer[net.Conn] }

func (w *wire) dial(dial func() (net.Conn, error)) (net.Conn, error) {
	c, err := dial()
	if err == nil {
		w.now.Store(&c)
	}
	return c, err
}

func (w *wire) cut() { (*w.now.Load()).Close() }

// stranger returns a connection of somebody who knows NATS and nothing of us.
func (b *backend) stranger() *nats.Conn {
	nc, err := nats.Connect("nats://127.0.0.1:1", nats.SetCustomDialer(dialer(b.server.Load().Dial)))
	if err != nil {
		b.t.Fatal(err)
	}
	return nc
}

func TestConformance(t *testing.T) {
	bustest.Run(t, bustest.Backend{Name: "nats", Start: func(t testing.TB) bustest.System {
		b, w := newBackend(t), new(wire)
		return bustest.System{
			Bus: b.connectOver(w), Connect: b.connect, Restart: b.restart, Cut: w.cut,
			Inject: func(s event.Subject, data []byte) {
				nc := b.stranger()
				defer nc.Close()
				if err := errors.Join(nc.Publish("onex.events."+string(s), data), nc.Flush()); err != nil {
					t.Fatal(err)
				}
			},
		}
	}})
}
