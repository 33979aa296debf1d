package atomicfile_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

const stage = ".onex/stage"

// project makes a root that holds files.
func project(t *testing.T, files map[string]string) *os.Root {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// contents lists every file below root with its content.
func contents(t *testing.T, root *os.Root) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if target, err := root.Readlink(name); err == nil {
			got[name] = "-> " + target
			return nil
		}
		data, err := root.ReadFile(name)
		got[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func version(t *testing.T, root *os.Root, name string) atomicfile.Version {
	t.Helper()
	info, err := root.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	return atomicfile.VersionOf(info)
}

func begin(t *testing.T, root *os.Root) *atomicfile.Batch {
	t.Helper()
	b, err := atomicfile.Begin(root, stage)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Abort() })
	return b
}

func mustStage(t *testing.T, b *atomicfile.Batch, name, data string, was atomicfile.Version) {
	t.Helper()
	if err := b.Stage(name, []byte(data), was); err != nil {
		t.Fatal(err)
	}
}

func TestCommitReplacesAllAndLeavesNothingBehind(t *testing.T) {
	root := project(t, map[string]string{"a.txt": "old a", "d/b.txt": "old b", "c.txt": "c"})
	if err := root.Chmod("a.txt", 0o750); err != nil {
		t.Fatal(err)
	}
	b := begin(t, root)
	mustStage(t, b, "a.txt", "new a", version(t, root, "a.txt"))
	mustStage(t, b, "d/b.txt", "new b", version(t, root, "d/b.txt"))
	mustStage(t, b, "d/new.txt", "made", atomicfile.Version{})
	if diff := cmp.Diff("old a", contents(t, root)["a.txt"]); diff != "" {
		t.Error("staging changed a file:", diff)
	}
	if err := b.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a.txt": "new a", "d/b.txt": "new b", "d/new.txt": "made", "c.txt": "c"}
	if diff := cmp.Diff(want, contents(t, root)); diff != "" {
		t.Errorf("after commit (-want +got):\n%s", diff)
	}
	if info, _ := root.Stat("a.txt"); info.Mode() != 0o750 {
		t.Errorf("mode = %v, want 0750", info.Mode())
	}
	if _, err := root.Stat(stage); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the staging directory is still there: %v", err)
	}
}

