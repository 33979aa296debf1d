//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"
)

// A sample is one run of one program.
type sample struct {
	wall, cpu time.Duration
	memory    int64 // peak resident, bytes
}

// printTable measures the contenders on dir in alternation and prints a row for
// each.
func printTable(dir string, list []contender, runs int) error {
	samples := make([][]sample, len(list))
	for round := range runs + 1 { // the first one warms the caches
		for i, c := range list {
			s, err := measure(dir, c.argv)
			if err != nil {
				return err
			}
			if round > 0 {
				samples[i] = append(samples[i], s)
			}
		}
	}
	fmt.Printf("\n%s, %d processors, %s, medians of %d runs\n\n", filepath.Base(dir), runtime.NumCPU(), runtime.Version(), runs)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "program\twall s\tCPU s\tpeak MB\tonex check / it\tonex check --no-cache / it")
	cached, full := median(samples[0], wall), median(samples[1], wall)
	for i, c := range list {
		own := median(samples[i], wall)
		fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.0f\t%.2f\t%.2f\n", c.name, own, median(samples[i], cpu), median(samples[i], memory), cached/own, full/own)
	}
	return w.Flush()
}

func wall(s sample) float64   { return s.wall.Seconds() }
func cpu(s sample) float64    { return s.cpu.Seconds() }
func memory(s sample) float64 { return float64(s.memory) / (1 << 20) }

func median(list []sample, of func(sample) float64) float64 {
	values := make([]float64, len(list))
	for i, s := range list {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// measure runs one program once. Its exit status does not matter: addlicense
// finds files without a licence.
func measure(dir string, argv []string) (sample, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdout = dir, io.Discard
	start := time.Now()
	err := cmd.Run()
	s := sample{wall: time.Since(start)}
	if cmd.ProcessState == nil {
		return s, err
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.memory = usage.Maxrss << 10 // Linux counts in KiB
	}
	return s, nil
}
