package parity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// Bounds of watching.
const (
	watchQueue   = 1 << 14     // events of all nodes that are checked at once
	settleWithin = time.Minute // nobody waits for it unless the machine is very busy
)

// A witness records the events that one node publishes in answer to calls.
type witness struct {
	node   node.ID
	sub    bus.Subscription
	marker event.Event
	found  chan struct{} // closed when the marker came
	done   chan struct{} // closed when the witness has gone

	mu   sync.Mutex
	seen map[event.ID]map[sighting]int // by correlation
}

// A sighting is an event as far as parity looks at it.
type sighting struct {
	kind     event.Kind
	directed bool
}

func (s sighting) String() string {
	if s.directed {
		return string(s.kind) + " to the caller"
	}
	return string(s.kind) + " for the record"
}

// watch begins to record.
func watch(ctx context.Context, b bus.Bus, id node.ID) (*witness, error) {
	sub, err := b.Subscribe(ctx, event.AllEvents, &bus.Options{Queue: watchQueue})
	if err != nil {
		return nil, err
	}
	own := event.NewID().String()
	w := &witness{
		node: id, sub: sub, found: make(chan struct{}), done: make(chan struct{}), seen: map[event.ID]map[sighting]int{},
		marker: event.New(own, event.ToolProxyTimeout{ToolName: "parity"}, event.ID{}),
	}
	go w.run()
	return w, nil
}

func (w *witness) run() {
	defer close(w.done)
	for {
		d, err := w.sub.Next(context.Background()) // ends by close
		if err != nil {
			return
		}
		switch {
		case d.Event.ID == w.marker.ID:
			close(w.found)
		case d.Event.NodeID == string(w.node):
			w.record(d)
		}
	}
}

func (w *witness) record(d bus.Delivery) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := w.seen[d.Event.Correlation]
	if seen == nil {
		seen = map[sighting]int{}
		w.seen[d.Event.Correlation] = seen
	}
	seen[sighting{d.Event.Kind(), d.Subject.Receiver() != ""}]++
}

// settle waits until all that was published on b before has been recorded.
func (w *witness) settle(ctx context.Context, b bus.Bus) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	to := event.NewSubject(w.marker.Kind(), self).To(w.marker.NodeID)
	if _, err := b.Publish(ctx, to, w.marker); err != nil {
		return err
	}
	select {
	case <-w.found:
	case <-ctx.Done():
		return ErrServe.Wrap(ctx.Err(), "an event of parity's own does not come back")
	}
	if n := w.sub.Dropped().Total(); n > 0 {
		return ErrServe.With("%d events were lost while they were counted; check fewer nodes at once", n)
	}
	return nil
}

func (w *witness) close() {
	_ = w.sub.Close() // idempotent, and nothing is left to be done about it
	<-w.done
}

// deviations compares the events of a call with those that it has: one answer to
// the caller and one copy of it for the record, and nothing else; except that a tool
// with the effect events may publish more. A call that the proxy refuses because of
// its arguments has none.
func (w *witness) deviations(o Observation, t node.Tool, proxied bool) []string {
	w.mu.Lock()
	seen := maps.Clone(w.seen[o.correlation])
	w.mu.Unlock()
	if proxied && len(seen) == 0 && o.Error != nil && o.Error.Code == schema.ErrViolated.Code {
		return nil
	}
	var out []string
	for _, want := range []sighting{{o.answer, true}, {o.answer, false}} {
		if seen[want] == 0 {
			out = append(out, "missing: "+want.String())
			continue
		}
		seen[want]--
	}
	more := slices.Contains(t.Effects, node.Events)
	for s, n := range seen {
		if n > 0 && !(more && !s.directed && s.kind != o.answer) {
			out = append(out, fmt.Sprintf("unexpected: %s × %d", s, n))
		}
	}
	slices.SortFunc(out, strings.Compare)
	return out
}
