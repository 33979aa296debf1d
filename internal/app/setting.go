package app

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/internal/telemetry"
	"github.com/omninode-ai/onex/registry"
)

// A Setting describes one value of [Config]: where it may come from, and what
// it means. Settings is the source of docs/configuration.md.
type Setting struct {
	Key     string   // in onex.yaml
	Flag    string   // on the command line; empty when there is none
	Env     []string // variables, the first that is set wins
	Default string
	Doc     string
	Secret  bool // never on the command line, which others can see

	set  func(*Config, string) error
	file func(path string) (string, error) // reads the value from a file; nil when it does not come from one
}

// FromFile is added to a key, and fileSuffix to a variable, for the path of
// a file that holds the value.
const (
	fromFile   = "_file"
	fileSuffix = "_FILE"
)

// InFile reports whether the value may come from a file that is named under the
// same key and variables with _file and _FILE added.
func (s Setting) InFile() bool { return s.file != nil }

// Settings returns every setting, in the order of the documentation.
func Settings() []Setting {
	return append([]Setting{
		{Key: "bus", Flag: "bus", Env: []string{"ONEX_BUS"}, Default: "embedded:", Doc: "URL of the bus: `embedded:` (the one inside `onex up` of this project), `unix:///path` of its socket, `ipc:///path`, `ipc:` (a socket of this project), `zmq+tcp://host:port`, `zmq+ipc:///path`, `nats://host:port`, `tls://host:port`", set: text(func(c *Config) *string { return &c.Bus })},
		{Key: "subject_prefix", Env: []string{"ONEX_SUBJECT_PREFIX", "ONEX_EVENT_BUS_SUBJECT_PREFIX"}, Default: "onex.events", Doc: "first tokens of every subject on the wire", set: text(func(c *Config) *string { return &c.Prefix })},
		{Key: "durability", Env: []string{"ONEX_DURABILITY"}, Default: "durable", Doc: "what the embedded bus promises of a stored event: `durable` (synced before it is acknowledged), `file` (a power loss may cost the last second), `memory` (gone with the daemon)", set: oneOf(func(c *Config) *string { return &c.Durability }, "durable", "file", "memory")},
		{Key: "bus_token", Env: []string{"ONEX_BUS_TOKEN"}, Doc: "token for an external bus", set: text(func(c *Config) *string { return &c.Token }), Secret: true, file: readText},
		{Key: "bus_user", Env: []string{"ONEX_BUS_USER"}, Doc: "user for an external bus", set: text(func(c *Config) *string { return &c.User })},
		{Key: "bus_password", Env: []string{"ONEX_BUS_PASSWORD"}, Doc: "password for an external bus", set: text(func(c *Config) *string { return &c.Password }), Secret: true, file: readText},
		{Key: "bus_creds", Env: []string{"ONEX_BUS_CREDS"}, Doc: "path of a NATS credentials file (JWT and seed)", set: text(func(c *Config) *string { return &c.Creds })},
		{Key: "bus_nkey", Env: []string{"ONEX_BUS_NKEY"}, Doc: "path of a file that holds an NKey seed", set: text(func(c *Config) *string { return &c.NKey })},
		{Key: "bus_ca", Env: []string{"ONEX_BUS_CA"}, Doc: "path of a PEM file with the authorities that may sign the bus's certificate", set: text(func(c *Config) *string { return &c.CA })},
		{Key: "bus_cert", Env: []string{"ONEX_BUS_CERT"}, Doc: "path of the client certificate (PEM)", set: text(func(c *Config) *string { return &c.Cert })},
		{Key: "bus_key", Env: []string{"ONEX_BUS_KEY"}, Doc: "path of the client certificate's key (PEM)", set: text(func(c *Config) *string { return &c.Key })},
		{Key: "listen", Env: []string{"ONEX_LISTEN"}, Doc: "host:port on which `onex up` lets in others than processes of this user; needs `listen_token` or `listen_client_ca`", set: text(func(c *Config) *string { return &c.Listen })},
		{Key: "listen_token", Env: []string{"ONEX_LISTEN_TOKEN"}, Doc: "token that they must show, as in `nats://TOKEN@host:port`", set: text(func(c *Config) *string { return &c.ListenToken }), Secret: true, file: readText},
		{Key: "listen_cert", Env: []string{"ONEX_LISTEN_CERT"}, Doc: "path of a certificate (PEM): those who come in there use TLS, as in `tls://TOKEN@host:port`", set: text(func(c *Config) *string { return &c.ListenCert })},
		{Key: "listen_key", Env: []string{"ONEX_LISTEN_KEY"}, Doc: "path of the certificate's key (PEM)", set: text(func(c *Config) *string { return &c.ListenKey })},
		{Key: "listen_client_ca", Env: []string{"ONEX_LISTEN_CLIENT_CA"}, Doc: "path of a PEM file with the authorities that sign the certificates of those who may come in", set: text(func(c *Config) *string { return &c.ListenCA })},
		{Key: "bus_replicas", Env: []string{"ONEX_BUS_REPLICAS"}, Default: "1", Doc: "copies of each stream that is made on an external NATS cluster: 3 survive the loss of a server", set: replicas},
		{Key: "signing_key", Flag: "signing-key", Env: []string{"ONEX_SIGNING_KEY"}, Doc: "key that signs: path of an OpenSSH private key, or of a public key (or the key itself) that ssh-agent holds", set: text(func(c *Config) *string { return &c.Keys.Sign })},
		{Key: "allowed_signers", Flag: "allowed-signers", Env: []string{"ONEX_ALLOWED_SIGNERS"}, Default: sshsig.DefaultAllowedSigners, Doc: "path of the file that says whose signatures count, in the format of ssh-keygen(1)", set: text(func(c *Config) *string { return &c.Keys.Allowed })},
		{Key: "liveness", Env: []string{"ONEX_LIVENESS"}, Default: "local", Doc: "how long a node may be silent that names no `ttl_ms`, seen by the registry of `onex up`: `local` (a beat each second, dead after 3 s), `lan` (2 s, 6 s), `wan` (10 s, 30 s)", set: liveness},
		{Key: "audit", Env: []string{"ONEX_AUDIT"}, Default: "on", Doc: "whether `onex up` records every call in the audit log (`onex audit`): `on` or `off`", set: oneOf(func(c *Config) *string { return &c.Audit }, "on", "off")},
		{Key: "http", Env: []string{"ONEX_HTTP"}, Doc: "host:port, or a port alone, on which `onex up` serves /metrics (Prometheus), /healthz and /readyz; without a host on 127.0.0.1; empty for none", set: text(func(c *Config) *string { return &c.HTTP })},
		{Key: "telemetry", Env: []string{"ONEX_TELEMETRY"}, Default: "on", Doc: "whether calls of tools are told as `TELEMETRY_OPERATION_*` events: `on` or `off`", set: oneOf(func(c *Config) *string { return &c.Telemetry }, "on", "off")},
		{Key: "timeout_ms", Env: []string{"ONEX_TIMEOUT_MS"}, Doc: "how long a call or a question waits for its answer; without it, a call as long as the tool's contract says, else 5000", set: milliseconds(func(c *Config) *time.Duration { return &c.Timeout })},
		{Key: "publish_attempts", Env: []string{"ONEX_PUBLISH_ATTEMPTS"}, Default: "8", Doc: "how often `onex bus` tries to publish an event while the bus is away", set: attempts},
		{Key: "publish_pause_ms", Env: []string{"ONEX_PUBLISH_PAUSE_MS"}, Default: "50", Doc: "pause before the second attempt; those after it double, and are random within that", set: milliseconds(func(c *Config) *time.Duration { return &c.Publishing.First })},
		{Key: "publish_pause_max_ms", Env: []string{"ONEX_PUBLISH_PAUSE_MAX_MS"}, Default: "2000", Doc: "longest of these pauses", set: milliseconds(func(c *Config) *time.Duration { return &c.Publishing.Longest })},
		{Key: "log_level", Flag: "log-level", Env: []string{"ONEX_LOG_LEVEL"}, Default: "warn", Doc: "least severe log line on standard error: `debug`, `info`, `warn`, `error`", set: level(func(c *Config) *slog.Level { return &c.LogLevel })},
		{Key: "log_format", Env: []string{"ONEX_LOG_FORMAT"}, Default: "text", Doc: "how log lines on standard error look: `text`, or `json` with the context of each", set: oneOf(func(c *Config) *string { return &c.LogFormat }, "text", "json")},
		{Key: "log_events", Env: []string{"ONEX_LOG_EVENTS"}, Default: "info", Doc: "least severe log line that is published on the bus as `STRUCTURED_LOG`: `debug`, `info`, `warn`, `error`, or `off`", set: levelOrOff(func(c *Config) *slog.Level { return &c.LogEvents })},
	}, zmqSettings()...)
}

