package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/internal/process"
	"github.com/omninode-ai/onex/trace"
)

// MCP is `mcp:` of onex.yaml: how tools are served to MCP clients.
type MCP struct {
	Listen    string // loopback address on which onex up serves streamable HTTP; empty for none
	TokenFile string // with the token that clients send; empty for a new one, which is printed
	Search    bool   // offer three tools that search and call the others
	Clients   map[string]mcpbridge.Profile

	tokens map[string]string // files with the tokens of clients, by their names
}

// parseMCP reads `mcp:` of onex.yaml.
func parseMCP(path string, value *yaml.Node) (MCP, error) {
	m := MCP{Clients: map[string]mcpbridge.Profile{}, tokens: map[string]string{}}
	err := members(path, value, func(key, value *yaml.Node) (err error) {
		switch key.Value {
		case "listen":
			m.Listen = value.Value
		case "token_file":
			m.TokenFile = value.Value
		case "search":
			m.Search, err = strconv.ParseBool(value.Value)
		case "clients":
			return members(path, value, func(name, value *yaml.Node) error { return m.client(path, name, value) })
		default:
			return ErrConfig.With("%s:%d: mcp: %q is not one of listen, token_file, search, clients", path, key.Line, key.Value)
		}
		return wrong(path, key, value, err)
	})
	return m, err
}

// client reads what one client may see and do.
func (m *MCP) client(path string, name, value *yaml.Node) error {
	var p mcpbridge.Profile
	err := members(path, value, func(key, value *yaml.Node) (err error) {
		switch key.Value {
		case "tools":
			err = value.Decode(&p.Tools)
		case "deny":
			err = value.Decode(&p.Deny)
		case "read_only":
			p.ReadOnly, err = strconv.ParseBool(value.Value)
		case "confirm":
			p.Confirm = mcpbridge.Confirm(value.Value)
			if !slices.Contains(mcpbridge.Confirms(), p.Confirm) {
				err = errors.New("it is not one of never, effects, always")
			}
		case "calls_per_minute":
			p.PerMinute, err = positive(value.Value)
		case "max_result_bytes":
			p.MaxResult, err = positive(value.Value)
		case "token_file":
			m.tokens[name.Value] = value.Value
		default:
			return ErrConfig.With("%s:%d: mcp: %q is not one of tools, deny, read_only, confirm, calls_per_minute, max_result_bytes, token_file",
				path, key.Line, key.Value)
		}
		return wrong(path, key, value, err)
	})
	if err != nil {
		return err
	}
	if err := p.Check(); err != nil {
		return ErrConfig.Wrap(err, "%s:%d: mcp: %s", path, name.Line, name.Value)
	}
	m.Clients[name.Value] = p
	return nil
}

func wrong(path string, key, value *yaml.Node, err error) error {
	if err == nil {
		return nil
	}
	return ErrConfig.Wrap(err, "%s:%d: mcp: %s: %q", path, key.Line, key.Value, value.Value)
}

func positive(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err == nil && n < 1 {
		err = errors.New("it is not a number above 0")
	}
	return n, err
}

// MCPOptions returns how a server serves MCP clients of this project. It reads
// the files with tokens.
func (c Config) MCPOptions(version string, lg *slog.Logger) (*mcpbridge.Options, error) {
	m, p := c.MCP, c.Project
	o := &mcpbridge.Options{
		Version: version, Search: m.Search, Host: process.Self().Host, Log: lg,
		Pins: mcpbridge.NewPins(p.DataDir), Clients: map[string]mcpbridge.Profile{},
		Invoke: *c.Caller("mcp", lg),
	}
	for name, profile := range m.Clients {
		if file := m.tokens[name]; file != "" {
			var err error
			if profile.Token, err = mcpbridge.ReadToken(inRoot(p.Root, file)); err != nil {
				return nil, err
			}
		}
		o.Clients[name] = profile
	}
	return o, p.Prepare()
}

// inRoot returns a path of onex.yaml, which is relative to the project.
func inRoot(root, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(root, path)
}

// MCPServer is where onex up serves MCP clients.
type MCPServer struct {
	URL   string
	Token string // that was made for this run; empty when it came from a file
}

// An mcpListener is where MCP clients will be served.
type mcpListener struct {
	net.Listener
	o     *mcpbridge.Options
	token string
	at    MCPServer
}

// listenMCP opens the port, so that what is wrong with it is known at the
// beginning. It returns nil when no clients are to be served.
func listenMCP(ctx context.Context, cfg Config, version string, rec trace.Recorder, lg *slog.Logger) (*mcpListener, error) {
	if cfg.MCP.Listen == "" {
		return nil, nil
	}
	m := &mcpListener{token: mcpbridge.NewToken()}
	var err error
	if cfg.MCP.TokenFile != "" {
		m.token, err = mcpbridge.ReadToken(inRoot(cfg.Project.Root, cfg.MCP.TokenFile))
	} else {
		m.at.Token = m.token
	}
	if err != nil {
		return nil, err
	}
	if m.o, err = cfg.MCPOptions(version, lg); err != nil {
		return nil, err
	}
	m.o.Invoke.Trace = rec
	if m.Listener, err = mcpbridge.Listen(ctx, cfg.MCP.Listen); err != nil {
		return nil, err
	}
	m.at.URL = "http://" + m.Addr().String() + "/mcp"
	return m, nil
}

// serve serves clients until stop is called. The tools of all nodes that the
// registry knows are there when it returns.
func (m *mcpListener) serve(ctx context.Context, b bus.Bus) (stop func() error, err error) {
	server, err := mcpbridge.New(ctx, b, m.o)
	for err != nil && fault.ClassOf(err).Retryable() && ctx.Err() == nil { // on a busy machine the registry may be late
		m.o.Log.Warn("mcp clients are not served yet", "error", err)
		server, err = mcpbridge.New(ctx, b, m.o)
	}
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, m.Listener, m.token) }()
	return func() error {
		cancel()
		return errors.Join(<-done, server.Close())
	}, nil
}

// Relay is the command that reaches MCP servers by their URL for nodes: this
// program itself.
func Relay() []string {
	program, err := os.Executable()
	if err != nil {
		return nil // such nodes say that they cannot run
	}
	return []string{program, "mcp", "relay"}
}
