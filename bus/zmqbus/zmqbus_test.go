package zmqbus_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/bus/zmqbus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 20 * time.Second

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// quiet discards what is logged.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func forward(t testing.TB, o zmqbus.Options) *zmqbus.Forwarder {
	t.Helper()
	o.Log = quiet()
	f, err := zmqbus.Forward(testContext(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(testContext(t)); err != nil {
			t.Errorf("closing the forwarder: %v", err)
		}
	})
	return f
}

func dial(t testing.TB, o zmqbus.Options) *zmqbus.Bus {
	t.Helper()
	o.Log = quiet()
	b, err := zmqbus.Dial(testContext(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(testContext(t)); err != nil {
			t.Errorf("closing the bus: %v", err)
		}
	})
	return b
}

func TestConformance(t *testing.T) {
	for transport, url := range map[string]string{
		"tcp": "zmq+tcp://127.0.0.1:0",
		"ipc": "zmq+ipc://" + filepath.Join(t.TempDir(), "bus"),
	} {
		t.Run(transport, func(t *testing.T) {
			bustest.Run(t, bustest.Backend{Name: "zmq", Start: func(t testing.TB) bustest.System {
				f := forward(t, zmqbus.Options{URL: url})
				o := zmqbus.Options{URL: f.URL(), Log: quiet()}
				connect := func() *zmqbus.Bus {
					b, err := zmqbus.Dial(testContext(t), o)
					if err != nil {
						t.Fatal(err)
					}
					return b
				}
				return bustest.System{Bus: connect(), Connect: func() bus.Bus { return connect() }}
			}})
		})
	}
}