// Check reports what is wrong with a value of s.
func (s Setting) Check(value string) error {
	if err := s.set(&Config{}, value); err != nil {
		return ErrConfig.With("%s: %v", s.Key, err)
	}
	return nil
}

// CheckSetting reports what is wrong with a setting of the command line: key or
// value, or that it is a secret, which everybody on the machine could see there.
func CheckSetting(key, value string) error {
	for _, s := range Settings() {
		switch {
		case s.Key == key && s.Secret:
			return ErrConfig.With("%s is a secret: everybody can see a command line", key).
				Hinted("set %s, or %s%s to the path of a file that holds it", s.Env[0], s.Env[0], fileSuffix)
		case s.Key == key:
			return s.Check(value)
		case s.InFile() && s.Key+fromFile == key:
			return nil // read when it is needed
		}
	}
	return ErrConfig.With("unknown setting %q", key)
}

func liveness(c *Config, v string) error {
	for _, p := range registry.Profiles() {
		if v == string(p) {
			c.Liveness = p
			return nil
		}
	}
	return fmt.Errorf("%q is not one of local, lan, wan", v)
}

func text(at func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error { *at(c) = v; return nil }
}

func oneOf(at func(*Config) *string, allowed ...string) func(*Config, string) error {
	return func(c *Config, v string) error {
		for _, a := range allowed {
			if v == a {
				*at(c) = v
				return nil
			}
		}
		return fmt.Errorf("%q is not one of %s", v, strings.Join(allowed, ", "))
	}
}

