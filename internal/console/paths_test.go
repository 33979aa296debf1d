package console_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/tree"
)

// TestPaths stands in directories of a project, and of none.
func TestPaths(t *testing.T) {
	base := t.TempDir()
	for _, dir := range []string{"project/src/deep", "plain/deep", "a b"} {
		if err := os.MkdirAll(filepath.Join(base, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(base, "project", "onex.yaml"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(base, "project"), filepath.Join(base, "link")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		dir  string
		args []string
		root string
		want []string
		err  error
	}{
		{dir: "project", root: "project"},
		{dir: "project/src/deep", root: "project"},
		{dir: "project/src", args: []string{".", "..", "deep", "../x.md", filepath.Join(base, "project", "src")}, root: "project",
			want: []string{"src", ".", "src/deep", "x.md", "src"}},
		{dir: "link/src", args: []string{"deep", filepath.Join(base, "project", "x")}, root: "link", want: []string{"src/deep", "x"}},
		{dir: "plain/deep", args: []string{"a b.txt"}, root: "plain/deep", want: []string{"a b.txt"}},
		{dir: "project", args: []string{""}, err: console.ErrUsage},
		{dir: "project", args: []string{"src", "../plain"}, err: tree.ErrPath},
		{dir: "plain/deep", args: []string{".."}, err: tree.ErrPath},
		{dir: "project", args: []string{"nowhere/x"}, err: tree.ErrRoot},
	} {
		env := &console.Env{Dir: filepath.Join(base, tt.dir)}
		root, paths, err := env.Paths(tt.args)
		if !errors.Is(err, tt.err) || tt.err == nil && (root != filepath.Join(base, tt.root) || !slices.Equal(paths, tt.want)) {
			t.Errorf("%q in %s: %q in %s, %v; want %q in %s, %v", tt.args, tt.dir, paths, root, err, tt.want, tt.root, tt.err)
		}
	}
}
