package tree_test

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/tree"
)

func openIndex(t *testing.T, root *os.Root) *tree.Index {
	t.Helper()
	x, err := tree.OpenIndex(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func write(t *testing.T, root *os.Root, name, data string) {
	t.Helper()
	if err := root.WriteFile(name, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

func stagedPaths(t *testing.T, x *tree.Index) (paths []string, entries []tree.Entry) {
	t.Helper()
	entries, _, err := x.Staged(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		paths = append(paths, e.Path)
	}
	return paths, entries
}

func TestNoIndexWithoutGit(t *testing.T) {
	if _, err := tree.OpenIndex(t.Context(), project(t, map[string]string{"a": "x"})); !errors.Is(err, tree.ErrGit) {
		t.Errorf("got %v", err)
	}
}

func TestStagedIsWhatTheNextCommitChanges(t *testing.T) {
	root := project(t, map[string]string{"a.py": "one\n", "dir/b.py": "two\n", "same.py": "same\n", "link": "-> a.py"})
	git(t, root, "init", "-q")
	git(t, root, "add", "same.py")
	git(t, root, "commit", "-qm", "first")
	git(t, root, "add", "a.py", "dir/b.py", "link")
	write(t, root, "a.py", "one, changed after it was staged\n")
	x := openIndex(t, root)
	paths, entries := stagedPaths(t, x)
	if diff := cmp.Diff([]string{"a.py", "dir/b.py"}, paths); diff != "" {
		t.Error(diff)
	}
	content, err := x.Content(t.Context(), entries[0], 100)
	if err != nil || string(content) != "one\n" {
		t.Errorf("staged content %q, %v", content, err)
	}
	if _, err := x.Content(t.Context(), entries[0], 2); !errors.Is(err, atomicfile.ErrTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
	if content, err := x.Content(t.Context(), tree.Entry{}, 2); err != nil || content != nil {
		t.Errorf("of nothing: %q, %v", content, err)
	}
	files, err := x.Files(t.Context())
	if err != nil || len(files) != 3 || files["same.py"].Mode != "100644" {
		t.Errorf("files %v, %v", files, err)
	}
	if files, err := x.Files(t.Context(), "dir"); err != nil || len(files) != 1 || files["dir/b.py"].Blob == "" {
		t.Errorf("files in dir %v, %v", files, err)
	}
}

func TestReplaceChangesTheIndexOnly(t *testing.T) {
	root := project(t, map[string]string{"a.py": "one\n", "new.py": "new\n"})
	git(t, root, "init", "-q")
	git(t, root, "add", "a.py")
	x := openIndex(t, root)
	_, old := stagedPaths(t, x)
	write(t, root, "other", "stamped one\n")
	blobs, err := x.Store(t.Context(), []string{"other", "new.py"})
	if err != nil || len(blobs) != 2 {
		t.Fatal(blobs, err)
	}
	if blobs, err := x.Store(t.Context(), nil); blobs != nil || err != nil {
		t.Errorf("of nothing: %v, %v", blobs, err)
	}
	before := append(slices.Clone(old), tree.Entry{Path: "new.py"})
	after := []tree.Entry{{Path: "a.py", Mode: "100644", Blob: blobs[0]}, {Path: "new.py", Mode: "100644", Blob: blobs[1]}}
	if err := x.Replace(t.Context(), before, after); err != nil {
		t.Fatal(err)
	}
	files, err := x.Files(t.Context())
	if err != nil || files["a.py"].Blob != blobs[0] || files["new.py"].Blob != blobs[1] {
		t.Errorf("index %v, %v", files, err)
	}
	if data, _ := root.ReadFile("a.py"); string(data) != "one\n" {
		t.Errorf("the file has %q", data)
	}
	// What it was is not there any more: nothing is touched.
	if err := x.Replace(t.Context(), before, after); !errors.Is(err, tree.ErrGit) || !strings.Contains(err.Error(), "no longer staged") {
		t.Errorf("again: %v", err)
	}
	gone := []tree.Entry{{Path: "a.py"}, {Path: "new.py"}}
	if err := x.Replace(t.Context(), after, gone); err != nil {
		t.Fatal(err)
	}
	if files, err := x.Files(t.Context()); err != nil || len(files) != 0 {
		t.Errorf("index %v, %v", files, err)
	}
}

func TestUnmergedHasEveryVersion(t *testing.T) {
	root := project(t, map[string]string{"a.py": "base\n"})
	git(t, root, "init", "-q", "-b", "main")
	git(t, root, "add", ".")
	git(t, root, "commit", "-qm", "base")
	for _, branch := range []string{"theirs", "ours"} {
		git(t, root, "checkout", "-q", "-b", branch, "main")
		write(t, root, "a.py", branch+"\n")
		git(t, root, "commit", "-qam", branch)
	}
	cmd := exec.Command("git", "-c", "user.name=x", "-c", "user.email=x@x", "merge", "theirs")
	cmd.Dir = root.Name()
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Fatalf("the merge has no conflict: %s", out)
	}
	x := openIndex(t, root)
	unmerged, err := x.Unmerged(t.Context())
	if err != nil || len(unmerged) != 1 {
		t.Fatal(unmerged, err)
	}
	s := unmerged["a.py"]
	for want, e := range map[string]tree.Entry{"base\n": s.Base, "ours\n": s.Ours, "theirs\n": s.Theirs} {
		if got, err := x.Content(t.Context(), e, 100); err != nil || string(got) != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
}

func TestMerge(t *testing.T) {
	root := project(t, map[string]string{"a": "x"})
	git(t, root, "init", "-q")
	for name, tt := range map[string]struct {
		base, ours, theirs, want string
		conflicts                int
	}{
		"both sides":   {"1\n2\n3\n4\n5\n", "one\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n", "one\n2\n3\n4\nfive\n", 0},
		"a conflict":   {"1\n", "one\n", "eins\n", "<<<<<<< me\none\n=======\neins\n>>>>>>> theirs\n", 1},
		"all the same": {"1\n", "2\n", "2\n", "2\n", 0},
	} {
		got, n, err := tree.Merge(t.Context(), root, []byte(tt.base), []byte(tt.ours), []byte(tt.theirs), &tree.MergeOptions{Ours: "me"})
		if err != nil || n != tt.conflicts || string(got) != tt.want {
			t.Errorf("%s: %d conflicts, %v, got\n%s", name, n, err, got)
		}
	}
	if _, _, err := tree.Merge(t.Context(), root, []byte("a\x00"), []byte("b\x00"), []byte("c\x00"), nil); !errors.Is(err, tree.ErrGit) {
		t.Errorf("of bytes that are no text: %v", err)
	}
}

func TestClosedSets(t *testing.T) {
	for name, n := range map[string]int{"sources": len(tree.Sources()), "traversals": len(tree.Traversals()), "reasons": len(tree.Reasons())} {
		if n == 0 {
			t.Errorf("no %s", name)
		}
	}
	p, ok := tree.ParsePattern("docs/**/*.md")
	if !ok || !p.Match("docs/a/b.md") || p.Match("src/a.md") {
		t.Errorf("pattern %v, %t", p, ok)
	}
}
