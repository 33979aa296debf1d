package registry

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// A loop owns a state and is the only one to touch it. It never waits for a
// store, a bus or a process: others do, and tell it.
type loop struct {
	o      Options
	bus    bus.Bus
	log    *slog.Logger
	s      *State
	term   Term
	end    context.CancelCauseFunc // ends the term
	rivals map[string]bool         // told of

	announces, beats, stops, deaths, queries chan bus.Delivery
	acceptances                              chan bus.Delivery // of every registry
	ports                                    ports

	outbox  *outbox
	answers chan answer
	room    chan struct{} // a token: an answer left answers
	watches watches
	probe   probe

	batches chan *batch // to the saver
	saved   chan error  // from the saver
	saving  *batch      // what the saver has; nil when it is idle
	waiting map[node.ID]acceptance
	retry   retry
}

// An acceptance waits until what it says is saved.
type acceptance struct {
	request event.Event
	payload event.NodeAnnounceAccepted
}

// An input is one subscription of the loop.
type input struct {
	kind  event.Kind
	queue int
	to    chan bus.Delivery
}

func newLoop(b bus.Bus, o Options, term Term) (*loop, error) {
	p, err := newPorts(o)
	return &loop{
		o: o, bus: b, log: o.Log, ports: p, term: term, rivals: map[string]bool{},
		s:         NewState(&StateOptions{ID: o.ID, TTL: o.TTL, Trust: o.Trust}),
		announces: make(chan bus.Delivery), beats: make(chan bus.Delivery),
		stops: make(chan bus.Delivery), deaths: make(chan bus.Delivery), acceptances: make(chan bus.Delivery), queries: make(chan bus.Delivery),
		outbox:  newOutbox(b, o.Log),
		answers: make(chan answer, maxAnswers), room: make(chan struct{}, 1),
		watches: newWatches(o.Processes, o.Log),
		probe:   newProbe(),
		batches: make(chan *batch, 1), saved: make(chan error, 1),
		waiting: map[node.ID]acceptance{},
	}, err
}

func (l *loop) inputs() []input {
	return []input{
		{event.KindNodeAnnounce, announceQueue, l.announces},
		{event.KindNodeHeartbeat, beatQueue, l.beats},
		{event.KindNodeStopped, beatQueue, l.stops},
		{event.KindNodeDead, beatQueue, l.deaths},
		{event.KindNodeDiscoveryRequest, queryQueue, l.queries},
		{event.KindToolDiscoveryRequest, queryQueue, l.queries},
		{event.KindPortDiscoveryRequest, queryQueue, l.queries},
		{event.KindPortRequest, queryQueue, l.ports.requests},
	}
}

// start starts those who wait for others on behalf of the loop. They end with
// ctx and the subscriptions; a subscription that ends by itself ends ctx.
func (l *loop) start(ctx context.Context, cancel context.CancelCauseFunc, subs []bus.Subscription) *sync.WaitGroup {
	var parts sync.WaitGroup
	for i, in := range l.inputs() {
		parts.Go(func() { cancel(pump(ctx, subs[i], in.to)) })
	}
	parts.Go(func() { cancel(pump(ctx, subs[len(subs)-1], l.acceptances)) })
	parts.Go(func() { l.sayItLeads(ctx) })
	l.outbox.start()
	parts.Go(func() { l.save(ctx) })
	parts.Go(func() { l.sendProbes(ctx) })
	for range answerers {
		parts.Go(func() { l.answerAll(ctx) })
	}
	return &parts
}

