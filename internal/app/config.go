package app

import (
	"log/slog"
	"path/filepath"
	"time"

	"github.com/omninode-ai/onex/fault"
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
	Listen      string        // host:port that the embedded bus opens to others; empty for none
	ListenToken string        // asked of those who come in there
	Timeout     time.Duration // of one call or question; 0 when nothing was set
	LogLevel    slog.Level
	Nodes       []string // directories of programs that onex up runs
}

// Load reads the configuration of project p. The map holds the flags that were
// given, by the name in [Setting.Flag].
func Load(p Project, getenv func(string) string, flags map[string]string) (Config, error) {
	c := Config{Project: p}
	file, err := readFile(filepath.Join(p.Root, ConfigFile))
	if err != nil {
		return Config{}, err
	}
	for _, s := range Settings() {
		value, source := s.lookup(getenv, flags, file.values)
		if err := s.set(&c, value); err != nil {
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
	if c.Bus == "embedded" || c.Bus == "memory" { // as people write it
		c.Bus += ":"
	}
	return c, nil
}

// lookup returns the value of s and where it came from.
func (s Setting) lookup(getenv func(string) string, flags, file map[string]string) (value, source string) {
	if v, ok := flags[s.Flag]; ok && s.Flag != "" {
		return v, "--" + s.Flag
	}
	for _, name := range s.Env {
		if v := getenv(name); v != "" {
			return v, name
		}
	}
	if v, ok := file[s.Key]; ok {
		return v, ConfigFile
	}
	return s.Default, "the default"
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
		c.Bus = "zmq+ipc://" + getenv("ONEX_ZMQ_SOCKET")
	default:
		return ErrConfig.With("ONEX_EVENT_BUS_TYPE: %q is not one of inmemory, ipc, zmq, nats", kind)
	}
	return nil
}
