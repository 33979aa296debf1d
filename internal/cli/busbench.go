package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/busbench"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/parity"
)

const (
	// durableSenders is how many publish durable events at once: one alone measures
	// the disk.
	durableSenders = 64

	maxBenchRounds = 100
	maxBenchTime   = time.Minute
)

// A BenchRow is one bus and class in the output of "onex bus bench".
type BenchRow struct {
	Bus       string        `json:"bus"`
	Class     bus.Class     `json:"class"`
	Rate      float64       `json:"events_per_second"`
	P50       float64       `json:"round_trip_p50_us"`
	P99       float64       `json:"round_trip_p99_us"`
	Raw       string        `json:"raw"` // what it is compared with; empty for nothing
	RawRate   float64       `json:"raw_events_per_second"`
	RawP50    float64       `json:"raw_round_trip_p50_us"`
	RateRatio float64       `json:"rate_ratio"`       // bus / raw; more is better
	TripRatio float64       `json:"round_trip_ratio"` // bus / raw; less is better
	Error     *fault.Report `json:"error"`            // why there are no figures
}

// BenchRows is the output of "onex bus bench".
type BenchRows []BenchRow

// Table shows one line for each.
func (rows BenchRows) Table() console.Grid {
	g := console.Grid{Header: []string{"bus", "class", "events/s", "of raw", "p50", "p99", "to raw", "raw"}}
	for _, r := range rows {
		cells := []string{r.Bus, string(r.Class), thousands(r.Rate), ratio(r.RateRatio), micros(r.P50), micros(r.P99), ratio(r.TripRatio), orDash(r.Raw)}
		if r.Error != nil {
			cells = []string{r.Bus, string(r.Class), "–", "–", "–", "–", "–", r.Error.Message}
		}
		g.Rows = append(g.Rows, cells)
	}
	return g
}

// oneDecimal is the number below which thousands are shown with a decimal.
const oneDecimal = 10_000

func thousands(n float64) string {
	if n < oneDecimal {
		return fmt.Sprintf("%.1fk", n/1000)
	}
	return fmt.Sprintf("%.0fk", n/1000)
}

func micros(n float64) string { return fmt.Sprintf("%.0fµs", n) }

func ratio(n float64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f×", n)
}

// A busBench is what was asked for.
type busBench struct {
	s        *session
	class    string
	duration time.Duration
	rounds   int
	subjects *busbench.Subjects
	dir      string // for sockets
}

func newBusBench(s *session) *cobra.Command {
	b := &busBench{s: s}
	cmd := &cobra.Command{
		Use:   "bench [BUS…]",
		Short: "measure buses beside what they stand on",
		Long: `bench starts every bus of this program, each of its own, on sockets of a temporary
directory and ports of this machine, and measures it in turn with what it stands
on: a Go channel, or sockets with a relay between them that carries as many
bytes and does nothing else. Given names, it measures only these; given --bus,
the bus that is named there instead, as it is.

An event has 300 bytes. Sender, receiver and server share this process and this
machine, which is why the ratios in one run say more than the figures. What is lost
is an error, never a better figure. Durable events are published by 64 at once,
acknowledged one by one, and stored in memory, as every store here is: what a
disk adds is the disk's.`,
		Example: `  onex bus bench
  onex bus bench ipc embedded --duration 2s
  onex bus bench --class durable -o json | jq '.[] | {bus, events_per_second}'
  onex bus bench --bus nats://localhost:4222`,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	format := formatFlag(cmd, console.Table)
	cmd.Flags().StringVar(&b.class, "class", "", "measure only this class: ephemeral or durable (default both)")
	cmd.Flags().DurationVar(&b.duration, "duration", 300*time.Millisecond, "how long each measurement takes, about")
	cmd.Flags().IntVar(&b.rounds, "rounds", 3, "how often each is measured; the medians are shown")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		rows, err := b.run(cmd.Context(), args, cmd.Flags().Changed("bus"))
		if err != nil {
			return err
		}
		if err := s.Print(*format, rows); err != nil {
			return err
		}
		if slices.ContainsFunc(rows, func(r BenchRow) bool { return r.Error != nil }) {
			return console.Exit(console.ExitError)
		}
		return nil
	}
	return cmd
}

