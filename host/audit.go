package host

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// Bounds of the copies that wait to be stored.
const (
	auditQueue = 4096     // some seconds of a store that syncs each one
	auditBytes = 16 << 20 // of results: as much as is remembered of keyed calls
)

// An audit publishes copies of what happened for those who record it, redacted,
// in order, and never in the way of an answer: when the bus is slower than the
// node, copies are dropped and counted.
type audit struct {
	bus   bus.Bus
	from  node.Name
	log   *slog.Logger
	queue chan *event.Event // pointers, so that an idle node has no room for 4096 events
	done  chan struct{}
	stop  context.CancelFunc

	mu      sync.Mutex
	closed  bool
	bytes   int // of what waits
	dropped uint64
}

func newAudit(b bus.Bus, from node.Name, log *slog.Logger) *audit {
	ctx, cancel := context.WithCancel(context.Background())
	a := &audit{bus: b, from: from, log: log, queue: make(chan *event.Event, auditQueue), done: make(chan struct{}), stop: cancel}
	go a.run(ctx)
	return a
}

// add leaves a copy of e, if there is room.
func (a *audit) add(e event.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if size := weight(e); !a.closed && a.bytes+size <= auditBytes {
		select {
		case a.queue <- &e:
			a.bytes += size
			return
		default:
		}
	}
	a.dropped++
}

// weight returns the bytes of what may be large in e.
func weight(e event.Event) int {
	switch p := e.Payload.(type) {
	case event.ToolProxyResult:
		return len(p.Result)
	case event.ToolProxyError:
		return textOf(p.Error)
	case event.ToolProxyRejected:
		return textOf(p.Error)
	}
	return 0
}

func textOf(r fault.Report) int {
	n := len(r.Message) + len(r.Hint)
	for key, value := range r.Details {
		n += len(key) + len(value)
	}
	return n
}

func (a *audit) run(ctx context.Context) {
	defer close(a.done)
	for e := range a.queue {
		err := a.publish(ctx, *e)
		a.mu.Lock()
		a.bytes -= weight(*e)
		if err != nil {
			a.dropped++
		}
		a.mu.Unlock()
		if err != nil {
			a.log.Debug("an audit copy is lost", "error", err, "kind", string(e.Kind()))
		}
	}
}

func (a *audit) publish(ctx context.Context, e event.Event) error {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	_, err := a.bus.Publish(ctx, event.NewSubject(e.Kind(), a.from), event.Redact(e))
	return err
}

// close publishes what waits, for a limited time, and says what was lost.
func (a *audit) close() {
	a.mu.Lock()
	a.closed = true
	close(a.queue)
	a.mu.Unlock()
	late := time.AfterFunc(farewell, a.stop)
	<-a.done
	late.Stop()
	a.stop()
	if a.dropped > 0 {
		a.log.Warn("audit copies were dropped", "count", a.dropped)
	}
}

// What the events of a node's own work say: that it serves.
const operation = "serve"

var noState = json.RawMessage("{}")

// farewell says goodbye: routing must stop before anything else does.
func (l *life) farewell(err error, begin time.Time) {
	l.mu.Lock()
	l.stopping = true
	l.mu.Unlock()
	reason := "stopped by its operator"
	if err != nil {
		reason = err.Error()
	}
	i := node.Incarnation(l.incarnation.Load())
	if i == 0 && errors.Is(err, ErrRejected) {
		return // the goodbye would be another's, whose id this node had
	}
	l.publish(context.Background(), event.NodeStopped{NodeID: l.id, Name: l.manifest.Name, Incarnation: i, Reason: reason})
	ms := float64(time.Since(begin).Microseconds()) / 1000
	if err == nil {
		l.audit.add(event.New(string(l.id), event.NodeSuccess{
			InputState: noState, OutputState: noState, NodeVersion: l.manifest.Version, ExecutionTimeMS: ms,
		}, l.story))
		return
	}
	r := fault.ReportOf(err)
	l.audit.add(event.New(string(l.id), event.NodeFailure{
		InputState: noState, Error: r.Message, ErrorType: string(r.Class), ErrorCode: string(r.Code),
		Recoverable: r.Class.Retryable(), NodeVersion: l.manifest.Version, ExecutionTimeMS: ms,
	}, l.story))
}
