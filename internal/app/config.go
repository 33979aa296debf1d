package app

import (
	"log/slog"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/registry"
	"github.com/omninode-ai/onex/registry/lease"
)

// ConfigFile is the name of a project's configuration; its directory is the
// root of the project.
const ConfigFile = "onex.yaml"

// ErrConfig is returned when a setting has a value that cannot be used, or
// onex.yaml holds a key that does not exist. The message names the setting and
// where its value came from. docs/configuration.md lists all settings.
var ErrConfig = fault.New("ONEX_CORE_043_CONFIGURATION_PARSE_ERROR", fault.Invalid, "invalid configuration").
	Hinted("docs/configuration.md lists every setting and its values")

// A Config holds every setting. A value comes from a flag, else from the
// environment, else from onex.yaml in the project's root, else it is the
// default.
type Config struct {
	Project Project
	Version string // of this program, for others

	Bus         string        // URL of the bus
	Prefix      string        // first tokens of every subject
	Durability  string        // of the embedded bus: durable, file or memory
	Token       string        // credentials of the bus …
	User        string        //
	Password    string        //
	Creds       string        // path of a NATS credentials file
	NKey        string        // path of an NKey seed file
	CA          string        // path of a PEM file
	Cert        string        // path of a PEM file
	Key         string        // path of a PEM file
	Publishing  bus.Retry     // how a publication is tried again
	Listen      string        // host:port that the embedded bus opens to others; empty for none
	ListenToken string        // asked of those who come in there
	ListenCert  string        // path of a PEM file: they use TLS
	ListenKey   string        // path of a PEM file
	ListenCA    string        // path of a PEM file: they show a certificate
	Replicas    int           // of the streams that are made on an external bus; 0 means one
	Timeout     time.Duration // of one call or question; 0 when nothing was set
	HTTP        string        // address of metrics and health of onex up; empty for none
	Telemetry   string        // on or off
	LogLevel    slog.Level
	LogFormat   string     // text or json
	LogEvents   slog.Level // least severe line that is published
	Nodes       []string   // directories of programs that onex up runs
	Ports       lease.Policy
	Access      access.Policy // who may call which tools of this project's nodes
	MCP         MCP
	Audit       string // on or off
	Liveness    registry.Profile

	Keys sshsig.Keys // paths are relative to the root of the project

	getenv func(string) string // of the OpenTelemetry variables

	ZMQ zmqbus.Options // of a bus on ZeroMQ; URL, Prefix, Log and password come from above
}

// Load reads the configuration of project p. The map holds the flags that were
// given, by the name in [Setting.Flag], and other settings of the command line by
// their key.
func Load(p Project, getenv func(string) string, flags map[string]string) (Config, error) {
	c := Config{Project: p, getenv: getenv}
	c.Keys.Options = sshsig.SignerOptions{AgentSocket: getenv("SSH_AUTH_SOCK"), Home: getenv("HOME"), Dir: p.Root}
	file, err := readFile(filepath.Join(p.Root, ConfigFile))
	if err != nil {
		return Config{}, err
	}
	c.Ports, c.Access, c.MCP = file.ports, file.access, file.mcp
	for _, s := range Settings() {
		value, source, err := s.lookup(p.Root, getenv, flags, file.values)
		if err == nil {
			err = s.set(&c, value)
		}
		if err != nil {
			return Config{}, ErrConfig.With("%s (from %s): %v", s.Key, source, err)
		}
	}
	for _, dir := range file.nodes {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(p.Root, dir)
		}
		c.Nodes = append(c.Nodes, dir)
	}
	if err := legacyBus(&c, getenv, flags, file.values); err != nil {
		return Config{}, err
	}
	if err := legacyWait(&c, getenv); err != nil {
		return Config{}, err
	}
	c.Bus = wholeURL(c.Bus, p.RuntimeDir)
	return c, nil
}

// wholeURL completes the URL of a bus as people write it. A socket without a path
// is in the runtime directory of the project, where every command of the
// project finds it.
func wholeURL(url, runtimeDir string) string {
	scheme, path, _ := strings.Cut(url, ":")
	path = strings.TrimPrefix(path, "//")
	switch scheme {
	case "embedded", "memory":
		if path == "" {
			return scheme + ":"
		}
	case "ipc", "zmq+ipc":
		if path == "" {
			path = filepath.Join(runtimeDir, strings.TrimSuffix(scheme, "+ipc")+".sock")
		}
		return scheme + "://" + path
	}
	return url
}

// lookup returns the value of s and where it came from. Files are relative to
// the root of the project.
func (s Setting) lookup(root string, getenv func(string) string, flags, file map[string]string) (value, source string, err error) {
	if v, ok := flags[s.Flag]; ok && s.Flag != "" {
		return v, "--" + s.Flag, nil
	}
	type place struct {
		source string
		of     func(key string) string
	}
	places := []place{{"--set", func(key string) string { return flags[key] }}}
	for _, name := range s.Env {
		places = append(places, place{name, func(key string) string {
			return getenv(name + strings.ToUpper(strings.TrimPrefix(key, s.Key)))
		}})
	}
	places = append(places, place{ConfigFile, func(key string) string { return file[key] }})
	for _, p := range places {
		if v := p.of(s.Key); v != "" {
			return v, p.source, nil
		}
		if path := p.of(s.Key + fromFile); path != "" && s.file != nil {
			if !filepath.IsAbs(path) {
				path = filepath.Join(root, path)
			}
			v, err := s.file(path)
			return v, p.source, err
		}
	}
	return s.Default, "the default", nil
}

// legacyBus accepts the environment of the reference implementation for the
// choice of the bus, where nothing newer is said.
func legacyBus(c *Config, getenv func(string) string, flags, file map[string]string) error {
	kind := getenv("ONEX_EVENT_BUS_TYPE")
	if _, flagged := flags["bus"]; kind == "" || flagged || getenv("ONEX_BUS") != "" || file["bus"] != "" {
		return nil
	}
	switch kind {
	case "inmemory", "memory":
		c.Bus = "memory:"
	case "nats", "jetstream":
		c.Bus = "nats://localhost:4222"
		if url := getenv("ONEX_EVENT_BUS_NATS_URL"); url != "" {
			c.Bus = url
		}
	case "ipc":
		c.Bus = "ipc://" + getenv("ONEX_IPC_SOCKET")
	case "zmq":
		c.Bus = legacyZMQ(getenv("ONEX_ZMQ_SOCKET"))
	default:
		return ErrConfig.With("ONEX_EVENT_BUS_TYPE: %q is not one of inmemory, ipc, zmq, nats", kind)
	}
	return nil
}

// legacyWait reads the reference's time for the other side to appear, in seconds.
func legacyWait(c *Config, getenv func(string) string) error {
	const name = "ONEX_ZMQ_HANDSHAKE_TIMEOUT"
	v := getenv(name)
	if v == "" || getenv("ONEX_ZMQ_WAIT_MS") != "" {
		return nil
	}
	seconds, err := strconv.ParseFloat(v, 64)
	if err != nil || !(seconds > 0 && seconds < math.MaxInt32) {
		return ErrConfig.With("%s: %q is not a number of seconds above 0", name, v)
	}
	c.ZMQ.Wait = time.Duration(seconds * float64(time.Second))
	return nil
}

// legacyZMQ reads a path, ipc://… or tcp://….
func legacyZMQ(socket string) string {
	if strings.HasPrefix(socket, "ipc://") || strings.HasPrefix(socket, "tcp://") {
		return "zmq+" + socket
	}
	return "zmq+ipc://" + socket
}
