//go:build unix

// Command payments has callers that retry pay by a tool with idempotency keys, while
// the nodes that offer the tool, the daemon and the callers themselves are killed at
// random, and then counts what was paid:
//
//	go run ./bench/payments -onex ./onex -orders 200
//
// It prints a table, and fails when an order was paid twice, when a caller was told
// that an order is paid that is not, or not run though it was.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A payment is what the tool is asked for. Each one in the ledger took effect.
type payment struct {
	Order  string `json:"order"`
	Ledger string `json:"ledger"`
}

func main() {
	onex := flag.String("onex", "./onex", "the binary that is started, called and killed")
	orders := flag.Int("orders", 200, "to pay, each with a key of its own")
	callers := flag.Int("callers", 6, "that pay at once")
	every := flag.Duration("every", 700*time.Millisecond, "mean time between kills of a node or the daemon")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of what is killed when")
	bank := flag.Bool("bank", false, "for the program itself: be the tool")
	flag.Parse()
	err := error(nil)
	if *bank {
		err = pay(os.Stdin)
	} else {
		err = run(*onex, *orders, *callers, *every, *seed)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "payments:", err)
		os.Exit(1)
	}
}

// pay is the tool: it takes a moment, takes effect at once, and takes a moment.
func pay(in io.Reader) error {
	var p payment
	if err := json.NewDecoder(in).Decode(&p); err != nil {
		return err
	}
	pause := func() { time.Sleep(rand.N(60 * time.Millisecond)) }
	pause()
	f, err := os.OpenFile(p.Ledger, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(p.Order + "\n")
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	pause()
	fmt.Printf("{\"paid\":%q}\n", p.Order)
	return nil
}

func run(onex string, orders, callers int, every time.Duration, seed uint64) error {
	fmt.Fprintf(os.Stderr, "payments: seed %d\n", seed)
	l, err := newLab(onex, seed)
	if err != nil {
		return err
	}
	defer l.end()
	done := make(chan struct{})
	var chaos, paying sync.WaitGroup
	chaos.Go(func() { l.kill(every, done) })
	work := make(chan string)
	for range callers {
		paying.Go(func() {
			for order := range work {
				l.settle(order)
			}
		})
	}
	for i := range orders {
		work <- fmt.Sprintf("order-%d", i)
	}
	close(work)
	paying.Wait()
	close(done)
	chaos.Wait()
	return l.judge(os.Stdout)
}

// judge compares what was told with what was paid.
func (l *lab) judge(w io.Writer) error {
	paid := map[string]int{}
	data, err := os.ReadFile(l.ledger)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		paid[strings.TrimSpace(line)]++
	}
	twice, lost, hidden := 0, 0, 0
	for order, n := range paid {
		if n > 1 {
			twice++
			fmt.Fprintf(w, "%s was paid %d times\n", order, n)
		}
		if l.told[order] == "not_run" {
			hidden++
		}
	}
	ends := map[string]int{}
	for order, outcome := range l.told {
		ends[outcome]++
		if outcome == "completed" && paid[order] == 0 {
			lost++
		}
	}
	fmt.Fprintf(w, "| orders | calls | killed: nodes | daemon | callers | told completed | unknown | not run | paid | **paid twice** | **told completed, not paid** | **told not run, paid** |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	fmt.Fprintf(w, "| %d | %d | %d | %d | %d | %d | %d | %d | %d | **%d** | **%d** | **%d** |\n", len(l.told), l.calls, l.kills["node"], l.kills["daemon"],
		l.kills["caller"], ends["completed"], ends["unknown"], ends["not_run"], len(paid), twice, lost, hidden)
	if twice+lost+hidden > 0 {
		return fmt.Errorf("%d paid twice, %d lost, %d hidden", twice, lost, hidden)
	}
	return nil
}

// A lab has a daemon, nodes and callers, and kills them.
type lab struct {
	dir, onex, ledger string
	env               []string
	kept              sync.WaitGroup

	mu    sync.Mutex
	rnd   *rand.Rand
	procs []*os.Process // the daemon, then the nodes
	over  bool
	told  map[string]string
	calls int
	kills map[string]int
}

const nodes = 2

