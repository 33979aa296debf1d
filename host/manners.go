package host

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/omninode-ai/onex/event"
)

// The two eras of MCP, and how long a program has to say which is its own.
const (
	mcpStateless = "2026-07-28"    // the first version without sessions
	mcpSessions  = "2025-11-25"    // the last version with
	mcpHello     = 2 * time.Second // for the answer to a greeting, which small programs do not know
)

// Keys of _meta that MCP has for every request since it has no sessions.
const (
	metaProtocol     = "io.modelcontextprotocol/protocolVersion"
	metaClient       = "io.modelcontextprotocol/clientInfo"
	metaCapabilities = "io.modelcontextprotocol/clientCapabilities"
	metaLogLevel     = "io.modelcontextprotocol/logLevel"
)

// manners are what was settled with a program when it was started.
type manners struct {
	stateless bool
	can       map[string]json.RawMessage // capabilities of the program
}

func whoWeAre() map[string]string {
	return map[string]string{"name": "onex", "version": event.SchemaVersion}
}

// greet makes the acquaintance of a program that has just been started: in the
// way of the newest protocol, or else in the older. One that knows neither can do
// without.
func (s *session) greet(ctx context.Context, protocol string) {
	if protocol == "" || protocol >= mcpStateless {
		if s.discover(ctx) {
			return
		}
		protocol = mcpSessions
	}
	s.initialize(ctx, protocol)
}

// discover reports whether the program speaks the protocol without sessions.
func (s *session) discover(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, mcpHello)
	defer cancel()
	raw, err := s.ask(ctx, "server/discover", map[string]any{"_meta": statelessMeta(nil)})
	var found struct {
		Versions []string                   `json:"supportedVersions"`
		Can      map[string]json.RawMessage `json:"capabilities"`
	}
	if err != nil || json.Unmarshal(raw, &found) != nil || !slices.Contains(found.Versions, mcpStateless) {
		return false
	}
	s.manners = manners{true, found.Can}
	return true
}

// initialize begins a session. What a caller can be asked differs from call to
// call, and is checked then.
func (s *session) initialize(ctx context.Context, protocol string) {
	ctx, cancel := context.WithTimeout(ctx, mcpHello)
	defer cancel()
	raw, err := s.ask(ctx, "initialize", map[string]any{
		"protocolVersion": protocol, "clientInfo": whoWeAre(),
		"capabilities": map[string]struct{}{"elicitation": {}, "sampling": {}, "roots": {}},
	})
	if err != nil {
		return
	}
	var hello struct {
		Can map[string]json.RawMessage `json:"capabilities"`
	}
	_ = json.Unmarshal(raw, &hello) // a program that says nothing can nothing
	s.manners = manners{false, hello.Can}
	s.notify("notifications/initialized", struct{}{})
	if hello.Can["logging"] != nil {
		_, _ = s.ask(ctx, "logging/setLevel", map[string]string{"level": "debug"}) // then it logs what it does anyway
	}
}

// statelessMeta is what every request says of who makes it.
func statelessMeta(canAnswer json.RawMessage) map[string]any {
	if len(canAnswer) == 0 {
		canAnswer = json.RawMessage("{}")
	}
	return map[string]any{metaProtocol: mcpStateless, metaClient: whoWeAre(), metaCapabilities: canAnswer}
}

// params returns the parameters of a request with what belongs to all of them.
func (s *session) params(own map[string]any) map[string]any {
	all := maps.Clone(own)
	if all == nil {
		all = map[string]any{}
	}
	if s.manners.stateless {
		all["_meta"] = statelessMeta(nil)
	}
	return all
}
