// Command leases asks one registry for ports from many processes at once, each of
// which listens on what it gets, and judges the recorded history:
//
//	go run ./bench/leases -onex ./onex
//
// It starts a daemon of its own, prints a table, and fails when a port was given
// twice, when a token did not grow, or when the history is not linearizable.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/anishathalye/porcupine"
	"golang.org/x/sync/errgroup"

	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/registry"
)

// A step is what one process did, and when by the clock of the machine.
type step struct {
	Client  int
	Release bool
	Port    int
	Token   uint64
	Call    int64
	Return  int64
}

func main() {
	onex := flag.String("onex", "./onex", "the binary whose daemon is asked")
	processes := flag.Int("processes", 50, "that ask at once")
	requests := flag.Int("requests", 20, "of each process")
	child := flag.String("child", "", "for the program itself: bus and number")
	flag.Parse()
	err := error(nil)
	if *child != "" {
		err = ask(*child, *requests)
	} else {
		err = run(*onex, *processes, *requests)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "leases:", err)
		os.Exit(1)
	}
}

// ask is one of the processes: it leases, listens, lets go, and prints each step.
func ask(child string, requests int) error {
	url, number, _ := strings.Cut(child, " ")
	client, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	ctx := context.Background()
	b, err := natsbus.Dial(ctx, natsbus.Options{URL: url})
	if err != nil {
		return err
	}
	defer b.Close(ctx)
	c, err := registry.NewClient(ctx, b, &registry.ClientOptions{Timeout: time.Minute})
	if err != nil {
		return err
	}
	defer c.Close()
	out := json.NewEncoder(os.Stdout)
	for range requests {
		call := time.Now()
		l, err := c.Listen(ctx, "", registry.PortWish{Name: child})
		if err != nil {
			return err
		}
		lease := l.Held.Lease()
		_ = out.Encode(step{client, false, lease.Port, lease.Token, call.UnixNano(), time.Now().UnixNano()})
		call = time.Now()
		if err := l.Close(); err != nil {
			return err
		}
		_ = out.Encode(step{client, true, lease.Port, lease.Token, call.UnixNano(), time.Now().UnixNano()})
	}
	return nil
}

func run(onex string, processes, requests int) error {
	onex, err := filepath.Abs(onex)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "leases")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// Fewer ports than processes, so that every port changes hands all the time.
	config := fmt.Sprintf("ports:\n  range: 21000-%d\n", 21000+processes-1)
	if err := os.WriteFile(filepath.Join(dir, "onex.yaml"), []byte(config), 0o600); err != nil {
		return err
	}
	stop, url, err := daemon(onex, dir)
	if err != nil {
		return err
	}
	defer stop()
	begin := time.Now()
	steps, err := askAll(url, processes, requests)
	if err != nil {
		return err
	}
	return judge(steps, processes, time.Since(begin))
}

// daemon starts onex up in dir and returns the URL of its bus.
func daemon(onex, dir string) (stop func(), url string, err error) {
	cmd := exec.Command(onex, "up")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"), "XDG_RUNTIME_DIR="+filepath.Join(dir, "run"))
	out, err := cmd.StderrPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	stop = func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() }
	line, err := bufio.NewReader(out).ReadString('\n') // when it is ready
	if err != nil {
		stop()
		return nil, "", err
	}
	_, rest, ok := strings.Cut(line, "bus ")
	url, _, _ = strings.Cut(rest, ",")
	if !ok {
		stop()
		return nil, "", fmt.Errorf("no bus in %q", line)
	}
	return stop, url, nil
}

func askAll(url string, processes, requests int) ([]step, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	outputs := make([][]byte, processes)
	var group errgroup.Group
	for i := range processes {
		group.Go(func() (err error) {
			cmd := exec.Command(self, "-child", fmt.Sprintf("%s %d", url, i), "-requests", strconv.Itoa(requests))
			cmd.Stderr = os.Stderr
			outputs[i], err = cmd.Output()
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var steps []step
	for _, out := range outputs {
		for line := range strings.Lines(string(out)) {
			var s step
			if err := json.Unmarshal([]byte(line), &s); err != nil {
				return nil, err
			}
			steps = append(steps, s)
		}
	}
	return steps, nil
}

// onePort is the specification of each port: it is granted to one at a time.
var onePort = porcupine.Model{
	Init: func() any { return false },
	Step: func(held, _, output any) (bool, any) {
		released := output.(step).Release
		return held.(bool) == released, !released
	},
}

func judge(steps []step, processes int, took time.Duration) error {
	byPort, tokens := map[int][]porcupine.Operation{}, map[uint64]bool{}
	var waits []time.Duration
	for _, s := range steps {
		byPort[s.Port] = append(byPort[s.Port], porcupine.Operation{ClientId: s.Client, Output: s, Call: s.Call, Return: s.Return})
		if s.Release {
			continue
		}
		if tokens[s.Token] {
			return fmt.Errorf("token %d was given twice", s.Token)
		}
		tokens[s.Token] = true
		waits = append(waits, time.Duration(s.Return-s.Call))
	}
	if len(waits) == 0 {
		return fmt.Errorf("nothing was leased")
	}
	slices.Sort(waits)
	for port, history := range byPort {
		if got := porcupine.CheckOperationsTimeout(onePort, history, time.Minute); got != porcupine.Ok {
			return fmt.Errorf("port %d, %d operations: %s", port, len(history), got)
		}
	}
	fmt.Printf("%d processes, %d leases of %d ports in %s: linearizable, %d tokens, none twice; lease and listen p50 %s, p99 %s\n",
		processes, len(waits), len(byPort), took.Round(time.Millisecond), len(tokens),
		waits[len(waits)/2].Round(time.Microsecond), waits[len(waits)*99/100].Round(time.Microsecond))
	return nil
}
