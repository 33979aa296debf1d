package app_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/examples"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/registry"
)

var quiet = slog.New(slog.DiscardHandler)

// configured returns the configuration of a new project, with directories of
// its own.
func configured(t *testing.T, vars ...string) app.Config {
	t.Helper()
	home, err := os.MkdirTemp("", "onex") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	getenv := env(append(vars, "XDG_RUNTIME_DIR", home, "XDG_STATE_HOME", home)...)
	p, err := app.FindProject(home, getenv)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := app.Load(p, getenv, nil)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// up runs a daemon until the function it returns is called, which returns the
// daemon's error.
func up(t *testing.T, cfg app.Config) (app.Running, func() error) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ready := make(chan app.Running, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- app.Up(ctx, cfg, &app.UpOptions{Log: quiet, Ready: func(r app.Running) { ready <- r }})
	}()
	select {
	case r := <-ready:
		return r, func() error { stop(); return <-ended }
	case err := <-ended:
		stop()
		t.Fatalf("the daemon ended at once: %v", err)
		return app.Running{}, nil
	}
}

func liveNodes(t *testing.T, cfg app.Config) []string {
	t.Helper()
	b, err := app.OpenBus(t.Context(), cfg, "test", quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close(context.WithoutCancel(t.Context()))
	c, err := registry.NewClient(t.Context(), b, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	entries, err := c.Nodes(t.Context(), event.NodeDiscoveryRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Status.Routable() {
			names = append(names, string(e.Name))
		}
	}
	return names
}

// builtins are the names of the built-in nodes, and more, sorted.
func builtins(more ...string) []string {
	for _, b := range nodes.All() {
		more = append(more, string(b.Name))
	}
	slices.Sort(more)
	return more
}

func TestUpServesUntilItIsStopped(t *testing.T) {
	cfg := configured(t)
	dir, err := examples.Write(filepath.Join(cfg.Project.Root, "nodes"), "dice")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Nodes = []string{dir, dir + "/"} // one node, named twice
	running, stop := up(t, cfg)
	want := builtins("dice")
	if got := liveNodes(t, cfg); !slices.Equal(got, want) {
		t.Errorf("live nodes %q, want %q", got, want)
	}
	if err := app.Up(t.Context(), cfg, &app.UpOptions{Log: quiet}); !errors.Is(err, natsd.ErrLocked) {
		t.Errorf("a second daemon: %v", err)
	}
	byAddress := cfg
	byAddress.Bus = running.Bus
	if got := liveNodes(t, byAddress); len(got) != len(want) || !strings.HasPrefix(running.Bus, "unix:///") {
		t.Errorf("at %s: live nodes %q", running.Bus, got)
	}
	if err := stop(); err != nil {
		t.Errorf("the daemon ends with %v", err)
	}
	if _, err := app.OpenBus(t.Context(), cfg, "test", quiet); !errors.Is(err, app.ErrNoDaemon) {
		t.Errorf("after its end: %v", err)
	}
}

// TestARestartIsANewIncarnation: the nodes of the daemon are the same instances
// after a restart, not ghosts beside new ones.
func TestARestartIsANewIncarnation(t *testing.T) {
	cfg := configured(t)
	for range 2 {
		_, stop := up(t, cfg)
		if got, want := liveNodes(t, cfg), builtins(); !slices.Equal(got, want) {
			t.Errorf("live nodes %q, want %q", got, want)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
}

// TestEveryBusCarriesADaemon: whatever bus is chosen, the daemon carries it, and
// other processes find its nodes there.
func TestEveryBusCarriesADaemon(t *testing.T) {
	for _, scheme := range []string{"ipc://", "zmq+ipc://"} {
		t.Run(scheme, func(t *testing.T) {
			cfg := configured(t)
			cfg.Bus = scheme + filepath.Join(filepath.Dir(filepath.Dir(cfg.Project.RuntimeDir)), "bus.sock")
			running, stop := up(t, cfg)
			want := builtins()
			if got := liveNodes(t, cfg); !slices.Equal(got, want) || running.Bus != cfg.Bus {
				t.Errorf("on %s: live nodes %q, want %q", running.Bus, got, want)
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
			if left, _ := filepath.Glob(strings.TrimPrefix(cfg.Bus, scheme)); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// TestAnyFreePort: port 0 is any, and the daemon says which.
func TestAnyFreePort(t *testing.T) {
	cfg := configured(t)
	cfg.Bus = "zmq+tcp://127.0.0.1:0"
	running, stop := up(t, cfg)
	cfg.Bus = running.Bus
	if got := liveNodes(t, cfg); len(got) != len(builtins()) {
		t.Errorf("at %s: live nodes %q", running.Bus, got)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestUpListensOnlyWithAToken(t *testing.T) {
	cfg := configured(t, "ONEX_LISTEN", "127.0.0.1:0")
	if err := app.Up(t.Context(), cfg, &app.UpOptions{Log: quiet}); !errors.Is(err, app.ErrOpen) {
		t.Errorf("without a token: %v", err)
	}
	cfg.ListenToken = "open sesame"
	_, stop := up(t, cfg)
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestBusesThatCannotBe(t *testing.T) {
	for url, want := range map[string]error{
		"embedded:":                app.ErrNoDaemon,
		"memory:":                  app.ErrOwnProcess,
		"pigeon://coop":            app.ErrBusURL,
		"nats://127.0.0.1:1":       bus.ErrUnavailable,
		"unix:///does/not/exist":   bus.ErrUnavailable,
		"nats://u:secret@[::1]:xx": bus.ErrAddress,
	} {
		cfg := configured(t, "ONEX_BUS", url)
		_, err := app.OpenBus(t.Context(), cfg, "test", quiet)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", url, err, want)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the password: %v", url, err)
		}
	}
	if err := app.Up(t.Context(), configured(t, "ONEX_BUS", "memory:"), &app.UpOptions{Log: quiet}); !errors.Is(err, app.ErrOwnProcess) {
		t.Errorf("up on memory: %v", err)
	}
}
