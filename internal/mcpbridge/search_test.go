package mcpbridge_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/mcpbridge"
)

func TestSearchStandsForAllTools(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	c := connect(t, w.serve(&mcpbridge.Options{Search: true}), legacy)
	if diff := cmp.Diff([]string{"call_tool", "describe_tool", "find_tools"}, c.names()); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		args string
		want []string
	}{
		{`{}`, []string{"count", "greet", "rest"}},
		{`{"query":"greet"}`, []string{"greet"}},
		{`{"query":"Somebody CALLS"}`, []string{"count", "greet"}},
		{`{"limit":1}`, []string{"count"}},
		{`{"query":"xyzzy"}`, nil},
	} {
		var out struct {
			Tools []struct{ Name string }
			Total int
		}
		r := c.call("find_tools", tt.args, nil)
		raw, err := json.Marshal(r.StructuredContent)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range out.Tools {
			got = append(got, x.Name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("find_tools %s (-want +got):\n%s", tt.args, diff)
		}
	}
	described := c.call("describe_tool", `{"name":"greet"}`, nil).StructuredContent.(map[string]any)["tool"].(map[string]any)
	if described["name"] != "greet" || described["input"] == nil || described["idempotency"] != "pure" {
		t.Errorf("describe_tool says %v", described)
	}
	called := c.call("call_tool", `{"name":"greet","arguments":{"name":"Ada"}}`, nil)
	if diff := cmp.Diff(map[string]any{"greeting": "Hello, Ada!"}, called.StructuredContent); diff != "" {
		t.Errorf("call_tool (-want +got):\n%s", diff)
	}
}

func TestSearchErrors(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	c := connect(t, w.serve(&mcpbridge.Options{Search: true, Tools: []string{"greet"}}), modern)
	for _, tt := range []struct{ tool, args, code string }{
		{"call_tool", `{"name":"greet","arguments":{"Name":"Ada"}}`, "ONEX_CONTRACT_041_VIOLATED"},
		{"call_tool", `{"name":"greet","args":{}}`, "ONEX_CONTRACT_041_VIOLATED"},
		{"call_tool", `{"name":"nothing"}`, "ONEX_INVOKE_001_TOOL_NOT_FOUND"},
		{"call_tool", `{"name":"No Name"}`, "ONEX_INVOKE_001_TOOL_NOT_FOUND"},
		{"call_tool", `{"name":"count"}`, "ONEX_MCP_005_TOOL_NOT_SERVED"},
		{"describe_tool", `{"name":"count"}`, "ONEX_INVOKE_001_TOOL_NOT_FOUND"},
		{"find_tools", `{"limit":"many"}`, "ONEX_CONTRACT_041_VIOLATED"},
	} {
		if r := report(t, c.call(tt.tool, tt.args, nil)); string(r.Code) != tt.code {
			t.Errorf("%s %s answers %+v, want %s", tt.tool, tt.args, r, tt.code)
		}
	}
}
