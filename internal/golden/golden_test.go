package golden_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/omninode-ai/onex/internal/golden"
)

// recorder is a testing.TB that remembers whether it failed.
type recorder struct {
	testing.TB
	failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.failed = fmt.Sprintf(format, args...) }

func TestCheckSeesADifference(t *testing.T) {
	if golden.Updating() {
		t.Skip("this run writes golden files")
	}
	path := filepath.Join(t.TempDir(), "x.golden")
	if err := os.WriteFile(path, []byte("a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, path, []byte("a\n"))
	r := &recorder{TB: t}
	golden.Check(r, path, []byte("b\n"))
	if r.failed == "" {
		t.Error("a difference is not noticed")
	}
}
