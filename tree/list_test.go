package tree_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/tree"
)

// project makes a root that holds files; a content that begins with "-> " makes
// a symbolic link.
func project(t *testing.T, files map[string]string) *os.Root {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(data, "-> "); ok {
			err = os.Symlink(target, name)
		} else {
			err = os.WriteFile(name, []byte(data), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func git(t *testing.T, root *os.Root, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	cmd := exec.Command("git", append([]string{"-c", "user.name=x", "-c", "user.email=x@x", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = root.Name()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// list returns the paths that List finds, and what it skips with the reasons.
func list(t *testing.T, root *os.Root, o *tree.Options) (paths []string, skipped map[string]tree.Reason) {
	t.Helper()
	files, skips, err := tree.List(t.Context(), root, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	skipped = map[string]tree.Reason{}
	for _, s := range skips {
		skipped[s.Path] = s.Reason
	}
	return paths, skipped
}

var sample = map[string]string{
	"a.go": "x", "b/c.py": "x", "b/deep/d.md": "x", "new\nline.txt": "x", "z.log": "x", "b/keep.log": "x",
	"build/out.go": "x", "node_modules/m/index.js": "x", "docs/gen/x.md": "x", "docs/y.md": "x",
	".gitignore": "*.log\n!keep.log\n/build/\nnode_modules/\n", ".onexignore": "gen/\n",
	"loop": "-> .", "link.go": "-> a.go", "b/up": "-> ..",
}

var (
	wantPaths   = []string{".gitignore", ".onexignore", "a.go", "b/c.py", "b/deep/d.md", "b/keep.log", "docs/y.md", "new\nline.txt"}
	wantSkipped = map[string]tree.Reason{"loop": tree.Symlink, "link.go": tree.Symlink, "b/up": tree.Symlink, "docs/gen": tree.Ignored}
)

func TestListIsTheSameWithAndWithoutGit(t *testing.T) {
	for _, withGit := range []bool{false, true} {
		root := project(t, sample)
		if withGit {
			git(t, root, "init", "-q")
		}
		paths, skipped := list(t, root, nil)
		if diff := cmp.Diff(wantPaths, paths); diff != "" {
			t.Errorf("git %t (-want +got):\n%s", withGit, diff)
		}
		if diff := cmp.Diff(wantSkipped, skipped); diff != "" {
			t.Errorf("skipped, git %t (-want +got):\n%s", withGit, diff)
		}
	}
}

// TestWithoutGitWhatToolsPutThereIsLeftOut holds what nobody wants, where no .gitignore
// says so; with git it would.
func TestWithoutGitWhatToolsPutThereIsLeftOut(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x", "__pycache__/a.pyc": "x", "b/node_modules/m/index.js": "x"})
	paths, skipped := list(t, root, &tree.Options{NoGit: true})
	if diff := cmp.Diff([]string{"a.py"}, paths); diff != "" || len(skipped) != 0 {
		t.Errorf("skipped %v (-want +got):\n%s", skipped, diff)
	}
}

func TestListInGit(t *testing.T) {
	inner := project(t, map[string]string{"x.go": "x"})
	git(t, inner, "init", "-q")
	git(t, inner, "add", ".")
	git(t, inner, "commit", "-qm", "x")
	root := project(t, map[string]string{"deleted.go": "x", "kept.go": "x", "forced.log": "x", ".gitignore": "*.log\nignored/\n", "ignored/x.go": "x"})
	git(t, root, "init", "-q")
	git(t, root, "add", "-f", "deleted.go", "kept.go", "forced.log", ".gitignore")
	git(t, root, "submodule", "--quiet", "add", inner.Name(), "sub")
	if err := root.Remove("deleted.go"); err != nil {
		t.Fatal(err)
	}
	paths, skipped := list(t, root, nil)
	if diff := cmp.Diff([]string{".gitignore", ".gitmodules", "forced.log", "kept.go"}, paths); diff != "" {
		t.Errorf("tracked files count, deleted ones do not (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]tree.Reason{"sub": tree.Repository}, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	ignored, err := root.OpenRoot("ignored")
	if err != nil {
		t.Fatal(err)
	}
	defer ignored.Close()
	if paths, _ := list(t, ignored, nil); !cmp.Equal(paths, []string{"x.go"}) {
		t.Errorf("a root that the work tree around it ignores holds %q", paths)
	}
	t.Setenv("GIT_DIR", inner.Name()+"/.git")
	if again, _ := list(t, root, nil); !cmp.Equal(again, paths) {
		t.Errorf("inside a hook of another repository the root holds %q", again)
	}
}

func TestListPaths(t *testing.T) {
	root := project(t, sample)
	for _, tt := range []struct {
		opts    tree.Options
		paths   []string
		skipped map[string]tree.Reason
	}{
		{tree.Options{Paths: []string{"b/", "a.go", "./a.go"}}, []string{"a.go", "b/c.py", "b/deep/d.md", "b/keep.log"}, map[string]tree.Reason{"b/up": tree.Symlink}},
		{tree.Options{Paths: []string{"none", "link.go", "loop/a.go", "docs/gen/x.md"}}, nil, map[string]tree.Reason{
			"none": tree.Missing, "link.go": tree.Symlink, "loop/a.go": tree.Symlink, "docs/gen": tree.Ignored}},
		{tree.Options{Paths: []string{"z.log", "build"}}, []string{"z.log"}, map[string]tree.Reason{"build": tree.Ignored}},
		{tree.Options{Include: []string{"*.md", "/b/"}, Exclude: []string{"deep"}}, []string{"b/c.py", "b/keep.log", "docs/y.md"},
			map[string]tree.Reason{"loop": "", "link.go": "", "b/up": tree.Symlink, "docs/gen": tree.Ignored, "b/deep": tree.Ignored}},
		{tree.Options{Paths: []string{"docs"}, Exclude: []string{"docs"}}, nil, map[string]tree.Reason{"docs": tree.Ignored, "docs/gen": ""}},
	} {
		paths, skipped := list(t, root, &tt.opts)
		if diff := cmp.Diff(tt.paths, paths); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.opts, diff)
		}
		for name, reason := range tt.skipped {
			if skipped[name] != reason {
				t.Errorf("%+v: %s is skipped as %q, want %q", tt.opts, name, skipped[name], reason)
			}
		}
	}
}

func TestListSizes(t *testing.T) {
	root := project(t, map[string]string{"small": "1234", "big": "12345"})
	paths, skipped := list(t, root, &tree.Options{MaxSize: 4})
	if !cmp.Equal(paths, []string{"small"}) || skipped["big"] != tree.TooLarge {
		t.Errorf("limit 4: %q, %v", paths, skipped)
	}
	if paths, _ := list(t, root, &tree.Options{MaxSize: 4, Paths: []string{"big"}}); len(paths) != 1 {
		t.Error("a file that is named is subject to MaxSize")
	}
	if _, skipped := list(t, root, &tree.Options{MaxNamed: 4, Paths: []string{"big"}}); skipped["big"] != tree.TooLarge {
		t.Error("a file that is named is not subject to MaxNamed")
	}
}

func TestListReadsYAMLIgnoreFiles(t *testing.T) {
	root := project(t, map[string]string{
		".onexignore":     "# comment\nall:\n  patterns: ['*.a']\nstamper:\n  patterns:\n  - /x/\nlint: ['*.b']\n",
		"sub/.onexignore": "!f.a\n/*.c\n",
		"f.a":             "x", "f.b": "x", "f.c": "x", "x/f.c": "x", "sub/f.a": "x", "sub/f.c": "x", "sub/x/f.c": "x",
	})
	paths, _ := list(t, root, nil)
	if diff := cmp.Diff([]string{".onexignore", "f.b", "f.c", "sub/.onexignore", "sub/f.a", "sub/x/f.c"}, paths); diff != "" {
		t.Errorf("stamper (-want +got):\n%s", diff)
	}
	paths, _ = list(t, root, &tree.Options{Tool: "lint"})
	if diff := cmp.Diff([]string{".onexignore", "f.c", "sub/.onexignore", "sub/f.a", "sub/x/f.c", "x/f.c"}, paths); diff != "" {
		t.Errorf("lint (-want +got):\n%s", diff)
	}
}

func TestListFails(t *testing.T) {
	root := project(t, map[string]string{"bad/.onexignore": "stamper: 7\n", "bad/x": "x"})
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		opts tree.Options
		want error
	}{
		{t.Context(), tree.Options{Paths: []string{"/etc"}}, tree.ErrPath},
		{t.Context(), tree.Options{Paths: []string{"a/../../x"}}, tree.ErrPath},
		{t.Context(), tree.Options{}, tree.ErrIgnoreFile},
		{canceled, tree.Options{}, context.Canceled},
	} {
		if _, _, err := tree.List(tt.ctx, root, &tt.opts); !errors.Is(err, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.opts, err, tt.want)
		}
	}
}

func TestListReportsWhatItCannotRead(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("the superuser can read everything")
	}
	root := project(t, map[string]string{"a": "x", "secret/b": "x"})
	if err := root.Chmod("secret", 0); err != nil {
		t.Fatal(err)
	}
	defer root.Chmod("secret", 0o700)
	paths, skipped := list(t, root, nil)
	if !cmp.Equal(paths, []string{"a"}) || skipped["secret"] != tree.Unreadable {
		t.Errorf("got %q, %v", paths, skipped)
	}
}

func TestListSkipsNamesThatAreNotUTF8(t *testing.T) {
	root := project(t, map[string]string{"a": "x"})
	if err := root.WriteFile("b\xff", nil, 0o644); err != nil {
		t.Skip("this file system has no such names:", err)
	}
	paths, skipped := list(t, root, nil)
	if !cmp.Equal(paths, []string{"a"}) || skipped["b\ufffd"] != tree.BadName {
		t.Errorf("got %q, %v", paths, skipped)
	}
}

func TestProjectRoot(t *testing.T) {
	root := project(t, map[string]string{"p/onex.yaml": "", "p/q/r/x": "", "s/project.onex.yaml": "", "t/.git": "gitdir: x", "none/x": ""})
	for dir, want := range map[string]string{"p": "p", "p/q/r": "p", "s": "s", "t": "t"} {
		got, err := tree.ProjectRoot(filepath.Join(root.Name(), dir))
		if rel, _ := filepath.Rel(root.Name(), got); rel != want || err != nil {
			t.Errorf("ProjectRoot(%s) = %s, %v, want %s", dir, rel, err, want)
		}
	}
	for dir, want := range map[string]error{"none": tree.ErrNoProject, "missing": tree.ErrRoot, "none/x": tree.ErrRoot} {
		if got, err := tree.ProjectRoot(filepath.Join(root.Name(), dir)); !errors.Is(err, want) {
			t.Errorf("ProjectRoot(%s) = %s, %v, want %v", dir, got, err, want)
		}
	}
}
