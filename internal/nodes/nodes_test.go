package nodes_test

import (
	"bytes"
	"context"
	"encoding/json"
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

// hosted returns the node b for a copy of the project in testdata.
func hosted(t *testing.T, b nodes.Builtin) *host.Host {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("testdata/project")); err != nil {
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

// A call is one line of a node's testdata/calls.json.
type call struct {
	Tool   node.ToolName
	Args   json.RawMessage
	Status node.Result
	Result json.RawMessage
	Error  string
}

func TestToolsAnswerAsTheirCallsSay(t *testing.T) {
	ran := 0
	for _, b := range nodes.All() {
		data, err := os.ReadFile(filepath.Join(directory(b.Name), "testdata", "calls.json"))
		if err != nil {
			t.Fatal(err)
		}
		var calls []call
		if err := json.Unmarshal(data, &calls); err != nil {
			t.Fatalf("%s: %v", b.Name, err)
		}
		for _, c := range calls {
			ran++
			out := hosted(t, b).Call(context.Background(), c.Tool, c.Args)
			if out.Status != c.Status {
				t.Errorf("%s %s: status %s, want %s (%+v)", c.Tool, c.Args, out.Status, c.Status, out.Error)
			}
			if out.Error != nil && string(out.Error.Code) != c.Error {
				t.Errorf("%s %s: error %+v, want %q", c.Tool, c.Args, out.Error, c.Error)
			}
			if c.Result != nil && compact(t, out.Result) != compact(t, c.Result) {
				t.Errorf("%s %s (-want +got):\n%s", c.Tool, c.Args, cmp.Diff(compact(t, c.Result), compact(t, out.Result)))
			}
		}
	}
	if ran == 0 {
		t.Error("no call was made")
	}
}

func compact(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	if len(raw) == 0 {
		return ""
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCommandsHaveNamesOfTheirOwnAndHelp(t *testing.T) {
	env := &console.Env{Out: io.Discard, Err: io.Discard}
	var names []string
	for _, b := range nodes.All() {
		if b.Commands == nil {
			continue
		}
		for _, c := range b.Commands(env) {
			if c.Short == "" || c.Long == "" || c.Example == "" || slices.Contains(names, c.Name()) {
				t.Errorf("command %q of %s lacks help or a name of its own", c.Name(), b.Name)
			}
			names = append(names, c.Name())
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"check", "functions", "stamp", "tree"}, names); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}
