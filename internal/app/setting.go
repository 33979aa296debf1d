package app

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// A Setting describes one value of [Config]: where it may come from, and what
// it means. Settings is the source of docs/configuration.md.
type Setting struct {
	Key     string   // in onex.yaml
	Flag    string   // on the command line; empty when there is none
	Env     []string // variables, the first that is set wins
	Default string
	Doc     string
	set     func(*Config, string) error
}

// Settings returns every setting, in the order of the documentation.
func Settings() []Setting {
	return []Setting{
		{"bus", "bus", []string{"ONEX_BUS"}, "embedded:", "URL of the bus: `embedded:` (the one inside `onex up` of this project), `unix:///path` of its socket, `ipc:///path`, `zmq+tcp://host:port`, `zmq+ipc:///path`, `nats://host:port`, `tls://host:port`", text(func(c *Config) *string { return &c.Bus })},
		{"subject_prefix", "", []string{"ONEX_SUBJECT_PREFIX", "ONEX_EVENT_BUS_SUBJECT_PREFIX"}, "onex.events", "first tokens of every subject on the wire", text(func(c *Config) *string { return &c.Prefix })},
		{"durability", "", []string{"ONEX_DURABILITY"}, "durable", "what the embedded bus promises of a stored event: `durable` (synced before it is acknowledged), `file` (a power loss may cost the last second), `memory` (gone with the daemon)", oneOf(func(c *Config) *string { return &c.Durability }, "durable", "file", "memory")},
		{"bus_token", "", []string{"ONEX_BUS_TOKEN"}, "", "token for an external bus", text(func(c *Config) *string { return &c.Token })},
		{"bus_user", "", []string{"ONEX_BUS_USER"}, "", "user for an external bus", text(func(c *Config) *string { return &c.User })},
		{"bus_password", "", []string{"ONEX_BUS_PASSWORD"}, "", "password for an external bus", text(func(c *Config) *string { return &c.Password })},
		{"bus_creds", "", []string{"ONEX_BUS_CREDS"}, "", "path of a NATS credentials file (JWT and seed)", text(func(c *Config) *string { return &c.Creds })},
		{"bus_nkey", "", []string{"ONEX_BUS_NKEY"}, "", "path of a file that holds an NKey seed", text(func(c *Config) *string { return &c.NKey })},
		{"bus_ca", "", []string{"ONEX_BUS_CA"}, "", "path of a PEM file with the authorities that may sign the bus's certificate", text(func(c *Config) *string { return &c.CA })},
		{"bus_cert", "", []string{"ONEX_BUS_CERT"}, "", "path of the client certificate (PEM)", text(func(c *Config) *string { return &c.Cert })},
		{"bus_key", "", []string{"ONEX_BUS_KEY"}, "", "path of the client certificate's key (PEM)", text(func(c *Config) *string { return &c.Key })},
		{"listen", "", []string{"ONEX_LISTEN"}, "", "host:port on which `onex up` lets in others than processes of this user; needs `listen_token`", text(func(c *Config) *string { return &c.Listen })},
		{"listen_token", "", []string{"ONEX_LISTEN_TOKEN"}, "", "token that they must show, as in `nats://TOKEN@host:port`", text(func(c *Config) *string { return &c.ListenToken })},
		{"timeout_ms", "", []string{"ONEX_TIMEOUT_MS"}, "", "how long a call or a question waits for its answer; without it, a call as long as the tool's contract says, else 5000", milliseconds(func(c *Config) *time.Duration { return &c.Timeout })},
		{"log_level", "log-level", []string{"ONEX_LOG_LEVEL"}, "warn", "least severe log line on standard error: `debug`, `info`, `warn`, `error`", level},
	}
}

// Check reports what is wrong with a value of s.
func (s Setting) Check(value string) error {
	if err := s.set(&Config{}, value); err != nil {
		return ErrConfig.With("%s: %v", s.Key, err)
	}
	return nil
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

func level(c *Config, v string) error {
	var l slog.Level
	if err := l.UnmarshalText([]byte(v)); err != nil {
		return fmt.Errorf("%q is not one of debug, info, warn, error", v)
	}
	c.LogLevel = l
	return nil
}
