package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
)

// A publication says what "onex bus pub" publishes, and how.
type publication struct {
	subject     event.Subject
	from        string
	node        string
	correlation string
	data, file  string
	class       string
	count       int
	listeners   int
	timeout     time.Duration
	attempts    int
}

// A BusReceipt is one line of "onex bus pub -o json".
type BusReceipt struct {
	Subject       event.Subject `json:"subject"`
	EventID       string        `json:"event_id"`
	CorrelationID string        `json:"correlation_id"`
	Class         bus.Class     `json:"class"`
	Sequence      uint64        `json:"sequence"`    // in the store; 0 when it is not kept
	Duplicate     bool          `json:"duplicate"`   // an event with this id was kept before
	Subscribers   int           `json:"subscribers"` // -1: the bus cannot know
}

func newBusPub(s *session) *cobra.Command {
	var p publication
	cmd := &cobra.Command{
		Use:   "pub SUBJECT|TYPE",
		Short: "publish events and print the receipts",
		Long: `pub publishes an event and prints its receipt: the class that it was carried in,
its place in the store, and how many subscriptions it was handed to, as far as
the bus knows. SUBJECT is kind.node or kind.node.receiver; a TYPE alone, as
NODE_START, is published as coming from --from.

The payload comes from --data, or from the lines of a file (-f): each is a
payload, or a whole event, which keeps its id. An event that its type does not
allow is refused, and nothing is published.

The class follows from the type. With --class it must be that one, and the bus
must have it. A publication that finds the bus away is tried again, with growing
pauses; it keeps its id, so that nothing happens twice.`,
		Example: `  onex bus pub NODE_START --data '{"input_state": {"job": 7}}'
  onex bus pub structured_log.deploy --data '{"level": "info", "message": "done"}'
  onex bus pub NODE_START -f events.ndjson --wait-for-subscribers 1 --timeout 10s`,
		Args:              exactly(1),
		ValidArgsFunction: completeKinds,
	}
	format := formatFlag(cmd, console.Text)
	flags := cmd.Flags()
	flags.StringVar(&p.data, "data", "", "payload: a JSON `object`, @file, or - for standard input (default {})")
	flags.StringVarP(&p.file, "file", "f", "", "publish each line of this `file`, or of standard input (-)")
	flags.StringVar(&p.class, "class", "", "refuse to publish in another class: ephemeral or durable")
	flags.IntVar(&p.count, "count", 1, "publish `n` times, each with an id of its own")
	flags.StringVar(&p.from, "from", string(self), "`name` of the publishing node, when the subject has none")
	flags.StringVar(&p.node, "node-id", "", "`id` of the publishing instance (default: that of this command)")
	flags.StringVar(&p.correlation, "correlation", "", "correlation `id` (default: a new one)")
	flags.IntVar(&p.listeners, "wait-for-subscribers", 0, "wait until `n` subscriptions want the subject")
	flags.DurationVar(&p.timeout, "timeout", 5*time.Second, "how long to wait for subscribers, and for each publication")
	flags.IntVar(&p.attempts, "attempts", 0, "how often a publication is tried while the bus is away (default: publish_attempts of the settings)")
	cmd.MarkFlagsMutuallyExclusive("data", "file")
	completeClasses(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := streamFormat(*format); err != nil {
			return err
		}
		if err := p.aim(args[0]); err != nil {
			return err
		}
		events, closeEvents, err := s.events(&p)
		if err != nil {
			return err
		}
		defer closeEvents()
		return s.onBus(cmd.Context(), func(cfg app.Config, b bus.Bus) error {
			return s.publish(cmd.Context(), cfg, b, p, events, &lines{s: s, format: *format})
		})
	}
	return cmd
}

// aim sets the subject from the argument.
func (p *publication) aim(text string) error {
	if !strings.Contains(text, ".") {
		text = strings.ToLower(text) + "." + p.from
	}
	var err error
	if p.subject, err = event.ParseSubject(text); err != nil {
		return err
	}
	switch {
	case p.count < 1:
		return console.ErrUsage.With("--count %d: want 1 or more", p.count)
	case p.class != "" && p.class != string(bus.Ephemeral) && p.class != string(bus.Durable):
		return console.ErrUsage.With("--class %q: want ephemeral or durable", p.class)
	case p.class != "" && bus.Class(p.class) != bus.ClassOf(p.subject):
		return bus.ErrUnsupported.With("%s is of class %s, not %s", p.subject, bus.ClassOf(p.subject), p.class).
			Hinted("the class follows from the type of the event and cannot be chosen")
	}
	return nil
}

// events returns what to publish, one after the other; io.EOF is the end.
func (s *session) events(p *publication) (func() (event.Event, error), func(), error) {
	if p.file != "" {
		return s.eventLines(p)
	}
	data := json.RawMessage("{}")
	if p.data != "" {
		var err error
		if data, err = s.readArguments(p.data); err != nil {
			return nil, nil, err
		}
	}
	if _, err := p.event(data); err != nil {
		return nil, nil, p.teach(err)
	}
	left := p.count
	return func() (event.Event, error) {
		if left--; left < 0 {
			return event.Event{}, io.EOF
		}
		return p.event(data)
	}, func() {}, nil
}

