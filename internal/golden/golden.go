// Package golden compares what a test got with a file of what it should get:
//
//	golden.Check(t, "contract.yaml", got)
//
// "go test -update" writes the files instead; the difference is then read in
// review. It is for tests only.
package golden

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// update is a flag of the test binary; it changes only when flags are parsed.
var update = flag.Bool("update", false, "write golden files instead of comparing with them")

// Updating reports whether this run writes golden files.
func Updating() bool { return *update }

// Check fails the test when got is not what the file at path holds.
func Check(t testing.TB, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s is stale; go test -update writes it (-want +got):\n%s", path, cmp.Diff(string(want), string(got)))
	}
}