func (b *busBench) run(ctx context.Context, names []string, named bool) (rows BenchRows, err error) {
	switch {
	case b.class != "" && b.class != string(bus.Ephemeral) && b.class != string(bus.Durable):
		return nil, console.ErrUsage.With("--class %q: want ephemeral or durable", b.class)
	case b.rounds < 1 || b.rounds > maxBenchRounds:
		return nil, console.ErrUsage.With("--rounds %d: want 1 to %d", b.rounds, maxBenchRounds)
	case b.duration <= 0 || b.duration > maxBenchTime:
		return nil, console.ErrUsage.With("--duration %s: want more than nothing, at most %s", b.duration, maxBenchTime)
	case named && len(names) > 0:
		return nil, console.ErrUsage.With("either --bus or names of buses")
	}
	b.subjects = busbench.NewSubjects()
	if b.dir, err = os.MkdirTemp("", "onex"); err != nil { // a short name: it holds sockets
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if named {
		return b.configured(ctx)
	}
	bench, err := app.NewBench()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bench.Close(ctx)) }()
	wanted, err := chosen(bench.Transports(), names)
	if err != nil {
		return nil, err
	}
	for _, t := range wanted {
		more, err := b.transport(ctx, t)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// chosen returns the transports with these names; all without names.
func chosen(all []parity.Transport, names []string) ([]parity.Transport, error) {
	if len(names) == 0 {
		return all, nil
	}
	var list []parity.Transport
	for _, name := range names {
		i := slices.IndexFunc(all, func(t parity.Transport) bool { return t.Name == name })
		if i < 0 {
			var known []string
			for _, t := range all {
				known = append(known, t.Name)
			}
			return nil, console.ErrUsage.With("no bus %q: want %s", name, strings.Join(known, ", "))
		}
		list = append(list, all[i])
	}
	return list, nil
}

// configured measures the bus of --bus.
func (b *busBench) configured(ctx context.Context) (BenchRows, error) {
	cfg, err := b.s.config()
	if err != nil {
		return nil, err
	}
	join := func(ctx context.Context) (bus.Bus, error) { return app.OpenBus(ctx, cfg, string(self), b.s.Log) }
	return b.transport(ctx, parity.Transport{Name: cfg.Address(), Open: join, Join: join})
}

// transport measures one bus.
func (b *busBench) transport(ctx context.Context, t parity.Transport) (rows BenchRows, err error) {
	from, err := t.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, from.Close(context.WithoutCancel(ctx))) }()
	to := from
	if t.Join != nil {
		if to, err = t.Join(ctx); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, to.Close(context.WithoutCancel(ctx))) }()
	}
	for _, c := range []bus.Class{bus.Ephemeral, bus.Durable} {
		if b.class != "" && b.class != string(c) || b.class == "" && !bus.Has(from, c) {
			continue
		}
		row := b.row(ctx, t.Name, c, from, to)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// row measures one class of one bus, and its raw transport in alternation.
func (b *busBench) row(ctx context.Context, name string, c bus.Class, from, to bus.Bus) BenchRow {
	row := BenchRow{Bus: name, Class: c}
	var own, raw figures
	for round := range b.rounds {
		if b.s.TTY {
			b.s.Note("%s, %s: round %d of %d", name, c, round+1, b.rounds)
		}
		err := b.measure(ctx, &own, senders(c), func(f, t bus.Bus) (busbench.Conduit, error) {
			return busbench.OnBus(ctx, b.subjects, f, t, c)
		}, from, to)
		if err == nil && c == bus.Ephemeral {
			row.Raw, err = b.measureRaw(ctx, &raw, name)
		}
		if err != nil {
			report := fault.ReportOf(err)
			row.Error = &report
			return row
		}
	}
	row.Rate, row.P50, row.P99 = median(own.rates), median(own.p50), median(own.p99)
	if row.Raw != "" {
		row.RawRate, row.RawP50 = median(raw.rates), median(raw.p50)
		row.RateRatio, row.TripRatio = row.Rate/row.RawRate, row.P50/row.RawP50
	}
	return row
}

func senders(c bus.Class) int {
	if c == bus.Durable {
		return durableSenders
	}
	return 1
}

// figures are those of some rounds.
type figures struct{ rates, p50, p99 []float64 }

// measure adds one round to f.
func (b *busBench) measure(ctx context.Context, f *figures, senders int, open func(from, to bus.Bus) (busbench.Conduit, error), from, to bus.Bus) error {
	c, err := open(from, to)
	if err != nil {
		return err
	}
	rate, err := busbench.Throughput(ctx, c, senders, b.duration)
	if err = errors.Join(err, c.Close()); err != nil {
		return err
	}
	there, err := open(from, to)
	if err != nil {
		return err
	}
	defer there.Close()
	back, err := open(to, from)
	if err != nil {
		return err
	}
	defer back.Close()
	trip, err := busbench.RoundTrip(ctx, there, back, b.duration)
	if err != nil {
		return err
	}
	f.rates = append(f.rates, rate)
	f.p50 = append(f.p50, float64(trip.P50.Nanoseconds())/1000)
	f.p99 = append(f.p99, float64(trip.P99.Nanoseconds())/1000)
	return nil
}

// measureRaw adds one round of what the bus stands on, and says what that is.
func (b *busBench) measureRaw(ctx context.Context, f *figures, name string) (string, error) {
	raw, open := "TCP relay", func(_, _ bus.Bus) (busbench.Conduit, error) { return busbench.Relayed("tcp", "127.0.0.1:0") }
	switch {
	case name == "memory":
		raw, open = "Go channel", func(_, _ bus.Bus) (busbench.Conduit, error) { return busbench.Channel(), nil }
	case strings.Contains(name, "ipc") || strings.HasPrefix(name, "embedded") || strings.HasPrefix(name, "unix"):
		raw, open = "Unix relay", func(_, _ bus.Bus) (busbench.Conduit, error) {
			return busbench.Relayed("unix", filepath.Join(b.dir, "raw.sock"))
		}
	}
	return raw, b.measure(ctx, f, 1, open, nil, nil)
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
