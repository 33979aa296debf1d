package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/omninode-ai/onex/internal/natsd"
)

// A site is a project with a daemon on one bus, and commands that are given the
// bus by --bus.
type site struct {
	dir string
	run string // runtime directory, short because of sockets
	bus string // for --bus
	env []string
}

// buses returns every bus that commands can be given, by the name of its test.
// The function starts what carries it, apart from the daemon.
func buses() map[string]func(t *testing.T, s *site) string {
	return map[string]func(*testing.T, *site) string{
		"embedded": func(*testing.T, *site) string { return "embedded:" },
		"unix":     func(*testing.T, *site) string { return "embedded:" }, // see onEveryBus
		"ipc":      func(_ *testing.T, s *site) string { return "ipc://" + filepath.Join(s.run, "i", "bus.sock") },
		"zmq+ipc":  func(_ *testing.T, s *site) string { return "zmq+ipc://" + filepath.Join(s.run, "z.sock") },
		"zmq+tcp":  func(t *testing.T, _ *site) string { return "zmq+tcp://" + freePort(t) },
		"nats":     func(t *testing.T, s *site) string { return "nats://" + natsServer(t, s) },
	}
}

// freePort returns an address that nobody used a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// natsServer starts a NATS server that listens on the network, and returns token
// and address.
func natsServer(t *testing.T, s *site) string {
	t.Helper()
	address := freePort(t)
	server, err := natsd.Start(t.Context(), natsd.Options{
		Dir: filepath.Join(s.run, "nats"), Profile: natsd.ProfileMemory, Listen: address, Token: "sesame",
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	return "sesame@" + address
}

// newSite returns an empty project with runtime directories of its own.
func newSite(t *testing.T) *site {
	t.Helper()
	run, err := os.MkdirTemp("", "onex")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(run) })
	s := &site{dir: filepath.Join(run, "p"), run: run, bus: "embedded:"}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.write(t, "onex.yaml", "durability: file\n")
	s.env = append(os.Environ(), "XDG_RUNTIME_DIR="+run, "XDG_STATE_HOME="+filepath.Join(run, "state"), "HOME="+run, "NO_COLOR=1")
	return s
}

func (s *site) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// command returns one onex process that has not been started.
func (s *site) command(ctx context.Context, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.CommandContext(ctx, self, append([]string{"--bus", s.bus}, args...)...)
	cmd.Args[0] = "onex" // by which the test binary knows what it is
	cmd.Dir, cmd.Env = s.dir, s.env
	return cmd
}

// onex runs a command to its end.
func (s *site) onex(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	cmd := s.command(ctx, args...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	_ = cmd.Run()
	return out.String(), err.String(), cmd.ProcessState.ExitCode()
}

// must runs a command that succeeds and says something.
func (s *site) must(t *testing.T, want string, args ...string) string {
	t.Helper()
	out, err, status := s.onex(t, args...)
	if status != 0 || !strings.Contains(out+err, want) {
		t.Fatalf("onex %s: status %d, want 0 and %q\n%s%s", strings.Join(args, " "), status, want, out, err)
	}
	return out
}

// eventually runs a command until it says something.
func (s *site) eventually(t *testing.T, want string, args ...string) {
	t.Helper()
	for end := time.Now().Add(2 * patience); ; {
		out, err, _ := s.onex(t, args...)
		if strings.Contains(out+err, want) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("onex %s never says %q\n%s%s", strings.Join(args, " "), want, out, err)
		}
	}
}

// A running process, and what it has said so far.
type running struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu       sync.Mutex
	out, err bytes.Buffer
}

// start starts a command that stays, and waits until it says that it is ready.
func (s *site) start(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{cmd: s.command(context.Background(), args...), ended: make(chan struct{})}
	r.cmd.Stdout, r.cmd.Stderr = locked{r, &r.out}, locked{r, &r.err}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = r.cmd.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.ended
	})
	ready := map[string]string{"bus": "subscribed", "events": "watching"}[args[0]]
	r.await(t, cmp.Or(ready, "ready"))
	return r
}

// await waits until the process has said something, on either stream.
func (r *running) await(t *testing.T, want string) {
	t.Helper()
	end := time.After(2 * patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if strings.Contains(r.said(), want) {
			return
		}
		select {
		case <-tick.C:
		case <-r.ended:
			if !strings.Contains(r.said(), want) {
				t.Fatalf("%v ended before it said %q:\n%s", r.cmd.Args, want, r.said())
			}
			return
		case <-end:
			t.Fatalf("%v never says %q:\n%s", r.cmd.Args, want, r.said())
		}
	}
}

func (r *running) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String() + r.err.String()
}

