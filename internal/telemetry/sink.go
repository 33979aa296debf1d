package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// Bounds of what is published.
const (
	// sinkQueue holds some seconds of a process that logs busily.
	sinkQueue = 1024

	// How many log lines and telemetry events of one process are published in a second, so
	// that a loop which logs, or a flood of calls, cannot drown the bus; the rest is
	// dropped and counted.
	logRate       = 500
	operationRate = 2000

	// publishTime bounds one publication.
	publishTime = time.Second

	// flushTime bounds what is still published when a process ends.
	flushTime = 500 * time.Millisecond
)

// Attach publishes the lines of lg and of all loggers made of it on b, as
// STRUCTURED_LOG, until detach is called: before b is closed. Lines that were
// logged before are made up for, the first of them. The node named from, whose
// instance is id, publishes them. A logger that is not of [NewLogger] is left as it is.
func Attach(lg *slog.Logger, b Publisher, from node.Name, id string) (detach func()) {
	h, ok := lg.Handler().(handler)
	if !ok || h.outlet.o.Events == LevelOff {
		return func() {}
	}
	s := newSink(b, from, id, logRate)
	o := h.outlet
	o.mu.Lock()
	for _, p := range o.early {
		s.add(p)
	}
	o.early = nil
	o.sink.Store(s)
	o.mu.Unlock()
	return func() {
		o.mu.Lock()
		o.sink.CompareAndSwap(s, nil)
		o.mu.Unlock()
		s.close()
	}
}

// Lost returns how many lines of lg were not published that should have been.
func Lost(lg *slog.Logger) uint64 {
	if h, ok := lg.Handler().(handler); ok {
		if s := h.outlet.sink.Load(); s != nil {
			return s.lost.Load()
		}
	}
	return 0
}

// A sink publishes events in the background, in order, within bounds.
type sink struct {
	bus   Publisher
	from  node.Name
	id    string
	rate  int // events in a second
	queue chan message
	done  chan struct{}
	stop  context.CancelFunc

	lost atomic.Uint64 // in all

	mu     sync.Mutex
	closed bool
	told   uint64 // of lost, what was said
	window time.Time
	count  int // in the window
}

// A Publisher is the part of a bus.Bus that is needed to tell.
type Publisher interface {
	Publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error)
}

// A message is an event on its way.
type message struct {
	from  node.Name
	event event.Event
}

func newSink(b Publisher, from node.Name, id string, rate int) *sink {
	ctx, cancel := context.WithCancel(context.Background())
	s := &sink{bus: b, from: from, id: id, rate: rate, queue: make(chan message, sinkQueue), done: make(chan struct{}), stop: cancel}
	go s.run(ctx)
	return s
}

// add publishes a log line, soon.
func (s *sink) add(p event.StructuredLog) {
	s.put(message{s.from, event.New(s.id, p, p.Context.Correlation)})
}

// put publishes an event, soon, or drops it.
func (s *sink) put(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.lost.Add(1)
		return
	}
	if now := time.Now(); now.Sub(s.window) >= time.Second {
		s.window, s.count = now, 0
		if e, ok := s.confession(); ok {
			select {
			case s.queue <- message{s.from, e}:
			default:
				s.told = 0 // another time
			}
		}
	}
	if s.count >= s.rate {
		s.lost.Add(1)
		return
	}
	select {
	case s.queue <- m:
		s.count++
	default:
		s.lost.Add(1)
	}
}

// confession says how many events were dropped in all, when that has changed.
// The lock is held.
func (s *sink) confession() (event.Event, bool) {
	lost := s.lost.Load()
	if lost == s.told {
		return event.Event{}, false
	}
	s.told = lost
	return event.New(s.id, event.StructuredLog{
		Level: event.LevelWarning, Message: "log lines and telemetry are dropped: there are too many, or the bus is away",
		Context:    event.LogContext{Module: "telemetry", Time: time.Now().UTC().Truncate(time.Microsecond)},
		Attributes: fmt.Appendf(nil, `{"dropped":%d}`, lost),
	}, event.ID{}), true
}

func (s *sink) run(ctx context.Context) {
	defer close(s.done)
	for m := range s.queue {
		if s.publish(ctx, m) != nil {
			s.lost.Add(1) // a word about it would be another event
		}
	}
	s.mu.Lock()
	e, ok := s.confession()
	s.mu.Unlock()
	if ok {
		_ = s.publish(ctx, message{s.from, e})
	}
}

func (s *sink) publish(ctx context.Context, m message) error {
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	_, err := s.bus.Publish(ctx, event.NewSubject(m.event.Kind(), m.from), event.Redact(m.event))
	return err
}

// close publishes what waits, for a limited time.
func (s *sink) close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.queue)
	}
	s.mu.Unlock()
	late := time.AfterFunc(flushTime, s.stop)
	defer late.Stop()
	<-s.done
	s.stop()
}
