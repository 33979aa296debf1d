package stamp_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/stamp"
)

const cachePath = ".git/onex/checked"

// committed makes a stamped project in git, of which every file was last written
// an hour ago.
func committed(t *testing.T, files map[string]string) *os.Root {
	t.Helper()
	root := project(t, files)
	mustApply(t, root, options(day1))
	gitIn(t, root, "init", "-q")
	for name := range contents(t, root) {
		age(t, root, name)
	}
	gitIn(t, root, "add", "-A")
	gitIn(t, root, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "one")
	return root
}

func age(t *testing.T, root *os.Root, name string) {
	t.Helper()
	then := time.Now().Add(-time.Hour)
	if err := root.Chtimes(name, then, then); err != nil {
		t.Fatal(err)
	}
}

// gitIn runs git in root and returns what it prints.
func gitIn(t testing.TB, root *os.Root, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	cmd := exec.Command("git", args...)
	cmd.Dir = root.Name()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func check(t *testing.T, root *os.Root, o *stamp.Options) stamp.CheckReport {
	t.Helper()
	r, err := stamp.Check(t.Context(), root, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCacheSaysWhatReadingSays(t *testing.T) {
	root := committed(t, map[string]string{"a.py": "x = 1\n", "b.md": "# B\n", "sub/c.yaml": "a: 1\n", "data.bin": "\x00", "tab\there.py": "x\n"})
	all := &stamp.Options{All: true}
	for _, change := range []func(){
		func() {},
		func() { replace(t, root, "a.py", "x = 1", "x = 2") },
		func() { gitIn(t, root, "add", "a.py") }, // clean again, and still modified
		func() { write(t, root.Name(), "copy.md", read(t, root, "b.md")) },
		func() { gitIn(t, root, "mv", "sub/c.yaml", "sub/d.yaml") },
		func() {
			gitIn(t, root, "update-index", "--assume-unchanged", "b.md")
			replace(t, root, "b.md", "# B", "# C")
		},
		func() { gitIn(t, root, "rm", "-qf", "data.bin") },
	} {
		change()
		want := check(t, root, &stamp.Options{All: true, NoCache: true})
		for range 2 {
			if diff := cmp.Diff(want, check(t, root, all)); diff != "" {
				t.Errorf("with cache (-read +cached):\n%s", diff)
			}
		}
	}
}

// A file that git says is unchanged is not read: the proof is a cache that lies.
func TestCacheSparesReading(t *testing.T) {
	root := committed(t, map[string]string{"a.py": "x = 1\n", "b.py": "y = 1\n"})
	check(t, root, nil)
	old := gitIn(t, root, "rev-parse", ":a.py")
	replace(t, root, "a.py", "x = 1", "x = 2222")
	age(t, root, "a.py")
	gitIn(t, root, "add", "a.py")
	if r := check(t, root, nil); r.Summary[stamp.Modified] != 1 {
		t.Errorf("with another blob: %+v", r)
	}
	now := gitIn(t, root, "rev-parse", ":a.py")
	write(t, root.Name(), cachePath, strings.Replace(read(t, root, cachePath), strings.TrimSpace(old), strings.TrimSpace(now), 1))
	if r := check(t, root, nil); !r.OK() {
		t.Errorf("the file was read again: %+v", r)
	}
	if r := check(t, root, &stamp.Options{NoCache: true}); r.Summary[stamp.Modified] != 1 {
		t.Errorf("without the cache: %+v", r)
	}
	write(t, root.Name(), "a.py", read(t, root, "a.py"))
	if r := check(t, root, nil); r.Summary[stamp.Modified] != 1 {
		t.Errorf("written again: %+v", r)
	}
}

// Changes that hide from git's index: of the same size, within the tick of the
// clock in which git looked, with the old time put back.
func TestCacheNoticesWhatHides(t *testing.T) {
	root := committed(t, map[string]string{"a.py": "x = 1\n", "b.py": "y = 1\n"})
	for i := range 60 {
		text := read(t, root, "a.py")
		write(t, root.Name(), "a.py", text)
		info, _ := root.Stat("a.py")
		gitIn(t, root, "add", "a.py")
		if r := check(t, root, nil); !r.OK() {
			t.Fatalf("%d: before: %+v", i, r)
		}
		replace(t, root, "a.py", "x = 1", "x = 2")
		if i%2 == 0 {
			if err := root.Chtimes("a.py", info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
		}
		if r := check(t, root, nil); r.Summary[stamp.Modified] != 1 {
			t.Fatalf("%d: the change is not seen: %+v", i, r)
		}
		write(t, root.Name(), "a.py", text)
	}
}

// A check of some files leaves what is known of the others.
func TestPartialCheckKeepsTheRest(t *testing.T) {
	root := committed(t, map[string]string{"a/1.py": "x = 1\n", "b/2.py": "y = 1\n", "c/3.py": "z = 1\n"})
	check(t, root, nil)
	lines := strings.Count(read(t, root, cachePath), "\n")
	replace(t, root, "b/2.py", "y = 1", "y = 1 ") // as good as before
	age(t, root, "b/2.py")
	gitIn(t, root, "add", "-A")
	check(t, root, &stamp.Options{Paths: []string{"b"}})
	if text := read(t, root, cachePath); strings.Count(text, "\n") != lines || !strings.Contains(text, strings.TrimSpace(gitIn(t, root, "rev-parse", ":b/2.py"))) {
		t.Errorf("after a check of b:\n%s", text)
	}
	gitIn(t, root, "rm", "-q", "c/3.py")
	write(t, root.Name(), "a/1.py", read(t, root, "a/1.py")+"\n")
	age(t, root, "a/1.py")
	gitIn(t, root, "add", "-A")
	check(t, root, nil)
	if text := read(t, root, cachePath); strings.Contains(text, "c/3.py") || strings.Count(text, "\n") != lines-1 {
		t.Errorf("what is gone is kept:\n%s", text)
	}
}

func TestDamagedCacheIsNotBelieved(t *testing.T) {
	root := committed(t, map[string]string{"a.py": "x = 1\n", "b.py": "y = 1\n"})
	replace(t, root, "a.py", "x = 1", "x = 2")
	gitIn(t, root, "add", "-A")
	age(t, root, "a.py")
	check(t, root, nil)
	good := read(t, root, cachePath)
	if !strings.Contains(good, "\tb.py\n") || strings.Contains(good, "\ta.py\n") {
		t.Fatalf("cache:\n%s", good)
	}
	head, line, _ := strings.Cut(good, "\n")
	forged := strings.Replace(line, "b.py", "a.py", 1)
	for name, text := range map[string]string{
		"empty": "", "torn": good[:len(good)-3], "other build": strings.Replace(good, "onex-check 2 ", "onex-check 2 0", 1),
		"no fields": head + "\n" + strings.Repeat("x", len(line)-1) + "\n", "other file": head + "\n" + forged,
	} {
		write(t, root.Name(), cachePath, text)
		if r := check(t, root, nil); r.Summary[stamp.Modified] != 1 || r.Summary[stamp.OK] != 1 {
			t.Errorf("%s: %v", name, r.Summary)
		}
	}
}

func TestCacheIsOptional(t *testing.T) {
	root := committed(t, map[string]string{"a.py": "x = 1\n"})
	for _, o := range []*stamp.Options{{NoCache: true}, {NoGit: true}} {
		check(t, root, o)
		if _, err := root.Stat(cachePath); err == nil {
			t.Errorf("%+v wrote a cache", o)
		}
	}
	if err := os.WriteFile(filepath.Join(root.Name(), ".git/onex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if r := check(t, root, nil); !r.OK() || r.Summary[stamp.OK] != 1 {
		t.Errorf("with no place for a cache: %+v", r)
	}
}
