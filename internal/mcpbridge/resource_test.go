package mcpbridge_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/node"
)

func read[T any](t *testing.T, c *client, uri string) (v T) {
	t.Helper()
	r, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
	if err != nil {
		t.Fatalf("%s: %v", uri, err)
	}
	if err := json.Unmarshal([]byte(r.Contents[0].Text), &v); err != nil || r.Contents[0].MIMEType != "application/json" {
		t.Fatalf("%s: %v in %s", uri, err, r.Contents[0].Text)
	}
	return v
}

func TestResourcesDescribeNodesAndTools(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	c := connect(t, w.serve(&mcpbridge.Options{Tools: []string{"greet"}}), modern)

	list, err := c.ListResources(t.Context(), nil)
	if err != nil || len(list.Resources) != 3 {
		t.Errorf("resources %+v, %v", list, err)
	}
	templates, err := c.ListResourceTemplates(t.Context(), nil)
	if err != nil || len(templates.ResourceTemplates) != 2 {
		t.Errorf("templates %+v, %v", templates, err)
	}

	nodes := read[[]event.NodeEntry](t, c, "onex://nodes")
	if len(nodes) != 1 || nodes[0].Name != "greeter" || nodes[0].Status != node.Online {
		t.Fatalf("onex://nodes is %+v", nodes)
	}
	if diff := cmp.Diff([]node.ToolName{"greet"}, nodes[0].Tools); diff != "" {
		t.Errorf("tools that the profile leaves out are named:\n%s", diff)
	}
	one := read[event.NodeEntry](t, c, "onex://nodes/"+string(nodes[0].NodeID))
	if one.Manifest == nil || len(one.Contract.Tools) != 1 || len(one.History) == 0 {
		t.Errorf("the node is %+v", one)
	}
	for _, uri := range []string{"onex://tools", "onex://tools/greet"} {
		tools := read[[]event.ToolEntry](t, c, uri)
		if len(tools) != 1 || tools[0].Tool.Name != "greet" || tools[0].Providers[0].NodeID != nodes[0].NodeID {
			t.Errorf("%s is %+v", uri, tools)
		}
	}
}

func TestTheEventsOfACall(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	c := connect(t, w.serve(nil), modern)
	for _, id := range []string{event.NewID().String(), "6ba7b810-9dad-41d1-80b4-00c04fd430c8"} {
		c.call("greet", `{"name":"Eve"}`, nil)
		c.call("greet", `{"name":"Ada"}`, mcp.Meta{"onex/correlation_id": id})
		events := read[[]struct {
			EventType     event.Kind `json:"event_type"`
			CorrelationID string     `json:"correlation_id"`
		}](t, c, "onex://events/"+id)
		if len(events) == 0 {
			t.Fatalf("nothing is known of %s", id)
		}
		for _, e := range events {
			if e.CorrelationID != id || e.EventType != event.KindToolProxyResult {
				t.Errorf("%s has the event %+v", id, e)
			}
		}
	}
}

func TestEventsOfNothing(t *testing.T) {
	c := connect(t, newWorld(t).serve(nil), modern)
	_, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "onex://events/x"})
	if err == nil || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("events of an id that is none: %v", err)
	}
	if got := read[[]json.RawMessage](t, c, "onex://events/"+event.NewID().String()); len(got) != 0 {
		t.Errorf("events of nothing: %s", got)
	}
}

func TestResourcesThatAreNotThere(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	c := connect(t, w.serve(&mcpbridge.Options{Tools: []string{"none"}}), modern)
	for uri, code := range map[string]string{
		"onex://tools/nothing":  "ONEX_INVOKE_001",
		"onex://tools/No%20way": "ONEX_INVOKE_001",
		"onex://tools/greet":    "ONEX_MCP_005",
		"onex://nodes/nobody":   "ONEX_",
		"onex://nodes/greeter":  "ONEX_MCP_005",
		"onex://other":          "",
	} {
		_, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
		var rpc *jsonrpc.Error
		if !errors.As(err, &rpc) || !strings.Contains(string(rpc.Data), code) {
			t.Errorf("%s: %v, want the code %s", uri, err, code)
		}
	}
}