// signal sends a signal, waits for the end, and returns the exit status.
func (r *running) signal(t *testing.T, sig syscall.Signal) int {
	t.Helper()
	if err := r.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	select {
	case <-r.ended:
	case <-time.After(patience):
		t.Fatalf("%v does not end by %v:\n%s", r.cmd.Args, sig, r.said())
	}
	return r.cmd.ProcessState.ExitCode()
}

type locked struct {
	r *running
	b *bytes.Buffer
}

func (l locked) Write(p []byte) (int, error) {
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	return l.b.Write(p)
}

const greeterManifest = `name: greeter
version: 1.2.0
runtime: exec
command: [sh, greet.sh]
`

const greeterContract = `node_name: greeter
tools:
  greet:
    description: says hello
    input: {type: object, properties: {name: {type: string}}, required: [name], additionalProperties: false}
    output: {type: object, properties: {greeting: {type: string}}}
`

// socket returns the path of the daemon's socket.
func (s *site) socket(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.run, "onex", "*", "bus.sock"))
	if err != nil || len(found) != 1 {
		t.Fatalf("sockets %v, %v", found, err)
	}
	return found[0]
}

// onEveryBus runs a test with a project and its daemon on each bus.
func onEveryBus(t *testing.T, test func(*testing.T, *site, *running)) {
	for name, carry := range buses() {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.bus = carry(t, s)
			s.write(t, "greeter/node.onex.yaml", greeterManifest)
			s.write(t, "greeter/contract.yaml", greeterContract)
			s.write(t, "greeter/greet.sh", `echo '{"greeting": "hello"}'`)
			up := s.start(t, "up")
			if name == "unix" { // the same bus, by its socket
				s.bus = "unix://" + s.socket(t)
			}
			test(t, s, up)
		})
	}
}

// TestEveryCommandHonoursTheBus holds that announce, describe, introspection,
// calls and every command of the bus work across processes on every bus.
func TestEveryCommandHonoursTheBus(t *testing.T) {
	onEveryBus(t, func(t *testing.T, s *site, up *running) {
		s.start(t, "run", "greeter")
		s.eventually(t, `"status": "online"`, "nodes", "greeter", "-o", "json")
		s.must(t, "says hello", "describe", "greet")
		s.must(t, "greeter", "describe", "greeter", "--explain")
		s.must(t, "hello", "invoke", "greet", "--args", `{"name": "Ada"}`)
		s.must(t, "greeter", "invoke", "registry_nodes")
		testPublishing(t, s)
		testHealth(t, s)
		testKept(t, s)

		// with nobody there, each says so, and names the bus
		up.signal(t, syscall.SIGKILL)
	})
}

// testPublishing publishes to a subscriber that is another process.
func testPublishing(t *testing.T, s *site) {
	t.Helper()
	sub := s.start(t, "bus", "sub", "telemetry_operation_start", "--count", "3", "--timeout", "60s")
	out := s.must(t, "", "bus", "pub", "telemetry_operation_start.tester", "--data", `{"operation": "o", "function": "f"}`,
		"--count", "3", "--wait-for-subscribers", "1", "--timeout", "20s", "-o", "json")
	if n := strings.Count(out, `"class":"ephemeral"`); n != 3 {
		t.Errorf("%d receipts, want 3:\n%s", n, out)
	}
	sub.await(t, `"operation":"o"`)
	<-sub.ended
	if status := sub.cmd.ProcessState.ExitCode(); status != 0 {
		t.Errorf("onex bus sub ends with %d:\n%s", status, sub.said())
	}
	watch := s.start(t, "bus", "sub", "node_start.tester", "-o", "text")
	s.must(t, "published", "bus", "pub", "NODE_START", "--from", "tester", "--data", `{"input_state": {"api_key": "sesame"}}`)
	watch.await(t, "NODE_START")
	if strings.Contains(watch.said(), "sesame") {
		t.Errorf("a secret is shown:\n%s", watch.said())
	}
}

// testHealth asks the bus how it is.
func testHealth(t *testing.T, s *site) {
	t.Helper()
	var h struct {
		Healthy   bool   `json:"healthy"`
		Backend   string `json:"backend"`
		Events    int    `json:"event_count"`
		Processes []struct {
			Name string `json:"name"`
		} `json:"processes"`
	}
	out := s.must(t, "", "bus", "health", "-o", "json")
	if err := json.Unmarshal([]byte(out), &h); err != nil {
		t.Fatal(err)
	}
	if !h.Healthy || h.Events == 0 || !strings.Contains(fmt.Sprint(h.Processes), "onex up") || !strings.Contains(fmt.Sprint(h.Processes), "onex run greeter") {
		t.Errorf("health is %+v, want healthy, events, and the daemon and the node among the processes", h)
	}
	s.must(t, `"state": "up"`, "bus", "ls", "-o", "json")
}

