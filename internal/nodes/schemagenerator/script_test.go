package schemagenerator_test

import (
	"encoding/json"
	"testing"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/schemagenerator"
	"github.com/omninode-ai/onex/internal/scripttest"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/tree"
)

func TestScripts(t *testing.T) {
	scripttest.Run(t, schemagenerator.Commands, func(env *console.Env) { env.Outputs = outputs })
}

// TestTheNode calls the tools one after another on one project.
func TestTheNode(t *testing.T) {
	s := newShop(t)
	h, err := schemagenerator.New(s.dir, outputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for _, c := range []struct {
		tool, args string
		status     node.Result
		want       string // states of the files
	}{
		{"schema_check", `{}`, node.Warning, "missing missing "},
		{"schema_generate", `{}`, node.Success, "missing missing "},
		{"schema_generate", `{"write": true, "outputs": true}`, node.Success, "written written written "},
		{"schema_check", `{"outputs": true}`, node.Success, "current current current "},
		{"schema_check", `{"to": "elsewhere", "paths": ["greeter"]}`, node.Warning, "missing missing "},
	} {
		out := h.Call(t.Context(), node.ToolName(c.tool), json.RawMessage(c.args))
		var got schemagenerator.Schemas
		if err := json.Unmarshal(out.Result, &got); err != nil {
			t.Fatalf("%s %s: %v %v", c.tool, c.args, err, out.Error)
		}
		states := ""
		for _, i := range got.Schemas {
			states += string(i.State) + " "
		}
		if out.Status != c.status || states != c.want {
			t.Errorf("%s %s: %s %s, want %s %s", c.tool, c.args, out.Status, states, c.status, c.want)
		}
	}
	if out := h.Call(t.Context(), "schema_check", json.RawMessage(`{"paths": ["../x"]}`)); out.Error == nil || out.Error.Code != tree.ErrPath.Code {
		t.Errorf("outside of the project: %+v", out)
	}
}
