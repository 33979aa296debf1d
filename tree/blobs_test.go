package tree_test

import (
	"encoding/hex"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/tree"
)

// script runs a shell script in root, where git must exist.
func script(t testing.TB, root *os.Root, text string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	cmd := exec.Command("sh", "-c", "set -e\n"+text)
	cmd.Dir = root.Name()
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@x", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@x")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func tempRoot(t testing.TB) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// blobs lists root and returns the blobs that are known, by path.
func blobs(t testing.TB, root *os.Root, o *tree.Options) map[string]string {
	t.Helper()
	o.Blobs = true
	files, _, err := tree.List(t.Context(), root, o)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, f := range files {
		if f.Blob != "" {
			known[f.Path] = hex.EncodeToString([]byte(f.Blob))
		}
	}
	return known
}

// leaveToGit makes a repository one whose index is not read natively.
const leaveToGit = "git config onex.worktree nothing\n"

// old makes all files of a work tree old enough to be believed.
const old = "find . -path ./.git -prune -o -exec touch -h -d '1 hour ago' {} +\n"

func TestBlobs(t *testing.T) {
	for what, extra := range map[string]string{"read natively": "", "version 4": "git update-index --index-version 4\n", "asked of git": leaveToGit} {
		root := tempRoot(t)
		if known := blobs(t, root, &tree.Options{}); len(known) != 0 {
			t.Errorf("without git: %v", known)
		}
		script(t, root, `git init -q
			for f in same exec changed gone hidden skipped 'with space' chmod; do echo hello > "$f"; done
			chmod +x exec
			ln -s same link
			`+old+`git add -A
			`+extra+`
			echo more >> changed
			chmod +x chmod
			rm gone
			git update-index --assume-unchanged hidden
			git update-index --skip-worktree skipped
			echo intent > intent; git add -N intent
			echo hello > new`)
		const hello = "ce013625030ba8dba906f756967f9e9ca394464a" // git hash-object
		if diff := cmp.Diff(map[string]string{"same": hello, "exec": hello, "with space": hello}, blobs(t, root, &tree.Options{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		if known := blobs(t, root, &tree.Options{NoGit: true}); len(known) != 0 {
			t.Errorf("%s: with NoGit: %v", what, known)
		}
	}
}

// A file that was written when git wrote its index may have been written again:
// its time says nothing.
func TestFreshFilesHaveNoBlob(t *testing.T) {
	root := tempRoot(t)
	script(t, root, "git init -q; echo a > a; echo b > b\n"+old+"git add -A; touch -r .git/index b; git update-index --refresh -q || true; touch -r b .git/index")
	if known := blobs(t, root, &tree.Options{}); known["a"] == "" || known["b"] != "" {
		t.Errorf("%v", known)
	}
}

// What is read natively is what git says.
func TestNativeIndexIsWhatGitSays(t *testing.T) {
	const tree1 = `git init -q
		mkdir -p a/b a.b a-b z/ignored sub/.hidden
		for f in a/x a/b/y a.b/x a-b/x z/one é 'sp ace' sub/.hidden/f a0 .dot z/ignored/no; do echo "$f" > "$f"; done
		echo ignored/ > z/.gitignore
		printf 'w%.0s' $(seq 200) > long; cp long "$(cat long)"
		ln -s a/x link; ln -s nowhere broken
		` + old + `git add -A; git commit -qm one
		`
	for what, more := range map[string]string{
		"clean": "", "untracked": "echo u > a/untracked; mkdir n; echo n > n/n", "deleted": "rm a/x; rm -r a.b", "replaced": "rm -r a; echo a > a; rm é; mkdir é; echo x > é/x",
		"conflict":   "git checkout -qb o; echo 1 > a0; git commit -qam o; git checkout -q -; echo 2 > a0; git commit -qam m; git merge -q o || true",
		"repository": "git init -q a/repo; git -C a/repo commit -q --allow-empty -m x; git add a/repo 2>/dev/null; git init -q other; git -C other commit -q --allow-empty -m x",
		"version 4":  "git update-index --index-version 4", "extended": "git update-index --skip-worktree a0; echo i > i; git add -N i",
		"split": "git update-index --split-index; echo s > s; git add s", "sparse": "git sparse-checkout init --cone --sparse-index; git sparse-checkout set a",
		"untracked cache": "git update-index --untracked-cache; git status -s; echo u > u", "no index": "rm .git/index", "empty": "git rm -qrf .",
	} {
		root := tempRoot(t)
		script(t, root, tree1+more)
		for _, o := range []tree.Options{{}, {Paths: []string{"a", "z/one"}}, {Paths: []string{"a0", "a0", "a"}}} {
			natively := listing(t, root, o)
			blobsNatively := blobs(t, root, &o)
			script(t, root, leaveToGit)
			if diff := cmp.Diff(listing(t, root, o), natively); diff != "" {
				t.Errorf("%s, %v (-git +native):\n%s", what, o.Paths, diff)
			}
			if diff := cmp.Diff(blobs(t, root, &o), blobsNatively); diff != "" {
				t.Errorf("%s, %v: blobs (-git +native):\n%s", what, o.Paths, diff)
			}
			script(t, root, "git config --unset onex.worktree")
		}
	}
}

// listing returns all that List says, one line each.
func listing(t testing.TB, root *os.Root, o tree.Options) []string {
	t.Helper()
	files, skipped, err := tree.List(t.Context(), root, &o)
	var lines []string
	for _, f := range files {
		lines = append(lines, f.Path)
	}
	for _, s := range skipped {
		lines = append(lines, s.Path+" "+string(s.Reason))
	}
	if err != nil {
		lines = append(lines, strings.ReplaceAll(err.Error(), root.Name(), ""))
	}
	return lines
}