func newLab(onex string, seed uint64) (*lab, error) {
	onex, err := filepath.Abs(onex)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "payments")
	if err != nil {
		return nil, err
	}
	l := &lab{
		dir: dir, onex: onex, ledger: filepath.Join(dir, "ledger"), rnd: rand.New(rand.NewPCG(seed, 0)),
		env:   append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"), "XDG_RUNTIME_DIR="+filepath.Join(dir, "run")),
		procs: make([]*os.Process, 1+nodes), told: map[string]string{}, kills: map[string]int{},
	}
	for name, text := range map[string]string{
		"onex.yaml":           "log_level: error\n",
		"bank/node.onex.yaml": fmt.Sprintf("name: bank\nversion: 1.0.0\nruntime: exec\ncommand: [%q, -bank]\n", self),
		"bank/contract.yaml":  "node_name: bank\ntools:\n  pay:\n    idempotency: key\n    effects: [writes_files]\n    input: {type: object}\n    output: {type: object}\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	for i := range l.procs {
		l.kept.Go(func() { l.keep(i) })
	}
	return l, nil
}

func (l *lab) command(args ...string) *exec.Cmd {
	cmd := exec.Command(l.onex, args...)
	cmd.Dir, cmd.Env = l.dir, l.env
	return cmd
}

// keep runs one of the processes, and starts it again whenever it ends.
func (l *lab) keep(i int) {
	args := []string{"run", "bank"}
	if i == 0 {
		args = []string{"up"}
	}
	for {
		cmd := l.command(args...)
		l.mu.Lock()
		if l.over {
			l.mu.Unlock()
			return
		}
		if err := cmd.Start(); err != nil {
			fmt.Fprintln(os.Stderr, "payments:", err)
		}
		l.procs[i] = cmd.Process
		l.mu.Unlock()
		_ = cmd.Wait()
		time.Sleep(20 * time.Millisecond)
	}
}

// kill kills a node or the daemon now and then.
func (l *lab) kill(every time.Duration, done <-chan struct{}) {
	for {
		l.mu.Lock()
		wait, victim := time.Duration(l.rnd.Int64N(2*int64(every))), l.rnd.IntN(len(l.procs))
		l.mu.Unlock()
		select {
		case <-done:
			return
		case <-time.After(wait):
		}
		what := "node"
		if victim == 0 {
			what = "daemon"
		}
		l.mu.Lock()
		if p := l.procs[victim]; p != nil && p.Kill() == nil {
			l.kills[what]++
		}
		l.mu.Unlock()
	}
}

// tries bounds the calls for one order; patience is that of each.
const (
	tries    = 60
	patience = "3s"
)

// settle pays an order: it calls until it knows, and may be killed meanwhile.
func (l *lab) settle(order string) {
	seen := []string{}
	for range tries {
		outcome := l.call(order)
		seen = append(seen, outcome)
		if outcome == "completed" {
			break
		}
		if final(seen) {
			break
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told[order] = verdict(seen)
}

// final reports whether an outcome has been unknown for so long that it stays so.
func final(seen []string) bool {
	const enough = 4
	return len(seen) >= enough && !slices.ContainsFunc(seen[len(seen)-enough:], func(o string) bool { return o != "lost" })
}

// verdict is what the caller knows in the end.
func verdict(seen []string) string {
	switch last := seen[len(seen)-1]; {
	case last == "completed":
		return last
	case slices.ContainsFunc(seen, func(o string) bool { return o != "not_run" }):
		return "unknown"
	}
	return "not_run"
}

// call calls once and returns the outcome: killed when the caller was, lost when the
// node that had the call is gone.
func (l *lab) call(order string) string {
	args, _ := json.Marshal(payment{order, l.ledger})
	cmd := l.command("invoke", "pay", "--args", string(args), "--idempotency-key", order, "--timeout", patience, "--policy", "random", "-o", "json")
	var out strings.Builder
	cmd.Stdout = &out
	l.mu.Lock()
	l.calls++
	doomed, after := l.rnd.IntN(8) == 0, time.Duration(l.rnd.Int64N(int64(200*time.Millisecond)))
	l.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return "not_run"
	}
	if doomed {
		time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	}
	_ = cmd.Wait() // the output says what came of it
	var reply struct {
		Outcome string
		Error   *struct{ Code string }
	}
	if json.Unmarshal([]byte(out.String()), &reply) != nil {
		if cmd.ProcessState.ExitCode() < 0 {
			l.mu.Lock()
			l.kills["caller"]++
			l.mu.Unlock()
			return "killed"
		}
		time.Sleep(100 * time.Millisecond)
		return "not_run"
	}
	if reply.Error != nil && strings.HasSuffix(reply.Error.Code, "KEY_OUTCOME_UNKNOWN") {
		return "lost"
	}
	return reply.Outcome
}

func (l *lab) end() {
	l.mu.Lock()
	l.over = true
	for _, p := range l.procs {
		if p != nil {
			_ = p.Kill()
		}
	}
	l.mu.Unlock()
	l.kept.Wait()
	_ = os.RemoveAll(l.dir)
}
