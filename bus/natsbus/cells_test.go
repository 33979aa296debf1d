package natsbus_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/registry/claim"
)

func (b *backend) cells() (*natsbus.Cells, func()) {
	b.t.Helper()
	conn := b.connectOver(new(wire))
	c, err := conn.Cells(context.Background(), "claims", claim.KeepFor)
	if err != nil {
		b.t.Fatal(err)
	}
	return c, func() { conn.Close(context.Background()) }
}

func TestCellsSurviveARestart(t *testing.T) {
	b := newBackend(t)
	c, end := b.cells()
	ctx := t.Context()
	if v, r, err := c.Get(ctx, "a1"); err != nil || r != 0 || v != nil {
		t.Errorf("a key that is not there: %q, %d, %v", v, r, err)
	}
	if ok, err := c.Swap(ctx, "a1", []byte("one"), 0); !ok || err != nil {
		t.Fatalf("a new key: %v, %v", ok, err)
	}
	if ok, err := c.Swap(ctx, "a1", []byte("two"), 0); ok || err != nil {
		t.Errorf("a new key that is there: %v, %v", ok, err)
	}
	end()
	b.restart()
	c, end = b.cells()
	defer end()
	v, r, err := c.Get(ctx, "a1")
	if err != nil || string(v) != "one" {
		t.Fatalf("after a restart: %q, %v", v, err)
	}
	if ok, err := c.Swap(ctx, "a1", []byte("three"), r); !ok || err != nil {
		t.Errorf("of the right revision: %v, %v", ok, err)
	}
	if ok, err := c.Swap(ctx, "a1", []byte("four"), r); ok || err != nil {
		t.Errorf("of an old revision: %v, %v", ok, err)
	}
}

func TestOneOfManyGetsACell(t *testing.T) {
	b := newBackend(t)
	var got atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		c, end := b.cells()
		defer end()
		all.Go(func() {
			ok, err := c.Swap(t.Context(), "a1", []byte("mine"), 0)
			if err != nil {
				t.Error(err)
			}
			if ok {
				got.Add(1)
			}
		})
	}
	all.Wait()
	if n := got.Load(); n != 1 {
		t.Errorf("%d have it", n)
	}
}

func TestCellsNeedJetStream(t *testing.T) {
	url := external(t, nil)
	b := dial(t, natsbus.Options{URL: url})
	if _, err := b.Cells(t.Context(), "claims", time.Hour); !errors.Is(err, bus.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
}
