package busbench_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/busbench"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func conduits(t *testing.T) map[string]func() busbench.Conduit {
	b, subjects := bus.NewMemory(nil), busbench.NewSubjects()
	onBus := func(c bus.Class) func() busbench.Conduit {
		return func() busbench.Conduit { return made(t)(busbench.OnBus(t.Context(), subjects, b, b, c)) }
	}
	return map[string]func() busbench.Conduit{
		"channel":   busbench.Channel,
		"unix":      func() busbench.Conduit { return made(t)(busbench.Relayed("unix", filepath.Join(t.TempDir(), "s"))) },
		"tcp":       func() busbench.Conduit { return made(t)(busbench.Relayed("tcp", "127.0.0.1:0")) },
		"ephemeral": onBus(bus.Ephemeral),
		"durable":   onBus(bus.Durable),
	}
}

func made(t *testing.T) func(busbench.Conduit, error) busbench.Conduit {
	return func(c busbench.Conduit, err error) busbench.Conduit {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		return c
	}
}

func TestConduitsCarry(t *testing.T) {
	for name, open := range conduits(t) {
		t.Run(name, func(t *testing.T) {
			c := open()
			senders := 1
			if name == "durable" {
				senders = 16
			}
			rate, err := busbench.Throughput(t.Context(), c, senders, 10*time.Millisecond)
			if err != nil || rate <= 0 {
				t.Errorf("%v events/s, %v", rate, err)
			}
			l, err := busbench.RoundTrip(t.Context(), c, open(), 5*time.Millisecond)
			if err != nil || l.P50 <= 0 || l.P99 < l.P50 {
				t.Errorf("round trip %+v, %v", l, err)
			}
		})
	}
}

func TestEventsHaveTheirSize(t *testing.T) {
	for _, c := range []bus.Class{bus.Ephemeral, bus.Durable} {
		e, err := busbench.Event(c)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := event.Encode(e); err != nil || len(data) != busbench.EventSize {
			t.Errorf("%s: %d bytes, %v", c, len(data), err)
		}
		if got := bus.ClassOf(event.NewSubject(e.Kind(), "n")); got != c {
			t.Errorf("is published as %s, want %s", got, c)
		}
	}
}

// lossy loses every 100th event.
type lossy struct {
	busbench.Conduit
	n int
}

func (l *lossy) Send(ctx context.Context) error {
	if l.n++; l.n%100 == 0 {
		return nil
	}
	return l.Conduit.Send(ctx)
}

func TestALossIsAnError(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for what does not come")
	}
	if _, err := busbench.Throughput(t.Context(), &lossy{Conduit: busbench.Channel()}, 1, time.Second); !errors.Is(err, busbench.ErrLost) {
		t.Errorf("error %v", err)
	}
}

var errBroken = errors.New("broken")

type broken struct{ busbench.Conduit }

func (broken) Send(context.Context) error { return errBroken }

func TestAFailureToSendIsTheError(t *testing.T) {
	if _, err := busbench.Throughput(t.Context(), broken{busbench.Channel()}, 1, time.Second); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
	if _, err := busbench.RoundTrip(t.Context(), broken{busbench.Channel()}, busbench.Channel(), time.Second); !errors.Is(err, errBroken) {
		t.Errorf("round trip: error %v", err)
	}
}