func milliseconds(at func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, v string) error {
		if v == "" {
			return nil
		}
		d, err := time.ParseDuration(v + "ms")
		if err != nil || d <= 0 {
			return fmt.Errorf("%q is not a number of milliseconds above 0", v)
		}
		*at(c) = d
		return nil
	}
}

func attempts(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is not a number above 0", v)
	}
	c.Publishing.Attempts = n
	return nil
}

func level(at func(*Config) *slog.Level) func(*Config, string) error {
	return func(c *Config, v string) error {
		var l slog.Level
		if err := l.UnmarshalText([]byte(v)); err != nil {
			return fmt.Errorf("%q is not one of debug, info, warn, error", v)
		}
		*at(c) = l
		return nil
	}
}

func levelOrOff(at func(*Config) *slog.Level) func(*Config, string) error {
	return func(c *Config, v string) error {
		if v == "off" {
			*at(c) = telemetry.LevelOff
			return nil
		}
		return level(at)(c, v)
	}
}

// replicas reads how many copies JetStream keeps: 1, 3 or 5.
func replicas(c *Config, value string) error {
	switch value {
	case "1", "3", "5":
		c.Replicas = int(value[0] - '0')
		return nil
	}
	return fmt.Errorf("%q is not 1, 3 or 5", value)
}
