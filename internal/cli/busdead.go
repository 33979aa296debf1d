package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
)

// maxLetters bounds the dead letters that are listed: as many as a bus keeps.
const maxLetters = 10_000

// A DeadLetterRow is one dead letter in the output of "onex bus dead".
type DeadLetterRow struct {
	Number        uint64          `json:"number"` // names it
	Subject       event.Subject   `json:"subject"`
	EventID       string          `json:"event_id"`
	CorrelationID string          `json:"correlation_id"`
	Consumer      string          `json:"consumer"` // that could not handle it
	Attempts      int             `json:"attempts"`
	Reason        string          `json:"reason"`
	Time          time.Time       `json:"time"`
	Sequence      uint64          `json:"sequence"`        // of the event in the store
	Event         json.RawMessage `json:"event,omitempty"` // of show only
}

// DeadLetterRows is the output of "onex bus dead ls".
type DeadLetterRows []DeadLetterRow

// Table shows what one needs to decide.
func (rows DeadLetterRows) Table() console.Grid {
	g := console.Grid{Header: []string{"number", "subject", "consumer", "attempts", "age", "reason"}, Empty: "no dead letters"}
	for _, r := range rows {
		g.Rows = append(g.Rows, []string{
			strconv.FormatUint(r.Number, 10), string(r.Subject), r.Consumer, strconv.Itoa(r.Attempts), ago(r.Time), r.Reason,
		})
	}
	return g
}

func rowOfLetter(l bus.DeadLetter) DeadLetterRow {
	return DeadLetterRow{
		Number: l.Number, Subject: l.Subject, EventID: l.Event.ID.String(), CorrelationID: l.Event.Correlation.String(),
		Consumer: l.Consumer, Attempts: l.Attempts, Reason: event.CleanText(l.Reason), Time: l.Time.UTC(), Sequence: l.Sequence,
	}
}

