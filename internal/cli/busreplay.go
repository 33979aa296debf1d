package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
)

// A replaying says which kept events are wanted.
type replaying struct {
	since      string
	until      string
	filter     string
	to         uint64
	count      int
	republish  bool
	unredacted bool
}

func newBusReplay(s *session) *cobra.Command {
	var r replaying
	var w subscribing
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "print the events that the bus keeps, and end",
		Long: `replay prints what the bus keeps, oldest first, up to the last event that was
there when it began. No position moves and nobody misses an event. embedded: and
nats: keep events of durable types for a week, ipc: keeps them while its hub
lives; other buses say that they keep nothing.

With --republish each event is published once more, under its id and its
correlation, and the receipts are printed: a store that still remembers the id
keeps it once (duplicate), and handlers know it by its id.`,
		Example: `  onex bus replay --since 10m
  onex bus replay --from 1200 --to 1300 --filter 'tool_proxy_*'
  onex bus replay --filter node_start.importer --from last --republish`,
		Args: exactly(0),
	}
	format := formatFlag(cmd, console.JSON)
	flags := cmd.Flags()
	flags.StringVar(&w.from, "from", "all", "where to begin: all, last (of each subject), a `time` or a sequence")
	flags.StringVar(&r.since, "since", "", "the same for a `time`, as 10m or 2026-11-22T09:52:06Z")
	flags.StringVar(&r.until, "until", "", "leave out what happened after this `time`")
	flags.Uint64Var(&r.to, "to", 0, "last `sequence` wanted")
	flags.StringVar(&r.filter, "filter", "", "only subjects that match, as in onex bus sub")
	flags.IntVar(&r.count, "count", 0, "stop after `n` events")
	flags.BoolVar(&r.republish, "republish", false, "publish each once more, and print the receipts")
	flags.BoolVar(&r.unredacted, "unredacted", false, "show secrets")
	cmd.MarkFlagsMutuallyExclusive("from", "since")
	complete(cmd, "from", "all", "last")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := parsePattern(r.filter)
		if err != nil {
			return err
		}
		wanted, err := r.wanted(&w)
		if err != nil {
			return err
		}
		if err := streamFormat(*format); err != nil {
			return err
		}
		return s.onBus(cmd.Context(), func(cfg app.Config, b bus.Bus) error {
			out := &lines{s: s, format: *format, unchanged: r.unredacted}
			return s.replay(cmd.Context(), cfg, b, p, wanted, r, out)
		})
	}
	return cmd
}

func (r replaying) wanted(w *subscribing) (bus.Range, error) {
	if w.from == string(bus.StartNew) {
		return bus.Range{}, console.ErrUsage.With("--from new: nothing that is kept is new; use onex bus sub")
	}
	if err := w.start(); err != nil {
		return bus.Range{}, err
	}
	wanted := bus.Range{Start: w.options.Start, Since: w.options.Since, Sequence: w.options.Sequence, To: r.to}
	if r.since != "" {
		wanted.Start = bus.StartTime
	}
	return wanted, errors.Join(bound("since", r.since, &wanted.Since), bound("until", r.until, &wanted.Until))
}

// bound reads the time of a flag that was given.
func bound(flag, text string, t *time.Time) error {
	if text == "" {
		return nil
	}
	var err error
	if *t, err = pastTime(text, time.Now()); err != nil {
		return console.ErrUsage.With("--%s %q: want %v", flag, text, err)
	}
	return nil
}

func (s *session) replay(ctx context.Context, cfg app.Config, b bus.Bus, p pattern, wanted bus.Range, r replaying, out *lines) error {
	err := bus.History(ctx, b, p.filter, wanted, func(d bus.Delivery) error {
		if !p.matches(d.Subject) {
			return nil
		}
		if err := s.replayed(ctx, cfg, b, d, r, out); err != nil {
			return err
		}
		if out.count == r.count {
			return errEnough
		}
		return nil
	})
	err = ignoreEnough(err)
	if err == nil && out.count == 0 {
		s.Note("no kept event matches")
	}
	return err
}

func (s *session) replayed(ctx context.Context, cfg app.Config, b bus.Bus, d bus.Delivery, r replaying, out *lines) error {
	if !r.republish {
		return out.delivery(d)
	}
	receipt, err := bus.PublishRetrying(ctx, b, d.Subject, d.Event, &cfg.Publishing)
	if err != nil {
		return err
	}
	return out.receipt(d.Subject, d.Event, receipt)
}
