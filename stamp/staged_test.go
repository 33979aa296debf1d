package stamp_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

func staged(o *stamp.Options) *stamp.Options {
	o.Staged = true
	return o
}

func stripped(t *testing.T, name, text string) string {
	t.Helper()
	typ, _ := filetype.Standard().Find(name, nil)
	out, err := typ.Strip([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestStampStaged(t *testing.T) {
	root := committed(t, map[string]string{"old.py": "x = 1\n", "same.py": "s = 1\n", "gone.py": "g = 1\n"})
	replace(t, root, "old.py", "x = 1", "x = 2")
	write(t, root.Name(), "new.md", "# New\n\nstaged\n")
	write(t, root.Name(), "deleted.md", "# Deleted\n")
	write(t, root.Name(), "exec.sh", "#!/bin/sh\n")
	if err := root.Chmod("exec.sh", 0o755); err != nil {
		t.Fatal(err)
	}
	gitIn(t, root, "add", "-A")
	gitIn(t, root, "rm", "-q", "--cached", "gone.py")
	replace(t, root, "old.py", "x = 2", "x = 3")
	write(t, root.Name(), "new.md", "# New\n\nstaged\n\nnot staged\n")
	write(t, root.Name(), "untracked.md", "# Untracked\n")
	if err := root.Remove("deleted.md"); err != nil {
		t.Fatal(err)
	}
	diff := gitIn(t, root, "diff", "-U0", "--", "old.py", "new.md")

	want := map[string]string{"old.py": "update", "new.md": "add", "deleted.md": "add", "exec.sh": "add"}
	if diff := cmp.Diff(want, actions(mustApply(t, root, staged(options(day2))).Files)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	for name, body := range map[string]string{"old.py": "x = 2\n", "new.md": "# New\n\nstaged\n", "deleted.md": "# Deleted\n", "exec.sh": "#!/bin/sh\n"} {
		if got := stripped(t, name, gitIn(t, root, "show", ":"+name)); got != body {
			t.Errorf("staged %s is %q, want %q", name, got, body)
		}
	}
	if r := check(t, root, &stamp.Options{Staged: true}); !r.OK() || r.Summary[stamp.OK] != 4 {
		t.Errorf("check: %+v", r)
	}
	if got := gitIn(t, root, "diff", "-U0", "--", "old.py", "new.md"); hunks(got) != hunks(diff) {
		t.Errorf("unstaged hunks:\n%s\nwere:\n%s", got, diff)
	}
	if got := gitIn(t, root, "ls-files", "-s", "exec.sh"); !strings.HasPrefix(got, "100755 ") {
		t.Errorf("mode: %s", got)
	}
	if got := gitIn(t, root, "status", "--porcelain"); !strings.Contains(got, "A  exec.sh\n") || !strings.Contains(got, "?? untracked.md") {
		t.Errorf("status:\n%s", got)
	}
	if r := mustApply(t, root, staged(options(day2))); r.Summary[stamp.Keep] != 4 || len(r.Files) != 4 {
		t.Errorf("again: %v", actions(r.Files))
	}
}

// hunks returns the changed lines of a diff.
func hunks(diff string) string {
	var lines []string
	for line := range strings.Lines(diff) {
		if strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func TestStagedFileKeepsTheIdentityItHasInTheWorkTree(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x = 1\n"})
	gitIn(t, root, "init", "-q")
	gitIn(t, root, "add", "-A")
	mustApply(t, root, options(day1))
	before := read(t, root, "a.py")
	mustApply(t, root, staged(options(day2)))
	if got := gitIn(t, root, "show", ":a.py"); got != before || read(t, root, "a.py") != before {
		t.Errorf("staged:\n%s\nwas:\n%s", got, before)
	}
}

func TestStagedInASubdirectoryAndAHook(t *testing.T) {
	root := project(t, map[string]string{"a.md": "# A\n", "sub/b.md": "# B\n", "sub/project.onex.yaml": projectFile})
	gitIn(t, root, "init", "-q")
	gitIn(t, root, "add", "-A")
	sub, err := root.OpenRoot("sub")
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	// What git sets for the hook of git commit -a: its index is another one.
	index := root.Name() + "/.git/index.lock"
	data, err := os.ReadFile(root.Name() + "/.git/index")
	if err != nil || os.WriteFile(index, data, 0o644) != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_INDEX_FILE", index)
	if diff := cmp.Diff(map[string]string{"b.md": "add", "project.onex.yaml": "skip metadata_file"}, actions(mustApply(t, sub, staged(options(day1))).Files)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if got := gitIn(t, root, "show", ":sub/b.md"); !strings.Contains(got, "uuid: ") {
		t.Errorf("the hook's index has:\n%s", got)
	}
	t.Setenv("GIT_INDEX_FILE", "") // so that it is restored
	os.Unsetenv("GIT_INDEX_FILE")
	if got := gitIn(t, root, "show", ":sub/b.md"); got != "# B\n" {
		t.Errorf("the index itself has:\n%s", got)
	}
}

func TestStagedNeedsGit(t *testing.T) {
	root := project(t, map[string]string{"a.md": "# A\n"})
	if _, err := stamp.Check(t.Context(), root, &stamp.Options{Staged: true}); !errors.Is(err, tree.ErrGit) {
		t.Errorf("Check = %v", err)
	}
	if _, err := stamp.Make(t.Context(), root, &stamp.Options{Since: "HEAD"}); !errors.Is(err, tree.ErrGit) {
		t.Errorf("Make = %v", err)
	}
}

func TestSince(t *testing.T) {
	root := committed(t, map[string]string{"a.py": "x = 1\n", "b.py": "y = 1\n", "sub/c.py": "z = 1\n"})
	gitIn(t, root, "branch", "base")
	replace(t, root, "a.py", "x = 1", "x = 2")
	gitIn(t, root, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qam", "two")
	replace(t, root, "sub/c.py", "z = 1", "z = 2")
	write(t, root.Name(), "new.md", "# New\n")
	for rev, want := range map[string]map[string]stamp.State{
		"base": {"a.py": stamp.Modified, "sub/c.py": stamp.Modified, "new.md": stamp.Unstamped},
		"HEAD": {"sub/c.py": stamp.Modified, "new.md": stamp.Unstamped},
	} {
		if diff := cmp.Diff(want, states(t, root, &stamp.Options{Since: rev})); diff != "" {
			t.Errorf("since %s (-want +got):\n%s", rev, diff)
		}
	}
	if got := states(t, root, &stamp.Options{Since: "base", Paths: []string{"a.py", "b.py"}}); len(got) != 1 {
		t.Errorf("of two files: %v", got)
	}
	for _, rev := range []string{"nothing", "--all", "-x"} {
		if _, err := stamp.Check(t.Context(), root, &stamp.Options{Since: rev}); !errors.Is(err, tree.ErrRevision) {
			t.Errorf("%s: %v", rev, err)
		}
	}
}
