package stamp_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

const projectFile = "name: demo\nowner: Team\nauthor: Ann\ncopyright: Team\nlicense: MIT\n"

var (
	day1 = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	day2 = day1.AddDate(0, 0, 1)
)

// project makes a root that holds files and, unless they have one, a
// project.onex.yaml. A content that begins with "-> " makes a symbolic link.
func project(t testing.TB, files map[string]string) *os.Root {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "project.onex.yaml", projectFile)
	for name, data := range files {
		write(t, dir, name, data)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func write(t testing.TB, dir, name, data string) {
	t.Helper()
	name = filepath.Join(dir, name)
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if target, ok := strings.CutPrefix(data, "-> "); ok {
		err = errors.Join(err, os.Symlink(target, name))
	} else {
		err = errors.Join(err, os.WriteFile(name, []byte(data), 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// options returns options with a fixed time and uuids that count.
func options(now time.Time, paths ...string) *stamp.Options {
	n := 0
	return &stamp.Options{Paths: paths, Now: now, NewUUID: func() string {
		n++
		return fmt.Sprintf("%08x-0000-4000-8000-%012x", now.Unix(), n)
	}}
}

func mustMake(t testing.TB, root *os.Root, o *stamp.Options) *stamp.Plan {
	t.Helper()
	p, err := stamp.Make(t.Context(), root, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustApply(t testing.TB, root *os.Root, o *stamp.Options) stamp.Report {
	t.Helper()
	r, err := mustMake(t, root, o).Apply(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// actions maps each path to what the plan does with it, and why.
func actions(items []stamp.Item) map[string]string {
	got := map[string]string{}
	for _, i := range items {
		got[i.Path] = strings.TrimSpace(fmt.Sprint(i.Action, " ", i.Reason))
		if i.Action == stamp.Fail {
			got[i.Path] = "fail " + string(i.Code)
		}
	}
	return got
}

// states maps each path to what a check says of it.
func states(t testing.TB, root *os.Root, o *stamp.Options) map[string]stamp.State {
	t.Helper()
	r, err := stamp.Check(t.Context(), root, o)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]stamp.State{}
	for _, f := range r.Files {
		got[f.Path] = f.State
	}
	return got
}

func read(t testing.TB, root *os.Root, name string) string {
	t.Helper()
	data, err := root.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// contents lists all files below root with their content.
func contents(t testing.TB, root *os.Root) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			got[name] = read(t, root, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func replace(t testing.TB, root *os.Root, name, old, new string) {
	t.Helper()
	text := read(t, root, name)
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not contain %q:\n%s", name, old, text)
	}
	if err := root.WriteFile(name, []byte(strings.Replace(text, old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

const stamped = `#!/usr/bin/env python3
# === OmniNode:Metadata ===
# metadata_version: 1.0.0
# owner: Team
# copyright: Team
# name: run.py
# version: 1.0.0
# uuid: 695735a5-0000-4000-8000-000000000001
# author: Ann
# created_at: '2026-01-02T03:04:05Z'
# last_modified_at: '2026-01-02T03:04:05Z'
# description: Stamped by ONEX
# state_contract: state_contract://default
# lifecycle: active
# hash: HASH
# entrypoint: python://run
# runtime_language_hint: python>=3.11
# namespace: python://bin.run
# meta_type: tool
# license: MIT
# === /OmniNode:Metadata ===

print(1)
`

func TestStampWritesTheWholeBlock(t *testing.T) {
	root := project(t, map[string]string{"bin/run.py": "#!/usr/bin/env python3\nprint(1)\n"})
	if err := root.Chmod("bin/run.py", 0o755); err != nil {
		t.Fatal(err)
	}
	r := mustApply(t, root, options(day1))
	if r.Status != stamp.Success || r.Summary[stamp.Add] != 1 {
		t.Errorf("report: %+v", r)
	}
	got := read(t, root, "bin/run.py")
	_, hash, _ := strings.Cut(got, "# hash: ")
	hash, _, _ = strings.Cut(hash, "\n")
	if diff := cmp.Diff(strings.Replace(stamped, "HASH", hash, 1), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if info, _ := root.Stat("bin/run.py"); info.Mode() != 0o755 {
		t.Errorf("mode = %v, want 0755", info.Mode())
	}
	if got := states(t, root, &stamp.Options{All: true}); got["bin/run.py"] != stamp.OK {
		t.Errorf("check says %q", got)
	}
}

var mixed = map[string]string{
	"a.py": "x = 1\n", "b.md": "# Title", "c/d.yaml": "a: 1\r\nb: 2\r\n", "e.go": "// Package e.\npackage e\n", "run": "#!/bin/sh\nls\n",
	"empty.py": "", "data.bin": "\x00\x01", "latin1.py": "# \xe9\n", "nul.py": "a\x00b", "link.py": "-> a.py", "loop": "-> .",
}

func TestStampingTwiceIsStampingOnce(t *testing.T) {
	root := project(t, mixed)
	first := mustApply(t, root, options(day1))
	want := map[string]string{
		"a.py": "add", "b.md": "add", "c/d.yaml": "add", "e.go": "add", "run": "add", "empty.py": "add", "data.bin": "skip unknown_type",
		"latin1.py": "skip not_utf8", "nul.py": "skip binary", "link.py": "skip symlink", "loop": "skip symlink", "project.onex.yaml": "skip metadata_file",
	}
	if diff := cmp.Diff(want, actions(first.Files)); diff != "" {
		t.Errorf("first run (-want +got):\n%s", diff)
	}
	before := contents(t, root)
	second := mustApply(t, root, options(day2))
	if second.Summary[stamp.Keep] != 6 || second.Summary[stamp.Add]+second.Summary[stamp.Update] != 0 {
		t.Errorf("second run: %v", second.Summary)
	}
	if diff := cmp.Diff(before, contents(t, root)); diff != "" {
		t.Errorf("the second run changed (-before +after):\n%s", diff)
	}
	for name := range want {
		typ, ok := filetype.Standard().Find(name, []byte(before[name]))
		if !ok || !strings.HasPrefix(want[name], "add") {
			continue
		}
		if got, err := typ.Strip([]byte(before[name])); err != nil || string(got) != mixed[name] {
			t.Errorf("%s without its block is %q, %v, was %q", name, got, err, mixed[name])
		}
	}
	if r, err := stamp.Check(t.Context(), root, nil); err != nil || !r.OK() || r.Summary[stamp.OK] != 6 || len(r.Files) != 0 {
		t.Errorf("check: %+v, %v", r, err)
	}
}

func TestIdentityIsSticky(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x = 1\n"})
	mustApply(t, root, options(day1))
	replace(t, root, "a.py", "lifecycle: active", "lifecycle: deprecated\n# x_team: blue\n# tags: [a, b]")
	replace(t, root, "a.py", "owner: Team", "owner: Someone Else")
	replace(t, root, "a.py", "x = 1", "x = 2")
	if err := errors.Join(root.Mkdir("lib", 0o755), root.Rename("a.py", "lib/b.py")); err != nil {
		t.Fatal(err)
	}
	r := mustApply(t, root, options(day2))
	if r.Summary[stamp.Update] != 1 {
		t.Fatalf("%+v", r)
	}
	got := read(t, root, "lib/b.py")
	for _, want := range []string{
		"uuid: 695735a5-0000-4000-8000-000000000001", "created_at: '2026-01-02T03:04:05Z'", "last_modified_at: '2026-01-03T03:04:05Z'",
		"lifecycle: deprecated", "x_team: blue", "owner: Someone Else", "name: b.py", "namespace: python://lib.b\n", "entrypoint: python://b\n", "\nx = 2\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if diff := cmp.Diff(map[string]stamp.State{}, states(t, root, nil)); diff != "" {
		t.Error(diff)
	}
}

func TestOldBlocksAreRenewed(t *testing.T) {
	root := project(t, map[string]string{"old.py": `# === OmniNode:Metadata ===
# author: OmniNode Team
# created_at: 2025-05-28T12:40:26.539104
# entrypoint: python@old.py
# hash: 0000000000000000000000000000000000000000000000000000000000000000
# metadata_version: 0.1.0
# name: old.py
# namespace:
#   value: py://omnibase.old_py
# unknown: kept
# uuid: 4E8A1B70-0000-4000-8000-00000000ABCD
# === /OmniNode:Metadata ===


x = 1
`})
	if got := states(t, root, nil); got["old.py"] != stamp.Outdated {
		t.Errorf("state %q, want outdated", got)
	}
	mustApply(t, root, options(day2))
	got := read(t, root, "old.py")
	for _, want := range []string{
		"uuid: 4E8A1B70-0000-4000-8000-00000000ABCD", "2025-05-28T12:40:26.539104", "metadata_version: 1.0.0", "unknown: kept",
		"entrypoint: python://old\n", "namespace: python://old\n", "last_modified_at: '2026-01-03T03:04:05Z'", "\nx = 1\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if got := states(t, root, nil); len(got) != 0 {
		t.Errorf("after stamping: %q", got)
	}
}

func TestNamespacesAreUnique(t *testing.T) {
	root := project(t, map[string]string{"a-b.py": "1", "a.b.py": "2", "a_b.py": "3"})
	mustApply(t, root, options(day1, "a_b.py"))
	mustApply(t, root, options(day1))
	namespaces := map[string]bool{}
	for _, name := range []string{"a-b.py", "a.b.py", "a_b.py"} {
		_, ns, _ := strings.Cut(read(t, root, name), "namespace: ")
		ns, _, _ = strings.Cut(ns, "\n")
		namespaces[ns] = true
	}
	if len(namespaces) != 3 {
		t.Errorf("namespaces: %v", namespaces)
	}
	before := contents(t, root)
	for _, o := range []*stamp.Options{options(day2), options(day2, "a_b.py"), options(day2, "a-b.py")} {
		mustApply(t, root, o)
		if diff := cmp.Diff(before, contents(t, root)); diff != "" {
			t.Errorf("stamping %v again changed (-before +after):\n%s", o.Paths, diff)
		}
	}
}

func TestBadInput(t *testing.T) {
	const open = "# === OmniNode:Metadata ===\n"
	root := project(t, map[string]string{
		"good.py": "x", "unclosed.py": open + "# a: b\n", "broken.py": open + "# a: [\n# === /OmniNode:Metadata ===\n", "locked.py": "x",
		"invalid.py": open + "# metadata_version: 1.0.0\n# lifecycle: wrong\n# author: x\n# === /OmniNode:Metadata ===\n",
	})
	if err := root.Chmod("locked.py", 0o444); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"good.py": "add", "unclosed.py": "fail ONEX_STAMP_023_METADATA_CORRUPTION", "broken.py": "fail ONEX_STAMP_021_METADATA_PARSE_ERROR",
		"locked.py": "fail ONEX_STAMP_004_PERMISSION_DENIED", "invalid.py": "fail ONEX_STAMP_022_METADATA_VALIDATION_ERROR",
		"none.py": "fail ONEX_STAMP_001_FILE_NOT_FOUND",
	}
	o := options(day1, "./good.py", "unclosed.py", "broken.py", "locked.py", "invalid.py", "none.py")
	before := contents(t, root)
	p := mustMake(t, root, o)
	if diff := cmp.Diff(want, actions(p.Items)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	for _, i := range p.Items {
		if i.Action == stamp.Fail && (fault.ReportOf(i.Err()).Code != i.Code || !strings.Contains(i.Message, i.Path)) {
			t.Errorf("%s: %q does not name the file", i.Path, i.Message)
		}
	}
	r, err := p.Apply(t.Context())
	if err != nil || r.Status != stamp.Partial {
		t.Errorf("Apply = %v, %v, want partial", r.Status, err)
	}
	after := contents(t, root)
	if before["good.py"] == after["good.py"] {
		t.Error("good.py was not stamped")
	}
	delete(before, "good.py")
	delete(after, "good.py")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("files that cannot be stamped changed (-before +after):\n%s", diff)
	}
	if r := mustApply(t, root, options(day1, "none.py")); r.Status != stamp.Failure {
		t.Errorf("status %s, want error", r.Status)
	}
	wantStates := map[string]stamp.State{"unclosed.py": stamp.Malformed, "broken.py": stamp.Malformed, "locked.py": stamp.Unstamped,
		"invalid.py": stamp.Outdated, "none.py": stamp.Missing}
	if diff := cmp.Diff(wantStates, states(t, root, o)); diff != "" {
		t.Errorf("check (-want +got):\n%s", diff)
	}
}

func TestLargeFiles(t *testing.T) {
	big := strings.Repeat("# a comment\n", tree.MaxSize/12+1)
	root := project(t, map[string]string{"big.py": big})
	if err := root.WriteFile("huge.py", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(root.Name(), "huge.py"), stamp.MaxNamed+1); err != nil {
		t.Fatal(err)
	}
	got := actions(mustMake(t, root, options(day1)).Items)
	if got["big.py"] != "skip too_large" || got["huge.py"] != "skip too_large" {
		t.Errorf("found: %v", got)
	}
	got = actions(mustApply(t, root, options(day1, "big.py", "./huge.py")).Files)
	if got["big.py"] != "add" || got["huge.py"] != "fail ONEX_STAMP_006_FILE_TOO_LARGE" {
		t.Errorf("named: %v", got)
	}
	if !strings.HasSuffix(read(t, root, "big.py"), big) {
		t.Error("the body changed")
	}
}

func TestNewFilesNeedAnOwner(t *testing.T) {
	for _, tt := range []struct{ name, text, hint string }{
		{"missing", "", "onex init"},
		{"incomplete", "owner: Team\nauthor: Ann\n", "project.onex.yaml"},
	} {
		root := project(t, map[string]string{"a.py": "x"})
		if tt.text == "" {
			if err := root.Remove("project.onex.yaml"); err != nil {
				t.Fatal(err)
			}
		} else {
			write(t, root.Name(), "project.onex.yaml", tt.text)
		}
		_, err := stamp.Make(t.Context(), root, nil)
		if !errors.Is(err, meta.ErrMissing) || !strings.Contains(fault.ReportOf(err).Hint, tt.hint) {
			t.Errorf("%s: %v, hint %q", tt.name, err, fault.ReportOf(err).Hint)
		}
	}
}

func TestDiffCanBeApplied(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x = 1\n", "b.md": "no newline"})
	p := mustMake(t, root, options(day1))
	var diff bytes.Buffer
	if err := p.Diff(t.Context(), &diff); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--- a/a.py\n+++ b/a.py\n@@ -1 +1,", "+# owner: Team\n", "+<!-- === OmniNode:Metadata ===\n", "\n x = 1\n"} {
		if !strings.Contains(diff.String(), want) {
			t.Errorf("no %q in\n%s", want, &diff)
		}
	}
	write(t, root.Name(), "a.py", "changed")
	if err := p.Diff(t.Context(), &diff); !errors.Is(err, stamp.ErrChanged) {
		t.Errorf("Diff of a file that changed = %v", err)
	}
}

func TestApplyLeavesFilesThatChanged(t *testing.T) {
	root := project(t, map[string]string{"a.py": "a", "b.py": "b"})
	p := mustMake(t, root, options(day1))
	write(t, root.Name(), "a.py", "theirs")
	r, err := p.Apply(t.Context())
	if err != nil || r.Status != stamp.Partial {
		t.Errorf("Apply = %v, %v", r.Status, err)
	}
	if got := read(t, root, "a.py"); got != "theirs" {
		t.Errorf("a.py is %q", got)
	}
	if got := actions(r.Files)["a.py"]; got != "fail ONEX_STAMP_007_FILE_CHANGED" {
		t.Errorf("a.py: %s", got)
	}
}
