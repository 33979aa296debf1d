package importtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/omninode-ai/onex/internal/gosource"
	"github.com/omninode-ai/onex/internal/importtest"
)

func TestThisModuleKeepsTheRules(t *testing.T) {
	for _, v := range check(t, filepath.Join("..", "..")) {
		t.Error(v)
	}
}

// TestEveryRuleIsEnforced checks modules that break the rules: each archive
// lists in its file "want" all that must be found in it, and nothing else may.
func TestEveryRuleIsEnforced(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("%d archives in testdata, error %v", len(archives), err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir, want := extract(t, archive)
			var got strings.Builder
			for _, v := range check(t, dir) {
				got.WriteString(v.String() + "\n")
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

func check(t *testing.T, dir string) []importtest.Violation {
	t.Helper()
	m, err := gosource.Load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	deps, err := importtest.ParseDependencies(string(page))
	if err != nil {
		t.Fatalf("docs/dependencies.md: %v", err)
	}
	return importtest.Check(m, importtest.Layers(), deps)
}

// extract writes the files of a into a new directory, except "want", whose
// content it returns. Every module gets the same go.mod and dependency page.
func extract(t *testing.T, a *txtar.Archive) (dir, want string) {
	t.Helper()
	dir = t.TempDir()
	files := append(a.Files,
		txtar.File{Name: "go.mod", Data: []byte("module example.com/m\n\ngo 1.26\n")},
		txtar.File{Name: "docs/dependencies.md", Data: []byte(page)})
	for _, f := range files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, want
}

const page = "# Dependencies\n\n" +
	"| module | saves | imported by |\n|---|---|---|\n" +
	"| `example.org/yaml` | x | `node`, `internal/...` |\n" +
	"| `example.org/yaml/v3` | x | `meta` |\n" +
	"| `example.org/cmp` | x | `tests`, `bus/bustest` |\n"

func TestParseDependencies(t *testing.T) {
	got, err := importtest.ParseDependencies("| a | b |\n\n" + page + "\n| `not` | in | `it` |\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []importtest.Dependency{
		{Module: "example.org/yaml", Importers: []string{"node", "internal/..."}},
		{Module: "example.org/yaml/v3", Importers: []string{"meta"}},
		{Module: "example.org/cmp", Importers: []string{"tests", "bus/bustest"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseDependenciesRefuses(t *testing.T) {
	for _, tt := range []struct{ name, page, want string }{
		{"no table", "# Dependencies\n", "no table"},
		{"a row without a module", page + "| yaml | x | `node` |\n", "line 8: no module"},
		{"a row without importers", page + "| `b` | x | nobody |\n", "line 8: nobody may import b"},
		{"a module named twice", page + "| `example.org/cmp` | x | `node` |\n", "line 8: module example.org/cmp again"},
	} {
		_, err := importtest.ParseDependencies(tt.page)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}
