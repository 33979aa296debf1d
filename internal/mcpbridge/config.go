package mcpbridge

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A Client is an MCP client whose configuration is known.
type Client string

// The clients. They differ in the name of the object that lists the servers and
// in where the file is; the forms are those of their manuals as of November 2026.
const (
	ClaudeDesktop Client = "claude-desktop"
	ClaudeCode    Client = "claude-code"
	Cursor        Client = "cursor"
	VSCode        Client = "vscode"
)

// A place is where a client keeps its servers, and how.
type place struct {
	file string // for people
	list string // name of the object that lists the servers
	kind bool   // entries say their type
}

func places() map[Client]place {
	return map[Client]place{
		ClaudeDesktop: {"claude_desktop_config.json (Settings, Developer, Edit Config)", "mcpServers", false},
		ClaudeCode:    {".mcp.json in the project", "mcpServers", true},
		Cursor:        {".cursor/mcp.json in the project, or ~/.cursor/mcp.json", "mcpServers", false},
		VSCode:        {".vscode/mcp.json in the project", "servers", true},
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
func (c Client) Config(command string, args []string) json.RawMessage {
	p := places()[c]
	entry := struct {
		Type    string   `json:"type,omitempty"`
		Command string   `json:"command"`
		Args    []string `json:"args"`
	}{Command: command, Args: args}
	if p.kind {
		entry.Type = "stdio"
	}
	return encode(map[string]map[string]any{p.list: {"onex": entry}})
}
