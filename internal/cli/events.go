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
	"github.com/omninode-ai/onex/node"
)

// watch says which events a person wants to see, and how many.
type watch struct {
	types       []string
	nodes       []string
	correlation string
	count       int
	last        time.Duration
}

func newEvents(s *session) *cobra.Command {
	var w watch
	cmd := &cobra.Command{
		Use:   "events",
		Short: "watch what happens on the bus",
		Long: `events prints every event as it happens, secrets redacted, until it is stopped
or has seen enough. With -o json each line is one event.`,
		Example: `  onex events --type 'node_*'
  onex events --type tool_proxy_result --node greeter -o json
  onex events --correlation 0199b3c1-… --for 10s`,
		Args: exactly(0),
	}
	format := formatFlag(cmd, console.Text)
	flags := cmd.Flags()
	flags.StringSliceVar(&w.types, "type", nil, "only these event `types`; * stands for any characters")
	flags.StringSliceVar(&w.nodes, "node", nil, "only events published by these `nodes`")
	flags.StringVar(&w.correlation, "correlation", "", "only events with this correlation `id`")
	flags.IntVar(&w.count, "count", 0, "stop after `n` events")
	flags.DurationVar(&w.last, "for", 0, "stop after this `time`")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *format != console.Text && *format != console.JSON {
			return console.ErrUsage.With("events come one a line: -o text or -o json, not %s", *format)
		}
		return s.onBus(cmd.Context(), func(_ app.Config, b bus.Bus) error {
			return s.watch(cmd.Context(), b, w, *format)
		})
	}
	return cmd
}

func (s *session) watch(ctx context.Context, b bus.Bus, w watch, format console.Format) error {
	if w.last > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.last)
		defer cancel()
	}
	sub, err := b.Subscribe(ctx, event.AllEvents, nil)
	if err != nil {
		return err
	}
	defer sub.Close()
	for seen := 0; w.count == 0 || seen < w.count; {
		d, err := sub.Next(ctx)
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			break
		}
		if err != nil {
			return err
		}
		if !w.wants(d) {
			continue
		}
		seen++
		if err := s.printEvent(format, d); err != nil {
			return err
		}
	}
	if n := sub.Dropped().Total(); n > 0 {
		s.Warn("%s came faster than they could be shown and are missing", plural(int(n), "event"))
	}
	return nil
}

func (w watch) wants(d bus.Delivery) bool {
	return anyMatch(w.types, string(d.Event.Kind())) && anyMatch(w.nodes, string(d.Subject.From())) &&
		(w.correlation == "" || strings.EqualFold(w.correlation, d.Event.Correlation.String()))
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

// printEvent prints the redacted event on one line.
func (s *session) printEvent(format console.Format, d bus.Delivery) error {
	e := event.Redact(d.Event)
	encoded, err := event.Encode(e)
	if err != nil {
		return err
	}
	line := string(encoded)
	if format == console.Text {
		line = s.eventLine(d.Subject.From(), e, encoded)
	}
	_, err = fmt.Fprintln(s.Out, line)
	return err
}

// eventLine is an event for people: when, what, who, to which correlation it
// belongs, and its payload.
func (s *session) eventLine(from node.Name, e event.Event, encoded []byte) string {
	var payload struct{ Metadata json.RawMessage }
	_ = json.Unmarshal(encoded, &payload) // we just encoded it
	correlation := e.Correlation.String()
	return fmt.Sprintf("%s  %s  %-16s  %s  %s",
		s.Paint(console.Faint, e.Time.Local().Format("15:04:05.000")),
		s.Paint(console.Bold, fmt.Sprintf("%-24s", e.Kind())), from,
		s.Paint(console.Faint, correlation[len(correlation)-12:]), short(payload.Metadata))
}

// maxShown bounds the payload shown on a line; -o json shows all of it.
const maxShown = 200

func short(payload []byte) string {
	if len(payload) <= maxShown {
		return string(payload)
	}
	return strings.ToValidUTF8(string(payload[:maxShown]), "") + "…"
}
