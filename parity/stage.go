package parity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// self is the name under which parity publishes.
const self node.Name = "parity"

// Times of a bus under test.
const (
	readyWithin = time.Minute      // for a node to be accepted; interpreters are slow on busy machines
	endWithin   = 10 * time.Second // for a bus to close
)

// A stage is an open bus with a registry.
type stage struct {
	ways  []way
	bus   bus.Bus // of the registry, and of those who call
	nodes bus.Bus // of the nodes; the same where there is one for all
	own   bool    // nodes is a connection of its own

	stop context.CancelFunc
	done chan struct{} // closed when the registry has ended
	err  error         // of the registry; valid when done is closed

	mu    sync.Mutex
	tools map[node.ToolName]*sync.Mutex
}

// claim waits until no other node on the stage offers a tool of the same name: a
// registry tells of a few promises under one name only, which matters when all
// the nodes of a repository run at once.
func (s *stage) claim(c node.Contract) (release func()) {
	var names []node.ToolName
	for _, t := range c.Tools {
		names = append(names, t.Name)
	}
	slices.Sort(names) // everybody in the same order, so that nobody waits for ever
	var held []*sync.Mutex
	for _, name := range names {
		s.mu.Lock()
		m := s.tools[name]
		if m == nil {
			m = new(sync.Mutex)
			s.tools[name] = m
		}
		s.mu.Unlock()
		m.Lock()
		held = append(held, m)
	}
	return func() {
		for _, m := range held {
			m.Unlock()
		}
	}
}

// open opens a bus and serves a registry on it.
func (r *runner) open(ctx context.Context, t Transport) (*stage, error) {
	b, err := t.Open(ctx)
	if err != nil {
		return nil, ErrOptions.Wrap(err, "bus %s", t.Name)
	}
	nodes := b
	if t.Join != nil {
		if nodes, err = t.Join(ctx); err != nil {
			return nil, errors.Join(ErrOptions.Wrap(err, "bus %s, for nodes", t.Name), closed(b))
		}
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &stage{bus: b, nodes: nodes, own: t.Join != nil, stop: stop, done: make(chan struct{}), tools: map[node.ToolName]*sync.Mutex{}}
	ready := make(chan struct{})
	go func() {
		defer close(s.done)
		s.err = registry.Serve(ctx, b, &registry.Options{Log: r.o.Log, Ready: func() { close(ready) }})
	}()
	select {
	case <-ready:
		return s, nil
	case <-s.done:
		return nil, errors.Join(ErrOptions.Wrap(s.err, "the registry on bus %s", t.Name), s.close())
	}
}

func (s *stage) close() error {
	s.stop()
	<-s.done
	if !s.own {
		return closed(s.bus)
	}
	return errors.Join(closed(s.nodes), closed(s.bus))
}

// closed closes a bus, within a time.
func closed(b bus.Bus) error {
	ctx, cancel := context.WithTimeout(context.Background(), endWithin)
	defer cancel()
	return b.Close(ctx)
}

// onStage runs the node on a bus and makes all calls there on one way.
//
// direct are the answers of the direct path.
func (c *checker) onStage(ctx context.Context, s *stage, way way, trials []trial, direct []Observation) ([]Observation, error) {
	at, err := c.place(way.Path)
	if err != nil {
		return nil, err
	}
	ready := make(chan struct{})
	h, err := c.host(ctx, at, s.nodes, func(host.Accepted) { close(ready) })
	if err != nil {
		return nil, ErrHost.Wrap(err, "%s", c.Name)
	}
	defer h.Close()
	defer s.claim(h.Contract())()
	w, err := watch(ctx, s.bus, h.ID())
	if err != nil {
		return nil, err
	}
	defer w.close()
	life, stop := context.WithCancel(ctx)
	defer stop()
	var ended sync.WaitGroup
	over := make(chan error, 1)
	ended.Go(func() { over <- h.Run(life, s.nodes) })
	all, err := c.callAll(ctx, s, way, at, h, ready, over, trials)
	stop()
	ended.Wait() // what the node had to say is published now
	if err != nil {
		return nil, err
	}
	if err := w.settle(ctx, s.nodes); err != nil {
		return nil, err
	}
	for i := range all {
		all[i].answer = direct[i].answer
		all[i].Events = w.deviations(all[i], trials[i].tool, way.open != nil)
	}
	return all, nil
}

// callAll waits for the node to be ready and makes all calls.
func (c *checker) callAll(ctx context.Context, s *stage, w way, at place, h *host.Host, ready <-chan struct{}, over chan error, trials []trial) ([]Observation, error) {
	select {
	case <-ready:
	case err := <-over:
		return nil, ErrServe.Wrap(err, "it ended before it was ready")
	case <-time.After(readyWithin):
		return nil, ErrServe.With("no registry accepted it within %s", readyWithin)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	call, done, err := c.caller(ctx, s, w, h)
	if err != nil {
		return nil, err
	}
	defer done()
	var all []Observation
	for _, t := range trials {
		if c.r.halted(ctx) {
			break
		}
		before := look(at)
		correlation := event.NewID()
		ctx, cancel := context.WithTimeout(ctx, c.r.o.Timeout)
		o := call(ctx, t, correlation)
		cancel()
		before.effects(t, &o)
		o.correlation = correlation
		all = append(all, o)
	}
	return all, nil
}

// A call makes one call and observes its answer.
type call func(ctx context.Context, t trial, correlation event.ID) Observation

// caller returns what makes calls on a path.
func (c *checker) caller(ctx context.Context, s *stage, w way, h *host.Host) (_ call, done func() error, err error) {
	if w.open != nil {
		door, err := w.open(ctx, s.bus)
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context, t trial, correlation event.ID) Observation {
			r, err := door.Call(ctx, invoke.Call{
				Tool: t.tool.Name, Args: t.want.Input, Node: string(h.ID()), Timeout: c.r.o.Timeout, Correlation: correlation,
			})
			if err != nil {
				return defect(err)
			}
			return observe(t, r.Status, r.Result, r.Error)
		}, door.Close, nil
	}
	caller, err := bus.NewCaller(ctx, s.bus, event.NewID().String())
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, t trial, correlation event.ID) Observation {
		q := event.ToolProxyInvoke{ToolName: t.tool.Name, Arguments: t.want.Input, TimeoutMS: c.r.o.Timeout.Milliseconds()}
		to := event.NewSubject(q.Kind(), self).To(string(h.ID()))
		e, err := caller.Do(ctx, to, event.New(caller.ID(), q, correlation))
		if err != nil {
			return defect(err)
		}
		return answered(t, e)
	}, caller.Close, nil
}

