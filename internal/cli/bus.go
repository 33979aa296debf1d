package cli

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/console"
)

func newBus(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bus",
		Short: "look at the bus, publish, subscribe, replay, redrive, measure",
		Long: `bus works on the bus that nodes talk on: the one that --bus, ONEX_BUS or
onex.yaml names. What that bus does not have, it says (ONEX_BUS_002_UNSUPPORTED):
it never does something weaker instead.`,
		Example: `  onex bus ls
  onex bus health
  onex bus sub 'node_*.>' -o json
  onex bus dead redrive --all`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBusList(s), newBusHealth(s), newBusPub(s), newBusSub(s), newBusReplay(s), newBusDead(s), newBusBench(s))
	return cmd
}

// A pattern is a filter as people write it: a subject, a filter, or a type of events, in
// any case. A * may stand for a part of a token, which the bus does not know: it is asked
// for more, and what it hands over is asked whether it matches.
type pattern struct {
	filter event.Filter
	tokens []string
}

func parsePattern(text string) (pattern, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		text = string(event.AllEvents)
	}
	tokens := strings.Split(text, ".")
	if len(tokens) == 1 && tokens[0] != ">" {
		tokens = append(tokens, ">")
	}
	wide := slices.Clone(tokens)
	for i, t := range tokens {
		if strings.Contains(t, "*") {
			wide[i] = "*"
		}
	}
	f, err := event.ParseFilter(strings.Join(wide, "."))
	return pattern{f, tokens}, err
}

func (p pattern) String() string { return strings.Join(p.tokens, ".") }

func (p pattern) matches(s event.Subject) bool {
	parts := strings.Split(string(s), ".")
	for i, t := range p.tokens {
		if t == ">" || i >= len(parts) {
			break
		}
		if !wildcard(t, strings.ToLower(parts[i])) {
			return false
		}
	}
	return true
}

// A BusEvent is one line of "onex bus sub" and "onex bus replay".
type BusEvent struct {
	Subject  event.Subject   `json:"subject"`
	Sequence uint64          `json:"sequence,omitempty"` // in the store; absent when it is not kept
	Attempt  int             `json:"attempt,omitempty"`
	Class    bus.Class       `json:"class"`
	Event    json.RawMessage `json:"event"`
}

// lines writes what comes one by one: a document of YAML, a line of JSON, or a
// line for people for each.
type lines struct {
	s         *session
	format    console.Format
	unchanged bool // secrets are shown
	count     int
}

// streamFormat refuses formats that need to see everything first.
func streamFormat(f console.Format) error {
	switch f {
	case console.Text, console.JSON, console.YAML:
		return nil
	}
	return console.ErrUsage.With("events come one by one: -o text, json or yaml, not %s", f)
}

// delivery writes one delivery of any subscription.
func (l *lines) delivery(d bus.Delivery) error {
	text, err := l.encoded(d.Event)
	if err != nil {
		return err
	}
	if l.format == console.Text {
		return l.say(l.s.eventLine(d, text))
	}
	return l.write(BusEvent{d.Subject, d.Sequence, d.Attempt, d.Class, text})
}

// event writes the event of a delivery alone.
func (l *lines) event(d bus.Delivery) error {
	text, err := l.encoded(d.Event)
	switch {
	case err != nil:
		return err
	case l.format == console.Text:
		return l.say(l.s.eventLine(d, text))
	case l.format == console.JSON:
		return l.say(string(text))
	}
	return l.write(text)
}

func (l *lines) encoded(e event.Event) (json.RawMessage, error) {
	if !l.unchanged {
		e = event.Redact(e)
	}
	return event.Encode(e)
}

func (l *lines) say(text string) error {
	l.count++
	return l.s.Line(text)
}

// write writes v as JSON on one line, or as a document of YAML.
func (l *lines) write(v any) error {
	l.count++
	if l.format == console.YAML {
		if _, err := io.WriteString(l.s.Out, "---\n"); err != nil {
			return err
		}
		return l.s.Print(console.YAML, v)
	}
	enc := json.NewEncoder(l.s.Out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
