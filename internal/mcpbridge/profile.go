package mcpbridge

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// A Profile says what one client may see and do. The zero value allows
// everything that the server offers.
type Profile struct {
	Tools     []string // patterns of names that it sees; default all
	Deny      []string // patterns of names that it does not see, whatever Tools says
	ReadOnly  bool     // only tools whose contracts say that they change nothing
	Confirm   Confirm  // when its user is asked before a tool runs; default ConfirmNever
	PerMinute int      // calls, with bursts of a tenth; 0 for no limit
	MaxResult int      // bytes of a result; 0 for the limit of the bus
	Token     string   // that proves over HTTP that it is this client; empty for the server's token
}

// A Confirm says before which tools a client's user is asked.
type Confirm string

// When the user is asked.
const (
	ConfirmNever   Confirm = "never"
	ConfirmEffects Confirm = "effects" // before tools that do not promise to change nothing
	ConfirmAlways  Confirm = "always"
)

// Confirms returns all values of [Confirm].
func Confirms() []Confirm { return []Confirm{ConfirmNever, ConfirmEffects, ConfirmAlways} }

// EveryoneElse is the key in [Options].Clients of those that have no profile of
// their own.
const EveryoneElse = "*"

// Check reports a pattern that cannot be read.
func (p Profile) Check() error {
	for _, pattern := range slices.Concat(p.Tools, p.Deny) {
		if _, err := path.Match(pattern, ""); err != nil {
			return ErrPattern.With("%q", pattern)
		}
	}
	return nil
}

// permits reports whether a client may call a tool that is promised in these
// ways.
func (p Profile) permits(name node.ToolName, promises ...node.Tool) bool {
	if len(p.Tools) > 0 && !matches(p.Tools, name) || matches(p.Deny, name) {
		return false
	}
	return !p.ReadOnly || !slices.ContainsFunc(promises, func(t node.Tool) bool { return !readOnly(t) })
}

func matches(patterns []string, name node.ToolName) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(pattern, string(name))
		return ok && err == nil
	})
}

// A caller is the client that makes a request.
type caller struct {
	Profile
	name string
}

// narrows reports whether the caller may see less than all.
func (c caller) narrows() bool { return len(c.Tools) > 0 || len(c.Deny) > 0 || c.ReadOnly }

type callerKey struct{}

// callerOf returns the client that the request of ctx comes from.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// withCaller adds who makes the request. A client that shows the token of a
// profile is that one; else it is the one that the server was started for; else
// the one that it says it is, unless that profile wants a token.
func (s *Server) withCaller(ctx context.Context, r mcp.Request) context.Context {
	return context.WithValue(ctx, callerKey{}, s.caller(r))
}

func (s *Server) caller(r mcp.Request) caller {
	if x := r.GetExtra(); x != nil && x.Header != nil {
		if name, ok := s.tokens[tokenSum(x.Header.Get("Authorization"))]; ok && name != "" {
			return caller{s.o.Clients[name], name}
		}
	}
	name := s.o.Client
	if name == "" {
		if c, ok := r.(interface{ ClientInfo() *mcp.Implementation }); ok && c.ClientInfo() != nil {
			name = c.ClientInfo().Name
		}
	}
	name = plainName(name)
	p, ok := s.o.Clients[name]
	if !ok || p.Token != "" && s.o.Client != name {
		p = s.o.Clients[EveryoneElse]
	}
	return caller{p, name}
}

// maxName bounds the name of a client, in bytes.
const maxName = 48

// plainName is the name of a client as it appears in events and files: lower
// case, without what has a meaning in subjects.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '_', r == '*':
			return r
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, name)
	if name == "" {
		return "unnamed"
	}
	if name != EveryoneElse {
		name = strings.ReplaceAll(name, "*", "-")
	}
	return name[:min(len(name), maxName)]
}

// origin names the client in events: mcp:claude-code.
func (c caller) origin() node.ID { return node.ID("mcp:" + c.name) }

// sees leaves out what the client may not see.
func (c caller) sees(all []event.ToolEntry) []event.ToolEntry {
	names := byName(all)
	return slices.DeleteFunc(slices.Clone(all), func(e event.ToolEntry) bool {
		return !c.permits(e.Tool.Name, promised(names[e.Tool.Name])...)
	})
}

func promised(entries []event.ToolEntry) (tools []node.Tool) {
	for _, e := range entries {
		tools = append(tools, e.Tool)
	}
	return tools
}
