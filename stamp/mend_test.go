package stamp_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/stamp"
)

const (
	pyOpen  = "# === OmniNode:Metadata ===\n"
	pyClose = "# === /OmniNode:Metadata ===\n"
	oldID   = "4e8a1b70-0000-4000-8000-00000000abcd"
	identID = "# uuid: " + oldID + "\n# created_at: '2025-05-28T12:40:26'\n"
)

func TestRepairKeepsIdentityAndBody(t *testing.T) {
	for what, damaged := range map[string]string{
		"not closed":         pyOpen + identID + "x = 1\n",
		"opened twice":       pyOpen + identID + pyOpen + "# author: Eve\n" + pyClose + "\nx = 1\n",
		"three opened":       pyOpen + identID + pyOpen + "# uuid: TBD\n" + pyOpen + pyClose + "\nx = 1\n",
		"stacked, whole":     pyOpen + identID + pyClose + "\n" + pyOpen + "# uuid: 4e8a1b70-0000-4000-8000-00000000aaaa\n" + pyClose + "\nx = 1\n",
		"not YAML":           pyOpen + identID + "# tags: [\n" + pyClose + "x = 1\n",
		"value not allowed":  pyOpen + identID + "# metadata_version: 0.1.0\n# author: Eve\n# lifecycle: wrong\n" + pyClose + "\nx = 1\n",
		"merge conflict":     pyOpen + identID + "# author: A\n# author: B\n" + pyClose + "\nx = 1\n",
		"nothing but opened": pyOpen + "# uuid: " + oldID + "\n",
	} {
		root := project(t, map[string]string{"a.py": damaged})
		if r := mustApply(t, root, options(day1)); r.Summary[stamp.Fail] != 1 || read(t, root, "a.py") != damaged {
			t.Errorf("%s: without Repair: %+v\n%s", what, r.Summary, read(t, root, "a.py"))
		}
		o := options(day1)
		o.Repair = true
		if r := mustApply(t, root, o); r.Summary[stamp.Update] != 1 {
			t.Errorf("%s: %+v", what, r.Files)
		}
		got := read(t, root, "a.py")
		body := strings.TrimPrefix(got[strings.Index(got, pyClose)+len(pyClose):], "\n")
		if !strings.Contains(got, "\n# uuid: "+oldID+"\n") || body != "x = 1\n" && what != "nothing but opened" {
			t.Errorf("%s:\n%s", what, got)
		}
		if strings.Contains(damaged, "created_at") != strings.Contains(got, "created_at: '2025-05-28T12:40:26'") {
			t.Errorf("%s: created_at:\n%s", what, got)
		}
		if r := check(t, root, nil); !r.OK() {
			t.Errorf("%s: check: %+v", what, r.Files)
		}
		if r := mustApply(t, root, o); r.Summary[stamp.Keep] != 1 {
			t.Errorf("%s: again: %+v", what, r.Files)
		}
	}
}

// Whatever happens to the lines of a block, but for the uuid, repair brings the
// identity and the body through.
func TestRepairLaw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		src := rapid.SampledFrom([]string{"a.py", "a.md", "a.go", "a.css", "a.xml"}).Draw(rt, "name")
		const body = "<p>the body</p>\n"
		root := project(t, map[string]string{src: body})
		mustApply(t, root, options(day1))
		lines := strings.SplitAfter(strings.TrimSuffix(read(t, root, src), "\n"+body), "\n")
		uuid := lines[slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "uuid: ") })]
		for range rapid.IntRange(1, 4).Draw(rt, "damages") {
			at := rapid.IntRange(1, len(lines)-1).Draw(rt, "line")
			junk := rapid.SampledFrom([]string{"", lines[at] + lines[at], lines[0], strings.Replace(lines[at], ":", ": [", 1)}).Draw(rt, "junk")
			if !strings.Contains(lines[at], "uuid: ") {
				lines[at] = junk
			}
		}
		damaged := strings.Join(lines, "") + "\n" + body
		write(t, root.Name(), src, damaged)
		o := options(day2)
		o.Repair = true
		mustApply(t, root, o)
		got := read(t, root, src)
		if !strings.Contains(got, uuid) || !strings.HasSuffix(got, body) {
			rt.Fatalf("damaged:\n%s\nrepaired:\n%s", damaged, got)
		}
		if r := check(t, root, nil); !r.OK() {
			rt.Fatalf("damaged:\n%s\nrepaired:\n%s\n%+v", damaged, got, r.Files)
		}
	})
}

func TestRepairLeavesWhatCannotCarryABlock(t *testing.T) {
	root := project(t, map[string]string{"nul.py": "a\x00", "latin1.py": pyOpen + "# \xe9\n", "vault.yaml": "$ANSIBLE_VAULT;1.1\n"})
	o := options(day1)
	o.Repair = true
	before := contents(t, root)
	if r := mustApply(t, root, o); r.Summary[stamp.Skip] != 4 {
		t.Errorf("%+v", r.Files)
	}
	if diff := cmp.Diff(before, contents(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestNewIdentity(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x = 1\n"})
	mustApply(t, root, options(day1))
	write(t, root.Name(), "b.py", read(t, root, "a.py"))
	mustApply(t, root, options(day1))
	if r := check(t, root, nil); r.Summary[stamp.Duplicate] != 2 {
		t.Fatalf("a copy: %+v", r.Files)
	}
	before := read(t, root, "a.py")
	o := options(day2, "b.py")
	o.NewIdentity = true
	mustApply(t, root, o)
	if r := check(t, root, nil); !r.OK() || r.Summary[stamp.OK] != 2 {
		t.Errorf("check: %+v", r.Files)
	}
	if read(t, root, "a.py") != before {
		t.Error("the original changed")
	}
	if got := read(t, root, "b.py"); !strings.Contains(got, "created_at: '2026-01-03T03:04:05Z'") || !strings.HasSuffix(got, "\nx = 1\n") {
		t.Errorf("the copy:\n%s", got)
	}
}
