package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
)

// A BusRow is one bus in the output of "onex bus ls".
type BusRow struct {
	Bus         string          `json:"bus"`
	Source      string          `json:"source"` // configured, or the daemon that runs it
	State       string          `json:"state"`  // up, or down
	Backend     string          `json:"backend"`
	Classes     []bus.Class     `json:"classes"`
	Processes   int             `json:"processes"`        // that answered; -1 unknown
	Subscribers int             `json:"subscriber_count"` // of these; -1 unknown
	Stores      []bus.StoreInfo `json:"stores"`
	Detail      string          `json:"detail"`
	Error       *fault.Report   `json:"error"`
}

// BusRows is the output of "onex bus ls".
type BusRows []BusRow

// Table shows one line for each bus.
func (rows BusRows) Table() console.Grid {
	g := console.Grid{Header: []string{"bus", "state", "classes", "processes", "subscribers", "kept", "source"}}
	for _, r := range rows {
		var classes []string
		for _, c := range r.Classes {
			classes = append(classes, string(c))
		}
		g.Rows = append(g.Rows, []string{
			r.Bus, r.State, orDash(strings.Join(classes, ",")), count(r.Processes), count(r.Subscribers), storesText(r), r.Source,
		})
	}
	return g
}

func orDash(text string) string { return or(text, "–") }

// storesText says how much a bus keeps.
func storesText(r BusRow) string {
	var texts []string
	for _, s := range r.Stores {
		if s.Events >= 0 {
			texts = append(texts, fmt.Sprintf("%s %d", s.Name, s.Events))
		} else {
			texts = append(texts, fmt.Sprintf("%s up to %d", s.Name, s.Last))
		}
	}
	return orDash(strings.Join(texts, ", "))
}

func newBusList(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "list the buses that are known here, and how they are",
		Long: `ls lists the bus that is configured here and those that daemons of this user run,
and asks each who is on it and what it keeps. What cannot be known is said to be
unknown: programs that do not attend the bus, such as foreign ZeroMQ and NATS
clients, are not counted.

The exit status is 1 when the configured bus is down.`,
		Example: `  onex bus ls
  onex bus ls -o json | jq '.[].stores'`,
		Args: exactly(0),
	}
	format := formatFlag(cmd, console.Table)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := s.config()
		if err != nil {
			return err
		}
		rows, err := s.busRows(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		if err := s.Print(*format, rows); err != nil {
			return err
		}
		if down := rows[0].Error; down != nil {
			if *format == console.Table || *format == console.Text {
				s.Fail(down.Err())
			}
			return console.Exit(console.ExitError)
		}
		return nil
	}
	return cmd
}

// busRows returns the configured bus first, then those of daemons.
func (s *session) busRows(ctx context.Context, cfg app.Config) (BusRows, error) {
	daemons, err := app.Daemons(s.Getenv)
	if err != nil {
		return nil, err
	}
	rows := BusRows{s.busRow(ctx, cfg, "configured")}
	for _, d := range daemons {
		source := fmt.Sprintf("onex up in %s (pid %d)", d.Root, d.PID)
		if d.Bus == cfg.Address() || d.Root == cfg.Project.Root && cfg.Embedded() && strings.HasPrefix(d.Bus, "unix:") {
			rows[0].Source = "configured, " + source
			continue
		}
		other := cfg
		other.Bus, other.Prefix = d.Bus, d.Prefix
		if !slices.ContainsFunc(rows, func(r BusRow) bool { return r.Bus == d.Bus }) {
			rows = append(rows, s.busRow(ctx, other, source))
		}
	}
	return rows, nil
}

// busRow asks one bus.
func (s *session) busRow(ctx context.Context, cfg app.Config, source string) BusRow {
	row := BusRow{
		Bus: cfg.Address(), Source: source, State: "down", Backend: cfg.Backend(), Classes: []bus.Class{},
		Processes: -1, Subscribers: -1, Stores: []bus.StoreInfo{},
	}
	err := s.onBusOf(ctx, cfg, func(b bus.Bus) error { return row.ask(ctx, b) })
	if err != nil {
		report := fault.ReportOf(err)
		row.Error, row.Detail = &report, report.Message
	}
	return row
}

func (r *BusRow) ask(ctx context.Context, b bus.Bus) error {
	var h BusHealth
	if err := h.ask(ctx, b); err != nil {
		return err
	}
	r.State, r.Backend, r.Classes, r.Detail = "up", h.Backend, b.Classes(), h.Detail
	r.Processes = len(h.Processes)
	if r.Processes > 0 {
		r.Subscribers = h.Subscribers
	}
	if st, ok := b.(bus.Storer); ok {
		stores, err := st.Stores(ctx)
		r.Stores = append(r.Stores, stores...)
		return err
	}
	return nil
}