func TestCommitPutsEverythingBackWhenOneFileChanged(t *testing.T) {
	files := map[string]string{"a": "1", "b": "2", "c": "3"}
	for name, spoil := range map[string]func(root *os.Root) error{
		"written": func(root *os.Root) error { return root.WriteFile("b", []byte("theirs"), 0o644) },
		"replaced": func(root *os.Root) error {
			return errors.Join(root.WriteFile("x", []byte("2"), 0o644), root.Rename("x", "b"))
		},
		"deleted": func(root *os.Root) error { return root.Remove("b") },
		"link":    func(root *os.Root) error { return errors.Join(root.Remove("b"), root.Symlink("c", "b")) },
		"created": func(root *os.Root) error { return root.WriteFile("new", nil, 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			root := project(t, files)
			b := begin(t, root)
			for name := range files {
				mustStage(t, b, name, "ours", version(t, root, name))
			}
			mustStage(t, b, "new", "ours", atomicfile.Version{})
			if err := spoil(root); err != nil {
				t.Fatal(err)
			}
			want := contents(t, root)
			if err := b.Commit(t.Context()); err == nil {
				t.Fatal("the commit succeeded")
			}
			for name := range want {
				if filepath.Dir(name) == stage {
					delete(want, name)
				}
			}
			if diff := cmp.Diff(want, contents(t, root)); diff != "" {
				t.Errorf("after a failed commit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCommitUndoesWhatItDidWhenCanceled(t *testing.T) {
	root := project(t, map[string]string{"a": "1"})
	b := begin(t, root)
	mustStage(t, b, "a", "ours", version(t, root, "a"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Commit(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit = %v, want context.Canceled", err)
	}
	if diff := cmp.Diff(map[string]string{"a": "1"}, contents(t, root)); diff != "" {
		t.Errorf("after a canceled commit (-want +got):\n%s", diff)
	}
}

func TestStageRefuses(t *testing.T) {
	root := project(t, map[string]string{"plain": "1", "locked": "2", "dir/x": "3"})
	stale := version(t, root, "plain")
	if err := errors.Join(
		root.WriteFile("plain", []byte("changed"), 0o644),
		root.Chmod("locked", 0o444),
		root.Symlink("plain", "link"),
		root.Symlink("dir", "linkdir"),
	); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		was  atomicfile.Version
		want error
	}{
		{"plain", stale, atomicfile.ErrConflict},
		{"plain", atomicfile.Version{}, atomicfile.ErrConflict},
		{"gone", stale, atomicfile.ErrConflict},
		{"locked", version(t, root, "locked"), atomicfile.ErrReadOnly},
		{"link", stale, atomicfile.ErrSymlink},
		{"linkdir/x", version(t, root, "dir/x"), atomicfile.ErrSymlink},
		{"dir", version(t, root, "dir"), atomicfile.ErrNotRegular},
	} {
		b := begin(t, root)
		if err := b.Stage(tt.name, []byte("x"), tt.was); !errors.Is(err, tt.want) {
			t.Errorf("Stage(%s) = %v, want %v", tt.name, err, tt.want)
		}
		if err := b.Abort(); err != nil {
			t.Error(err)
		}
	}
	if _, err := root.Stat(stage); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the staging directory is still there: %v", err)
	}
}

func TestBeginEmptiesWhatAKilledRunLeft(t *testing.T) {
	root := project(t, map[string]string{stage + "/0": "left over", "a": "1"})
	b := begin(t, root)
	mustStage(t, b, "a", "2", version(t, root, "a"))
	if err := b.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "2"}, contents(t, root)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWrite(t *testing.T) {
	root := project(t, map[string]string{"a": "1", "locked": "2", "d/x": "3"})
	if err := errors.Join(root.Chmod("a", 0o600), root.Chmod("locked", 0o444), root.Symlink("a", "link"), root.Symlink("d", "ld")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{
		"a": nil, "new": nil, "locked": atomicfile.ErrReadOnly, "link": atomicfile.ErrSymlink,
		"ld/x": atomicfile.ErrSymlink, "d": atomicfile.ErrNotRegular, "none/x": fs.ErrNotExist,
	} {
		if err := atomicfile.Write(root, name, []byte("written"), 0o640); !errors.Is(err, want) {
			t.Errorf("Write(%s) = %v, want %v", name, err, want)
		}
	}
	want := map[string]string{"a": "written", "new": "written", "locked": "2", "link": "-> a", "ld": "-> d", "d/x": "3"}
	if diff := cmp.Diff(want, contents(t, root)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, mode := range map[string]fs.FileMode{"a": 0o600, "new": 0o640} {
		if info, _ := root.Stat(name); info.Mode() != mode {
			t.Errorf("mode of %s = %v, want %v", name, info.Mode(), mode)
		}
	}
}

func TestAcquire(t *testing.T) {
	for _, name := range []string{"lock", "."} {
		testAcquire(t, project(t, nil), name)
	}
}

func testAcquire(t *testing.T, root *os.Root, name string) {
	l, err := atomicfile.Acquire(root, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := atomicfile.Acquire(root, name); !errors.Is(err, atomicfile.ErrLocked) {
		t.Errorf("second Acquire = %v, want ErrLocked", err)
	}
	if err := errors.Join(l.Release(), l.Release()); err != nil {
		t.Fatal(err)
	}
	again, err := atomicfile.Acquire(root, name)
	if err != nil {
		t.Fatal("not released:", err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

func TestVersionNoticesEveryChange(t *testing.T) {
	root := project(t, map[string]string{"a": "1"})
	was := version(t, root, "a")
	if was != version(t, root, "a") {
		t.Error("the version of an untouched file changed")
	}
	touched := time.Now().Add(time.Minute)
	if err := root.Chtimes("a", touched, touched); err != nil {
		t.Fatal(err)
	}
	if was == version(t, root, "a") {
		t.Error("a new modification time is not a new version")
	}
}
