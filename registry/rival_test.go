package registry_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/registry"
)

// TestASecondRegistryIsRefused: two on one bus would have every node announce
// itself for ever.
func TestASecondRegistryIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &registry.Options{ID: "first"})
		defer w.close()
		store := &shelf{}
		err := registry.Serve(t.Context(), w.bus, &registry.Options{Log: quiet, Store: store})
		if !errors.Is(err, registry.ErrAnotherRegistry) || !strings.Contains(err.Error(), "first") {
			t.Errorf("got %v", err)
		}
		if store.saves != 0 {
			t.Error("it changed the store, which may be that of the other")
		}
		w.join(greeter(1)) // the first is as it was
	})
}

func TestStartIsNotHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld(t, nil)
		defer w.close()
		if d := time.Since(begin); d > 100*time.Millisecond {
			t.Errorf("the start took %s", d)
		}
	})
}

// TestARivalThatAppearsLaterIsReported once.
func TestARivalThatAppearsLaterIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		b := bus.NewMemory(nil)
		defer b.Close(context.Background())
		ctx, cancel := context.WithCancel(t.Context())
		done, ready := make(chan error), make(chan struct{})
		go func() {
			done <- registry.Serve(ctx, b, &registry.Options{Log: slog.New(slog.NewTextHandler(&text, nil)), Ready: func() { close(ready) }})
		}()
		<-ready
		for range 2 {
			p := event.NodeAnnounceAccepted{NodeID: id(1), Name: "greeter", RegistryID: "rival", TTL: time.Second, Incarnation: 1}
			if _, err := b.Publish(ctx, event.NewSubject(p.Kind(), "registry").To(string(id(1))), event.New("rival", p, event.ID{})); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n := strings.Count(text.String(), "registry=rival"); n != 1 {
			t.Errorf("reported %d times:\n%s", n, text.String())
		}
	})
}
