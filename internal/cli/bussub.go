package cli

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
)

// ErrTooFew is returned by "onex bus sub" and "onex events" when the time was over
// before as many events had come as --count asks for. Those that came have been
// printed.
var ErrTooFew = fault.New("ONEX_CLI_032_TOO_FEW_EVENTS", fault.Timeout, "fewer events came than --count asks for").
	Hinted("wait longer, or see with `onex bus ls` whether anybody publishes")

// What "onex bus sub" does with a delivery of a kept event.
const (
	ackAuto = "auto" // acknowledge after printing
	ackNone = "none" // leave it, so that it comes again
	ackNack = "nack" // ask for it again
	ackTerm = "term" // give it up: a dead letter
)

// subscribeTime is what a bus that works needs to subscribe at most, on a loaded
// machine, too.
const subscribeTime = 5 * time.Second

// A subscribing says what "onex bus sub" subscribes to, and until when.
type subscribing struct {
	options bus.Options
	class   string
	policy  string
	from    string
	ack     string
	count   int
	timeout time.Duration
}

func newBusSub(s *session) *cobra.Command {
	var w subscribing
	var unredacted bool
	cmd := &cobra.Command{
		Use:   "sub [FILTER]",
		Short: "subscribe and print what comes, a line of JSON for each event",
		Long: `sub prints every event whose subject matches FILTER (default: all): a type, as
NODE_START, or a subject in which * stands for one part, or any characters in
it, and > for all that follow. A line on standard error says when the
subscription is live. Secrets are redacted unless --unredacted.

Without --class and --from it is an ephemeral subscription. A kept event is
acknowledged when it has been printed; --ack says otherwise. With --name or
--group the position survives, and the next sub goes on there.`,
		Example: `  onex bus sub 'node_*'
  onex bus sub TOOL_PROXY_RESULT --from all --count 10
  onex bus sub NODE_START --class durable --group workers --ack nack`,
		Args:              atMost(1),
		ValidArgsFunction: completeKinds,
	}
	format := formatFlag(cmd, console.JSON)
	flags := cmd.Flags()
	flags.StringVar(&w.class, "class", "", "ephemeral, durable or retained (default: ephemeral, or what this bus keeps when --from, --name or --ack ask for it)")
	flags.StringVar(&w.options.Group, "group", "", "join the group of this `name`: each event goes to one member")
	flags.StringVar(&w.options.Name, "name", "", "keep the position under this `name`")
	flags.StringVar(&w.from, "from", "", "where to start: new, all, last (of each subject), a `time` (RFC 3339, or as 10m ago) or a sequence")
	flags.StringVar(&w.ack, "ack", ackAuto, "what becomes of a kept event: auto, none, nack or term")
	flags.IntVar(&w.count, "count", 0, "stop after `n` events")
	flags.DurationVar(&w.timeout, "timeout", 0, "stop after this `time`; an error when --count is not reached")
	flags.IntVar(&w.options.Queue, "queue", 0, "`bound` of the queue in events (default 1000)")
	flags.StringVar(&w.policy, "policy", "", "when the queue is full: drop_oldest, drop_newest or block")
	flags.DurationVar(&w.options.AckWait, "ack-wait", 0, "`time` after which an event that is not acknowledged comes again (default 30s)")
	flags.IntVar(&w.options.MaxDeliver, "max-deliver", 0, "`attempts` before an event is a dead letter (default 5)")
	flags.BoolVar(&unredacted, "unredacted", false, "show secrets")
	completeClasses(cmd)
	complete(cmd, "from", "new", "all", "last")
	complete(cmd, "ack", ackAuto, ackNone, ackNack, ackTerm)
	complete(cmd, "policy", string(bus.DropOldest), string(bus.DropNewest), string(bus.Block))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p, err := parsePattern(strings.Join(args, ""))
		if err != nil {
			return err
		}
		if err := errors.Join(streamFormat(*format), w.complete()); err != nil {
			return err
		}
		return s.staying(cmd.Context(), "onex bus sub", func(_ app.Config, b bus.Bus) error {
			out := &lines{s: s, format: *format, unchanged: unredacted}
			return s.subscribe(cmd.Context(), b, p, w, out)
		})
	}
	return cmd
}

