package invoke_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// TestAnEndIsForgotten: a registry that lost its store gives incarnations that
// were given before, to nodes whose ids are the same.
func TestAnEndIsForgotten(t *testing.T) {
	for name, tt := range map[string]struct {
		returns func(*world, *worker)
		want    error
	}{
		"at once":         {func(*world, *worker) {}, invoke.ErrNoProvider},
		"by time":         {func(*world, *worker) { time.Sleep(15 * time.Second) }, nil},
		"by announcement": {(*world).announce, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				x := w.start("alice", "1.0.0", node.None)
				synctest.Wait() // its announcement, which would undo the end, is known
				w.die(x)
				synctest.Wait()
				tt.returns(w, x)
				synctest.Wait()
				if _, err := w.call("x"); !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
			})
		})
	}
}

// announce announces x as if it had come back.
func (w *world) announce(x *worker) {
	w.t.Helper()
	p := event.NodeAnnounce{NodeID: x.ID(), Manifest: x.Manifest(), Contract: x.Contract(), Status: event.AnnounceOnline}
	if _, err := w.bus.Publish(w.t.Context(), event.NewSubject(p.Kind(), "alice"), event.New(string(x.ID()), p, event.ID{})); err != nil {
		w.t.Fatal(err)
	}
}

// TestACallAfterCloseWasNotSent: also one whose route is known.
func TestACallAfterCloseWasNotSent(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	if _, err := w.call("x"); err != nil {
		t.Fatal(err)
	}
	w.client.Close()
	if _, err := w.call("x"); !errors.Is(err, invoke.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if n := x.runs.Load(); n != 1 {
		t.Errorf("%d runs", n)
	}
}