// eventLines reads payloads and events from a file, a line for each.
func (s *session) eventLines(p *publication) (func() (event.Event, error), func(), error) {
	in, end := s.In, func() {}
	if p.file != "-" {
		path := p.file
		if !filepath.IsAbs(path) {
			path = filepath.Join(s.Dir, path)
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, nil, ErrArguments.Wrap(err, "%s", p.file)
		}
		in, end = f, func() { f.Close() }
	}
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, event.MaxSize+1)
	number := 0
	return func() (event.Event, error) {
		for scan.Scan() {
			number++
			line := bytes.TrimSpace(scan.Bytes())
			if len(line) == 0 {
				continue
			}
			e, err := p.event(line)
			if err != nil {
				return e, fmt.Errorf("%s, line %d: %w", p.file, number, err)
			}
			return e, nil
		}
		if err := scan.Err(); err != nil {
			return event.Event{}, ErrArguments.Wrap(err, "%s, line %d", p.file, number+1)
		}
		return event.Event{}, io.EOF
	}, end, nil
}

// event makes an event of a payload. A whole event is taken as it is.
func (p *publication) event(data json.RawMessage) (event.Event, error) {
	var envelope struct {
		EventID   string `json:"event_id"`
		EventType string `json:"event_type"`
	}
	if json.Unmarshal(data, &envelope) == nil && envelope.EventID != "" && envelope.EventType != "" {
		return event.Decode(data)
	}
	id := event.NewID()
	whole, err := json.Marshal(struct {
		SchemaVersion string          `json:"schema_version"`
		EventID       string          `json:"event_id"`
		Timestamp     string          `json:"timestamp"`
		NodeID        string          `json:"node_id"`
		EventType     event.Kind      `json:"event_type"`
		Correlation   string          `json:"correlation_id"`
		Metadata      json.RawMessage `json:"metadata"`
	}{event.SchemaVersion, id.String(), time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
		or(p.node, string(self)), p.subject.Kind(), or(p.correlation, id.String()), data})
	if err != nil {
		return event.Event{}, ErrArguments.Wrap(err, "the payload")
	}
	return event.Decode(whole)
}

func or(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

func (s *session) publish(ctx context.Context, cfg app.Config, b bus.Bus, p publication, next func() (event.Event, error), out *lines) error {
	if p.class == string(bus.Durable) && !bus.Has(b, bus.Durable) {
		return bus.ErrUnsupported.With("class %s: this bus has %s", p.class, b.Classes())
	}
	if p.listeners > 0 {
		waiting, cancel := context.WithTimeout(ctx, p.timeout)
		defer cancel()
		if err := bus.WaitForSubscribers(waiting, bus.CounterOf(b), p.subject, p.listeners); err != nil {
			return err
		}
	}
	retry := cfg.Publishing
	if p.attempts > 0 {
		retry.Attempts = p.attempts
	}
	unheard := false
	for {
		e, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		r, err := publishOnce(ctx, b, p, e, &retry)
		if err != nil {
			return err
		}
		unheard = unheard || r.Subscribers == 0 && r.Sequence == 0
		if err := out.receipt(p.subject, e, r); err != nil {
			return err
		}
	}
	if unheard {
		s.Warn("nobody listens on %s, and this bus keeps no event of its type (%s)", p.subject, bus.ErrUnheard.Code)
	}
	return nil
}

func publishOnce(ctx context.Context, b bus.Bus, p publication, e event.Event, retry *bus.Retry) (bus.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	return bus.PublishRetrying(ctx, b, p.subject, e, retry)
}

// receipt prints what became of one publication.
func (l *lines) receipt(s event.Subject, e event.Event, r bus.Receipt) error {
	if l.format == console.Text {
		return l.say(receiptText(s, e, r))
	}
	return l.write(BusReceipt{
		Subject: s, EventID: e.ID.String(), CorrelationID: e.Correlation.String(), Class: r.Class,
		Sequence: r.Sequence, Duplicate: r.Duplicate, Subscribers: r.Subscribers,
	})
}

func receiptText(s event.Subject, e event.Event, r bus.Receipt) string {
	text := fmt.Sprintf("published %s %s: %s", s, e.ID, r.Class)
	if r.Sequence > 0 {
		text += fmt.Sprintf(", kept as %d", r.Sequence)
	}
	if r.Duplicate {
		return text + ", was kept before (duplicate)"
	}
	return text + ", subscribers " + count(r.Subscribers)
}

// count writes a number that may be unknown.
func count(n int) string {
	if n < 0 {
		return "unknown"
	}
	return fmt.Sprint(n)
}

// completeKinds completes the types of events.
func completeKinds(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, k := range event.Kinds() {
		names = append(names, string(k))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeClasses completes the flag --class.
func completeClasses(cmd *cobra.Command) {
	complete(cmd, "class", string(bus.Ephemeral), string(bus.Durable), string(bus.Retained))
}

// complete completes a flag with one of some words.
func complete(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic("a flag that is not there: " + flag) // a defect of the command, found by every test
	}
}
