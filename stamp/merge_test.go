package stamp_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/stamp"
)

func needsGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
}

// stampedAs returns text as a.py, stamped with an identity and a time.
func stampedAs(t testing.TB, text, uuid string, o *stamp.Options) string {
	t.Helper()
	root := project(t, map[string]string{"a.py": text})
	o.NewUUID = func() string { return uuid }
	mustApply(t, root, o)
	return contents(t, root)["a.py"]
}

const (
	uuid1 = "11111111-1111-4111-8111-111111111111"
	uuid2 = "22222222-2222-4222-8222-222222222222"
)

func merge3(t testing.TB, root *os.Root, name, base, ours, theirs string) (string, int) {
	t.Helper()
	out, n, err := stamp.Merge3(t.Context(), root, stamp.Merge{Path: name, Base: []byte(base), Ours: []byte(ours), Theirs: []byte(theirs)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(out), n
}

func verifies(t testing.TB, text string) filetype.Parts {
	t.Helper()
	typ, _ := filetype.Standard().Find("a.py", nil)
	p, err := typ.Split([]byte(text))
	if err != nil || p.Hash(p.Meta) != p.Meta.Hash() {
		t.Fatalf("%v: does not verify:\n%s", err, text)
	}
	return p
}

func TestMergeKeepsTheOlderIdentity(t *testing.T) {
	needsGit(t)
	root := project(t, nil)
	old, young := stampedAs(t, "a = 1\n", uuid1, options(day1)), stampedAs(t, "a = 1\n", uuid2, options(day2))
	for _, pair := range [][2]string{{old, young}, {young, old}} {
		got, n := merge3(t, root, "a.py", "a = 1\n", pair[0], pair[1])
		if p := verifies(t, got); n != 0 || p.Meta.UUID() != uuid1 || p.Meta.CreatedAt() != "2026-01-02T03:04:05Z" {
			t.Errorf("%d conflicts:\n%s", n, got)
		}
	}
}

func TestMergeKeepsWhatOneSideWrote(t *testing.T) {
	needsGit(t)
	root := project(t, nil)
	base := stampedAs(t, "a = 1\nb = 2\nc = 3\nd = 4\n", uuid1, options(day1))
	ours := strings.Replace(base, "owner: Team", "owner: Us", 1)
	theirs := strings.Replace(strings.Replace(base, "copyright: Team\n", "copyright: Them\n# x_mine: 1\n", 1), "d = 4", "d = 5", 1)
	got, n := merge3(t, root, "a.py", base, ours, theirs)
	p := verifies(t, got)
	if n != 0 || p.Meta.Owner() != "Us" || p.Meta.Text("copyright") != "Them" || p.Meta.Text("x_mine") != "1" || !strings.HasSuffix(got, "d = 5\n") {
		t.Errorf("%d conflicts:\n%s", n, got)
	}
	got, n = merge3(t, root, "a.py", base, ours, strings.Replace(base, "owner: Team", "owner: Them", 1))
	if n != 1 || !strings.Contains(got, "<<<<<<< ours\n# owner: Us\n=======\n# owner: Them\n>>>>>>> theirs\n") {
		t.Errorf("%d conflicts:\n%s", n, got)
	}
	if got, n := merge3(t, root, "a.py", base, base, ours); n != 0 || got != verbatim(t, ours) {
		t.Errorf("what one side alone changed: %d conflicts:\n%s", n, got)
	}
}

// verbatim returns text, stamped anew.
func verbatim(t testing.TB, text string) string {
	root := project(t, nil)
	got, _ := merge3(t, root, "a.py", text, text, text)
	return got
}

func TestMergeOfManifests(t *testing.T) {
	needsGit(t)
	root := project(t, nil)
	one := "# x\na.json:\n  uuid: " + uuid1 + "\n  hash: 1\n  owner: A\n"
	two := "b.json:\n  uuid: " + uuid2 + "\n"
	got, n := merge3(t, root, ".onex.yaml", "", one, two)
	if n != 0 || entry(t, got, "a.json").UUID() != uuid1 || entry(t, got, "b.json").UUID() != uuid2 {
		t.Errorf("%d conflicts:\n%s", n, got)
	}
	if got, n = merge3(t, root, ".onex.yaml", one+two, two, one+two); n != 0 || strings.Contains(got, "a.json") {
		t.Errorf("an entry that one side dropped is back: %d\n%s", n, got)
	}
	changed := strings.Replace(one, "hash: 1", "hash: 2", 1)
	if got, n = merge3(t, root, ".onex.yaml", one+two, two, changed+two); n != 0 || entry(t, got, "a.json").Hash() != "2" {
		t.Errorf("an entry that one side changed is lost: %d\n%s", n, got)
	}
	if got, n = merge3(t, root, ".onex.yaml", one, changed, strings.Replace(one, "hash: 1", "hash: 3", 1)); n != 0 || !entry(t, got, "a.json").HashUnset() {
		t.Errorf("nobody knows the hash of what both changed: %d\n%s", n, got)
	}
	if got, n = merge3(t, root, ".onex.yaml", one, strings.Replace(one, "owner: A", "owner: B", 1), strings.Replace(one, "owner: A", "owner: C", 1)); n != 1 || !strings.Contains(got, "=======\n  owner: C\n") {
		t.Errorf("two owners: %d\n%s", n, got)
	}
}

// TestResolveMendsWhatGitMarked takes any two changes of a stamped file, and looks at
// what is left of the conflicts that git marks when its versions are not known.
func TestResolveMendsWhatGitMarked(t *testing.T) {
	needsGit(t)
	root := project(t, nil)
	base := strings.Repeat("x = 0\ny = 0\n", 6)
	stampedBase := stampedAs(t, base, uuid1, options(day1))
	rapid.Check(t, func(rt *rapid.T) {
		edit := func(side string) string {
			lines := strings.SplitAfter(base, "\n")
			at := rapid.IntRange(0, len(lines)-2).Draw(rt, side)
			lines[at] = side + " = 1\n"
			old, body, _ := strings.Cut(stampedBase, "\n\n")
			_ = body
			return stampedAs(t, old+"\n\n"+strings.Join(lines, ""), uuid1, options(day2))
		}
		ours, theirs := edit("ours"), edit("theirs")
		marked, n := mergeText(t, stampedBase, ours, theirs)
		write(t, root.Name(), "a.py", marked)
		report, err := stamp.Resolve(t.Context(), root, nil, false)
		if err != nil {
			rt.Fatal(err)
		}
		if n == 0 && len(report.Files) > 0 || n > 0 && len(report.Files) != 1 {
			rt.Fatalf("%d conflicts, %v", n, report.Files)
		}
		got := contents(t, root)["a.py"]
		for _, line := range []string{"ours = 1\n", "theirs = 1\n"} {
			if !strings.Contains(got, line) {
				rt.Fatalf("%q is lost:\n%s", line, got)
			}
		}
		if report.OK() {
			verifies(t, got)
		} else if c := strings.Count(got, "<<<<<<< "); c != report.Files[0].Conflicts {
			rt.Fatalf("%d conflicts are reported, and %d left:\n%s", report.Files[0].Conflicts, c, got)
		}
		head, _, _ := strings.Cut(got, "=== /OmniNode")
		if strings.Contains(head, "<<<<<<<") {
			rt.Fatalf("a conflict is left in the block:\n%s", got)
		}
	})
}

// mergeText merges as git does, without knowing of metadata.
func mergeText(t testing.TB, base, ours, theirs string) (string, int) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"base": base, "ours": ours, "theirs": theirs} {
		write(t, dir, name, text)
	}
	cmd := exec.Command("git", "merge-file", "-p", "ours", "base", "theirs")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() > 127 {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}
