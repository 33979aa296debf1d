package stamp_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// TestWhatBecameOfAStampedFile holds what a check says of a stamped file that is not
// there as one any more, with git and without.
func TestWhatBecameOfAStampedFile(t *testing.T) {
	files := map[string]string{"a.py": "x = 1\n", "sub/moved.py": "y = 1\n", "data.json": "{}\n", "kept.py": "z = 1\n"}
	for name, c := range map[string]struct {
		change func(dir string)
		git    string // what is said, with git
		alone  string // and without
	}{
		"nothing":      {change: func(string) {}},
		"it is gone":   {func(dir string) { unlink(t, dir, "a.py") }, "a.py: it is gone", ""},
		"a link":       {func(dir string) { unlink(t, dir, "a.py"); write(t, dir, "a.py", "-> kept.py") }, "a.py: it is a symbolic link now", ""},
		"a large file": {func(dir string) { grow(t, dir, "a.py") }, "a.py: it is too large now", "a.py: it is too large now"},
		"an entry's":   {func(dir string) { unlink(t, dir, "data.json"); write(t, dir, "data.json", "-> kept.py") }, "data.json: it is a symbolic link now", "data.json: it is a symbolic link now"},
		"another type": {func(dir string) { rename(t, dir, "a.py", "a.unknown") }, "a.py: it is gone; a.unknown: it has a block, and no file type handles it", "a.unknown: it has a block, and no file type handles it"},
		"another name": {func(dir string) { rename(t, dir, "sub/moved.py", "here.py") }, "", ""},
	} {
		root := committed(t, files)
		o := options(day2, "data.json")
		o.Form = "detached"
		mustApply(t, root, o)
		gitIn(t, root, "add", "-A")
		c.change(root.Name())
		for _, git := range []bool{true, false} {
			want := c.git
			if !git {
				want = c.alone
				rename(t, root.Name(), ".git", "../"+strings.ReplaceAll(name, " ", "_")+".git")
			}
			var said []string
			for _, f := range check(t, root, nil).Files {
				if f.Code == stamp.ErrLost.Code {
					said = append(said, strings.TrimPrefix(f.Message, stamp.ErrLost.Text+": "))
				}
			}
			if diff := cmp.Diff(want, strings.Join(said, "; ")); diff != "" {
				t.Errorf("%s, with git %v (-want +got):\n%s", name, git, diff)
			}
		}
	}
}

func unlink(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, dir, old, new string) {
	t.Helper()
	if err := os.Rename(filepath.Join(dir, old), filepath.Join(dir, new)); err != nil {
		t.Fatal(err)
	}
}

// grow appends more to a file than is read of one.
func grow(t *testing.T, dir, name string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(strings.Repeat("#", tree.MaxSize+1))
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}
