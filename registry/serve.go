package registry

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry/claim"
	"github.com/omninode-ai/onex/registry/lease"
	"github.com/omninode-ai/onex/trace"
)

// DefaultName is the node name under which a registry publishes.
const DefaultName node.Name = "registry"

// Bounds of the loop's queues.
const (
	// beatQueue holds some seconds of the beats of 10,000 nodes, announceQueue
	// all of them announcing themselves at once. What is lost comes again.
	beatQueue     = 1 << 16
	announceQueue = 1 << 16
	queryQueue    = 4096

	// farewell bounds what a registry still saves and sends when it ends.
	farewell = 5 * time.Second
)

// A Store keeps records across restarts. Keys are node ids and one more word,
// at most 36 bytes of [a-z0-9-]. Records have at most [MaxRecord] bytes.
type Store interface {
	// Load returns all records.
	Load(ctx context.Context) (map[string][]byte, error)

	// Save writes some records and deletes others. When it returns without
	// error all of that survives what the store promises to survive; otherwise any
	// part of it may have happened. It is never called twice at a time.
	Save(ctx context.Context, puts map[string][]byte, deletes []string) error
}

// Processes tells when processes of this machine end. Watch calls gone once, from
// another goroutine, when p has ended or had ended before, unless stop was
// called; gone does not block for long. It fails when p cannot be watched from
// here; then its node lives by its heartbeats alone.
type Processes interface {
	Watch(p event.Process, gone func()) (stop func(), err error)
}

// Options say how to serve. The zero value keeps everything in memory.
type Options struct {
	ID        string                         // of this registry's instance; default a new UUID
	Name      node.Name                      // under which it publishes; default DefaultName
	Store     Store                          // default none: a restart forgets
	Claims    claim.Store                    // of idempotency keys; default in memory
	Processes Processes                      // default none: only silence tells of deaths
	TTL       time.Duration                  // of nodes that name none; default DefaultTTL; see [Profile]
	Trust     Judge                          // of signatures; default trusts nobody
	Ports     lease.Policy                   // of leases; default lease.DefaultRange for everybody
	Host      string                         // of this machine's ports; default "" as that of requesters who name none
	Free      func(event.Protocol, int) bool // asks this machine; default lease.Free
	Lost      <-chan node.ID                 // nodes whose connection was seen to break; default none
	Lead      Leadership                     // among registries that share Store; default what the bus can tell
	Trace     trace.Recorder                 // is told of the lookups of traced calls; default nobody
	Log       *slog.Logger                   // default slog.Default()
	Ready     func()                         // called once, when nodes can announce themselves: here, or to the registry that leads
}

