package parity_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/parity"
)

const sources = "../internal/nodes"

// builtin returns a built-in node with its source, in the project that its calls
// are about.
func builtin(b nodes.Builtin) parity.Node {
	return parity.Node{
		Name:  string(b.Name),
		Dir:   filepath.Join(sources, strings.ReplaceAll(string(b.Name), "_", "")),
		Files: b.Files(),
		Bus:   b.Bus,
		Host: func(_ context.Context, root string, b2 bus.Bus, o *host.Options) (*host.Host, error) {
			return b.Host(nodes.Deps{Root: root, Bus: b2, Log: slog.New(slog.DiscardHandler), Host: o})
		},
	}
}

// TestBuiltInNodesRaiseNoAlarm runs the examples of their contracts on all paths.
func TestBuiltInNodesRaiseNoAlarm(t *testing.T) {
	var all []parity.Node
	for _, b := range nodes.All() {
		if !b.Program { // the scripts of cmd/onex run those, with the program
			all = append(all, builtin(b))
		}
	}
	r, text := run(t, all, everywhere(t))
	failed := func(c parity.Result) bool { return c.Verdict == parity.Fail }
	if count(r, failed) != 0 || r.Summary.Passed == 0 || len(all) < 3 {
		t.Errorf("%s", text)
	}
}
