package host

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

const (
	// defaultWait is how long a caller waits that does not say (design decision 21).
	defaultWait = 5 * time.Second

	// overtime is how much longer than its caller a call may take. A caller that
	// gives up says so; this is for those that cannot any more, and keeps a node
	// from answering for a caller who is about to say that the outcome is unknown.
	overtime = 250 * time.Millisecond
)

// A job is a call that was taken and waits for a worker.
type job struct {
	request event.Event
	invoke  event.ToolProxyInvoke
	ctx     context.Context // ends when the caller's time is up, or it says so; a job is short-lived, which allows it here
	cancel  context.CancelCauseFunc
	leave   func()        // tells the guard that the call has ended
	reply   func(Outcome) // for a caller that is not on the bus; nil for one that is
}

// errGone is why a call ends that its caller gave up.
var errGone = errors.New("the caller gave up")

// receive deals with what is directed to the node until the subscription ends.
// It never waits for a tool. calls is the context of calls.
func (l *life) receive(calls context.Context, sub bus.Subscription) error {
	for {
		d, err := sub.Next(context.Background()) // ends by Close
		if err != nil {
			return err
		}
		switch p := d.Event.Payload.(type) {
		case event.ToolProxyInvoke:
			l.take(calls, d, p)
		case event.ToolProxyTimeout:
			l.cancel(d.Event.Causation)
		case event.NodeAnnounceAccepted:
			latest(l.accept, p)
		case event.NodeAnnounceRejected:
			latest(l.refuse, rejection(p))
		case event.NodeDiscoveryRequest: // a registry that does not know this node
			l.announceAgain()
		case event.IntrospectionRequest:
			l.introspect(calls, d.Event, p)
		}
	}
}

// latest puts v into c, in place of what nobody has read yet. There is one
// writer.
func latest[T any](c chan T, v T) {
	for {
		select {
		case c <- v:
			return
		default:
		}
		select {
		case <-c:
		default:
		}
	}
}

// take gives a call to a worker, or refuses it.
func (l *life) take(calls context.Context, d bus.Delivery, p event.ToolProxyInvoke) {
	request := d.Event
	if i := node.Incarnation(l.incarnation.Load()); p.Incarnation != 0 && i != 0 && p.Incarnation != i {
		l.reject(calls, request, p, ErrIncarnation.With("node %q is %d, the call is for %d", l.manifest.Name, i, p.Incarnation))
		return
	}
	leave, err := l.admit(func(g *access.Guard) (access.Caller, error) { return g.Caller(d.Subject, request) }, p)
	if errors.Is(err, access.ErrRepeated) {
		l.log.Debug("a call that was delivered twice is dropped", "event_id", request.ID.String())
		return
	}
	if err == nil {
		err = l.queue(calls, request, p, leave, nil)
	}
	if err != nil {
		l.reject(calls, request, p, err)
	}
}

// admit asks the guard whether a caller may call. What it returns is never nil, and
// to be called when the call has ended.
func (l *life) admit(who func(*access.Guard) (access.Caller, error), p event.ToolProxyInvoke) (leave func(), err error) {
	t := l.tools[p.ToolName]
	if l.o.Access == nil || t == nil {
		return func() {}, nil
	}
	c, err := who(l.o.Access)
	if err != nil {
		return nil, err
	}
	return l.o.Access.Enter(c, t.Tool, len(p.Arguments))
}

// queue leaves a call for a worker, or says why not. It never waits. leave is called
// when the call has ended, one way or another.
func (l *life) queue(calls context.Context, request event.Event, p event.ToolProxyInvoke, leave func(), reply func(Outcome)) (err error) {
	defer func() {
		if err != nil {
			leave()
		}
	}()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopping {
		return ErrStopping.With("node %q", l.manifest.Name)
	}
	wait := time.Duration(p.TimeoutMS) * time.Millisecond
	if wait <= 0 {
		wait = defaultWait
	}
	ctx, cancel := context.WithCancelCause(trace.Below(WithCorrelation(calls, request.Correlation), request.TraceParent))
	ctx, stop := context.WithTimeoutCause(ctx, wait+overtime, ErrTimeout.With("tool %q, the caller's limit %s", p.ToolName, wait))
	j := &job{request, p, ctx, func(err error) { cancel(err); stop() }, leave, reply}
	if !l.enqueue(j) {
		j.cancel(nil)
		return ErrBusy.With("node %q, %d running, %d waiting", l.manifest.Name, l.o.Workers, l.o.Waiting)
	}
	l.active.Add(1)
	l.running[request.ID] = j.cancel
	l.hire(calls)
	return nil
}

// enqueue puts a call where workers find it, unless as many run and wait as may. Their
// number counts, not the room that is left: it is not said when a worker comes for one.
// mu is held.
func (l *life) enqueue(j *job) bool {
	if len(l.running) >= cap(l.jobs) {
		return false
	}
	select {
	case l.jobs <- j:
		return true
	default: // of a request that came twice, running knows once
		return false
	}
}

// cancel ends the call that request asked for, if it has not ended.
func (l *life) cancel(request event.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cancel := l.running[request]; cancel != nil {
		cancel(errGone)
	}
}

// hire starts a worker for a call that none is free for, up to the bound: most nodes of a
// daemon are idle for most of the time. mu is held.
func (l *life) hire(calls context.Context) {
	l.open++
	if l.staff < min(l.open, l.o.Workers) {
		l.staff++
		l.workers.Go(func() { l.work(calls) })
	}
}