func (o *Options) complete() Options {
	var c Options
	if o != nil {
		c = *o
	}
	if c.ID == "" {
		c.ID = event.NewID().String()
	}
	if c.Name == "" {
		c.Name = DefaultName
	}
	if c.Store == nil {
		c.Store = oblivion{}
	}
	if c.Free == nil {
		c.Free = lease.Free
	}
	if c.Claims == nil {
		c.Claims = claim.NewMemory()
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Ready == nil {
		c.Ready = func() {}
	}
	return c
}

// Oblivion is the store of those who have none.
type oblivion struct{}

func (oblivion) Load(context.Context) (map[string][]byte, error)         { return nil, nil }
func (oblivion) Save(context.Context, map[string][]byte, []string) error { return nil }

// Serve keeps a registry on b until ctx ends, and then returns nil: it answers
// announcements and questions, leases ports, and tells what becomes of the nodes.
//
// While another registry leads on b it stands by, and takes its place when that
// one ends or is silent; o.Ready is called all the same, because nodes are taken in.
//
// It fails with [lease.ErrPolicy] when o.Ports is wrong, with [ErrLoad] when the
// store cannot be read, and with the bus's error when a subscription cannot be had
// or ends. A store that fails later is logged and tried again; until it is back,
// no announcement is accepted, and everything else goes on.
func Serve(ctx context.Context, b bus.Bus, o *Options) error {
	s := &succession{o: o.complete(), bus: b}
	if _, err := newLoop(b, s.o, Term{}); err != nil {
		return err
	}
	return s.serve(ctx)
}

// lead serves for one term. Its error is ErrAnotherRegistry when somebody else leads
// by now.
func (s *succession) lead(ctx context.Context, term Term) error {
	parent := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l, err := newLoop(s.bus, s.o, term)
	if err != nil {
		return err
	}
	l.end = cancel
	if err := l.load(ctx, s.followed && s.o.Lead == nil); err != nil {
		return err
	}
	s.inherit(l)
	if err := l.saveRestart(ctx); err != nil {
		return err
	}
	subs, err := l.subscribe(ctx)
	defer closeAll(subs)
	if err != nil {
		return err
	}
	parts := l.start(ctx, cancel, subs)
	keys := l.o
	keys.Claims = s.claims()
	parts.Go(func() { cancel(ServeClaims(ctx, s.bus, &keys)) })
	s.ready.Do(s.o.Ready)
	l.run(ctx)
	closeAll(subs)
	l.outbox.close(farewell)
	parts.Wait()
	if err := l.last(ctx); err != nil {
		l.log.Error("the last changes of the registry are not saved", "error", err)
	}
	if parent.Err() != nil {
		l.goodbye()
		return nil
	}
	return context.Cause(ctx)
}

// load restores the state. What this registry knew before another led is old: it says
// nothing of the nodes that are there now, which beat, and are asked to announce
// themselves. A store that all share is as new as can be.
func (l *loop) load(ctx context.Context, old bool) error {
	records, err := l.o.Store.Load(ctx)
	if err != nil {
		return ErrLoad.Wrap(err, "load")
	}
	leases := map[string][]byte{}
	maps.DeleteFunc(records, func(key string, data []byte) bool {
		if lease.Owns(key) {
			leases[key] = data
		}
		return lease.Owns(key)
	})
	if old {
		l.s.outdated(records)
	}
	if err := l.s.Restore(time.Now(), records); err != nil {
		l.log.Error("some saved nodes are left out", "error", err)
	}
	if err := l.ports.table.Restore(time.Now(), leases); err != nil {
		l.log.Error("some saved leases are left out", "error", err)
	}
	return nil
}

// saveRestart saves the restart itself, before anything else can happen (see
// [State.Restore]).
func (l *loop) saveRestart(ctx context.Context) error {
	puts, deletes, err := l.changes()
	if err != nil {
		return ErrLoad.Wrap(err, "encode")
	}
	if err := l.o.Store.Save(ctx, puts, deletes); err != nil {
		return ErrLoad.Wrap(err, "save")
	}
	return nil
}

// last saves what the loop had no time for.
func (l *loop) last(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if l.saving != nil { // it may have failed for the end of its context only
		l.unsaved(l.saving)
	}
	for l.dirty() {
		puts, deletes, err := l.changes()
		if err = errors.Join(err, l.o.Store.Save(ctx, puts, deletes)); err != nil {
			return err
		}
	}
	return nil
}

// subscribe listens to everything the loop deals with. It returns what it has
// also when it fails.
func (l *loop) subscribe(ctx context.Context) (subs []bus.Subscription, err error) {
	for _, in := range l.inputs() {
		sub, err := l.bus.Subscribe(ctx, event.FilterKind(in.kind), &bus.Options{Queue: in.queue})
		if err != nil {
			return subs, err
		}
		subs = append(subs, sub)
	}
	rivals, err := l.bus.Subscribe(ctx, "node_announce_accepted.*.*", nil)
	if err != nil {
		return subs, err
	}
	return append(subs, rivals), nil
}

func closeAll(subs []bus.Subscription) {
	for _, s := range subs {
		_ = s.Close() // idempotent, and nothing is left to be done about it
	}
}
