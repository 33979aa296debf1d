package app_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/mcpbridge"
)

// withTokens is a configuration of MCP clients, one of which has a token of its own.
const withTokens = `mcp:
  listen: 127.0.0.1:0
  search: true
  token_file: all.token
  clients:
    claude: {tools: [greet, "visit_*"], deny: [visit_night], confirm: effects, token_file: claude.token}
    "*": {read_only: true, calls_per_minute: 30, max_result_bytes: 4096}
`

func TestMCPClientsAreConfigured(t *testing.T) {
	cfg, err := app.Load(projectWith(t, withTokens), env(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := app.MCP{Listen: "127.0.0.1:0", Search: true, TokenFile: "all.token", Clients: map[string]mcpbridge.Profile{
		"claude": {Tools: []string{"greet", "visit_*"}, Deny: []string{"visit_night"}, Confirm: mcpbridge.ConfirmEffects},
		"*":      {ReadOnly: true, PerMinute: 30, MaxResult: 4096},
	}}
	if diff := cmp.Diff(want, cfg.MCP, cmpopts.IgnoreUnexported(app.MCP{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTokensAreReadWhenClientsAreServed holds that a client gets the token of its file,
// and that without the file nobody is served.
func TestTokensAreReadWhenClientsAreServed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, app.ConfigFile), []byte(withTokens), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := app.FindProject(dir, env("XDG_RUNTIME_DIR", t.TempDir(), "XDG_STATE_HOME", t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := app.Load(p, env(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cfg.MCPOptions("1.2.3", slog.New(slog.DiscardHandler)); !errors.Is(err, mcpbridge.ErrToken) {
		t.Errorf("without the file: %v", err)
	}
	token := strings.Repeat("x", 32)
	if err := os.WriteFile(filepath.Join(dir, "claude.token"), []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := cfg.MCPOptions("1.2.3", slog.New(slog.DiscardHandler))
	if err != nil || o.Clients["claude"].Token != token || o.Clients["*"].Token != "" || o.Version != "1.2.3" || !o.Search {
		t.Errorf("%+v, %v", o, err)
	}
	if o.Invoke.From != "mcp" || len(o.Invoke.Key) != access.KeySize || !strings.Contains(o.Invoke.User, "@") {
		t.Errorf("clients call as %+v", o.Invoke)
	}
}

func TestAccessIsConfigured(t *testing.T) {
	cfg, err := app.Load(projectWith(t, `access:
  - deny: visit
    callers: [remote, "mcp:claude"]
  - {allow: [greet, visit], per_minute: 10, at_once: 2, max_bytes: 1000}
`), env(), nil)
	want := access.Policy{Rules: []access.Rule{
		{Deny: []string{"visit"}, Callers: []string{"remote", "mcp:claude"}},
		{Allow: []string{"greet", "visit"}, PerMinute: 10, AtOnce: 2, MaxBytes: 1000},
	}}
	if diff := cmp.Diff(want, cfg.Access, cmpopts.IgnoreUnexported(access.Policy{})); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestWhatIsWrongInAMappingIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"mcp: {door: x}":                             `onex.yaml:1: mcp: "door" is not one of listen, token_file, search, clients`,
		"mcp: {search: perhaps}":                     `onex.yaml:1: mcp: search: "perhaps"`,
		"mcp: [a]":                                   `onex.yaml:1: a mapping is expected`,
		"mcp:\n  clients: [a]":                       `onex.yaml:2: a mapping is expected`,
		"mcp: {clients: {a: {door: x}}}":             `mcp: "door" is not one of tools, deny,`,
		"mcp: {clients: {a: {confirm: sometimes}}}":  `mcp: confirm: "sometimes": it is not one of never, effects, always`,
		"mcp: {clients: {a: {calls_per_minute: 0}}}": `mcp: calls_per_minute: "0": it is not a number above 0`,
		"mcp: {clients: {a: {max_result_bytes: x}}}": `mcp: max_result_bytes: "x"`,
		"mcp: {clients: {a: {read_only: x}}}":        `mcp: read_only: "x"`,
		"mcp: {clients: {a: {tools: {b: c}}}}":       `mcp: tools: `,
		"mcp:\n  clients:\n    a: {tools: ['[']}":    `onex.yaml:3: mcp: a: `,
		"access: {allow: x}":                         `onex.yaml:1: access: a list of rules is expected`,
		"access: [a]":                                `onex.yaml:1: a mapping is expected`,
		"access: [{door: x}]":                        `access: "door" is not one of allow, deny, callers, per_minute, at_once, max_bytes`,
		"access: [{allow: x, per_minute: much}]":     `onex.yaml:1: access: per_minute`,
		"access:\n- {allow: x, deny: y}":             `onex.yaml:2: access`,
		"access: [{allow: {a: b}}]":                  `onex.yaml:1: access: allow`,
	} {
		if _, err := app.Load(projectWith(t, text+"\n"), env(), nil); !errors.Is(err, app.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want ErrConfig with %q", text, err, want)
		}
	}
}
