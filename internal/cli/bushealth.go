package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
)

// rollTime is how long processes have to answer for their health.
const rollTime = 300 * time.Millisecond

// A BusHealth is the output of "onex bus health": the figures of all processes
// that answered, together, and then each.
type BusHealth struct {
	Bus     string `json:"bus"`
	Healthy bool   `json:"healthy"`
	bus.Health
	Processes []ProcessHealth `json:"processes"`
	Broken    []app.Broken    `json:"broken"` // nodes that this project's daemon was to run
	Error     *fault.Report   `json:"error"`  // why it cannot be reached
}

// A ProcessHealth is how the bus is, as one process sees it.
type ProcessHealth struct {
	Name   string     `json:"name"`
	PID    int        `json:"pid"`
	Host   string     `json:"host"`
	Health bus.Health `json:"health"`
}

// Text prints the record for people.
func (h BusHealth) Text(e *console.Env, w io.Writer) {
	state := e.Paint(console.Green, "healthy")
	if !h.Healthy {
		state = e.Paint(console.Red, "unhealthy")
	}
	fmt.Fprintf(w, "%s: %s\n", h.Bus, state)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-13s %s\n", name, fmt.Sprintf(format, args...))
	}
	for _, b := range h.Broken {
		line("broken", "%s: %s (%s)", b.Node, b.Error.Message, b.Error.Code)
	}
	line("backend", "%s", h.Backend)
	if h.Detail != "" {
		line("detail", "%s", h.Detail)
	}
	if !h.Connected {
		return
	}
	line("events", "%d published, %d delivered, %d again", h.Events, h.Delivered, h.Redelivered)
	last := "never"
	if !h.LastEvent.IsZero() {
		last = ago(h.LastEvent) + " ago"
	}
	line("last event", "%s", last)
	line("errors", "%d", h.Errors)
	line("drops", "%s", dropsText(h.Drops))
	line("dead letters", "%d", h.DeadLetters)
	line("subscribers", "%s", count(h.Subscribers))
	line("queue depth", "%d", h.QueueDepth)
	line("reconnects", "%d", h.Reconnects)
	line("processes", "%d answered", len(h.Processes))
	for _, p := range h.Processes {
		fmt.Fprintf(w, "    %s (pid %d): %d published, %d delivered, %d subscribed, %d errors, drops %s\n",
			p.Name, p.PID, p.Health.Events, p.Health.Delivered, p.Health.Subscribers, p.Health.Errors, dropsText(p.Health.Drops))
	}
}

func dropsText(d bus.Drops) string {
	if d.Total() == 0 {
		return "0"
	}
	text := ""
	for _, r := range slices.Sorted(maps.Keys(d)) {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", d[r], r)
	}
	return text
}

func newBusHealth(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "how the bus is, as all processes on it see it",
		Long: `health asks the processes on the bus how they are (BUS_PING) and adds up what they
answer: the daemon, nodes that "onex run" hosts, and other programs that attend
the bus. What a bus cannot know is -1.

The exit status is 1 when the bus cannot be reached, and the record says why; or
when a node does not run that the daemon of this project was to run.`,
		Example: `  onex bus health -o json | jq .drops`,
		Args:    exactly(0),
	}
	format := formatFlag(cmd, console.Text)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := s.config()
		if err != nil {
			return err
		}
		h := BusHealth{Bus: cfg.Address(), Processes: []ProcessHealth{}, Broken: []app.Broken{}}
		err = s.onBus(cmd.Context(), func(_ app.Config, b bus.Bus) error {
			return h.ask(cmd.Context(), b)
		})
		if err != nil {
			report := fault.ReportOf(err)
			h.Error, h.Healthy, h.Connected, h.Detail = &report, false, false, report.Message
			h.Backend = cfg.Backend()
			h.Drops = bus.Drops{}
		}
		if broken := s.broken(cfg); len(broken) > 0 {
			h.Broken, h.Healthy = broken, false
		}
		if printErr := s.Print(*format, h); printErr != nil {
			return printErr
		}
		if err != nil && *format == console.Text {
			s.Fail(err)
		}
		if !h.Healthy {
			return console.Exit(console.ExitError)
		}
		return nil
	}
	return cmd
}

// broken returns what the daemon of this project was to run and does not.
func (s *session) broken(cfg app.Config) []app.Broken {
	d, _ := s.daemon(cfg)
	return d.Broken
}

// daemon returns the daemon of this project, if it runs.
func (s *session) daemon(cfg app.Config) (app.Daemon, bool) {
	daemons, err := app.Daemons(s.Getenv)
	if err != nil {
		return app.Daemon{}, false // whoever opens the bus says so
	}
	i := slices.IndexFunc(daemons, func(d app.Daemon) bool { return d.Root == cfg.Project.Root })
	if i < 0 {
		return app.Daemon{}, false
	}
	return daemons[i], true
}

// ask fills h with what the processes on b say.
func (h *BusHealth) ask(ctx context.Context, b bus.Bus) error {
	pongs, err := bus.RollCall(ctx, b, "", rollTime, nil)
	if err != nil {
		return err
	}
	own := b.Health(ctx)
	h.Health = bus.Health{Backend: own.Backend, Connected: own.Connected, Detail: own.Detail, Drops: bus.Drops{}}
	h.Healthy = own.Connected
	for _, p := range pongs {
		h.add(p)
	}
	slices.SortFunc(h.Processes, func(a, b ProcessHealth) int { return a.PID - b.PID })
	return nil
}

// add adds what one process says.
func (h *BusHealth) add(p event.BusPong) {
	var one bus.Health
	if json.Unmarshal(p.Health, &one) != nil {
		return // of a program that says something else
	}
	h.Processes = append(h.Processes, ProcessHealth{p.Name, p.PID, p.Host, one})
	h.Events += one.Events
	h.Delivered += one.Delivered
	h.Redelivered += one.Redelivered
	h.Errors += one.Errors
	h.DeadLetters += one.DeadLetters
	h.Subscribers += max(0, one.Subscribers)
	h.QueueDepth += max(0, one.QueueDepth)
	h.Reconnects += one.Reconnects
	for reason, n := range one.Drops {
		h.Drops[reason] += n
	}
	if one.LastEvent.After(h.LastEvent) {
		h.LastEvent = one.LastEvent
	}
}
