package tree_test

import (
	"errors"
	"os/exec"
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/tree"
)

var watchable = map[string]string{
	"a.md":                   "a",
	"docs/deep/b.md":         "b",
	"out/c.md":               "c",
	"private/d.md":           "d",
	"node_modules/m/e.md":    "e",
	"link":                   "-> docs",
	".git/info/exclude":      "",
	".gitignore":             "out/\n",
	"docs/.onexignore":       "drafts/\n",
	"docs/drafts/f.md":       "f",
	"nested/.gitignore":      "tmp/\n!kept/\n",
	"nested/tmp/g.md":        "g",
	"nested/other/kept/h.md": "h",
}

func TestDirs(t *testing.T) {
	root := project(t, watchable)
	for _, c := range []struct {
		name string
		opts tree.Options
		want []string
	}{
		{"without git, what tools put there is left out", tree.Options{NoGit: true},
			[]string{".", "docs", "docs/deep", "nested", "nested/other", "nested/other/kept", "private"}},
		{"with it, git would say so", tree.Options{},
			[]string{".", "docs", "docs/deep", "nested", "nested/other", "nested/other/kept", "node_modules", "node_modules/m", "private"}},
		{"excluded", tree.Options{NoGit: true, Exclude: []string{"nested/", "/private/"}}, []string{".", "docs", "docs/deep"}},
		{"a directory", tree.Options{Paths: []string{"docs"}}, []string{".", "docs", "docs/deep"}},
		{"a file", tree.Options{Paths: []string{"docs/deep/b.md"}}, []string{".", "docs", "docs/deep"}},
		{"one that is not there yet", tree.Options{Paths: []string{"private/new"}}, []string{".", "private"}},
		{"a file and a revision", tree.Options{Paths: []string{"docs/deep/b.md"}, Since: "HEAD"}, []string{".", "docs", "docs/deep"}},
	} {
		got, err := tree.Dirs(t.Context(), root, &c.opts)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", c.name, err, diff)
		}
	}
	if _, err := tree.Dirs(t.Context(), root, &tree.Options{Paths: []string{"../x"}}); !errors.Is(err, tree.ErrPath) {
		t.Errorf("error %v, want %v", err, tree.ErrPath)
	}
}

// Whatever List finds lies in a directory of Dirs.
func TestDirsHoldWhatIsListed(t *testing.T) {
	root := project(t, watchable)
	if git, err := exec.LookPath("git"); err == nil {
		cmd := exec.Command(git, "init", "-q")
		cmd.Dir = root.Name()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	for _, o := range []*tree.Options{nil, {NoGit: true}, {Paths: []string{"docs", "nested"}}} {
		files, _, err := tree.List(t.Context(), root, o)
		dirs, dirsErr := tree.Dirs(t.Context(), root, o)
		if err := errors.Join(err, dirsErr); err != nil || len(files) == 0 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		for _, f := range files {
			if !slices.Contains(dirs, path.Dir(f.Path)) {
				t.Errorf("%s is listed, and its directory is not among %q", f.Path, dirs)
			}
		}
	}
}
