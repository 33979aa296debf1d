package stamp_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/stamp"
)

func TestCheckStates(t *testing.T) {
	root := project(t, map[string]string{
		"ok.py": "1", "modified.py": "1", "older.md": "1", "nohash.py": "1", "newer.py": "1", "invalid.py": "1", "copy.py": "1", "alone.py": "1", "x.bin": "",
	})
	mustApply(t, root, options(day1))
	write(t, root.Name(), "new.py", "x")
	write(t, root.Name(), "broken.py", "# === OmniNode:Metadata ===\n")
	replace(t, root, "modified.py", "\n1", "\n2")
	replace(t, root, "older.md", "metadata_version: 1.0.0", "metadata_version: 0.1.0")
	replace(t, root, "newer.py", "metadata_version: 1.0.0", "metadata_version: 1.1.0")
	replace(t, root, "invalid.py", "lifecycle: active", "lifecycle: retired")
	_, hash, _ := strings.Cut(read(t, root, "nohash.py"), "hash: ")
	replace(t, root, "nohash.py", hash[:64], "'"+strings.Repeat("0", 64)+"'")
	write(t, root.Name(), "copies/1.py", read(t, root, "copy.py"))
	write(t, root.Name(), "copies/2.py", read(t, root, "copy.py")+"changed")
	want := map[string]stamp.State{
		"modified.py": stamp.Modified, "older.md": stamp.Outdated, "newer.py": stamp.Invalid, "invalid.py": stamp.Invalid, "nohash.py": stamp.Outdated,
		"copy.py": stamp.Duplicate, "copies/1.py": stamp.Duplicate, "copies/2.py": stamp.Duplicate, "new.py": stamp.Unstamped, "broken.py": stamp.Malformed,
	}
	if diff := cmp.Diff(want, states(t, root, nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	all := states(t, root, &stamp.Options{All: true})
	if all["ok.py"] != stamp.OK || all["x.bin"] != stamp.Skipped || len(all) != 14 {
		t.Errorf("all: %v", all)
	}
}

func TestCheckReportAsJSON(t *testing.T) {
	root := project(t, map[string]string{"a.py": "1"})
	r, err := stamp.Check(t.Context(), root, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"summary":{"skipped":1,"unstamped":1},"skipped":{"metadata_file":1},"files":[{"path":"a.py","state":"unstamped","code":"ONEX_STAMP_026_METADATA_MISSING","message":"the file has no metadata block: a.py"}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	if r.OK() {
		t.Error("a report with an unstamped file is ok")
	}
}

func TestWhiteSpaceThatDoesNotCount(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x = 1\ny = 2\n"})
	mustApply(t, root, options(day1))
	text := read(t, root, "a.py")
	for name, same := range map[string]string{
		"crlf": strings.ReplaceAll(text, "\n", "\r\n"), "no newline": strings.TrimRight(text, "\n"), "newlines": text + "\n \t\n", "bom": "\ufeff" + text,
	} {
		write(t, root.Name(), "a.py", same)
		if got := states(t, root, nil); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTwoRunsExcludeEachOther(t *testing.T) {
	for _, git := range []bool{false, true} {
		root := project(t, map[string]string{"a.py": "1"})
		lock := "."
		if git {
			lock = ".git/onex/lock"
			if err := root.MkdirAll(".git/onex", 0o755); err != nil {
				t.Fatal(err)
			}
		}
		o := options(day1)
		o.NoGit = true
		p := mustMake(t, root, o)
		held, err := atomicfile.Acquire(root, lock)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Apply(t.Context()); !errors.Is(err, stamp.ErrLocked) {
			t.Errorf("Apply = %v, want ErrLocked", err)
		}
		if err := held.Release(); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Apply(t.Context()); err != nil {
			t.Error(err)
		}
		for _, name := range []string{".onex-stage", ".git/onex/stage"} {
			if _, err := root.Stat(name); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is left behind: %v", name, err)
			}
		}
	}
}