// work runs one call after the other.
func (l *life) work(calls context.Context) {
	for j := range l.jobs {
		l.inFlight.Add(1)
		l.total.Add(1)
		l.serve(calls, j)
		l.mu.Lock()
		l.open--
		l.mu.Unlock()
		l.inFlight.Add(-1)
		l.active.Done()
	}
}

// serve runs one call and answers it.
func (l *life) serve(calls context.Context, j *job) {
	defer j.cancel(nil)
	// That all calls are told to end is known a moment before a single one is told.
	if err := cmp.Or(context.Cause(calls), context.Cause(j.ctx)); err != nil {
		l.finish(j)
		l.settle(calls, j, rejected(l.unserved(err)))
		return
	}
	r := request{tool: j.invoke.ToolName, args: j.invoke.Arguments, key: j.invoke.IdempotencyKey, life: l}
	o := l.handle(withDialogue(j.ctx, l.dialogue(j)), r)
	l.finish(j)
	l.settle(calls, j, o)
}

// dialogue is how the tool of a call talks with its caller.
func (l *life) dialogue(j *job) dialogue {
	d := dialogue{
		Dialogue: j.invoke.Dialogue, tool: j.invoke.ToolName, node: l.id,
		trace: j.request.TraceParent, key: j.invoke.IdempotencyKey,
	}
	if !d.Listening {
		return d
	}
	d.tell = func(p event.Payload) { // at once, so that it comes before the answer
		ctx, cancel := context.WithTimeout(j.ctx, farewell)
		defer cancel()
		if err := bus.Answer(ctx, l.bus, l.manifest.Name, j.request, string(l.id), p); err != nil {
			l.log.Debug("a caller cannot be told", "error", err, "correlation_id", j.request.Correlation.String())
		}
	}
	return d
}

// settle gives a call's outcome to whoever asked for it.
func (l *life) settle(calls context.Context, j *job, o Outcome) {
	if j.reply != nil {
		j.reply(o)
		l.audit.add(event.Reply(j.request, string(l.id), l.payload(j.invoke.ToolName, o)))
		return
	}
	l.answer(calls, j.request, l.payload(j.invoke.ToolName, o))
}

// unserved is why a call was not run that ended, for some cause, while it waited.
func (l *life) unserved(cause error) error {
	if errors.Is(cause, ErrCutOff) {
		return ErrStopping.With("node %q", l.manifest.Name)
	}
	return ErrBusy.Wrap(cause, "the call waited too long")
}

func (l *life) finish(j *job) {
	j.leave()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, j.request.ID)
}

// payload is o as it travels.
func (l *life) payload(name node.ToolName, o Outcome) event.Payload {
	ms := float64(o.Duration.Microseconds()) / 1000
	now := time.Now().UTC().Truncate(time.Microsecond)
	switch {
	case o.Rejected:
		return event.ToolProxyRejected{ToolName: name, NodeID: l.id, Error: *o.Error}
	case o.Error != nil:
		return event.ToolProxyError{ToolName: name, NodeID: l.id, Error: *o.Error, DurationMS: ms, ResponseTime: now}
	}
	return event.ToolProxyResult{
		ToolName: name, NodeID: l.id, Status: o.Status, Result: o.Result, DurationMS: ms, ResponseTime: now,
	}
}

func (l *life) reject(ctx context.Context, request event.Event, p event.ToolProxyInvoke, err error) {
	l.answer(ctx, request, l.payload(p.ToolName, rejected(err)))
}

// answer publishes the answer to a call, and leaves a copy for the audit. A
// caller that nobody listens for any more is not an error.
func (l *life) answer(ctx context.Context, request event.Event, p event.Payload) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	err := bus.Answer(ctx, l.bus, l.manifest.Name, request, string(l.id), p)
	if fault.ClassOf(err) == fault.Invalid { // the result makes no event: it is too large or too deep
		p = unsendable(p, err)
		err = bus.Answer(ctx, l.bus, l.manifest.Name, request, string(l.id), p)
	}
	if err != nil {
		l.log.Error("an answer cannot be published", "error", err, "correlation_id", request.Correlation.String())
	}
	l.audit.add(event.Reply(request, string(l.id), p))
}

// unsendable replaces a result that does not fit into an event.
func unsendable(p event.Payload, err error) event.Payload {
	r, ok := p.(event.ToolProxyResult)
	if !ok {
		return p
	}
	report := rejected(ErrOutputLimit.Wrap(err, "tool %q, %d bytes", r.ToolName, len(r.Result))).Error
	return event.ToolProxyError{
		ToolName: r.ToolName, NodeID: r.NodeID, Error: *report, DurationMS: r.DurationMS, ResponseTime: r.ResponseTime,
	}
}

// introspect answers a request for the node's own description.
func (l *life) introspect(ctx context.Context, request event.Event, p event.IntrospectionRequest) {
	if !l.meant(p.NodeFilter) {
		return
	}
	raw, err := selected(l.Introspect(), p.Types)
	if err != nil {
		l.log.Error("the node cannot be described", "error", err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	a := event.IntrospectionResponse{
		Introspection: raw, ResponseTime: time.Now().UTC().Truncate(time.Microsecond), RequestID: request.ID,
	}
	if err := bus.Answer(ctx, l.bus, l.manifest.Name, request, string(l.id), a); err != nil {
		l.log.Warn("an introspection cannot be published", "error", err)
	}
}
