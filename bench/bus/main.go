//go:build unix

// Command bus measures the buses against what others offer for the same, and against
// what they stand on: in alternation, in one run, on whatever machine this is.
//
//	go run ./bench/bus [-runs 5] [-what codec,memory,ipc,nats,durable]
//
// Ratios are medians of the runs, of ours to the peer's; times on a shared machine
// mean little. Two peers, asaskevich/EventBus and Watermill, are a program of a module
// of their own in testdata/peers, which is built here. What needs several processes is
// in the benchmarks of bus/ipcbus and in bench/zeromq.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// A contender is measured by one number.
type contender struct {
	name string
	run  func(context.Context) (float64, error)
}

// A table is contenders for one thing; the first is ours.
type table struct {
	title, unit string
	contenders  []contender
}

func main() {
	log.SetFlags(0)
	runs := flag.Int("runs", 5, "how often each contender runs")
	what := flag.String("what", "codec,memory,ipc,nats,durable", "what to measure")
	flag.Parse()
	dir, err := os.MkdirTemp("", "onex")
	must(err)
	defer os.RemoveAll(dir)
	ctx := context.Background()
	for name := range strings.SplitSeq(*what, ",") {
		tables, end, err := open(ctx, name, dir)
		must(err)
		for _, t := range tables {
			must(t.print(ctx, *runs))
		}
		must(end())
	}
}

// open returns the tables called name, and what ends their servers.
func open(ctx context.Context, name, dir string) ([]table, func() error, error) {
	nothing := func() error { return nil }
	switch name {
	case "codec":
		t, err := codec()
		return t, nothing, err
	case "memory":
		t, err := memory(ctx, dir)
		return t, nothing, err
	case "ipc":
		return ipc(ctx, dir)
	case "nats":
		return core(ctx, dir)
	case "durable":
		return durable(ctx, dir)
	}
	return nil, nil, fmt.Errorf("nothing is called %q", name)
}

// print measures in alternation and prints a row for each contender.
func (t table) print(ctx context.Context, runs int) error {
	figures := make([][]float64, len(t.contenders))
	for round := range runs + 1 { // the first one warms up
		for i, c := range t.contenders {
			v, err := c.run(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if round > 0 {
				figures[i] = append(figures[i], v)
			}
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\n%s\t%s\tours / it\n", t.title, t.unit)
	for i, c := range t.contenders {
		fmt.Fprintf(w, "%s\t%.4g\t%.2f\n", c.name, median(figures[i]), median(figures[0])/median(figures[i]))
	}
	return w.Flush()
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// peers builds the peers and returns a contender that runs one.
func peers(dir string) (func(what string, count int) contender, error) {
	path := filepath.Join(dir, "peers")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Dir = filepath.Join("bench", "bus", "testdata", "peers")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the peers (run this in the root of the repository): %w\n%s", err, out)
	}
	return func(what string, count int) contender {
		return contender{what, func(ctx context.Context) (float64, error) {
			out, err := exec.CommandContext(ctx, path, "-what", what, "-count", strconv.Itoa(count)).Output()
			if err != nil {
				return 0, err
			}
			return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		}}
	}, nil
}

func must(err error) {
	if err != nil {
		log.Fatal("bench/bus: ", err)
	}
}
