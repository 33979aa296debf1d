package parity_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

const sources = "../internal/nodes"

// builtin returns a built-in node with its source, in the project that its calls
// are about.
func builtin(b nodes.Builtin) parity.Node {
	return parity.Node{
		Name:  string(b.Name),
		Dir:   filepath.Join(sources, strings.ReplaceAll(string(b.Name), "_", "")),
		Files: os.DirFS(filepath.Join(sources, "testdata/project")),
		Host: func(_ context.Context, root string, b2 bus.Bus, o *host.Options) (*host.Host, error) {
			return b.Host(nodes.Deps{Root: root, Bus: b2, Log: slog.New(slog.DiscardHandler), Host: o})
		},
	}
}

// calls reads what a node's own tests call, as examples.
func calls(t *testing.T, dir string) map[node.ToolName][]node.Scenario {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "testdata/calls.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Tool   node.ToolName
		Args   json.RawMessage
		Status node.Result
		Result json.RawMessage
		Error  string
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	examples := map[node.ToolName][]node.Scenario{}
	for _, c := range all {
		examples[c.Tool] = append(examples[c.Tool], node.Scenario{Input: c.Args, Output: c.Result, Error: c.Error, Status: c.Status})
	}
	return examples
}

// TestBuiltInNodesRaiseNoAlarm runs what the nodes' own tests run, on all paths.
// The registry's calls expect that there is no bus, so that only its contract
// and its refusals are checked.
func TestBuiltInNodesRaiseNoAlarm(t *testing.T) {
	var all []parity.Node
	for _, b := range nodes.All() {
		n := builtin(b)
		if b.Name != "node_registry" {
			n.Examples = calls(t, n.Dir)
		}
		all = append(all, n)
	}
	r, text := run(t, all, everywhere(t))
	failed := func(c parity.Result) bool { return c.Verdict == parity.Fail }
	if count(r, failed) != 0 || r.Summary.Passed == 0 || len(all) < 3 {
		t.Errorf("%s", text)
	}
}
