package mcpbridge_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/mcpbridge"
)

func TestConfigurationsAreWhatEachClientReads(t *testing.T) {
	command, args := `/opt/my "tools"/onex`, []string{"mcp", "--directory", `/home/ada & co/päper`}
	entry := func(more string) string {
		return `{` + more + `"command":"/opt/my \"tools\"/onex","args":["mcp","--directory","/home/ada & co/päper"]}`
	}
	want := map[mcpbridge.Client]string{
		mcpbridge.ClaudeCode:    `{"mcpServers":{"onex":` + entry(`"type":"stdio",`) + `}}`,
		mcpbridge.ClaudeDesktop: `{"mcpServers":{"onex":` + entry("") + `}}`,
		mcpbridge.Cline:         `{"mcpServers":{"onex":` + entry("") + `}}`,
		mcpbridge.Cursor:        `{"mcpServers":{"onex":` + entry("") + `}}`,
		mcpbridge.Gemini:        `{"mcpServers":{"onex":` + entry("") + `}}`,
		mcpbridge.Windsurf:      `{"mcpServers":{"onex":` + entry("") + `}}`,
		mcpbridge.VSCode:        `{"servers":{"onex":` + entry(`"type":"stdio",`) + `}}`,
		mcpbridge.Zed:           `{"context_servers":{"onex":` + entry("") + `}}`,
		mcpbridge.OpenCode:      `{"mcp":{"onex":{"type":"local","enabled":true,"command":["/opt/my \"tools\"/onex","mcp","--directory","/home/ada & co/päper"]}}}`,
		mcpbridge.Codex:         "[mcp_servers.onex]\ncommand = \"/opt/my \\\"tools\\\"/onex\"\nargs = [\"mcp\",\"--directory\",\"/home/ada & co/päper\"]\n",
	}
	for _, c := range mcpbridge.Clients() {
		got := c.Config(command, args)
		if c == mcpbridge.Codex {
			if got != want[c] {
				t.Errorf("%s: %s", c, got)
			}
			continue
		}
		var a, b any
		if err := json.Unmarshal([]byte(got), &a); err != nil {
			t.Fatalf("%s: %v\n%s", c, err, got)
		}
		if err := json.Unmarshal([]byte(want[c]), &b); err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		if diff := cmp.Diff(b, a); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c, diff)
		}
		if strings.Contains(got, `\u0026`) || c.File() == "" {
			t.Errorf("%s: not for people: %s", c, got)
		}
	}
	if len(want) != len(mcpbridge.Clients()) {
		t.Error("a client is not tested")
	}
}
