package nodemanager_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/internal/nodes/nodemanager"
	"github.com/omninode-ai/onex/internal/nodes/treegenerator"
	"github.com/omninode-ai/onex/meta"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const owned = "name: p\nowner: Team\nauthor: Ada\ncopyright: Team\n"

// project makes a project of files, and returns what manages it.
func project(t *testing.T, files map[string]string) nodemanager.Manager {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return nodemanager.Manager{
		Root: root, Record: treegenerator.Record,
		Taken: func() ([]string, error) { return []string{"stamper", "stamp_check"}, nil },
	}
}

// snapshot returns every file below root with what is in it.
func snapshot(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		all[name] = info.Mode().String()
		if d.Type().IsRegular() {
			data, err := os.ReadFile(path)
			all[name] += " " + string(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// unchanged runs f, which must fail with want, or not fail when that is nil, and leave
// every file as it was.
func unchanged(t *testing.T, root string, want error, f func() error) {
	t.Helper()
	before := snapshot(t, root)
	if err := f(); !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
	if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
		t.Errorf("files changed (-before +after):\n%s", diff)
	}
}

func found(context.Context, string) meta.Block {
	var b meta.Block
	for _, key := range []string{meta.FieldName, meta.FieldOwner, meta.FieldAuthor, meta.FieldCopyright} {
		b.SetText(key, "found")
	}
	return b
}

func read(t *testing.T, m nodemanager.Manager, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(m.Root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
