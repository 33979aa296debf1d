package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// size of a message's body: an event of the usual length.
const size = 300

// A contender is a program that is measured: it prints messages per second, and
// perhaps allocations per message.
type contender struct {
	name string
	argv []string
}

// contenders compiles the programs of others in dir.
func contenders(ctx context.Context, dir string) ([]contender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	libzmq, gozmq := filepath.Join(dir, "libzmq"), filepath.Join(dir, "gozmq")
	for _, build := range [][]string{
		{"cc", "-O2", "internal/zmtp/testdata/libzmq.c", "-o", libzmq, "-lzmq", "-lpthread"},
		{"go", "-C", "bench/zeromq/testdata/gozmq", "build", "-o", gozmq, "."},
	} {
		if out, err := exec.CommandContext(ctx, build[0], build[1:]...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", strings.Join(build, " "), err, out)
		}
	}
	return []contender{
		{"zmtp (ours)", []string{self, "-be", "zmtp"}},
		{"libzmq in C", []string{libzmq}},
		{"go-zeromq v0.17.0", []string{gozmq, "speed"}},
		{"zmqbus: events through a forwarder", []string{self, "-be", "bus"}},
		{"libzmq in C through zmq_proxy", []string{libzmq, "proxy"}},
	}, nil
}

func speed(ctx context.Context, dir string, runs, count int) error {
	list, err := contenders(ctx, dir)
	if err != nil {
		return err
	}
	for _, transport := range []string{"tcp", "ipc"} {
		if err := compare(ctx, dir, transport, list, runs, count); err != nil {
			return err
		}
	}
	return nil
}

func compare(ctx context.Context, dir, transport string, list []contender, runs, count int) error {
	rates, allocations := make([][]float64, len(list)), make([]string, len(list))
	for run := range runs {
		for i, c := range list {
			where := "tcp://127.0.0.1:*"
			if transport == "ipc" { // not all of them remove their socket
				where = "ipc://" + filepath.Join(dir, fmt.Sprint(run, "-", i))
			}
			argv := append(slices.Clone(c.argv), where, strconv.Itoa(count), strconv.Itoa(size))
			cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			words := append(strings.Fields(string(out)), "", "")
			rate, err := strconv.ParseFloat(words[0], 64)
			if err != nil {
				return err
			}
			rates[i], allocations[i] = append(rates[i], rate), words[1]
		}
	}
	fmt.Printf("\n%s, %d messages of %d bytes, %d processors, %s, medians of %d runs\n\n", transport, count, size, runtime.NumCPU(), runtime.Version(), runs)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "program\tmessages/s\tours / it\tallocations per message")
	ours := median(rates[0])
	for i, c := range list {
		fmt.Fprintf(w, "%s\t%.0f\t%.2f\t%s\n", c.name, median(rates[i]), ours/median(rates[i]), allocations[i])
	}
	return w.Flush()
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}
