package mcpbridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Client is an MCP client whose configuration is known.
type Client string

// The clients. They differ in where the file is, in the name of the object that
// lists the servers, and in how an entry looks; the forms are those of their
// manuals as of November 2026.
const (
	ClaudeCode    Client = "claude-code"
	ClaudeDesktop Client = "claude-desktop"
	Cline         Client = "cline"
	Codex         Client = "codex"
	Cursor        Client = "cursor"
	Gemini        Client = "gemini"
	OpenCode      Client = "opencode"
	VSCode        Client = "vscode"
	Windsurf      Client = "windsurf"
	Zed           Client = "zed"
)

// A place is where a client keeps its servers, and how.
type place struct {
	file  string // for people
	entry func(command string, args []string) string
}

func places() map[Client]place {
	return map[Client]place{
		ClaudeCode:    {".mcp.json in the project", under("mcpServers", entry{Type: "stdio"})},
		ClaudeDesktop: {"claude_desktop_config.json (Settings, Developer, Edit Config)", under("mcpServers", entry{})},
		Cline:         {"cline_mcp_settings.json (MCP Servers, Configure)", under("mcpServers", entry{})},
		Codex:         {"~/.codex/config.toml, or .codex/config.toml in the project", toml},
		Cursor:        {".cursor/mcp.json in the project, or ~/.cursor/mcp.json", under("mcpServers", entry{})},
		Gemini:        {".gemini/settings.json in the project, or ~/.gemini/settings.json", under("mcpServers", entry{})},
		OpenCode:      {"opencode.json in the project, or ~/.config/opencode/opencode.json", oneCommand},
		VSCode:        {".vscode/mcp.json in the project", under("servers", entry{Type: "stdio"})},
		Windsurf:      {"~/.codeium/windsurf/mcp_config.json", under("mcpServers", entry{})},
		Zed:           {"settings.json of Zed (zed: open settings)", under("context_servers", entry{})},
	}
}

// Clients returns all clients, sorted.
func Clients() []Client { return slices.Sorted(maps.Keys(places())) }

// ParseClient reads the name of a client.
func ParseClient(name string) (Client, error) {
	if _, ok := places()[Client(name)]; ok {
		return Client(name), nil
	}
	var known []string
	for _, c := range Clients() {
		known = append(known, string(c))
	}
	return "", ErrClient.With("%q", name).Hinted("the clients are %s; others take the form of one of them", strings.Join(known, ", "))
}

// File says where the client's configuration is kept.
func (c Client) File() string { return places()[c].file }

// Config returns the client's configuration for a server over standard streams
// that is started as command with args.
func (c Client) Config(command string, args []string) string {
	return places()[c].entry(command, args)
}

// An entry is a server as most clients have it.
type entry struct {
	Type    string   `json:"type,omitempty"`
	Command string   `json:"command"`
	Args    []string `json:"args"`
}

// under is the form of most clients: an object of servers by their names.
func under(list string, e entry) func(string, []string) string {
	return func(command string, args []string) string {
		e.Command, e.Args = command, args
		return pretty(map[string]map[string]entry{list: {"onex": e}})
	}
}

// oneCommand is the form in which program and arguments are one list.
func oneCommand(command string, args []string) string {
	return pretty(map[string]map[string]any{"mcp": {"onex": map[string]any{
		"type": "local", "command": append([]string{command}, args...), "enabled": true,
	}}})
}

// toml is the form of Codex. Basic strings of TOML escape as JSON does.
func toml(command string, args []string) string {
	return fmt.Sprintf("[mcp_servers.onex]\ncommand = %s\nargs = %s\n", plainJSON(command), plainJSON(args))
}

func pretty(v any) string {
	var b bytes.Buffer
	_ = json.Indent(&b, []byte(plainJSON(v)), "", "  ") // it is JSON
	return b.String() + "\n"
}

// plainJSON is JSON for a file that people edit: & is &.
func plainJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // strings, and nothing that has no JSON form
	return strings.TrimSpace(b.String())
}