func newBusDead(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dead",
		Short: "list, show and redrive dead letters",
		Long: `dead is about dead letters: kept events that a consumer could not handle, with the
reason and the number of attempts. A letter is named by its number.`,
		Example: `  onex bus dead ls
  onex bus dead show 3
  onex bus dead redrive 3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDeadList(s), newDeadShow(s), newDeadRedrive(s))
	return cmd
}

// letters returns the dead letters of the bus, oldest first.
func letters(ctx context.Context, b bus.Bus) ([]bus.DeadLetter, error) {
	d, ok := b.(bus.DeadLetters)
	if !ok {
		return nil, bus.ErrUnsupported.With("dead letters: the bus %s keeps none", b.Health(ctx).Backend)
	}
	return d.DeadLetters(ctx, maxLetters)
}

func newDeadList(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ls",
		Short:   "list the dead letters, oldest first",
		Example: `  onex bus dead ls -o json | jq '.[] | select(.consumer == "importer")'`,
		Args:    exactly(0),
	}
	format := formatFlag(cmd, console.Table)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return s.onBus(cmd.Context(), func(_ app.Config, b bus.Bus) error {
			all, err := letters(cmd.Context(), b)
			if err != nil {
				return err
			}
			rows := DeadLetterRows{}
			for _, l := range all {
				rows = append(rows, rowOfLetter(l))
			}
			return s.Print(*format, rows)
		})
	}
	return cmd
}

func newDeadShow(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show NUMBER",
		Short:   "show a dead letter with its event, secrets redacted",
		Example: `  onex bus dead show 3 -o json`,
		Args:    exactly(1),
	}
	format := formatFlag(cmd, console.YAML)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		number, err := letterNumber(args[0])
		if err != nil {
			return err
		}
		return s.onBus(cmd.Context(), func(_ app.Config, b bus.Bus) error {
			all, err := letters(cmd.Context(), b)
			if err != nil {
				return err
			}
			for _, l := range all {
				if l.Number == number {
					return s.showLetter(*format, l)
				}
			}
			return bus.ErrNoLetter.With("number %d", number)
		})
	}
	return cmd
}

func letterNumber(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, console.ErrUsage.With("%q is not the number of a dead letter", text)
	}
	return n, nil
}

func (s *session) showLetter(format console.Format, l bus.DeadLetter) error {
	row := rowOfLetter(l)
	var err error
	if row.Event, err = event.Encode(event.Redact(l.Event)); err != nil {
		return err
	}
	return s.Print(format, row)
}

// A Redriven is what became of one dead letter.
type Redriven struct {
	Number        uint64        `json:"number"`
	Subject       event.Subject `json:"subject"`
	EventID       string        `json:"event_id"`
	CorrelationID string        `json:"correlation_id"`
	Outcome       string        `json:"outcome"` // redriven, would_redrive or failed
	Sequence      uint64        `json:"sequence,omitempty"`
	Error         *fault.Report `json:"error,omitempty"`
}

// RedrivenRows is the output of "onex bus dead redrive".
type RedrivenRows []Redriven

// Text says what happened to each letter.
func (rows RedrivenRows) Text(_ *console.Env, w io.Writer) {
	for _, r := range rows {
		switch r.Outcome {
		case outcomeRedriven:
			fmt.Fprintf(w, "%d: redriven: %s %s is kept again as %d\n", r.Number, r.Subject, r.EventID, r.Sequence)
		case outcomeWould:
			fmt.Fprintf(w, "%d: would redrive %s %s\n", r.Number, r.Subject, r.EventID)
		default:
			fmt.Fprintf(w, "%d: failed: %s\n", r.Number, r.Error.Message)
		}
	}
}

const (
	outcomeRedriven = "redriven"
	outcomeWould    = "would_redrive"
	outcomeFailed   = "failed"
)

func newDeadRedrive(s *session) *cobra.Command {
	var all, dry bool
	cmd := &cobra.Command{
		Use:   "redrive [NUMBER…]",
		Short: "give dead letters another life",
		Long: `redrive stores the event of each letter once more, as it was, under its id and its
correlation, and removes the letter. Every durable subscription that wants the
subject gets it, also those that handled it before: they know it by its id.

The exit status is 1 when a letter could not be redriven; it then stays.`,
		Example: `  onex bus dead redrive 3 4
  onex bus dead redrive --all --dry-run`,
	}
	format := formatFlag(cmd, console.Text)
	cmd.Flags().BoolVar(&all, "all", false, "all letters that are there now")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be redriven")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if all == (len(args) > 0) {
			return console.ErrUsage.With("name the letters to redrive, or say --all")
		}
		var numbers []uint64
		for _, a := range args {
			n, err := letterNumber(a)
			if err != nil {
				return err
			}
			numbers = append(numbers, n)
		}
		return s.onBus(cmd.Context(), func(_ app.Config, b bus.Bus) error {
			rows, err := redrive(cmd.Context(), b, numbers, dry)
			if err != nil {
				return err
			}
			return s.tellRedriven(*format, rows)
		})
	}
	return cmd
}

func (s *session) tellRedriven(format console.Format, rows RedrivenRows) error {
	if err := s.Print(format, rows); err != nil {
		return err
	}
	if len(rows) == 0 {
		s.Note("no dead letters")
	}
	for _, r := range rows {
		if r.Outcome == outcomeFailed {
			return console.Exit(console.ExitError)
		}
	}
	return nil
}

// redrive redrives the letters of these numbers, or all when there are none.
func redrive(ctx context.Context, b bus.Bus, numbers []uint64, dry bool) (RedrivenRows, error) {
	kept, err := letters(ctx, b)
	if err != nil {
		return nil, err
	}
	r, ok := b.(bus.Redriver)
	if !ok {
		return nil, bus.ErrUnsupported.With("redriving: the bus %s cannot", b.Health(ctx).Backend)
	}
	byNumber := map[uint64]bus.DeadLetter{}
	for _, l := range kept {
		byNumber[l.Number] = l
	}
	if len(numbers) == 0 {
		for _, l := range kept {
			numbers = append(numbers, l.Number)
		}
	}
	rows := RedrivenRows{}
	for _, n := range numbers {
		rows = append(rows, redriveOne(ctx, r, n, byNumber, dry))
	}
	return rows, nil
}

func redriveOne(ctx context.Context, r bus.Redriver, n uint64, kept map[uint64]bus.DeadLetter, dry bool) Redriven {
	row := Redriven{Number: n, Outcome: outcomeFailed}
	l, ok := kept[n]
	if !ok {
		report := fault.ReportOf(bus.ErrNoLetter.With("number %d", n))
		row.Error = &report
		return row
	}
	row.Subject, row.EventID, row.CorrelationID = l.Subject, l.Event.ID.String(), l.Event.Correlation.String()
	if dry {
		row.Outcome = outcomeWould
		return row
	}
	receipt, err := r.Redrive(ctx, n)
	row.Sequence = receipt.Sequence
	if err != nil {
		report := fault.ReportOf(err)
		row.Error = &report
		return row
	}
	row.Outcome = outcomeRedriven
	return row
}
