package nodedir_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/nodedir"
	"github.com/omninode-ai/onex/node"
)

func TestFindLeavesOutWhatIsNotOurs(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"b", "a/deep er", ".hidden", "_old", "testdata/x", "vendor/x", "node_modules/x", "a/none"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if dir == "a/none" {
			continue
		}
		if err := os.WriteFile(filepath.Join(root, dir, node.ManifestFile), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := nodedir.Find(root)
	want := []string{filepath.Join(root, "a/deep er"), filepath.Join(root, "b")}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
	if got, err := nodedir.Find(filepath.Join(root, "testdata")); err != nil || len(got) != 1 {
		t.Errorf("a directory that is named is searched: %q, %v", got, err)
	}
	if _, err := nodedir.Find(filepath.Join(root, "nowhere")); err == nil {
		t.Error("a directory that is not there is no error")
	}
}
