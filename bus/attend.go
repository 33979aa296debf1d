package bus

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

const (
	// tellEvery is the shortest time between two rounds of diagnostics: a flood
	// of drops is one diagnostic with a count.
	tellEvery = time.Second

	// tellTime bounds one publication of a diagnostic, and the goodbye.
	tellTime = time.Second
)

// A SubscriptionInfo describes one subscription of this process.
type SubscriptionInfo struct {
	Filter event.Filter `json:"filter"`
	Class  Class        `json:"class"`
	Name   string       `json:"name,omitempty"`
	Group  string       `json:"group,omitempty"`
	Queue  int          `json:"queue_depth"`
	Drops  Drops        `json:"drops,omitempty"`
}

// Lister is implemented by buses that can say which subscriptions this process
// has on them.
type Lister interface{ Subscriptions() []SubscriptionInfo }

// AttendOptions say who attends a bus.
type AttendOptions struct {
	Name     string        // of the program, for people; default "onex"
	From     node.Name     // under which diagnostics are published; default "bus"
	Endpoint string        // address of the bus, without secrets
	Process  event.Process // this process
	Log      *slog.Logger  // gets what is told, too; default slog.Default()
}

// An Attendant answers for one bus of one process.
type Attendant struct {
	o       AttendOptions
	id      string
	bus     Bus
	backend string
	sub     Subscription
	stop    context.CancelFunc
	tasks   sync.WaitGroup
	closing sync.Once

	seen     uint64          // of the journal, what has been told
	told     map[uint64]Note // as they were when they were told, by their id
	drops    Drops           // that were told
	lost     time.Time
	lostWith fault.Report
}

// Attend tells others how b is, until Close: it answers every BUS_PING with
// a BUS_PONG that carries b's Health, and publishes what b's [Journal] gets as
// diagnostics: BUS_CONNECTED and BUS_STARTED now, then BUS_DISCONNECTED and
// BUS_RECONNECTED, BUS_ERROR, EVENT_DROPPED, EVENT_RETRY, EVENT_RETRY_LIMIT_EXCEEDED,
// EVENT_BACKPRESSURE, EVENT_SUBSCRIBER_SLOW and EVENT_UNHEARD, at last BUS_STOPPED. The same goes to the log. Diagnostics are ephemeral, each
// names the backend, and there is at most one of a sort in a second, with a count.
//
// No diagnostic is ever about a diagnostic. One that cannot be published is
// lost without a word; of drops, whose event nobody knows any more, the next is
// told when their number has doubled.
func Attend(ctx context.Context, b Bus, o *AttendOptions) (*Attendant, error) {
	a := &Attendant{id: event.NewID().String(), bus: b, backend: b.Health(ctx).Backend, told: map[uint64]Note{}, drops: Drops{}}
	if o != nil {
		a.o = *o
	}
	setDefault(&a.o.Name, "onex")
	setDefault(&a.o.From, "bus")
	a.o.Log = cmp.Or(a.o.Log, slog.Default()).With("backend", a.backend)
	var err error
	if a.sub, err = b.Subscribe(ctx, event.FilterKind(event.KindBusPing), nil); err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(context.Background())
	a.stop = stop
	a.tasks.Go(func() { a.answer(run) })
	a.publish(run, event.BusConnected{Connection: a.here()})
	a.publish(run, event.BusStarted{Backend: a.backend, Endpoint: a.o.Endpoint, Classes: classNames(b)})
	if j, ok := b.(Journaled); ok {
		a.tasks.Go(func() { a.tell(run, j.Journal()) })
	}
	return a, nil
}

func classNames(b Bus) []string {
	var names []string
	for _, c := range b.Classes() {
		names = append(names, string(c))
	}
	return names
}

func (a *Attendant) here() event.Connection {
	return event.Connection{Backend: a.backend, Endpoint: a.o.Endpoint}
}

// Close says goodbye and ends the attendance, before the bus is closed. It is
// idempotent.
func (a *Attendant) Close() {
	a.closing.Do(func() {
		h := a.bus.Health(context.Background())
		if h.Connected {
			a.publish(context.Background(), event.BusStopped{
				Backend: a.backend, Reason: "closed", Published: h.Events, Dropped: h.Drops.Total(), Errors: h.Errors,
			})
		}
		a.stop()
		a.sub.Close()
		a.tasks.Wait()
	})
}

