package clients_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// modules is where "make deps" puts the packages of npm.
const modules = "../../.build/npm/node_modules"

var quiet = slog.New(slog.DiscardHandler)

// A language is one way to write clients.
type language struct {
	name    string
	run     []string // the interpreter
	dir     string
	suffix  string
	network bool // it needs TCP
	node    node.Name
	tool    node.ToolName
	args    string
	want    string
}

func languages(t *testing.T) map[string]func(t *testing.T) language {
	return map[string]func(t *testing.T) language{
		"python": func(t *testing.T) language {
			return language{"python", []string{peer.Find(t, "python3")}, "python", ".py", false, "python_reverser", "reverse", `{"text": "añ"}`, `{"text":"ña"}`}
		},
		"javascript": func(t *testing.T) language {
			return language{"javascript", []string{npm(t)}, javascript(t), ".mjs", true, "javascript_sorter", "sort_numbers", `{"items": [3, 1, 2]}`, `{"items":[1,2,3]}`}
		},
	}
}

// npm returns the Node.js that came with the packages.
func npm(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(modules, "node/bin/node"))
	if _, missing := os.Stat(path); err != nil || missing != nil {
		peer.Missing(t, "the packages of npm are not installed")
	}
	if _, missing := os.Stat(filepath.Join(modules, "@nats-io/transport-node")); missing != nil {
		peer.Missing(t, "@nats-io/transport-node is not installed")
	}
	return path
}

// javascript copies the programs to where they find their package.
func javascript(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	target, err := filepath.Abs(modules)
	if err := errors.Join(err, os.CopyFS(dir, os.DirFS("javascript")), os.Symlink(target, filepath.Join(dir, "node_modules"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A scene is a server, a registry, and a node in Go.
type scene struct {
	t          *testing.T
	bus        bus.Bus
	unix, tcp  string
	departures chan node.ID
}

func newScene(t *testing.T) *scene {
	t.Helper()
	dir, err := os.MkdirTemp("", "clients") // short, for the socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &scene{t: t, unix: "unix://" + filepath.Join(dir, "s"), departures: make(chan node.ID, 100)}
	server, err := natsd.Start(t.Context(), natsd.Options{
		Profile: natsd.ProfileMemory, Socket: filepath.Join(dir, "s"), Listen: "127.0.0.1:0", Token: "sesame", Log: quiet,
		Departed: func(subject string) {
			if r := event.Filter(strings.TrimPrefix(subject, natsbus.DefaultPrefix+".")).Receiver(); r != "" {
				s.departures <- node.ID(r)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	s.tcp = "nats://sesame@" + server.Address()
	if s.bus, err = natsbus.Dial(t.Context(), natsbus.Options{URL: "embedded:", Dialer: server.Dial, Log: quiet}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.bus.Close(context.Background()) })
	s.serve()
	return s
}

// serve runs a registry and a node called greeter until the test ends.
func (s *scene) serve() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended, listening, accepted := make(chan error, 2), make(chan struct{}), make(chan struct{})
	go func() {
		ended <- registry.Serve(ctx, s.bus, &registry.Options{Log: quiet, Lost: s.departures, Ready: func() { close(listening) }})
	}()
	<-listening
	h := host.New(node.Manifest{Name: "greeter", Version: "1.0.0"}, &host.Options{Log: quiet, Ready: func(host.Accepted) { close(accepted) }})
	host.Handle(h, "greet", "greets", func(_ context.Context, in greeting) (greeting, error) {
		if in.Name == "" {
			return in, fault.New("ONEX_GREETER_001_NOBODY", fault.Invalid, "nobody to greet")
		}
		return greeting{"hello " + in.Name}, nil
	}, nil)
	go func() { ended <- h.Run(ctx, s.bus) }()
	<-accepted
	s.t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, <-ended); err != nil {
			s.t.Error(err)
		}
	})
}

type greeting struct {
	Name string `json:"name"`
}

// command prepares a program of a language.
func (s *scene) command(l language, program string, args ...string) *exec.Cmd {
	run := append(append(l.run[:len(l.run):len(l.run)], filepath.Join(l.dir, program+l.suffix)), args...)
	cmd := exec.CommandContext(s.t.Context(), run[0], run[1:]...)
	url := s.unix
	if l.network {
		url = s.tcp
	}
	cmd.Env = append(os.Environ(), "ONEX_BUS="+url, "PYTHONDONTWRITEBYTECODE=1")
	return cmd
}

// Clients in other languages list the tools and call them, and hear of errors.
func TestClients(t *testing.T) {
	for name, of := range languages(t) {
		t.Run(name, func(t *testing.T) {
			l := of(t)
			s := newScene(t)
			for _, tt := range []struct {
				args []string
				want string
				ok   bool
			}{
				{nil, "greet: greets (1 offer it)", true},
				{[]string{"greet", `{"name": "Ada ♥"}`}, `hello Ada`, true},
				{[]string{"greet", `{"name": ""}`}, "nobody to greet (ONEX_GREETER_001_NOBODY)", false},
				{[]string{"greet", `{"nme": 1}`}, "ONEX_CONTRACT_041_VIOLATED", false},
				{[]string{"nothing", `{}`}, "nobody offers nothing", false},
			} {
				out, err := s.command(l, "client", tt.args...).CombinedOutput()
				if (err == nil) != tt.ok || !strings.Contains(string(out), tt.want) {
					t.Errorf("%q: %v\n%s", tt.args, err, out)
				}
			}
		})
	}
}

// Programs in other languages are nodes: they are found and called, beat, are missed at
// once when they are killed, and say goodbye.
func TestNodes(t *testing.T) {
	for name, of := range languages(t) {
		t.Run(name, func(t *testing.T) {
			l := of(t)
			s := newScene(t)
			ask, err := registry.NewClient(t.Context(), s.bus, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer ask.Close()
			call, err := invoke.NewClient(t.Context(), s.bus, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer call.Close()
			status := func(want node.Status, reason string) {
				t.Helper()
				soon.True(t, fmt.Sprintf("%s is %s (%s)", l.node, want, reason), func() bool {
					n, err := ask.Node(t.Context(), string(l.node), true)
					return err == nil && n.Status == want && strings.Contains(n.Reason, reason)
				})
			}
			beats, err := s.bus.Subscribe(t.Context(), event.Filter("node_heartbeat."+string(l.node)), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer beats.Close()
			first := s.startNode(l)
			reply, err := call.Invoke(t.Context(), invoke.Call{Tool: l.tool, Args: []byte(l.args)})
			if err != nil || strings.ReplaceAll(string(reply.Result), " ", "") != l.want {
				t.Errorf("%s: %s, %v", l.tool, reply.Result, err)
			}
			for range 2 {
				if d, err := beats.Next(t.Context()); err != nil || d.Event.Payload.(event.NodeHeartbeat).Incarnation == 0 {
					t.Errorf("beat %+v, %v", d.Event, err)
				}
			}
			status(node.Online, "announced")
			if err := first.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = first.Wait()
			status(node.Suspect, "connection lost")

			second := s.startNode(l)
			status(node.Online, "announced")
			if err := second.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			if err := second.Wait(); err != nil {
				t.Error(err)
			}
			status(node.Stopped, "told to stop")
		})
	}
}

// startNode starts the node of a language and returns when it is accepted.
func (s *scene) startNode(l language) *exec.Cmd {
	s.t.Helper()
	cmd := s.command(l, "node")
	said, err := cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
	if line, err := bufio.NewReader(said).ReadString('\n'); !strings.Contains(line, "is ready") {
		s.t.Fatalf("%s: %q, %v", l.name, line, err)
	}
	return cmd
}
