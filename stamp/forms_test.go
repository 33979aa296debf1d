package stamp_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/stamp"
)

func inForm(o *stamp.Options, f filetype.Form) *stamp.Options {
	o.Form = f
	return o
}

// entry returns the block that a manifest has.
func entry(t *testing.T, text, name string) meta.Block {
	t.Helper()
	m, err := meta.ParseManifest([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Block(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var assorted = map[string]string{
	"a.py": "x = 1\n", "docs/b.md": "# B", "docs/data.json": "{}\n", "docs/logo.png": "\x89PNG\r\n\x1a\n\x00", "docs/x y: z.csv": "a,b\r\n", "latin1.txt": "caf\xe9\n",
}

func TestFormsVerifyAlike(t *testing.T) {
	for _, form := range []filetype.Form{filetype.Detached, filetype.Compact} {
		root := project(t, assorted)
		r := mustApply(t, root, inForm(options(day1), form))
		if r.Status != stamp.Success || r.Summary[stamp.Add] != len(assorted) {
			t.Fatalf("%s: %v", form, actions(r.Files))
		}
		got := contents(t, root)
		for name, text := range assorted {
			typ, typed := filetype.Standard().Find(name, []byte(text))
			switch {
			case form == filetype.Compact && typed:
				parts, err := typ.Split([]byte(got[name]))
				if err != nil || parts.Form != filetype.Compact || strings.Count(got[name], "\n") > strings.Count(text, "\n")+2 {
					t.Errorf("%s: %v\n%s", name, err, got[name])
				}
				if out, err := typ.Strip([]byte(got[name])); err != nil || string(out) != text {
					t.Errorf("%s stripped: %q, %v", name, out, err)
				}
			case got[name] != text:
				t.Errorf("%s: %s changed to %q", form, name, got[name])
			}
		}
		b := entry(t, got["docs/.onex.yaml"], "b.md")
		if b.Name() != "b.md" || b.Has(meta.FieldOwner) || b.CreatedAt() != "2026-01-02T03:04:05Z" {
			t.Errorf("%s: entry:\n%s", form, meta.Print(b))
		}
		if r := check(t, root, nil); !r.OK() || r.Summary[stamp.OK] != len(assorted) {
			t.Errorf("%s: check: %+v", form, r)
		}
		if r := mustApply(t, root, inForm(options(day2), form)); r.Summary[stamp.Keep] != len(assorted) {
			t.Errorf("%s: again: %v", form, actions(r.Files))
		}
		// A file keeps the form it has.
		if r := mustApply(t, root, options(day2)); r.Summary[stamp.Keep] != len(assorted) {
			t.Errorf("%s: in full: %v", form, actions(r.Files))
		}
		if diff := cmp.Diff(got, contents(t, root)); diff != "" {
			t.Errorf("%s: %s", form, diff)
		}
		replace(t, root, "docs/logo.png", "\r\n", "\n") // of a binary file every byte counts
		replace(t, root, "docs/x y: z.csv", "\r\n", "\n")
		replace(t, root, "a.py", "x = 1", "x = 2")
		if diff := cmp.Diff(map[string]stamp.State{"docs/logo.png": stamp.Modified, "a.py": stamp.Modified}, states(t, root, nil)); diff != "" {
			t.Errorf("%s: %s", form, diff)
		}
		mustApply(t, root, options(day2))
		if c := entry(t, read(t, root, ".onex.yaml"), "a.py"); c.LastModifiedAt() != "2026-01-03T03:04:05Z" || c.CreatedAt() != b.CreatedAt() {
			t.Errorf("%s: renewed:\n%s", form, meta.Print(c))
		}
		if r := check(t, root, nil); !r.OK() {
			t.Errorf("%s: after stamping: %+v", form, r)
		}
	}
}

func TestMovesAreFollowed(t *testing.T) {
	for _, form := range []filetype.Form{filetype.Detached, filetype.Compact} {
		root := project(t, assorted)
		mustApply(t, root, inForm(options(day1), form))
		was := map[string]string{}
		moves := map[string]string{"a.py": "lib/a.py", "docs/logo.png": "lib/new.png", "docs/b.md": "docs/c.md"}
		if err := root.Mkdir("lib", 0o755); err != nil {
			t.Fatal(err)
		}
		for from, to := range moves {
			dir, base := "", from
			if d, b, ok := strings.Cut(from, "/"); ok {
				dir, base = d+"/", b
			}
			was[to] = entry(t, read(t, root, dir+".onex.yaml"), base).UUID()
			if err := root.Rename(from, to); err != nil {
				t.Fatal(err)
			}
		}
		if err := root.Remove("docs/data.json"); err != nil {
			t.Fatal(err)
		}
		if got := states(t, root, nil); got["docs/logo.png"] != stamp.Modified || got["docs/data.json"] != stamp.Modified {
			t.Errorf("%s: before: %v", form, got)
		}
		r := mustApply(t, root, inForm(options(day2), form))
		if r.Summary[stamp.Update] != 3 || r.Summary[stamp.Drop] != 1 || r.Summary[stamp.Add] != 0 {
			t.Errorf("%s: %v", form, actions(r.Files))
		}
		for to, uuid := range was {
			dir, base, _ := strings.Cut(to, "/")
			b := entry(t, read(t, root, dir+"/.onex.yaml"), base)
			if b.UUID() != uuid || b.CreatedAt() != "2026-01-02T03:04:05Z" || b.Name() != base {
				t.Errorf("%s: %s:\n%s", form, to, meta.Print(b))
			}
		}
		if got := read(t, root, "docs/.onex.yaml"); strings.Contains(got, "data.json") || strings.Contains(got, "logo") || strings.Contains(got, "b.md") {
			t.Errorf("%s: old entries stay:\n%s", form, got)
		}
		if r := check(t, root, nil); !r.OK() {
			t.Errorf("%s: check: %+v", form, r)
		}
	}
}

func TestCopyOfADetachedFileIsANewFile(t *testing.T) {
	root := project(t, map[string]string{"a.json": "{}\n"})
	mustApply(t, root, inForm(options(day1), filetype.Detached))
	write(t, root.Name(), "b.json", "{}\n")
	mustApply(t, root, inForm(options(day2), filetype.Detached))
	text := read(t, root, ".onex.yaml")
	if a, b := entry(t, text, "a.json").UUID(), entry(t, text, "b.json").UUID(); a == "" || b == "" || a == b {
		t.Errorf("uuids %q and %q", a, b)
	}
}

func TestCopyOfACompactFileGetsItsOwnIdentity(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x = 1\n"})
	mustApply(t, root, inForm(options(day1), filetype.Compact))
	write(t, root.Name(), "b.py", read(t, root, "a.py"))
	if r := check(t, root, nil); r.Summary[stamp.Duplicate] != 2 {
		t.Errorf("a copy: %+v", r)
	}
	o := options(day2, "b.py")
	o.NewIdentity = true
	mustApply(t, root, o)
	if r := check(t, root, nil); !r.OK() || r.Summary[stamp.OK] != 2 {
		t.Errorf("check: %+v", r)
	}
	if b := entry(t, read(t, root, ".onex.yaml"), "b.py"); b.CreatedAt() != "2026-01-03T03:04:05Z" || !strings.Contains(read(t, root, "b.py"), b.UUID()) {
		t.Errorf("entry:\n%s", meta.Print(b))
	}
}

func TestCompactLineWithoutEntry(t *testing.T) {
	line := "# === OmniNode:Metadata uuid=" + oldID + " ===\n"
	root := project(t, map[string]string{"a.py": line + "\nx = 1\n"})
	if r := check(t, root, nil); r.Summary[stamp.Malformed] != 1 || r.Files[0].Code != stamp.ErrNoEntry.Code {
		t.Errorf("%+v", r)
	}
	mustApply(t, root, options(day1))
	if b := entry(t, read(t, root, ".onex.yaml"), "a.py"); b.UUID() != oldID || b.Name() != "a.py" {
		t.Errorf("entry:\n%s", meta.Print(b))
	}
	if r := check(t, root, nil); !r.OK() || read(t, root, "a.py") != line+"\nx = 1\n" {
		t.Errorf("%+v", r)
	}
}

func TestBrokenManifestIsLeftAlone(t *testing.T) {
	root := project(t, map[string]string{"a.json": "{}\n", "sub/b.json": "{}\n"})
	mustApply(t, root, inForm(options(day1), filetype.Detached))
	conflict := "<<<<<<< ours\n" + read(t, root, ".onex.yaml")
	write(t, root.Name(), ".onex.yaml", conflict)
	write(t, root.Name(), "c.json", "[]\n")
	write(t, root.Name(), "sub/d.json", "[]\n")
	r := mustApply(t, root, inForm(options(day2), filetype.Detached))
	want := map[string]string{
		"a.json": "fail ONEX_STAMP_028_MANIFEST_PARSE_ERROR", "c.json": "fail ONEX_STAMP_028_MANIFEST_PARSE_ERROR", "sub/b.json": "keep", "sub/d.json": "add",
		".onex.yaml": "skip metadata_file", "sub/.onex.yaml": "skip metadata_file", "project.onex.yaml": "skip metadata_file",
	}
	if diff := cmp.Diff(want, actions(r.Files)); diff != "" || read(t, root, ".onex.yaml") != conflict {
		t.Errorf("(-want +got):\n%s\n%s", diff, read(t, root, ".onex.yaml"))
	}
}

func TestDiffShowsManifests(t *testing.T) {
	root := project(t, map[string]string{"a.json": "{}\n", "b.py": "x\n"})
	var out bytes.Buffer
	if err := mustMake(t, root, inForm(options(day1), filetype.Compact)).Diff(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"+++ b/.onex.yaml\n", "+a.json:\n", "+b.py:\n", "+# === OmniNode:Metadata uuid="} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	if _, err := root.Stat(".onex.yaml"); err == nil {
		t.Error("a diff wrote the manifest")
	}
}

// A manifest that somebody else wrote meanwhile is not overwritten, and then
// nothing is written.
func TestManifestThatChanged(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x\n", "b.py": "y\n"})
	mustApply(t, root, inForm(options(day1, "a.py"), filetype.Compact))
	p := mustMake(t, root, inForm(options(day1), filetype.Compact))
	theirs := read(t, root, ".onex.yaml") + "c.json:\n  name: c.json\n"
	write(t, root.Name(), ".onex.yaml", theirs)
	before := contents(t, root)
	if _, err := p.Apply(t.Context()); err == nil || !errors.Is(err, stamp.ErrWrite) {
		t.Errorf("Apply = %v", err)
	}
	if diff := cmp.Diff(before, contents(t, root)); diff != "" {
		t.Error(diff)
	}
}

// Whatever is in the files: in every form stamping is idempotent, is found in
// order, and leaves the bodies as they were.
func TestFormsLaw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		files := map[string]string{}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a.py", "d/b.md", "d/c.json", "e.bin", "d/Makefile", "f.xml"}), 1, 4, rapid.ID).Draw(rt, "names") {
			files[name] = rapid.SampledFrom(heads).Draw(rt, "head") + rapid.StringOf(rapid.RuneFrom([]rune("ab\n\r \x00é#<"))).Draw(rt, "body")
		}
		form := rapid.SampledFrom([]filetype.Form{filetype.Compact, filetype.Detached}).Draw(rt, "form")
		root := project(t, files)
		defer root.Close()
		o := inForm(options(day1), form)
		o.NoGit = true
		first := mustApply(t, root, o)
		stamped := contents(t, root)
		for name, action := range actions(first.Files) {
			text, ours := files[name]
			if ours && (form == filetype.Detached || action != "add") && stamped[name] != text {
				rt.Fatalf("%s: %q became %q by %s", name, text, stamped[name], action)
			}
		}
		for name, state := range states(t, root, o) {
			if actions(first.Files)[name] == "add" {
				rt.Fatalf("%s is %s: %q", name, state, stamped[name])
			}
		}
		o.Now = day2
		for name, action := range actions(mustApply(t, root, o).Files) {
			if action == "add" || action == "update" {
				rt.Fatalf("the second run: %s of %s", action, name)
			}
		}
		if diff := cmp.Diff(stamped, contents(t, root)); diff != "" {
			rt.Fatalf("the second run changed:\n%s", diff)
		}
	})
}
