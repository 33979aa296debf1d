package host

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// A stalled bus publishes nothing before it is let go.
type stalled struct {
	bus.Bus
	leave chan struct{}
}

func (s stalled) Publish(ctx context.Context, to event.Subject, e event.Event) (bus.Receipt, error) {
	<-s.leave
	return bus.Receipt{}, nil
}

// TestWaitingCopiesAreBoundedByBytes: thousands of the largest results would take
// gigabytes while the bus stands still.
func TestWaitingCopiesAreBoundedByBytes(t *testing.T) {
	line := stalled{leave: make(chan struct{})}
	a := newAudit(line, "tester", slog.New(slog.DiscardHandler))
	large := event.ToolProxyResult{ToolName: "work", NodeID: "n", Status: node.Success, Result: make(json.RawMessage, 1<<20)}
	const more = 4
	for range auditBytes>>20 + more {
		a.add(event.New("n", large, event.ID{}))
	}
	a.mu.Lock()
	if a.bytes > auditBytes || a.dropped != more {
		t.Errorf("%d bytes wait, limit %d; %d copies dropped, want %d", a.bytes, auditBytes, a.dropped, more)
	}
	a.mu.Unlock()
	close(line.leave)
	a.close()
	if a.bytes != 0 || a.dropped != more {
		t.Errorf("in the end %d bytes wait and %d copies are dropped, want 0 and %d", a.bytes, a.dropped, more)
	}
}