// testKept looks at what the bus keeps, or is told that it keeps nothing.
func testKept(t *testing.T, s *site) {
	t.Helper()
	commands := [][]string{
		{"bus", "replay", "--filter", "node_start.tester", "-o", "json"},
		{"bus", "sub", "node_start.tester", "--from", "all", "--count", "1", "--timeout", "20s"},
		{"events", "--since", "10m", "--type", "node_start", "--node", "tester"},
		{"bus", "dead", "ls", "-o", "json"},
		{"bus", "dead", "redrive", "--all"},
	}
	if strings.HasPrefix(s.bus, "zmq") {
		for _, args := range commands {
			if out, err, status := s.onex(t, args...); status != 1 || !strings.Contains(err, "ONEX_BUS_002_UNSUPPORTED") {
				t.Errorf("onex %s: status %d, want 1 and unsupported\n%s%s", strings.Join(args, " "), status, out, err)
			}
		}
		return
	}
	s.must(t, "KEY_REDACTED", commands[0]...)
	s.must(t, "NODE_START", commands[1]...)
	s.must(t, "NODE_START", commands[2]...)
	s.must(t, "[]", commands[3]...)
	testDeadLetter(t, s)
}

// testDeadLetter gives up an event, and gives it another life.
func testDeadLetter(t *testing.T, s *site) {
	t.Helper()
	s.must(t, "NODE_START", "bus", "sub", "node_start.tester", "--from", "all", "--ack", "term", "--count", "1", "--timeout", "20s")
	s.eventually(t, "given up by onex bus sub --ack term", "bus", "dead", "ls", "-o", "json")
	var letters []struct {
		Number  uint64 `json:"number"`
		EventID string `json:"event_id"`
	}
	if err := json.Unmarshal([]byte(s.must(t, "", "bus", "dead", "ls", "-o", "json")), &letters); err != nil || len(letters) != 1 {
		t.Fatalf("dead letters %v, %v", letters, err)
	}
	number := fmt.Sprint(letters[0].Number)
	s.must(t, letters[0].EventID, "bus", "dead", "show", number)
	s.must(t, "would redrive", "bus", "dead", "redrive", "--all", "--dry-run")
	s.must(t, "redriven", "bus", "dead", "redrive", number)
	s.must(t, "[]", "bus", "dead", "ls", "-o", "json")
	out := s.must(t, "", "bus", "replay", "--filter", "node_start.tester")
	if n := strings.Count(out, `"event_id":"`+letters[0].EventID); n != 2 {
		t.Errorf("the event is kept %d times, want 2:\n%s", n, out)
	}
	if _, err, status := s.onex(t, "bus", "dead", "redrive", number); status != 1 || err != "" {
		if !strings.Contains(err, "NO_DEAD_LETTER") && status != 1 {
			t.Errorf("redriving twice: status %d\n%s", status, err)
		}
	}
}

// TestSignalsLeaveNothingBehind holds that what stays ends by a signal, with its
// status, one quiet line at most, and nothing left: no socket, no lock that is
// held, no child.
func TestSignalsLeaveNothingBehind(t *testing.T) {
	onEveryBus(t, func(t *testing.T, s *site, up *running) {
		for _, args := range [][]string{{"run", "greeter"}, {"bus", "sub"}, {"events"}} {
			for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
				if args[0] == "run" {
					want = 0 // it was told to stop, and did
				}
				r := s.start(t, args...)
				r.mu.Lock()
				r.err.Reset()
				r.mu.Unlock()
				if status := r.signal(t, sig); status != want {
					t.Errorf("%v: %v ends with %d, want %d", args, sig, status, want)
				}
				if said := r.err.String(); strings.Count(said, "\n") > 1 || strings.Contains(said, "ONEX_") {
					t.Errorf("%v: %v says:\n%s", args, sig, said)
				}
			}
		}
		if status := up.signal(t, syscall.SIGTERM); status != 0 {
			t.Errorf("up: SIGTERM ends with %d, want 0", status)
		}
		noSockets(t, s.run)
		if strings.HasPrefix(s.bus, "unix:") {
			s.bus = "embedded:"
		}
		again := s.start(t, "up") // nothing is locked
		if status := again.signal(t, syscall.SIGINT); status != 0 {
			t.Errorf("up: SIGINT ends with %d, want 0", status)
		}
		noSockets(t, s.run)
	})
}

// noSockets holds that no socket and no record of a daemon is left.
func noSockets(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && (d.Type()&os.ModeSocket != 0 || d.Name() == "up.json") {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
