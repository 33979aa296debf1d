package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
)

// ErrNoTrace is returned by "onex events --trace" when the bus keeps no event
// with this correlation id: it was ephemeral, is older than what is kept, or the
// id is wrong.
var ErrNoTrace = fault.New("ONEX_CLI_033_TRACE_NOT_FOUND", fault.NotFound, "no kept event has this correlation id").
	Hinted("ids are shown by `onex events --since 1h`; with -f what comes is shown, too")

// ErrManyTraces is returned when the end of a correlation id fits several. Give more of it.
var ErrManyTraces = fault.New("ONEX_CLI_034_TRACE_AMBIGUOUS", fault.Conflict, "several correlation ids end so")

// maxTrace bounds the events of a trace.
const maxTrace = 10_000

// A Trace is the output of "onex events --trace".
type Trace struct {
	CorrelationID string      `json:"correlation_id"`
	Began         time.Time   `json:"began"`
	DurationMS    float64     `json:"duration_ms"`
	Events        []TraceStep `json:"events"` // parents before what they caused, siblings in time
}

// A TraceStep is one event of a trace.
type TraceStep struct {
	Depth   int             `json:"depth"` // how many known events led to it
	AfterMS float64         `json:"after_ms"`
	Subject event.Subject   `json:"subject"`
	Event   json.RawMessage `json:"event"`

	at   time.Time
	from event.ID // what caused it and is not kept
}

// Text draws the tree.
func (t Trace) Text(e *console.Env, w io.Writer) {
	fmt.Fprintf(w, "correlation %s: %s in %s\n", t.CorrelationID, plural(len(t.Events), "event"), millis(t.DurationMS))
	for _, s := range t.Events {
		var head struct {
			Type string `json:"event_type"`
		}
		_ = json.Unmarshal(s.Event, &head) // we encoded it
		cause := ""
		if s.Depth == 0 && !s.from.IsZero() {
			cause = e.Paint(console.Faint, " (caused by "+shortID(s.from)+", not kept)")
		}
		fmt.Fprintf(w, "%s  %9s  %s%s  %s%s  %s\n", e.Paint(console.Faint, s.at.Local().Format("15:04:05.000")),
			"+"+millis(s.AfterMS), strings.Repeat("   ", max(0, s.Depth-1))+strings.Repeat("└─ ", min(1, s.Depth)),
			e.Paint(console.Bold, head.Type), s.Subject.From(), cause, short(payloadOf(s.Event)))
	}
}

// shownTime is as exact as times in a trace are shown.
const shownTime = 10 * time.Microsecond

func millis(ms float64) string {
	return time.Duration(ms * float64(time.Millisecond)).Round(shownTime).String()
}

// trace prints the kept events of one correlation.
func (s *session) trace(ctx context.Context, b bus.Bus, w watch, format console.Format) error {
	past, err := w.past()
	if err != nil {
		return err
	}
	var found []bus.Delivery
	shown := newSeen()
	err = bus.History(ctx, b, event.AllEvents, past, func(d bus.Delivery) error {
		if w.wants(d) && !shown.before(d.Event) && len(found) < maxTrace {
			found = append(found, d)
		}
		return nil
	})
	if err != nil {
		return err
	}
	t, err := traceOf(found, w.correlation)
	if err != nil {
		return err
	}
	return s.Print(format, t)
}

// traceOf orders the events of one correlation as a tree.
func traceOf(found []bus.Delivery, id string) (*Trace, error) {
	if len(found) == 0 {
		return nil, ErrNoTrace.With("%q", id)
	}
	slices.SortStableFunc(found, func(a, b bus.Delivery) int {
		return cmp.Or(a.Event.Time.Compare(b.Event.Time), cmp.Compare(a.Sequence, b.Sequence))
	})
	first, last := found[0].Event, found[len(found)-1].Event
	t := &Trace{CorrelationID: first.Correlation.String(), Began: first.Time, DurationMS: since(first.Time, last.Time)}
	known := map[event.ID]bool{}
	for _, d := range found {
		known[d.Event.ID] = true
		if d.Event.Correlation != first.Correlation {
			return t, ErrManyTraces.With("%q: %s and %s", id, first.Correlation, d.Event.Correlation)
		}
	}
	var roots []bus.Delivery
	caused := map[event.ID][]bus.Delivery{}
	for _, d := range found {
		if c := d.Event.Causation; known[c] && c != d.Event.ID {
			caused[c] = append(caused[c], d)
		} else {
			roots = append(roots, d)
		}
	}
	g := growing{trace: t, caused: caused, done: map[event.ID]bool{}}
	return t, g.grow(append(roots, found...), 0) // those of a circle have no root
}

func since(from, to time.Time) float64 { return float64(to.Sub(from).Microseconds()) / 1000 }

// A growing trace takes each event once, with what it caused below it.
type growing struct {
	trace  *Trace
	caused map[event.ID][]bus.Delivery
	done   map[event.ID]bool
}

func (g *growing) grow(all []bus.Delivery, depth int) error {
	for _, d := range all {
		if g.done[d.Event.ID] {
			continue
		}
		g.done[d.Event.ID] = true
		text, err := event.Encode(event.Redact(d.Event))
		if err != nil {
			return err
		}
		g.trace.Events = append(g.trace.Events, TraceStep{
			Depth: depth, AfterMS: since(g.trace.Began, d.Event.Time), Subject: d.Subject, Event: text,
			at: d.Event.Time, from: d.Event.Causation,
		})
		if err := g.grow(g.caused[d.Event.ID], depth+1); err != nil {
			return err
		}
	}
	return nil
}
