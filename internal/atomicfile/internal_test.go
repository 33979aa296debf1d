package atomicfile

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The ways that kernels and file systems without the newer calls take.

func TestExchangeByLink(t *testing.T) {
	root, read := fallbackRoot(t)
	if err := exchangeByLink(root, "stage", "0", "a"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"new", "old"}, read("a", "stage/0")); diff != "" {
		t.Errorf("after exchange (-want +got):\n%s", diff)
	}
	if err := createByLink(root, "stage", "0", "a"); err == nil {
		t.Error("createByLink replaced a file")
	}
	if err := createByLink(root, "stage", "0", "b"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"new", "old"}, read("a", "b")); diff != "" {
		t.Errorf("after create (-want +got):\n%s", diff)
	}
}

func fallbackRoot(t *testing.T) (*os.Root, func(...string) []string) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	if err := root.Mkdir("stage", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"a": "old", "stage/0": "new"} {
		if err := root.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root, func(names ...string) (got []string) {
		for _, name := range names {
			data, err := root.ReadFile(name)
			if err != nil {
				t.Error(err)
			}
			got = append(got, string(data))
		}
		return got
	}
}
