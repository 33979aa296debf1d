package stamp

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/tree"
)

// A run that stamps what is staged and is killed, before or after it changed the
// index, is finished or undone in both places.
func TestKilledRestagingIsRecoveredInTheIndex(t *testing.T) {
	for _, indexToo := range []bool{true, false} {
		for way, want := range map[string]string{"resume": "new\n", "rollback": "old\n"} {
			root, git := stagedProject(t)
			die(t, root, git, indexToo)
			recover := Resume
			if way == "rollback" {
				recover = Rollback
			}
			if _, err := recover(t.Context(), root); err != nil {
				t.Fatalf("%s: %v", way, err)
			}
			work, _ := root.ReadFile("a.txt")
			if staged := git("show", ":a.txt"); string(work) != want || staged != want {
				t.Errorf("%s, index changed %t: the file is %q, staged is %q", way, indexToo, work, staged)
			}
			if other := git("show", ":other.txt"); other != "other\n" {
				t.Errorf("%s: another file is %q", way, other)
			}
		}
	}
}

func stagedProject(t *testing.T) (*os.Root, func(args ...string) string) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	git := func(args ...string) string {
		cmd := exec.Command("git", args...)
		cmd.Dir = root.Name()
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return string(out)
	}
	for name, text := range map[string]string{"a.txt": "old\n", "other.txt": "other\n"} {
		if err := root.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	git("add", "-A")
	return root, git
}

// die leaves root as a run does that is killed before the first file changes.
func die(t *testing.T, root *os.Root, git func(args ...string) string, indexToo bool) {
	_, stage, err := places(root)
	if err != nil {
		t.Fatal(err)
	}
	index, err := tree.OpenIndex(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := atomicfile.Begin(root, stage)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := root.Lstat("a.txt")
	if err := batch.Stage("a.txt", []byte("new\n"), atomicfile.VersionOf(info)); err != nil {
		t.Fatal(err)
	}
	if err := root.WriteFile(".git/new", []byte("new\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	entry := tree.Entry{Path: "a.txt", Mode: "100644", Blob: strings.TrimSpace(git("rev-parse", ":a.txt"))}
	stamped := entry
	stamped.Blob = strings.TrimSpace(git("hash-object", "-w", ".git/new"))
	r := restaging{root: root, stage: stage, old: []tree.Entry{entry}, new: []tree.Entry{stamped}}
	if err := r.record(); err != nil {
		t.Fatal(err)
	}
	batch.First = func() error {
		if indexToo {
			if err := index.Replace(t.Context(), r.old, r.new); err != nil {
				t.Error(err)
			}
		}
		runtime.Goexit()
		return nil
	}
	gone := make(chan bool)
	go func() {
		defer close(gone)
		_ = batch.Commit(t.Context())
	}()
	<-gone
}
