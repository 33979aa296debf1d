package zmqbus_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/zmtp"
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
			bustest.Run(t, bustest.Backend{Name: "zmq", Start: func(t testing.TB) bustest.System { return system(t, url) }})
		})
	}
}

// system is a forwarder that can be killed, and a bus on it, over TCP through a
// network that can be cut.
func system(t testing.TB, url string) bustest.System {
	o := zmqbus.Options{URL: url, Linger: -1, ReconnectMax: 50 * time.Millisecond, Log: quiet()}
	f, err := zmqbus.Forward(testContext(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close(testContext(t)) }) // what it could not pass on is the case's business
	o.URL = f.URL()
	connect := func(o zmqbus.Options) *zmqbus.Bus {
		o.Linger = 0
		b, err := zmqbus.Dial(testContext(t), o)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	s := bustest.System{
		Connect: func() bus.Bus { return connect(o) },
		Restart: func() {
			_ = f.Close(testContext(t)) // as above
			if f, err = zmqbus.Forward(testContext(t), o); err != nil {
				t.Error(err)
			}
		},
		Inject: func(s event.Subject, wire []byte) { inject(t, f, s, wire) },
	}
	if strings.HasPrefix(url, "zmq+tcp:") {
		network := newRelay(t, f.URL())
		s.Cut = network.cut
		through := o
		through.URL = network.url()
		s.Bus = connect(through)
	} else {
		s.Bus = connect(o)
	}
	return s
}

// inject publishes as a foreign program does.
func inject(t testing.TB, f *zmqbus.Forwarder, s event.Subject, wire []byte) {
	pub := connected(t, zmtp.XPUB, f)
	if _, err := pub.Receive(testContext(t)); err != nil { // it listens
		t.Error(err)
	}
	if err := pub.Send(testContext(t), zmtp.Message{[]byte("onex.events." + string(s)), wire}); err != nil {
		t.Error(err)
	}
}
