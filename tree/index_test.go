package tree_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/tree"
)

func TestUnchanged(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if blobs, err := tree.Unchanged(t.Context(), root); err != nil || len(blobs) != 0 {
		t.Errorf("without git: %v, %v", blobs, err)
	}
	cmd := exec.Command("sh", "-c", `set -e
		git init -q
		for f in same exec changed gone hidden 'with space'; do echo hello > "$f"; done
		chmod +x exec
		ln -s same link
		git add -A
		echo more >> changed
		rm gone
		git update-index --assume-unchanged hidden
		echo hello > new`)
	cmd.Dir = root.Name()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, err := tree.Unchanged(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	const hello = "ce013625030ba8dba906f756967f9e9ca394464a" // git hash-object
	if diff := cmp.Diff(map[string]string{"same": hello, "exec": hello, "with space": hello}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
