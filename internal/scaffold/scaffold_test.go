package scaffold_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/scaffold"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// interpreters are the programs that the languages need.
var interpreters = map[scaffold.Language]string{scaffold.Go: "go", scaffold.Python: "python3", scaffold.Shell: "sh", scaffold.JavaScript: "node"}

func greeter(l scaffold.Language) scaffold.Node {
	return scaffold.Node{
		Name: "greeter", Language: l, Description: `greets: "people" & {others}`, Owner: "O'Neil #1 GmbH",
		UUID: "0f2d7f3e-9a34-4d6a-9d7e-0d8f0b1c2d3e", Dir: "./greeter",
	}
}

func write(t *testing.T, n scaffold.Node) string {
	t.Helper()
	files, err := n.Files()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, f.Mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestEveryLanguageKeepsTheContract runs the examples of a new node, and what its
// program must not stumble over.
func TestEveryLanguageKeepsTheContract(t *testing.T) {
	hard := []struct{ input, message string }{
		{`{"name":"Zo\u00eb \"Zed\" O'Neil \\ 100%s $HOME"}`, "Hello, Zoë \"Zed\" O'Neil \\ 100%s $HOME!"},
		{`{ "greeting" : "name: \"x\"" , "name" : "日本 🚀\ttab" }`, "name: \"x\", 日本 🚀\ttab!"},
		{"{\n  \"name\": \"Ada\",\n  \"greeting\": \"name\"\n}", "name, Ada!"},
	}
	for _, l := range scaffold.Languages() {
		t.Run(string(l), func(t *testing.T) {
			peer.Find(t, interpreters[l])
			dir := write(t, greeter(l))
			if l == scaffold.Go {
				build(t, dir)
			}
			h, err := host.Load(t.Context(), dir, &host.Options{Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			for _, s := range h.Contract().Tools[0].Examples {
				o := h.Call(t.Context(), "greeter", s.Input)
				if o.Status != s.Status || o.Error != nil && string(o.Error.Code) != s.Error {
					t.Errorf("%s: %s %+v, want %s %s", s.Name, o.Status, o.Error, s.Status, s.Error)
				}
				if s.Output != nil {
					same(t, o.Result, s.Output)
				}
			}
			for _, c := range hard {
				o := h.Call(t.Context(), "greeter", json.RawMessage(c.input))
				want, err := json.Marshal(map[string]string{"message": c.message})
				if err != nil || o.Error != nil {
					t.Fatal(c.input, o.Error, err)
				}
				same(t, o.Result, want)
			}
		})
	}
}

func build(t *testing.T, dir string) {
	t.Helper()
	for _, args := range [][]string{{"build", "-trimpath", "-o", os.DevNull, "."}, {"vet", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	if out, err := exec.Command("gofmt", "-l", dir).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("gofmt: %v %s", err, out)
	}
}

func same(t *testing.T, got, want json.RawMessage) {
	t.Helper()
	a, err := schema.Canonical(got)
	if err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	b, err := schema.Canonical(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(b), string(a)); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

// TestManifestSaysWhatWasAsked: names and owners with signs that YAML reads
// otherwise arrive as they are.
func TestManifestSaysWhatWasAsked(t *testing.T) {
	for _, text := range []string{"plain", "yes", "1.10", "a: b", "# no comment", "- x", `"quoted"`, "*x", "é\u00a0x", " padded ", "{}", "null", "a #b", "<&>"} {
		n := greeter(scaffold.Shell)
		n.Description, n.Owner = text, text
		m, err := node.ParseManifest(read(t, n, "node.onex.yaml"))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if m.Description != text || m.Owner != text || m.UUID != n.UUID {
			t.Errorf("%q arrives as %q and %q", text, m.Description, m.Owner)
		}
		if _, err := node.ParseContract(read(t, n, "contract.yaml")); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func read(t *testing.T, n scaffold.Node, name string) []byte {
	t.Helper()
	data, err := fs.ReadFile(os.DirFS(write(t, n)), name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*scaffold.Node)
		want   error
	}{
		{"language", func(n *scaffold.Node) { n.Language = "cobol" }, scaffold.ErrLanguage},
		{"name", func(n *scaffold.Node) { n.Name = "../x" }, node.ErrName},
		{"line end", func(n *scaffold.Node) { n.Description = "a\nowner: eve" }, scaffold.ErrText},
		{"empty", func(n *scaffold.Node) { n.Owner = " " }, scaffold.ErrText},
		{"long", func(n *scaffold.Node) { n.Owner = strings.Repeat("x", 201) }, scaffold.ErrText},
	} {
		n := greeter(scaffold.Go)
		tt.change(&n)
		if _, err := n.Files(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}
