package app_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/internal/app"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) string { return m[k] }
}

func projectWith(t *testing.T, config string) app.Project {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, app.ConfigFile), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := app.FindProject(dir, env("XDG_RUNTIME_DIR", "/run/me", "XDG_STATE_HOME", "/state"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestASocketWithoutAPathIsInTheRuntimeDirectory(t *testing.T) {
	for url, want := range map[string]string{
		"ipc": "ipc.sock", "ipc:": "ipc.sock", "ipc://": "ipc.sock", "zmq+ipc:": "zmq.sock", "zmq+ipc://": "zmq.sock",
	} {
		p := projectWith(t, "")
		cfg, err := app.Load(p, env("ONEX_BUS", url), nil)
		scheme, _, _ := strings.Cut(url, ":")
		if want = scheme + "://" + filepath.Join(p.RuntimeDir, want); err != nil || cfg.Bus != want {
			t.Errorf("%s: bus %q, %v; want %q", url, cfg.Bus, err, want)
		}
	}
}

func TestASettingComesFromFlagEnvironmentFileOrDefault(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		env        []string
		flags      map[string]string
		want       string
	}{
		{"default", "", nil, nil, "embedded:"},
		{"file", "bus: nats://file:1\n", nil, nil, "nats://file:1"},
		{"environment beats file", "bus: nats://file:1\n", []string{"ONEX_BUS", "nats://env:1"}, nil, "nats://env:1"},
		{"flag beats all", "bus: nats://file:1\n", []string{"ONEX_BUS", "nats://env:1"}, map[string]string{"bus": "nats://flag:1"}, "nats://flag:1"},
		{"older name", "", []string{"ONEX_EVENT_BUS_TYPE", "nats", "ONEX_EVENT_BUS_NATS_URL", "nats://old:1"}, nil, "nats://old:1"},
		{"older name, no URL", "", []string{"ONEX_EVENT_BUS_TYPE", "nats"}, nil, "nats://localhost:4222"},
		{"older name for memory", "", []string{"ONEX_EVENT_BUS_TYPE", "inmemory"}, nil, "memory:"},
		{"older name for ipc", "", []string{"ONEX_EVENT_BUS_TYPE", "ipc", "ONEX_IPC_SOCKET", "/x"}, nil, "ipc:///x"},
		{"older name for zmq", "", []string{"ONEX_EVENT_BUS_TYPE", "zmq", "ONEX_ZMQ_SOCKET", "/x"}, nil, "zmq+ipc:///x"},
		{"a socket with a path", "", []string{"ONEX_BUS", "ipc:///x"}, nil, "ipc:///x"},
		{"a socket with a short form of its path", "", []string{"ONEX_BUS", "ipc:/x"}, nil, "ipc:///x"},
		{"a socket that is refused later", "", []string{"ONEX_BUS", "zmq+ipc://@x"}, nil, "zmq+ipc://@x"},
		{"a scheme alone", "", []string{"ONEX_BUS", "memory"}, nil, "memory:"},
		{"file beats older name", "bus: nats://file:1\n", []string{"ONEX_EVENT_BUS_TYPE", "inmemory"}, nil, "nats://file:1"},
	} {
		cfg, err := app.Load(projectWith(t, tt.file), env(tt.env...), tt.flags)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if cfg.Bus != tt.want {
			t.Errorf("%s: bus %q, want %q", tt.name, cfg.Bus, tt.want)
		}
	}
}

func TestLoadReadsEveryKindOfValue(t *testing.T) {
	p := projectWith(t, "timeout_ms: 250\nlog_level: debug\nsubject_prefix: acme.events\nnodes: [tools/a]\n")
	cfg, err := app.Load(p, env("ONEX_DURABILITY", "file"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Timeout != 250*time.Millisecond || cfg.LogLevel != slog.LevelDebug || cfg.Prefix != "acme.events" || cfg.Durability != "file" {
		t.Errorf("got %+v", cfg)
	}
	if want := filepath.Join(p.Root, "tools/a"); len(cfg.Nodes) != 1 || cfg.Nodes[0] != want {
		t.Errorf("nodes %q, want [%q]", cfg.Nodes, want)
	}
}

func TestLoadNamesWhatIsWrongAndWhere(t *testing.T) {
	for _, tt := range []struct {
		file string
		env  []string
		want string
	}{
		{"colour: red\n", nil, `onex.yaml:1: unknown setting "colour"`},
		{"bus: a\nbus: b\n", nil, "onex.yaml:2: bus is set twice"},
		{"bus: [a]\n", nil, "onex.yaml:1: bus: a plain value is expected"},
		{"- a\n", nil, "onex.yaml:1: a mapping of settings is expected"},
		{"a: [\n", nil, "onex.yaml: yaml:"},
		{"nodes: {a: b}\n", nil, "onex.yaml:1: nodes: a list of directories is expected"},
		{"timeout_ms: soon\n", nil, `timeout_ms (from onex.yaml): "soon" is not a number of milliseconds above 0`},
		{"", []string{"ONEX_TIMEOUT_MS", "-1"}, `timeout_ms (from ONEX_TIMEOUT_MS): "-1" is not`},
		{"", []string{"ONEX_LOG_LEVEL", "loud"}, `log_level (from ONEX_LOG_LEVEL): "loud" is not one of`},
		{"durability: sometimes\n", nil, `durability (from onex.yaml): "sometimes" is not one of durable, file, memory`},
		{"", []string{"ONEX_EVENT_BUS_TYPE", "pigeon"}, `"pigeon" is not one of inmemory, ipc, zmq, nats`},
	} {
		_, err := app.Load(projectWith(t, tt.file), env(tt.env...), nil)
		if !errors.Is(err, app.ErrConfig) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q %v: error %v, want ErrConfig with %q", tt.file, tt.env, err, tt.want)
		}
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range app.Settings() {
		if s.Key == "" || s.Doc == "" || len(s.Env) == 0 || seen[s.Key] {
			t.Errorf("setting %+v lacks a key of its own, a text or a variable", s)
		}
		seen[s.Key] = true
	}
	if len(seen) == 0 {
		t.Error("there are no settings")
	}
}

func TestNodesOfTheConfigurationAreDirectories(t *testing.T) {
	p := projectWith(t, "nodes: [tools/a, /opt/b]\nbus: embedded\n")
	cfg, err := app.Load(p, env(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(p.Root, "tools/a"); len(cfg.Nodes) != 2 || cfg.Nodes[0] != want || cfg.Nodes[1] != "/opt/b" {
		t.Errorf("nodes %q, want %q and /opt/b", cfg.Nodes, want)
	}
	if cfg.Bus != "embedded:" {
		t.Errorf("bus %q, want embedded:", cfg.Bus)
	}
}

func TestAProjectNeedsAPlaceForData(t *testing.T) {
	for _, vars := range [][]string{{"XDG_STATE_HOME", "relative"}, {"HOME", "relative"}} {
		if _, err := app.FindProject(t.TempDir(), env(vars...)); !errors.Is(err, app.ErrHome) {
			t.Errorf("%v: %v, want ErrHome", vars, err)
		}
	}
}

func TestFindProject(t *testing.T) {
	getenv := env("XDG_RUNTIME_DIR", "/run/me", "XDG_STATE_HOME", "/state", "HOME", "/home/me")
	for _, marker := range []string{"onex.yaml", "project.onex.yaml", ".git"} {
		root, _ := filepath.EvalSymlinks(t.TempDir())
		below := filepath.Join(root, "a", "b")
		if err := errors.Join(os.MkdirAll(below, 0o755), os.WriteFile(filepath.Join(root, marker), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		p, err := app.FindProject(below, getenv)
		if err != nil || p.Root != root {
			t.Errorf("%s: root %q, %v; want %q", marker, p.Root, err, root)
		}
		id := filepath.Base(p.RuntimeDir)
		if len(id) != 12 || p.RuntimeDir != "/run/me/onex/"+id || p.DataDir != "/state/onex/"+id {
			t.Errorf("%s: runtime %q, data %q", marker, p.RuntimeDir, p.DataDir)
		}
	}
}

func TestPrepareRefusesADirectoryThatOthersCanEnter(t *testing.T) {
	base := t.TempDir()
	p := app.Project{RuntimeDir: filepath.Join(base, "r", "x"), DataDir: filepath.Join(base, "d")}
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	for _, bits := range []struct{ dir, parent os.FileMode }{{0o001, 0}, {0o010, 0}, {0o040, 0}, {0, 0o002}, {0, 0o020}} {
		if err := errors.Join(os.Chmod(p.RuntimeDir, 0o700|bits.dir), os.Chmod(filepath.Dir(p.RuntimeDir), 0o755|bits.parent)); err != nil {
			t.Fatal(err)
		}
		if err := p.Prepare(); !errors.Is(err, app.ErrRuntimeDir) {
			t.Errorf("what others may do to the directory is %o, to the parent %o: %v", bits.dir, bits.parent, err)
		}
	}
	p.RuntimeDir = filepath.Join(base, strings.Repeat("x", 120))
	if err := p.Prepare(); !errors.Is(err, app.ErrRuntimeDir) {
		t.Errorf("a socket path of %d bytes: %v", len(p.Socket()), err)
	}
}

func TestFilesNeedNoPlaceForData(t *testing.T) {
	p := app.Project{Root: t.TempDir(), RuntimeDir: filepath.Join(t.TempDir(), "onex", "run")}
	if _, err := p.Data(); !errors.Is(err, app.ErrHome) {
		t.Errorf("Data: %v, want ErrHome", err)
	}
	if err := p.Prepare(); !errors.Is(err, app.ErrHome) {
		t.Errorf("Prepare: %v, want ErrHome", err)
	}
	if _, err := os.Stat(p.RuntimeDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
	found, err := app.Plugins(p, nil)
	if err != nil || found == nil {
		t.Errorf("plugins: %v", err)
	}
}