// publish tries once to publish a diagnostic.
func (a *Attendant) publish(ctx context.Context, p event.Payload) {
	ctx, cancel := context.WithTimeout(ctx, tellTime)
	defer cancel()
	_, _ = a.bus.Publish(ctx, event.NewSubject(p.Kind(), a.o.From), event.Redact(event.New(a.id, p, event.ID{})))
}

// answer answers pings until the subscription closes.
func (a *Attendant) answer(ctx context.Context) {
	for {
		d, err := a.sub.Next(ctx)
		if err != nil {
			return
		}
		ping, ok := d.Event.Payload.(event.BusPing)
		if !ok {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, tellTime)
		_ = Answer(ctx, a.bus, a.o.From, d.Event, a.id, a.pong(ctx, ping)) // who asked asks again
		cancel()
	}
}

func (a *Attendant) pong(ctx context.Context, ping event.BusPing) event.BusPong {
	p := event.BusPong{Connection: a.here(), Name: a.o.Name, Host: a.o.Process.Host, PID: a.o.Process.PID}
	p.Health, _ = json.Marshal(a.bus.Health(ctx)) // plain fields
	l, ok := a.bus.(Lister)
	if !ok {
		return p
	}
	subs := l.Subscriptions()
	for _, s := range subs {
		if ping.Subject != "" && s.Filter.Match(ping.Subject) {
			p.Subscribers++
		}
	}
	if ping.Subject == "" {
		p.Subscriptions, _ = json.Marshal(map[string][]SubscriptionInfo{"list": subs[:min(len(subs), maxListed)]})
	}
	return p
}

// maxListed bounds the subscriptions in one pong: an event has at most 1 MiB.
const maxListed = 1000

// tell publishes what the journal gets.
func (a *Attendant) tell(ctx context.Context, j *Journal) {
	wake := j.attend()
	for {
		select {
		case <-wake:
		case <-ctx.Done():
			return
		}
		for _, n := range j.since(a.seen) {
			a.seen = max(a.seen, n.serial)
			a.note(ctx, n)
		}
		if all := j.Notes(); len(a.told) > 4*journalNotes { // of notes that are gone
			maps.DeleteFunc(a.told, func(id uint64, _ Note) bool { return id < all[0].id })
		}
		select {
		case <-time.After(tellEvery):
		case <-ctx.Done():
			return
		}
	}
}

// note tells one note, or more of one.
func (a *Attendant) note(ctx context.Context, n Note) {
	if n.What.pressure() {
		a.press(ctx, n)
		return
	}
	more := a.more(n)
	if more == 0 {
		return
	}
	log := a.o.Log.With("count", more)
	ref := event.Reference{Backend: a.backend, Subject: n.Subject, EventType: n.Subject.Kind()}
	switch n.What {
	case HappenedDisconnect:
		a.lost, a.lostWith = n.Last, n.Error // told when it is back; the backend has logged it
	case HappenedReconnect:
		a.back(ctx, n)
	case HappenedSendError, HappenedError:
		if calm(n.Error) {
			return
		}
		operation := n.operation()
		log.Warn("bus: "+operation+" failed", "error", n.Error.Message, "code", n.Error.Code, "subject", string(n.Subject))
		a.publish(ctx, event.BusError{Connection: a.here(), Operation: operation, Error: n.Error, Count: more})
	case HappenedDrop:
		log.Warn("bus: events dropped", "reason", string(n.Reason))
		a.publish(ctx, event.EventDropped{Reference: ref, Reason: string(n.Reason), Count: more})
	case HappenedDeadLetter:
		l := n.Letter
		log.Warn("bus: an event is a dead letter", "subject", string(l.Subject), "consumer", l.Consumer, "attempts", l.Attempts, "reason", l.Reason)
		ref.EventID, ref.Subscriber = l.Event.ID, l.Consumer
		a.publish(ctx, event.EventRetryLimitExceeded{Reference: ref, Attempts: l.Attempts, Reason: l.Reason})
	case HappenedUnheard:
		a.o.Log.Warn("bus: nobody listens", "subject", string(n.Subject), "code", n.Error.Code)
		a.publish(ctx, event.EventUnheard{Reference: ref})
	}
}

