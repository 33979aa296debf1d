package tree

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

// indexOf returns an index file that git made.
func indexOf(t testing.TB, version string) []byte {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", "git init -q; mkdir d; for f in a b d/a d/ab d/abc e; do echo $f > $f; done; git add -A; git update-index --index-version "+version+"; echo n > n; git add -N n")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(dir + "/" + indexFile)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A damaged index is refused, or read as something; never more.
func FuzzGitIndex(f *testing.F) {
	for _, version := range []string{"2", "3", "4"} {
		f.Add(indexOf(f, version))
	}
	f.Add([]byte("DIRC\x00\x00\x00\x02\x00\x00\x00\x00" + strings.Repeat("x", blobSize)))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, ok := parseGitIndex(string(data))
		if !ok {
			return
		}
		var names []string
		for i, e := range x.entries {
			if e.path == "" || i > 0 && e.path < x.entries[i-1].path || len(x.blob(i)) != blobSize {
				t.Fatalf("entry %d: %+v", i, e)
			}
			names = append(names, e.path)
			x.unchanged(i, atomicfile.Status{Exact: true})
		}
		for i, at := range x.find(names) {
			if at < 0 || x.entries[at].path != names[i] {
				t.Fatalf("%q is found as %d", names[i], at)
			}
		}
		if below := x.below([]string{"."}); len(below) > len(names) {
			t.Fatalf("%q", below)
		}
	})
}

func TestDamagedIndexIsRefused(t *testing.T) {
	good := string(indexOf(t, "2"))
	if x, ok := parseGitIndex(good); !ok || len(x.entries) != 7 {
		t.Fatal("git's own index is refused")
	}
	for what, text := range map[string]string{
		"empty": "", "other file": "X" + good[1:], "version 5": good[:7] + "\x05" + good[8:], "torn": good[:len(good)/2], "too many": good[:8] + "\x7f" + good[9:],
		"link": good[:len(good)-blobSize] + "link\x00\x00\x00\x00" + good[len(good)-blobSize:], "unordered": strings.Replace(good, "d/abc", "A/abc", 1),
	} {
		if _, ok := parseGitIndex(text); ok {
			t.Errorf("%s is believed", what)
		}
	}
}
