package nodes_test

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// hosted returns the node b for a copy of the sample project.
func hosted(t *testing.T, b nodes.Builtin) *host.Host {
	t.Helper()
	root := filepath.Join(t.TempDir(), "project")
	if err := os.CopyFS(root, b.Files()); err != nil {
		t.Fatal(err)
	}
	h, err := b.Host(nodes.Deps{Root: root, Log: slog.New(slog.DiscardHandler), Host: &host.Options{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// directory returns where the package of a node lives: its name without the
// underscores, which Go package names do not have.
func directory(name node.Name) string { return strings.ReplaceAll(string(name), "_", "") }

func TestManifestAndContractAreThoseOfTheNode(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range nodes.All() {
		h := hosted(t, b)
		m := h.Manifest()
		if m.Name != b.Name || m.UUID == "" || seen[m.UUID] {
			t.Errorf("%s: manifest names %q with uuid %q", b.Name, m.Name, m.UUID)
		}
		seen[m.UUID] = true
		contract, err := node.PrintContract(h.Contract())
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, filepath.Join(directory(b.Name), node.ContractFile), contract)
		if err := schema.CheckContract(h.Contract()); err != nil {
			t.Errorf("%s: %v", b.Name, err)
		}
	}
	if len(seen) == 0 {
		t.Error("there are no built-in nodes")
	}
}

func TestToolsAnswerAsTheirExamplesSay(t *testing.T) {
	ran := 0
	for _, b := range nodes.All() {
		if b.Bus || b.Program {
			continue // onex parity runs its examples
		}
		h := hosted(t, b)
		for _, tool := range h.Contract().Tools {
			for _, e := range tool.Examples {
				ran++
				answersAs(t, h, tool.Name, e)
			}
		}
	}
	if ran == 0 {
		t.Error("there are no examples")
	}
}

func answersAs(t *testing.T, h *host.Host, tool node.ToolName, want node.Scenario) {
	t.Helper()
	out := h.Call(t.Context(), tool, want.Input)
	code := ""
	if out.Error != nil {
		code = string(out.Error.Code)
	}
	if out.Status != want.Status || code != want.Error {
		t.Errorf("%s/%s: %s %q, want %s %q", tool, want.Name, out.Status, code, want.Status, want.Error)
	}
	if want.Output != nil && canonical(t, out.Result) != canonical(t, want.Output) {
		t.Errorf("%s/%s (-want +got):\n%s", tool, want.Name, cmp.Diff(canonical(t, want.Output), canonical(t, out.Result)))
	}
}

func canonical(t *testing.T, raw []byte) string {
	t.Helper()
	text, err := node.Canonical(raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCommandsHaveNamesOfTheirOwnAndHelp(t *testing.T) {
	env := &console.Env{Out: io.Discard, Err: io.Discard}
	var names []string
	for _, b := range nodes.All() {
		if b.Commands == nil {
			continue
		}
		for _, c := range b.Commands(env) {
			if c.Hidden {
				continue // nobody types it
			}
			if c.Short == "" || c.Long == "" || c.Example == "" || slices.Contains(names, c.Name()) {
				t.Errorf("command %q of %s lacks help or a name of its own", c.Name(), b.Name)
			}
			names = append(names, c.Name())
		}
	}
	if len(names) == 0 {
		t.Error("there are no commands")
	}
}
