package treegenerator_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/nodes/treegenerator"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/tree"
)

func TestCompareNoticesWhatCameAndWhatWent(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "kept.md", "gone.md")
	if _, err := treegenerator.Compare(t.Context(), dir); !errors.Is(err, tree.ErrNoRecord) {
		t.Fatalf("without a record: %v", err)
	}
	h, err := treegenerator.New(dir, &host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	var generated treegenerator.Generated
	if err := json.Unmarshal(h.Call(t.Context(), "tree_generate", []byte(`{}`)).Result, &generated); err != nil || generated.Files != 2 {
		t.Fatalf("%+v, %v", generated, err)
	}
	if err := os.WriteFile(filepath.Join(dir, tree.FileName), []byte(generated.Tree), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := h.Call(t.Context(), "tree_check", []byte(`{}`)); out.Status != node.Success {
		t.Errorf("record and directory agree: %s %s %v", out.Status, out.Result, out.Error)
	}
	write(t, dir, "new.md")
	if err := os.Remove(filepath.Join(dir, "gone.md")); err != nil {
		t.Fatal(err)
	}
	found, err := treegenerator.Compare(t.Context(), dir)
	if err != nil || found.OK || len(found.Drift) != 2 || found.Drift[0].Path != "gone.md" || found.Drift[1].Path != "new.md" {
		t.Errorf("%+v, %v", found, err)
	}
	if out := h.Call(t.Context(), "tree_check", []byte(`{}`)); out.Status != node.Warning {
		t.Errorf("record and directory differ: %s", out.Status)
	}
}

func write(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("# text\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
