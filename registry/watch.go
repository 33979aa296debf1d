package registry

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// Watches tell the loop when processes of nodes end.
type watches struct {
	processes Processes // nil when there are none
	log       *slog.Logger
	gone      chan gone
	of        map[node.ID]watch
}

// A watch is on one life.
type watch struct {
	process     event.Process
	incarnation node.Incarnation
	stop        func()
}

// Gone is the end of one life.
type gone struct {
	id          node.ID
	incarnation node.Incarnation
	reason      string
}

func newWatches(p Processes, log *slog.Logger) watches {
	return watches{processes: p, log: log, gone: make(chan gone), of: map[node.ID]watch{}}
}

// begin watches e's process, if it can be watched and is not already. What it
// starts ends with ctx.
func (w *watches) begin(ctx context.Context, e *entry) {
	p, id := e.announce.Process, e.announce.NodeID
	now := w.of[id]
	if w.processes == nil || p.PID == 0 || now.process == p && now.incarnation == e.incarnation {
		return
	}
	w.forget(id)
	g := gone{id, e.incarnation, fmt.Sprintf("process %d ended", p.PID)}
	stop, err := w.processes.Watch(p, func() {
		select {
		case w.gone <- g:
		case <-ctx.Done():
		}
	})
	if err != nil {
		w.log.Debug("a node lives by its heartbeats alone", "node_id", string(id), "why", err)
		stop = func() {}
	}
	w.of[id] = watch{p, e.incarnation, stop}
}

func (w *watches) forget(id node.ID) {
	if t, ok := w.of[id]; ok {
		t.stop()
		delete(w.of, id)
	}
}

func (w *watches) end() {
	for id := range w.of {
		w.forget(id)
	}
}