func pump(ctx context.Context, sub bus.Subscription, to chan<- bus.Delivery) error {
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		select {
		case to <- d:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// run is the loop.
func (l *loop) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer l.watches.end()
	for _, e := range l.s.entries { // those from before a restart
		if e.alive() {
			l.watches.begin(ctx, e)
		}
	}
	for {
		announces, queries, ports := l.announces, l.queries, l.ports.requests
		if len(l.waiting) >= MaxBatch {
			announces = nil // until the saver has caught up
		}
		if len(l.ports.waiting) >= MaxBatch {
			ports = nil
		}
		if len(l.answers) == cap(l.answers) {
			queries = nil // until there is room
		}
		select {
		case d := <-announces:
			l.announce(ctx, time.Now(), d.Event)
		case d := <-l.beats:
			l.beat(time.Now(), d)
		case d := <-l.stops:
			l.stop(time.Now(), d.Event)
		case d := <-l.deaths:
			l.died(time.Now(), d.Event)
		case d := <-ports:
			l.port(time.Now(), d.Event)
		case d := <-queries:
			l.query(d.Event)
		case d := <-l.acceptances:
			if p, ok := d.Event.Payload.(event.NodeAnnounceAccepted); ok {
				l.rival(p.RegistryID, 0)
			}
		case <-l.term.Over:
			l.end(ErrAnotherRegistry.With("the lease ran out"))
		case g := <-l.watches.gone:
			l.tell(l.s.Gone(time.Now(), g.id, g.incarnation, g.reason))
		case id := <-l.o.Lost:
			l.tell(l.s.Suspect(time.Now(), id, "connection lost"))
		case err := <-l.saved:
			l.settle(time.Now(), err)
		case <-timer.C:
			l.judge(time.Now())
		case <-l.room:
		case <-ctx.Done():
			return
		}
		now := time.Now()
		l.flush(now)
		timer.Reset(l.sleep(now))
	}
}

func (l *loop) announce(ctx context.Context, now time.Time, e event.Event) {
	a, ok := e.Payload.(event.NodeAnnounce)
	if !ok {
		return
	}
	if e.NodeID != string(a.NodeID) {
		l.reject(e, a, ErrAnnouncement.With("%q announces %q", e.NodeID, a.NodeID))
		return
	}
	if a.Manifest.Name == l.o.Name { // its beats would be taken for a registry's
		l.reject(e, a, ErrAnnouncement.With("node name %q is the registry's", a.Manifest.Name))
		return
	}
	if l.s.Late(a, e.ID) {
		return
	}
	acc, ts, err := l.s.Announce(now, a)
	l.tell(ts)
	if err != nil {
		l.reject(e, a, err)
		return
	}
	l.s.Announced(a.NodeID, e.ID)
	if len(ts) > 0 {
		for _, c := range l.s.Collisions(a.NodeID) {
			l.log.Warn("two nodes promise different things under one tool's name; both are kept", "tool", string(c.Tool),
				"node", string(a.Manifest.Name), "node_id", string(a.NodeID), "other", string(c.Other))
		}
	}
	l.watches.begin(ctx, l.s.entries[a.NodeID])
	l.waiting[a.NodeID] = acceptance{e, acc}
}

func (l *loop) beat(now time.Time, d bus.Delivery) {
	e := d.Event
	b, ok := e.Payload.(event.NodeHeartbeat)
	switch {
	case !ok || e.NodeID != string(b.NodeID):
		return
	case e.NodeID == l.o.ID:
		l.heardProbe(now, e.ID)
		return
	case d.Subject.From() == l.o.Name:
		l.rival(e.NodeID, uint64(b.Incarnation))
		return
	}
	known, ts := l.s.Beat(now, b)
	l.tell(ts)
	if !known {
		l.ask(b.NodeID)
	}
}

func (l *loop) stop(now time.Time, e event.Event) {
	b, ok := e.Payload.(event.NodeStopped)
	if ok && e.NodeID == string(b.NodeID) {
		l.tell(l.s.Stop(now, b))
	}
}

// died takes in that a node's own host says that its program died. Everybody has
// heard it.
func (l *loop) died(now time.Time, e event.Event) {
	b, ok := e.Payload.(event.NodeDead)
	if ok && e.NodeID == string(b.NodeID) {
		for _, t := range l.s.Gone(now, b.NodeID, b.Incarnation, cmp.Or(b.Reason, "its program died")) {
			l.note(t)
		}
	}
}

// note does what a transition means here.
func (l *loop) note(t Transition) {
	l.log.Log(context.Background(), levelOf(t.To), "node "+string(t.To), "node", string(t.Name),
		"node_id", string(t.NodeID), "incarnation", uint64(t.Incarnation), "reason", t.Reason)
	if t.To == node.Dead || t.To == node.Stopped {
		l.watches.forget(t.NodeID)
		l.endLeases(t)
	}
}

// tell notes ts, and publishes what others should know of them.
func (l *loop) tell(ts []Transition) {
	for _, t := range ts {
		l.note(t)
		if p := t.Event(); p != nil {
			l.outbox.send(string(t.NodeID), event.NewSubject(p.Kind(), l.o.Name), event.New(l.o.ID, p, event.ID{}))
		}
	}
}

func levelOf(s node.Status) slog.Level {
	switch s {
	case node.Suspect, node.Dead:
		return slog.LevelWarn
	case node.Online:
		return slog.LevelDebug // thousands at once, when a cluster starts
	}
	return slog.LevelInfo
}

// ask has a node announce itself, at most once for each of its beats.
func (l *loop) ask(id node.ID) {
	if _, err := event.ParseID(string(id)); err != nil {
		return // nobody can be reached under it
	}
	p := event.NodeDiscoveryRequest{NodeFilter: []string{string(id)}}
	l.outbox.send(string(id), event.NewSubject(p.Kind(), l.o.Name).To(string(id)), event.New(l.o.ID, p, event.ID{}))
}

func (l *loop) reject(request event.Event, a event.NodeAnnounce, err error) {
	l.log.Warn("announcement rejected", "node", string(a.Manifest.Name), "node_id", request.NodeID, "error", err)
	l.reply(request, event.NodeAnnounceRejected{
		NodeID: a.NodeID, Name: a.Manifest.Name, RegistryID: l.o.ID, Reason: err.Error(), Error: fault.ReportOf(err),
	})
}

func (l *loop) reply(request event.Event, p event.Payload) {
	to := event.NewSubject(p.Kind(), l.o.Name).To(request.NodeID)
	l.outbox.send(request.NodeID, to, event.Reply(request, l.o.ID, p))
}
