package bus_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/omninode-ai/onex/bus"
)

// Those who have stopped listening cost nothing: a process may have had
// a million of them.
func TestListenersLastAsLongAsTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l bus.Listeners
		kept := l.Add(t.Context())
		for range 1000 {
			ctx, cancel := context.WithCancel(t.Context())
			l.Add(ctx)
			cancel()
		}
		synctest.Wait()
		if got := l.Len(); got != 1 {
			t.Errorf("%d listeners, want 1", got)
		}
		l.Tell()
		l.Tell() // stands for the first, too
		if _, ok := <-kept; !ok {
			t.Error("closed too early")
		}
		select {
		case <-kept:
			t.Error("told twice")
		default:
		}
		l.Close()
		l.Close()
		l.Tell()
		for _, c := range []<-chan struct{}{kept, l.Add(t.Context())} {
			if _, ok := <-c; ok {
				t.Error("told after the end")
			}
		}
	})
}
