package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
)

// watch says which events a person wants to see, from when, and how many.
type watch struct {
	types       []string
	nodes       []string
	correlation string
	since       string
	follow      bool
	count       int
	last        time.Duration
}

// An EventLine is one line of "onex events -o json": the event as it is on the
// wire (docs/events.md), secrets redacted.
type EventLine struct {
	SchemaVersion string          `json:"schema_version"`
	EventID       string          `json:"event_id"`
	Timestamp     time.Time       `json:"timestamp"`
	NodeID        string          `json:"node_id"`
	EventType     string          `json:"event_type"`
	CorrelationID string          `json:"correlation_id"`
	CausationID   string          `json:"causation_id,omitempty"`
	TraceParent   string          `json:"traceparent,omitempty"`
	Metadata      json.RawMessage `json:"metadata"`
}

func newEvents(s *session) *cobra.Command {
	var w watch
	var trace string
	cmd := &cobra.Command{
		Use:   "events",
		Short: "see what happens on the bus, and what happened",
		Long: `events prints every event as it happens, secrets redacted, until it is stopped
or has seen enough. With -o json each line is one event, with -o yaml each is
a document. A result is shown once, although it is on the bus twice: as the
answer to the caller and as the copy that is kept.

With --since it prints what the bus has kept since then, and ends, unless -f
says to follow what comes. embedded: and nats: keep events of durable types, ipc:
those of its hub; other buses say that they keep nothing.

--trace shows what belongs to one correlation id as a tree: what caused what,
and when. The end of an id is enough.`,
		Example: `  onex events --type 'node_*'
  onex events --since 10m --type tool_proxy_result --node greeter -o json
  onex events --since 1h -f
  onex events --trace 0199b3c1-8f2e-7abc-8def-001122334455`,
		Args: exactly(0),
	}
	format := formatFlag(cmd, console.Text)
	flags := cmd.Flags()
	flags.StringSliceVar(&w.types, "type", nil, "only these event `types`; * stands for any characters")
	flags.StringSliceVar(&w.nodes, "node", nil, "only events published by these `nodes`")
	flags.StringVar(&w.correlation, "correlation", "", "only events with this correlation `id`, or one that ends so")
	flags.StringVar(&w.since, "since", "", "what was kept since this `time`, as 10m or 2026-11-22T09:52:06Z")
	flags.BoolVarP(&w.follow, "follow", "f", false, "with --since or --trace: go on with what comes")
	flags.StringVar(&trace, "trace", "", "the kept events of this correlation `id`, as a tree")
	flags.IntVar(&w.count, "count", 0, "stop after `n` events")
	flags.DurationVar(&w.last, "for", 0, "stop after this `time`")
	cmd.MarkFlagsMutuallyExclusive("trace", "correlation")
	completeTypes(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		tree := trace != "" && !w.follow
		if trace != "" {
			w.correlation, w.since = trace, or(w.since, "all")
		}
		if err := w.check(*format, tree); err != nil {
			return err
		}
		if tree {
			return s.onBus(cmd.Context(), func(_ app.Config, b bus.Bus) error {
				return s.trace(cmd.Context(), b, w, *format)
			})
		}
		open := s.onBus
		if w.since == "" || w.follow {
			open = s.stayingAs("onex events")
		}
		return open(cmd.Context(), func(_ app.Config, b bus.Bus) error {
			return s.watch(cmd.Context(), b, w, &lines{s: s, format: *format})
		})
	}
	return cmd
}

// completeTypes completes the flag --type.
func completeTypes(cmd *cobra.Command) {
	var names []string
	for _, k := range event.Kinds() {
		names = append(names, k.Token())
	}
	complete(cmd, "type", names...)
}

func (w watch) check(format console.Format, tree bool) error {
	if !tree {
		if err := streamFormat(format); err != nil {
			return err
		}
	}
	if w.follow && w.since == "" {
		return console.ErrUsage.With("-f goes with --since or --trace; without them events follows anyway")
	}
	for _, t := range w.types {
		if !anyKind(t) {
			return console.ErrUsage.With("--type %q matches no type of events", t).
				Hinted("types are listed in docs/events.md, as node_start or tool_proxy_result; * stands for any characters")
		}
	}
	_, err := w.past()
	return err
}

// anyKind reports whether a pattern matches a type that this version knows, or
// may match one that it does not.
func anyKind(pattern string) bool {
	for _, k := range event.Kinds() {
		if anyMatch([]string{pattern}, string(k)) {
			return true
		}
	}
	return strings.Contains(pattern, "*") || event.Kind(pattern).Valid() // in capitals it is meant
}

// past returns which kept events are wanted.
func (w watch) past() (bus.Range, error) {
	if w.since == "" || w.since == "all" {
		return bus.Range{}, nil
	}
	since, err := pastTime(w.since, time.Now())
	if err != nil {
		return bus.Range{}, console.ErrUsage.With("--since %q: want %v", w.since, err)
	}
	return bus.Range{Start: bus.StartTime, Since: since}, nil
}

