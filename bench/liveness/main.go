// Command liveness kills, stops and ends real processes, and measures how long it
// takes until everybody knows and everything is back:
//
//	go build -o onex ./cmd/onex && go run ./bench/liveness -onex ./onex -trials 50
//
// It prints a table with the targets beside it. A row that misses its target is
// marked; nothing fails for being slow, and everything fails that is wrong: a call
// that reached a dead node, a node that was lost, a token that did not grow.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"
)

// patience bounds every wait. It is long because the machine may be busy.
const patience = 60 * time.Second

// A row is one line of the table.
type row struct {
	event   string
	times   []time.Duration
	target  time.Duration
	because string // of the target
}

func main() {
	onex := flag.String("onex", "./onex", "the binary that is measured")
	trials := flag.Int("trials", 50, "of each death of a node")
	restarts := flag.Int("restarts", 10, "of the registry and of each bus")
	only := flag.String("only", "", "one part: embedded, ipc, registry, bus, crowd, busy")
	many := flag.Int("nodes", 1000, "that live while the machine is busy")
	long := flag.Duration("busy", 10*time.Minute, "how long the machine is busy")
	away := flag.Duration("away", 5*time.Second, "how long a bus is away")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := error(nil)
	if flag.NArg() > 0 {
		err = play(ctx, flag.Args())
	} else {
		err = run(ctx, *onex, *only, *trials, *restarts, *away)
	}
	if err == nil && flag.NArg() == 0 && (*only == "" || *only == "crowd") {
		err = crowd(ctx)
	}
	if err == nil && flag.NArg() == 0 && (*only == "" || *only == "busy") {
		err = busy(ctx, *onex, *many, *long)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "liveness:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, onex, only string, trials, restarts int, away time.Duration) error {
	onex, err := filepath.Abs(onex)
	if err != nil {
		return err
	}
	var rows []row
	for _, part := range []struct {
		name string
		run  func() ([]row, error)
	}{
		{"embedded", func() ([]row, error) { return nodes(ctx, onex, "embedded:", trials) }},
		{"ipc", func() ([]row, error) { return nodes(ctx, onex, "ipc:", trials) }},
		{"registry", func() ([]row, error) { return registries(ctx, onex, restarts) }},
		{"bus", func() ([]row, error) { return buses(ctx, onex, restarts, away) }},
	} {
		if only != "" && only != part.name {
			continue
		}
		got, err := part.run()
		rows = append(rows, got...)
		if err != nil {
			print(rows)
			return err
		}
	}
	print(rows)
	return nil
}

func print(rows []row) {
	fmt.Println("| event | trials | p50 | p99 | max | target (p99) | |\n|---|---|---|---|---|---|---|")
	for _, r := range rows {
		if len(r.times) == 0 {
			continue
		}
		sorted(r.times)
		verdict := "met"
		if p(r.times, 99) > r.target {
			verdict = "**missed**"
		}
		fmt.Printf("| %s | %d | %s | %s | %s | %s %s | %s |\n", r.event, len(r.times), ms(p(r.times, 50)), ms(p(r.times, 99)),
			ms(r.times[len(r.times)-1]), ms(r.target), r.because, verdict)
	}
}

func sorted(times []time.Duration) []time.Duration { slices.Sort(times); return times }

// p returns a percentile of sorted times.
func p(times []time.Duration, percent int) time.Duration {
	return times[max(0, (len(times)*percent+99)/100-1)]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000) }
