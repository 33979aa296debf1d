package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// Bounds of recording.
const (
	// queue holds some seconds of a busy bus, until the disk has caught up.
	queue = 1 << 16

	// batch bounds what one sync writes.
	batch = 512

	// remembered bounds the events that are known to be recorded, so that one
	// that is delivered again is not recorded again.
	remembered = 1 << 16

	// patience is how long a log that cannot be written is left alone.
	patience = time.Second

	// farewell bounds what is still recorded when recording ends.
	farewell = 3 * time.Second
)

// answers are the kinds that end a call; hosts publish copies of them for the
// record, redacted.
func answers() []event.Kind {
	return []event.Kind{event.KindToolProxyResult, event.KindToolProxyError, event.KindToolProxyRejected, event.KindToolProxyTimeout}
}

// A recorder takes what it hears of calls to a writer.
type recorder struct {
	w    *Writer
	log  *slog.Logger
	in   chan bus.Delivery
	seen recent
	lost uint64
}

// Record records every call on b with w until ctx ends: the request as it is
// directed to a node, and the copy of its answer. On a bus that keeps events,
// answers of the time when nobody recorded are made up for. What cannot be written
// is tried again; requests that do not fit the queue meanwhile are counted in
// the log.
func Record(ctx context.Context, b bus.Bus, w *Writer, log *slog.Logger) error {
	r := &recorder{w: w, log: log, in: make(chan bus.Delivery), seen: recent{known: map[event.ID]bool{}}}
	if err := r.prime(); err != nil {
		return err
	}
	subs, err := subscribe(ctx, b)
	defer closeAll(subs)
	if err != nil {
		return err
	}
	// Copies of the last answers are on their way when everything else has ended.
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { closeAll(subs) })
	defer stop()
	var pumps sync.WaitGroup
	for _, s := range subs {
		pumps.Go(func() { pump(late, s, r.in) })
	}
	go func() { pumps.Wait(); close(r.in) }()
	r.run(ctx)
	for _, s := range subs {
		for reason, n := range s.Dropped() {
			r.lost += n
			log.Warn("calls are not in the audit log", "count", n, "reason", string(reason))
		}
	}
	return nil
}

func subscribe(ctx context.Context, b bus.Bus) (subs []bus.Subscription, err error) {
	add := func(f event.Filter, o *bus.Options) {
		if err != nil {
			return
		}
		var s bus.Subscription
		if s, err = b.Subscribe(ctx, f, o); err == nil {
			subs = append(subs, s)
		}
	}
	add(event.Filter(event.KindToolProxyInvoke.Token()+".*.*"), &bus.Options{Queue: queue})
	for _, k := range answers() {
		o := &bus.Options{Queue: queue}
		if slices.Contains(b.Classes(), bus.Durable) {
			o = &bus.Options{Class: bus.Durable, Name: "audit_" + k.Token(), Queue: batch}
		}
		add(event.FilterKind(k), o)
	}
	return subs, err
}

func closeAll(subs []bus.Subscription) {
	for _, s := range subs {
		_ = s.Close() // idempotent
	}
}

func pump(ctx context.Context, s bus.Subscription, to chan<- bus.Delivery) {
	for {
		d, err := s.Next(ctx)
		if err != nil {
			return
		}
		to <- d
	}
}

// run records until all subscriptions are closed and empty.
func (r *recorder) run(ctx context.Context) {
	for d := range r.in {
		deliveries := []bus.Delivery{d}
	gather:
		for len(deliveries) < batch {
			select {
			case d, ok := <-r.in:
				if !ok {
					break gather
				}
				deliveries = append(deliveries, d)
			default:
				break gather
			}
		}
		r.record(ctx, deliveries)
	}
}

// record writes what is new, and acknowledges it when it is on the disk.
func (r *recorder) record(ctx context.Context, deliveries []bus.Delivery) {
	var events []event.Event
	for _, d := range deliveries {
		if !r.seen.has(d.Event.ID) {
			events = append(events, event.Redact(d.Event))
		}
	}
	for len(events) > 0 {
		err := r.w.Append(events...)
		if err == nil {
			break
		}
		r.log.Error("calls cannot be recorded in the audit log", "waiting", len(events), "error", err)
		if !wait(ctx, patience) {
			return // not acknowledged: what the bus keeps comes again
		}
	}
	acks, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	for _, d := range deliveries {
		r.seen.add(d.Event.ID)
		if err := d.Ack(acks); err != nil && !errors.Is(err, bus.ErrClosed) {
			r.log.Debug("an event may be recorded twice", "error", err)
		}
	}
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// prime remembers the last lines of the log: a crash may have come between the
// sync and the acknowledgement.
func (r *recorder) prime() error {
	if r.w.file == nil {
		return nil
	}
	tail, _, err := tailOf(r.w.file)
	if err != nil {
		return err
	}
	for line := range bytes.Lines(tail) {
		var l struct {
			Event struct {
				ID event.ID `json:"event_id"`
			} `json:"event"`
		}
		if json.Unmarshal(line, &l) == nil { // the first may be cut
			r.seen.add(l.Event.ID)
		}
	}
	return nil
}

// recent remembers ids, the newest of them.
type recent struct {
	known map[event.ID]bool
	order []event.ID
	next  int
}

func (s *recent) has(id event.ID) bool { return s.known[id] }

func (s *recent) add(id event.ID) {
	if s.known[id] {
		return
	}
	s.known[id] = true
	if len(s.order) < remembered {
		s.order = append(s.order, id)
		return
	}
	delete(s.known, s.order[s.next])
	s.order[s.next] = id
	s.next = (s.next + 1) % remembered
}