func (s *session) watch(ctx context.Context, b bus.Bus, w watch, out *lines) error {
	if w.last > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.last)
		defer cancel()
	}
	show := shower{w: w, out: out, seen: newSeen()}
	var live bus.Subscription
	if w.since == "" || w.follow { // before the past is read, so that nothing falls between
		var err error
		if live, err = b.Subscribe(ctx, event.AllEvents, &bus.Options{Queue: watchQueue}); err != nil {
			return err
		}
		defer live.Close()
		s.Note("watching the bus")
		defer s.warnOfDrops(live)
	}
	if w.since != "" {
		past, err := w.past()
		if err == nil {
			err = bus.History(ctx, b, event.AllEvents, past, show.delivery)
		}
		if err != nil || live == nil {
			return w.over(ctx, ignoreEnough(err))
		}
	}
	return w.over(ctx, ignoreEnough(show.follow(ctx, live)))
}

// watchQueue is how many events may wait while the past is printed.
const watchQueue = 16_384

// errEnough ends a stream that has seen enough.
var errEnough = errors.New("enough")

func ignoreEnough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// over turns the end of the time that was given into a normal end.
func (w watch) over(ctx context.Context, err error) error {
	if w.last > 0 && errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil
	}
	return err
}

// A shower prints the events that are wanted, each once.
type shower struct {
	w    watch
	out  *lines
	seen *seen
}

func (h *shower) follow(ctx context.Context, live bus.Subscription) error {
	for {
		d, err := live.Next(ctx)
		if err != nil {
			return err
		}
		if err := h.delivery(d); err != nil {
			return err
		}
	}
}

func (h *shower) delivery(d bus.Delivery) error {
	if !h.w.wants(d) || h.seen.before(d.Event) {
		return nil
	}
	if err := h.out.event(d); err != nil {
		return err
	}
	if h.w.count > 0 && h.out.count >= h.w.count {
		return errEnough
	}
	return nil
}

func (w watch) wants(d bus.Delivery) bool {
	return anyMatch(w.types, string(d.Event.Kind())) && anyMatch(w.nodes, string(d.Subject.From())) &&
		strings.HasSuffix(d.Event.Correlation.String(), strings.ToLower(w.correlation))
}

// maxSeen bounds the events that are remembered as shown: copies follow their
// originals closely, and what was live while the past was read fits a queue.
const maxSeen = 2 * watchQueue

// seen remembers which events were shown.
type seen struct {
	ids  map[event.ID]struct{}
	last []event.ID // in the order in which they came
	next int
}

func newSeen() *seen { return &seen{ids: map[event.ID]struct{}{}} }

// before reports whether e was shown: itself, or as the answer that it is
// a copy of.
func (s *seen) before(e event.Event) bool {
	id := e.ID
	switch e.Kind() {
	case event.KindToolProxyResult, event.KindToolProxyError, event.KindToolProxyRejected:
		if !e.Causation.IsZero() {
			id = e.Causation // a call has one answer
			id[0] ^= 0xff    // and is another event than that
		}
	}
	if _, ok := s.ids[id]; ok {
		return true
	}
	s.ids[id] = struct{}{}
	if len(s.last) < maxSeen {
		s.last = append(s.last, id)
		return false
	}
	delete(s.ids, s.last[s.next])
	s.last[s.next] = id
	s.next = (s.next + 1) % maxSeen
	return false
}

// anyMatch reports whether text matches one of the patterns, in any case; no
// pattern at all matches everything.
func anyMatch(patterns []string, text string) bool {
	for _, p := range patterns {
		if wildcard(strings.ToLower(p), strings.ToLower(text)) {
			return true
		}
	}
	return len(patterns) == 0
}

// wildcard matches text against a pattern in which * stands for any characters.
func wildcard(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(text, first) || !strings.HasSuffix(text[len(first):], last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return true
}

// eventLine is an event for people: when, what, who, to which correlation it
// belongs, and its payload.
func (s *session) eventLine(d bus.Delivery, encoded []byte) string {
	return fmt.Sprintf("%s  %s  %-16s  %s  %s",
		s.Paint(console.Faint, d.Event.Time.Local().Format("15:04:05.000")),
		s.Paint(console.Bold, fmt.Sprintf("%-24s", d.Event.Kind())), d.Subject.From(),
		s.Paint(console.Faint, shortID(d.Event.Correlation)), short(payloadOf(encoded)))
}

// shortID is the end of an id, which differs where the beginning is the time.
func shortID(id event.ID) string {
	text := id.String()
	return text[len(text)-12:]
}

// payloadOf returns the payload of an event that we just encoded.
func payloadOf(encoded []byte) json.RawMessage {
	var e struct{ Metadata json.RawMessage }
	_ = json.Unmarshal(encoded, &e)
	return e.Metadata
}

// maxShown bounds the payload shown on a line; -o json shows all of it.
const maxShown = 200

func short(payload []byte) string {
	if len(payload) <= maxShown {
		return string(payload)
	}
	return strings.ToValidUTF8(string(payload[:maxShown]), "") + "…"
}
