package host

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// Times of the end of a run.
const (
	// linger is how long a node that said goodbye still answers, with
	// ErrStopping, those who have not heard of it: twice what it may take until
	// nobody routes to it.
	linger = 200 * time.Millisecond

	// farewell bounds each of the last publications, which no context of the
	// caller's bounds any more.
	farewell = 2 * time.Second
)

// A life is a [Host] on a bus, from Run to its return.
type life struct {
	*Host
	bus    bus.Bus
	sub    bus.Subscription
	jobs   chan *job
	story  event.ID // correlation of what the node says of itself
	audit  *audit
	claims *claims         // nil when no tool takes keys
	calls  context.Context // ends when running calls are told to end; a life is what it bounds, which allows it here
	accept chan event.NodeAnnounceAccepted
	refuse chan error
	again  chan struct{} // announce again
	ready  sync.Once

	unheard bool // the last publication failed; used by one goroutine at a time

	incarnation atomic.Uint64
	inFlight    atomic.Int64
	total       atomic.Uint64
	active      sync.WaitGroup // calls that wait or run
	workers     sync.WaitGroup

	mu       sync.Mutex
	staff    int                                  // workers there are
	open     int                                  // calls that no worker is done with
	stopping bool                                 // no call is taken any more
	running  map[event.ID]context.CancelCauseFunc // calls by the id of their request
}

// Run serves the node on b until ctx ends, and then returns nil.
//
// It subscribes, announces the node until a registry answers (for ever, if need
// be), beats three times per TTL, and serves calls, several at once. When ctx
// ends it says NODE_STOPPED, refuses new calls, lets running ones finish within
// the drain time, tells those that are left to end, and returns when nothing of it
// is left: a Go tool that does not heed its context holds it up.
//
// It returns early with [ErrRejected] when the registry refuses the node, with
// [ErrGaveUp] when the node's program cannot be kept alive, and with the bus's
// error when the bus was closed.
func (h *Host) Run(ctx context.Context, b bus.Bus) error {
	h.mu.Lock()
	before := h.run
	h.run = true
	h.mu.Unlock()
	if before {
		return ErrRunning.With("node %q", h.manifest.Name)
	}
	l := &life{
		Host: h, bus: b, story: event.NewID(),
		jobs:    make(chan *job, h.o.Workers+h.o.Waiting),
		accept:  make(chan event.NodeAnnounceAccepted, 1),
		refuse:  make(chan error, 1),
		again:   make(chan struct{}, 1),
		running: map[event.ID]context.CancelCauseFunc{},
	}
	var err error
	// What is received is handed on at once, so the queue only bridges the time
	// until the receiver is scheduled.
	l.sub, err = b.Subscribe(ctx, event.FilterTo(string(h.id)), &bus.Options{Queue: h.o.Waiting + bus.DefaultQueue})
	if err != nil {
		return err
	}
	defer l.sub.Close()
	asked, err := b.Subscribe(ctx, event.FilterKind(event.KindIntrospectionRequest), nil)
	if err != nil {
		return err
	}
	defer asked.Close()
	h.alive.Store(l)
	return l.live(ctx, asked)
}

// live runs the parts of a life and takes them down in order.
func (l *life) live(ctx context.Context, asked bus.Subscription) error {
	begin := time.Now()
	calls, abort := context.WithCancelCause(context.WithoutCancel(ctx))
	defer abort(nil)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	l.calls = calls
	var err error
	if l.claims, err = newClaims(ctx, l); err != nil {
		return err
	}
	defer l.claims.close()
	l.audit = newAudit(l.bus, l.manifest.Name, l.log)
	var parts sync.WaitGroup
	parts.Go(func() { stop(l.receive(calls, l.sub)) })
	parts.Go(func() { stop(l.receive(calls, asked)) })
	withdraw := l.offer(ctx, calls)
	present := make(chan struct{})
	parts.Go(func() { defer close(present); stop(l.attend(ctx)) })
	l.watch(ctx, stop, &parts)
	parts.Go(func() { l.watchProgram(ctx) })

	<-ctx.Done()
	<-present // no beat or announcement may follow the goodbye
	err = endOf(ctx)
	l.farewell(err, begin)
	parts.Go(withdraw)
	l.drain(abort)
	close(l.jobs)
	l.workers.Wait()
	l.sub.Close()
	asked.Close()
	parts.Wait()
	l.audit.close()
	return err
}

// endOf is the error of Run: none when the caller ended it.
func endOf(ctx context.Context) error {
	err := context.Cause(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// watch looks after what can end or disturb a life from outside.
func (l *life) watch(ctx context.Context, stop context.CancelCauseFunc, parts *sync.WaitGroup) {
	var gaveUp, reconnected <-chan struct{}
	if l.child != nil {
		gaveUp = l.child.gaveUp
	}
	if n, ok := l.bus.(bus.Notifier); ok {
		reconnected = n.Reconnected(ctx)
	}
	parts.Go(func() {
		for {
			select {
			case <-gaveUp:
				stop(ErrGaveUp.Wrap(l.child.reason(), "node %q, %d restarts", l.manifest.Name, restartBudget))
				return
			case _, ok := <-reconnected:
				if !ok {
					reconnected = nil
					break
				}
				l.announceAgain()
			case <-ctx.Done():
				return
			}
		}
	})
}

// drain refuses what comes and waits for what runs, at most for the drain time;
// what runs then is told to end.
func (l *life) drain(abort context.CancelCauseFunc) {
	idle := make(chan struct{})
	go func() {
		l.active.Wait()
		close(idle)
	}()
	deadline := time.NewTimer(l.o.Drain)
	defer deadline.Stop()
	if l.incarnation.Load() != 0 { // else nobody knows it
		time.Sleep(linger)
	}
	select {
	case <-idle:
		return
	case <-deadline.C:
	}
	l.log.Warn("running calls are told to end", "running", l.inFlight.Load(), "drain", l.o.Drain)
	abort(ErrCutOff.With("node %q, drain time %s", l.manifest.Name, l.o.Drain))
	<-idle
}