// complete turns the flags into options.
func (w *subscribing) complete() error {
	w.options.Class, w.options.Policy = bus.Class(w.class), bus.Policy(w.policy)
	switch w.ack {
	case ackAuto, ackNone, ackNack, ackTerm:
	default:
		return console.ErrUsage.With("--ack %q: want auto, none, nack or term", w.ack)
	}
	if w.count < 0 {
		return console.ErrUsage.With("--count %d is negative", w.count)
	}
	return w.start()
}

// start understands --from.
func (w *subscribing) start() error {
	o := &w.options
	switch start := bus.Start(w.from); start {
	case "", bus.StartNew, bus.StartAll, bus.StartLast:
		o.Start = start
		return nil
	}
	var err error
	if o.Sequence, err = strconv.ParseUint(w.from, 10, 64); err == nil && o.Sequence > 0 {
		o.Start = bus.StartSeq
		return nil
	}
	o.Start = bus.StartTime
	if err != nil {
		o.Since, err = pastTime(w.from, time.Now())
	} else {
		err = errors.New("a time")
	}
	if err != nil {
		return console.ErrUsage.With("--from %q: want new, all, last, a sequence above 0, or %v", w.from, err)
	}
	return nil
}

// pastTime reads a time, or how long ago it was.
func pastTime(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	if d, err := time.ParseDuration(strings.TrimSpace(strings.TrimSuffix(text, "ago"))); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, errors.New("a time as 2026-11-22T09:52:06Z, or 10m for ten minutes ago")
}

// class chooses the class when none is asked for: what the bus keeps, if
// something is asked for that only kept events have.
func (w *subscribing) choose(b bus.Bus) {
	o := &w.options
	kept := o.Start != "" && o.Start != bus.StartNew || o.Name != "" || w.ack != ackAuto || o.AckWait != 0 || o.MaxDeliver != 0
	if o.Class != "" || !kept {
		return
	}
	if o.Class = bus.Durable; !bus.Has(b, bus.Durable) && bus.Has(b, bus.Retained) {
		o.Class = bus.Retained
	}
}

func (s *session) subscribe(ctx context.Context, b bus.Bus, p pattern, w subscribing, out *lines) error {
	w.choose(b)
	sub, err := w.open(ctx, b, p.filter)
	if err != nil {
		return err
	}
	defer sub.Close()
	s.Note("subscribed to %s", p)
	defer s.warnOfDrops(sub)
	if w.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.timeout)
		defer cancel()
	}
	for w.count == 0 || out.count < w.count {
		d, err := sub.Next(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return w.ended(ctx, out.count)
		case err != nil:
			return err
		case !p.matches(d.Subject):
			_ = d.Ack(ctx) // not one of ours
			continue
		}
		if err := out.delivery(d); err != nil {
			return err
		}
		if err := w.settle(context.WithoutCancel(ctx), d); err != nil {
			return err
		}
	}
	return nil
}

// open subscribes. The time of --timeout begins when that is done; a bus that does
// not answer must not take longer than it, or than subscribeTime.
func (w *subscribing) open(ctx context.Context, b bus.Bus, f event.Filter) (bus.Subscription, error) {
	if w.timeout == 0 {
		return b.Subscribe(ctx, f, &w.options)
	}
	ctx, cancel := context.WithTimeout(ctx, max(w.timeout, subscribeTime))
	defer cancel()
	return b.Subscribe(ctx, f, &w.options)
}

// ended says why waiting ended: the signal, or the time.
func (w subscribing) ended(ctx context.Context, seen int) error {
	switch {
	case !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return context.Cause(ctx)
	case w.count > 0:
		return ErrTooFew.With("%d of %d in %s", seen, w.count, w.timeout)
	}
	return nil
}

func (w subscribing) settle(ctx context.Context, d bus.Delivery) error {
	if d.Class == bus.Ephemeral {
		return nil
	}
	switch w.ack {
	case ackNack:
		return d.Nack(ctx, 0)
	case ackTerm:
		return d.Term(ctx, "given up by onex bus sub --ack term")
	case ackNone:
		return nil
	}
	return d.Ack(ctx)
}

// warnOfDrops says what a subscription lost.
func (s *session) warnOfDrops(sub bus.Subscription) {
	for reason, n := range sub.Dropped() {
		s.Warn("%s came faster than they could be shown and are missing (%s)", plural(int(n), "event"), reason)
	}
}
