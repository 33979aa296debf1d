package artifact_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/artifact"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/tree"
)

func open(t testing.TB, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func load(t *testing.T, o *artifact.Options) artifact.Found {
	t.Helper()
	found, err := artifact.Load(t.Context(), open(t, "testdata/project"), o)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestEverythingIsFound holds the whole result against a file.
func TestEverythingIsFound(t *testing.T) {
	got, err := json.MarshalIndent(load(t, nil), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "testdata/found.json", append(got, '\n'))
}

// TestEveryDefectIsFoundByName shows what is wrong with each artifact of the sample
// that is wrong, and that nothing is said of the others.
func TestEveryDefectIsFoundByName(t *testing.T) {
	text, err := os.ReadFile("testdata/defects.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]fault.Code
	if err := yaml.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	got := map[string]fault.Code{}
	for _, p := range load(t, nil).Problems {
		got[p.Path] = p.Code
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOptions(t *testing.T) {
	names := func(f artifact.Found) string {
		var all []string
		for _, a := range f.Artifacts {
			all = append(all, a.Path)
		}
		return strings.Join(all, " ")
	}
	for _, c := range []struct {
		name, want string
		o          artifact.Options
	}{
		{"one type", "packages/all/package.yaml", artifact.Options{Types: []artifact.Type{artifact.Packages}}},
		{"a path", "good/contract.yaml good/node.onex.yaml good/scenarios/once.yaml", artifact.Options{Paths: []string{"good"}}},
		{"a file", "good/contract.yaml", artifact.Options{Paths: []string{"good/contract.yaml"}}},
		{"work in progress is left out", "", artifact.Options{Paths: []string{"later"}}},
		{"work in progress", "later/deep/node.onex.yaml", artifact.Options{Paths: []string{"later"}, WIP: true}},
		{"what others wrote is left out", "", artifact.Options{Paths: []string{"vendor/y"}}},
		{"what others wrote, by its name", "vendor/x/package.yaml", artifact.Options{Paths: []string{"vendor/x"}}},
	} {
		found, err := artifact.Load(t.Context(), open(t, "testdata/project"), &c.o)
		if c.name == "what others wrote is left out" { // and not there
			if !errors.Is(err, tree.ErrRoot) {
				t.Errorf("a path that is not there: %v", err)
			}
			continue
		}
		if err != nil || names(found) != c.want {
			t.Errorf("%s: %q, want %q; %v", c.name, names(found), c.want, err)
		}
	}
	if wip := load(t, &artifact.Options{Paths: []string{"later"}}).Counts; len(wip) != 1 || wip[0] != (artifact.Count{Type: artifact.Nodes, WIP: 1}) {
		t.Errorf("what is left out is counted: %+v", wip)
	}
	if wip := load(t, &artifact.Options{Paths: []string{"later"}, WIP: true}); len(wip.Artifacts) != 1 || !wip.Artifacts[0].WIP || wip.Counts[0].Total != 1 {
		t.Errorf("what is loaded is marked: %+v", wip)
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	root := open(t, "testdata/project")
	_, err := artifact.Load(t.Context(), root, &artifact.Options{Types: []artifact.Type{"node"}})
	if !errors.Is(err, artifact.ErrType) || !strings.Contains(err.Error(), "nodes, contracts") {
		t.Errorf("an unknown type: %v", err)
	}
	if _, err := artifact.Load(t.Context(), root, &artifact.Options{Paths: []string{"../doc.go"}}); !errors.Is(err, tree.ErrPath) {
		t.Errorf("a path that leads out: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := artifact.Load(ctx, root, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"big/package.yaml": artifact.MaxFile + 1, "most/package.yaml": artifact.MaxFile} {
		text := "name: " + filepath.Dir(name) + "\nversion: 1.0.0\nschema_version: 1.0.0\n"
		text += strings.Repeat("#", size-len(text))
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := artifact.Load(t.Context(), open(t, dir), nil)
	if err != nil || len(found.Artifacts) != 2 || found.Artifacts[0].Valid || !found.Artifacts[1].Valid {
		t.Fatalf("%+v, %v", found, err)
	}
	if p := found.Problems; len(p) != 1 || p[0].Code != artifact.ErrRead.Code || p[0].Path != "big/package.yaml" {
		t.Errorf("%+v", p)
	}
}

// FuzzLoad holds that no description of an artifact is a surprise.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{"name: a\nversion: 1.0.0\nschema_version: 1.0.0\n", "types:\n  nix: {}\n", `{"type":"object"}`, "&a [*a]", "name: 1.10\n"} {
		for i := range artifact.Types() {
			f.Add(i, []byte(seed))
		}
	}
	names := []string{
		"n/node.onex.yaml", "n/contract.yaml", "n/scenarios/s.yaml", "x.schema.json", "onex.yaml",
		"t/cli_tool.yaml", "r/runtime.yaml", "a/adapter.yaml", "p/package.yaml",
	}
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		name := names[uint(i)%uint(len(names))]
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
		found, err := artifact.Load(t.Context(), open(t, dir), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range found.Artifacts {
			if a.Valid != found.OK() || a.Name == "" {
				t.Errorf("%+v and %+v", a, found.Problems)
			}
		}
		if len(found.Artifacts) == 0 && !found.OK() {
			t.Errorf("problems without an artifact: %+v", found.Problems)
		}
	})
}

func ExampleLoad() {
	root, err := os.OpenRoot("testdata/project")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	found, err := artifact.Load(context.Background(), root, &artifact.Options{Types: []artifact.Type{artifact.CLITools}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range found.Artifacts {
		fmt.Println(a.Path, a.Name, a.Version, a.Valid)
	}
	for _, p := range found.Problems {
		fmt.Println(p.Code)
	}
	// Output:
	// tools/again/cli_tool.yaml lint 2.1.0 true
	// tools/lint/cli_tool.yaml lint 2.1.0 false
	// ONEX_REGISTRY_083_DUPLICATE_ARTIFACT_ID
}