// operation names what failed.
func (n Note) operation() string {
	switch {
	case n.What == HappenedSendError:
		return "send"
	case n.Error.Code == ErrMalformed.Code:
		return "receive"
	case n.Error.Code == ErrHandler.Code:
		return "handle"
	}
	return "call"
}

// calm reports whether an error is one that its caller was told, and nobody else
// wants to know of: a bad call, or the end.
func calm(r fault.Report) bool {
	switch r.Class {
	case fault.Canceled, fault.Invalid, fault.Unsupported, fault.NotFound, fault.Conflict:
		return true
	}
	return r.Code == ErrClosed.Code
}

// back tells of a connection that was lost and found again.
func (a *Attendant) back(ctx context.Context, n Note) {
	var outage time.Duration
	if !a.lost.IsZero() {
		a.publish(ctx, event.BusDisconnected{Connection: a.here(), Since: a.lost, Error: a.lostWith})
		outage = max(0, n.Last.Sub(a.lost))
	}
	a.lost, a.lostWith = time.Time{}, fault.Report{}
	a.publish(ctx, event.BusReconnected{Connection: a.here(), Outage: outage, Reconnects: a.bus.Health(ctx).Reconnects})
}

// more returns how much of n has not been told and may be. Drops may have been
// caused by what was told of them: they must have doubled.
func (a *Attendant) more(n Note) uint64 {
	if n.What == HappenedDrop {
		total, before := a.bus.Health(context.Background()).Drops[n.Reason], a.drops[n.Reason]
		if total < 2*before || total == before {
			return 0
		}
		a.drops[n.Reason] = total
		return total - before
	}
	more := n.Count - a.told[n.id].Count
	a.told[n.id] = n
	return more
}

// press tells of too much work. Waits that are short add up until they are worth it.
func (a *Attendant) press(ctx context.Context, n Note) {
	before := a.told[n.id]
	more, wait := n.Count-before.Count, n.Wait-before.Wait
	if more == 0 || n.What == HappenedBackpressure && wait < leastWait {
		return
	}
	a.told[n.id] = n
	log := a.o.Log.With("count", more, "subscriber", n.Subscriber)
	ref := event.Reference{Backend: a.backend, Subject: n.Subject, EventType: n.Subject.Kind(), EventID: n.Event, Subscriber: n.Subscriber}
	switch n.What {
	case HappenedRetry:
		log.Debug("bus: an event is delivered again", "subject", string(n.Subject), "attempt", n.Attempt)
		a.publish(ctx, event.EventRetry{Reference: ref, Attempt: n.Attempt, Count: more})
	case HappenedBackpressure:
		log.Warn("bus: publishers wait for a full queue", "subject", string(n.Subject), "waited", wait)
		a.publish(ctx, event.EventBackpressure{Reference: ref, Depth: n.Depth, Limit: n.Limit, Wait: wait})
	case HappenedSlow:
		log.Warn("bus: a subscriber falls behind", "filter", string(n.Filter), "depth", n.Depth, "limit", n.Limit, "lag", n.Wait)
		a.publish(ctx, event.EventSubscriberSlow{
			Backend: a.backend, Subscriber: n.Subscriber, Filter: n.Filter, Depth: n.Depth, Limit: n.Limit, Lag: n.Wait,
		})
	}
}

// RollCall asks every process on b that is attended how it is and, with
// a subject, who of them listens there. It returns those that answer within
// the time, and ends sooner when enough says so.
func RollCall(ctx context.Context, b Bus, s event.Subject, within time.Duration, enough func([]event.BusPong) bool) ([]event.BusPong, error) {
	id := event.NewID().String()
	sub, err := b.Subscribe(ctx, event.FilterTo(id), nil)
	if err != nil {
		return nil, err
	}
	defer sub.Close()
	ping := event.New(id, event.BusPing{Subject: s}, event.ID{})
	if _, err := b.Publish(ctx, event.NewSubject(event.KindBusPing, "bus"), ping); err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var all []event.BusPong
	for enough == nil || !enough(all) {
		d, err := sub.Next(waiting)
		if err != nil {
			if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
				break // all who are there have answered
			}
			return all, err
		}
		if p, ok := d.Event.Payload.(event.BusPong); ok {
			all = append(all, p)
		}
	}
	return all, nil
}
