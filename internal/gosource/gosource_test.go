package gosource_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/omninode-ai/onex/internal/gosource"
)

const module = `
-- go.mod --
module example.com/m

go 1.26
-- root.go --
package m
-- a/a.go --
package a

import "example.com/absent"

var _ = absent.X
-- a/a_windows.go --
package a

import "os"
-- a/a_test.go --
package a_test
-- a/testdata/t.go --
package not a package
-- nested/go.mod --
module example.com/nested
-- nested/n.go --
package nested
`

func load(t *testing.T, archive string) (*gosource.Module, error) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return gosource.Load(t.Context(), dir)
}

func TestLoadFindsWhatGoFinds(t *testing.T) {
	m, err := load(t, module)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, p := range m.Packages {
		for _, f := range p.Files {
			got[p.Path] = append(got[p.Path], f.Name)
			if f.Test != (f.Name == "a/a_test.go") {
				t.Errorf("%s: Test = %t", f.Name, f.Test)
			}
		}
	}
	want := map[string][]string{
		".": {"root.go"},
		"a": {"a/a.go", "a/a_test.go", "a/a_windows.go"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files by package (-want +got):\n%s", diff)
	}
	a := m.Packages[1].Files[0]
	if got := a.Imports(); len(got) != 1 || got[0] != "example.com/absent" || a.Lines != 5 {
		t.Errorf("a.go: imports %q, %d lines", got, a.Lines)
	}
	if got := m.Position(a.Syntax.Package).String(); got != "a/a.go:1:1" {
		t.Errorf("position of a.go = %s", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, archive, want string }{
		{"nothing to look at", "-- go.mod --\nmodule example.com/m\n", "no Go package"},
		{"a file that does not parse", "-- go.mod --\nmodule example.com/m\n-- a.go --\npackage a\nfunc\n", "a.go:"},
		{"a directory without a module", "-- a.go --\npackage a\n", "is in no module"},
	} {
		_, err := load(t, tt.archive)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

func TestRel(t *testing.T) {
	m := &gosource.Module{Path: "example.com/m"}
	for in, want := range map[string]string{
		"example.com/m":     ".",
		"example.com/m/a/b": "a/b",
		"example.com/mm/a":  "example.com/mm/a",
		"os":                "os",
	} {
		if got := m.Rel(in); got != want {
			t.Errorf("Rel(%q) = %q, want %q", in, got, want)
		}
		if own := want != in; m.Own(in) != own {
			t.Errorf("Own(%q) = %t", in, !own)
		}
	}
}
