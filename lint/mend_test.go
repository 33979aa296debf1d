package lint_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/omninode-ai/onex/lint"
)

// look runs the rule about bad words.
func look(t *testing.T, root *os.Root) lint.Report {
	t.Helper()
	r, err := lint.Run(t.Context(), root, toys()[:1], &lint.Options{NoGit: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMend(t *testing.T) {
	root := project(t, []txtar.File{
		{Name: "a.txt", Data: []byte("bad, bad\nfine\n")}, {Name: "b/b.go", Data: []byte("package b\n\nvar bad = 1\n")},
		{Name: "c.txt", Data: []byte("fine\n")}, {Name: "d.txt", Data: []byte("# onex:ignore T001 left as it is\nbad\n")},
	})
	r := look(t, root)
	changed, applied, err := lint.Mend(t.Context(), root, &r)
	if err != nil || applied != 3 || !slices.Equal(changed, []string{"a.txt", "b/b.go"}) {
		t.Errorf("%d fixes in %q, %v", applied, changed, err)
	}
	for name, want := range map[string]string{
		"a.txt": "good, good\nfine\n", "b/b.go": "package b\n\nvar good = 1\n", "c.txt": "fine\n",
		"d.txt": "# onex:ignore T001 left as it is\nbad\n",
	} {
		if text, err := root.ReadFile(name); string(text) != want {
			t.Errorf("%s: %q, %v; want %q", name, text, err, want)
		}
	}
	r = look(t, root)
	if changed, applied, err := lint.Mend(t.Context(), root, &r); err != nil || applied != 0 || len(changed) > 0 {
		t.Errorf("once more: %d fixes in %q, %v", applied, changed, err)
	}
}

// TestMendIsAllOrNothing has one file that can be mended and one that cannot.
func TestMendIsAllOrNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		file, text string
		meanwhile  func(*testing.T, *os.Root, *lint.Report)
		want       error
	}{
		"changed since": {"z.txt", "bad\n", func(t *testing.T, root *os.Root, _ *lint.Report) {
			if err := root.WriteFile("z.txt", []byte("very bad\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, lint.ErrFix},
		"gone": {"z.txt", "bad\n", func(t *testing.T, root *os.Root, _ *lint.Report) {
			if err := root.Remove("z.txt"); err != nil {
				t.Fatal(err)
			}
		}, lint.ErrRead},
		"no Go any more": {"z.go", "package bad\n", func(_ *testing.T, _ *os.Root, r *lint.Report) {
			for i := range r.Findings {
				if r.Findings[i].Path == "z.go" {
					r.Findings[i].Fix.Edits[0].New = "a b"
				}
			}
		}, lint.ErrFix},
		"an edit behind the end": {"z.txt", "bad\n", func(_ *testing.T, _ *os.Root, r *lint.Report) {
			r.Findings[len(r.Findings)-1].Fix.Edits[0].To = 99
		}, lint.ErrFix},
	} {
		t.Run(name, func(t *testing.T) {
			root := project(t, []txtar.File{{Name: "a.txt", Data: []byte("bad\n")}, {Name: tt.file, Data: []byte(tt.text)}})
			r := look(t, root)
			tt.meanwhile(t, root, &r)
			changed, applied, err := lint.Mend(t.Context(), root, &r)
			if !errors.Is(err, tt.want) || applied != 0 || len(changed) > 0 {
				t.Errorf("%d fixes in %q, %v; want %v", applied, changed, err, tt.want)
			}
			if text, err := root.ReadFile("a.txt"); string(text) != "bad\n" {
				t.Errorf("the other file: %q, %v", text, err)
			}
			if entries, err := os.ReadDir(root.Name()); err != nil || len(entries) > 2 {
				t.Errorf("left behind: %v, %v", entries, err)
			}
		})
	}
}

func TestApply(t *testing.T) {
	edit := func(from, to int, text string) lint.Edit { return lint.Edit{From: from, To: to, New: text} }
	fix := func(edits ...lint.Edit) *lint.Fix { return &lint.Fix{Edits: edits} }
	for _, tt := range []struct {
		name    string
		fixes   []*lint.Fix
		want    string
		applied int
		err     bool
	}{
		{name: "none", want: "0123456789"},
		{name: "in any order", fixes: []*lint.Fix{fix(edit(8, 9, "h"), edit(0, 1, "")), fix(edit(4, 4, "+"))}, want: "123+4567h9", applied: 2},
		{name: "side by side", fixes: []*lint.Fix{fix(edit(1, 2, "a")), fix(edit(2, 3, "b"))}, want: "0ab3456789", applied: 2},
		{name: "the later overlaps", fixes: []*lint.Fix{fix(edit(2, 5, "-")), fix(edit(0, 1, "x"), edit(4, 6, "y")), fix(edit(9, 10, "z"))}, want: "01-5678z", applied: 2},
		{name: "one place twice", fixes: []*lint.Fix{fix(edit(3, 3, "a")), fix(edit(3, 3, "b"))}, want: "012a3456789", applied: 1},
		{name: "all of it", fixes: []*lint.Fix{fix(edit(0, 10, ""))}, want: "", applied: 1},
		{name: "overlaps itself", fixes: []*lint.Fix{fix(edit(0, 4, "a"), edit(2, 6, "b"))}, err: true},
		{name: "backwards", fixes: []*lint.Fix{fix(edit(4, 2, ""))}, err: true},
		{name: "before the start", fixes: []*lint.Fix{fix(edit(-1, 2, ""))}, err: true},
		{name: "behind the end", fixes: []*lint.Fix{fix(edit(9, 11, ""))}, err: true},
	} {
		next, applied, err := lint.Apply([]byte("0123456789"), tt.fixes)
		if got := fmt.Sprintf("%s %d %v", next, applied, err != nil); got != fmt.Sprintf("%s %d %v", tt.want, tt.applied, tt.err) {
			t.Errorf("%s: got %s (%v), want %s %d", tt.name, got, err, tt.want, tt.applied)
		}
	}
}