// A proxy is the gateway that every bus has: a registry, and a client that asks it.
type proxy struct{ *invoke.Client }

func openProxy(log *slog.Logger) func(context.Context, bus.Bus) (Door, error) {
	return func(ctx context.Context, b bus.Bus) (Door, error) {
		client, err := invoke.NewClient(ctx, b, &invoke.Options{From: self, Log: log})
		return proxy{client}, err
	}
}

// Call invokes the tool. What goes wrong with that is in the reply.
func (p proxy) Call(ctx context.Context, call invoke.Call) (invoke.Reply, error) {
	r, err := p.Invoke(ctx, call)
	for errors.Is(err, invoke.ErrNoRegistry) && ctx.Err() == nil { // nothing was sent: the machine is slow
		r, err = p.Invoke(ctx, call)
	}
	return r, nil
}

// answered observes an answer as it came over the bus.
func answered(t trial, e event.Event) Observation {
	var o Observation
	switch p := e.Payload.(type) {
	case event.ToolProxyResult:
		o = observe(t, p.Status, p.Result, nil)
	case event.ToolProxyError:
		o = observe(t, node.Failed, nil, &p.Error)
	case event.ToolProxyRejected:
		o = observe(t, node.Failed, nil, &p.Error)
	default:
		o = defect(fmt.Errorf("the answer is a %s", e.Kind()))
	}
	return o
}

// answerKind returns the kind of event that carries an outcome.
func answerKind(o host.Outcome) event.Kind {
	switch {
	case o.Rejected:
		return event.KindToolProxyRejected
	case o.Error != nil:
		return event.KindToolProxyError
	}
	return event.KindToolProxyResult
}
