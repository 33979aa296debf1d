package parity

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestDiffIsTrue holds that the edits of a diff make the second text of the
// first, and that equal texts have none.
func TestDiffIsTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{"a", "b", "c", ""})
		from, to := rapid.SliceOfN(line, 0, 30).Draw(t, "from"), rapid.SliceOfN(line, 0, 30).Draw(t, "to")
		var before, after []string
		for _, e := range align(from, to) {
			if e.op != '+' {
				before = append(before, e.line)
			}
			if e.op != '-' {
				after = append(after, e.line)
			}
		}
		if d := cmp.Diff(strings.Join(from, "\n"), strings.Join(before, "\n")); d != "" || len(from) != len(before) {
			t.Fatalf("first text: %s", d)
		}
		if d := cmp.Diff(strings.Join(to, "\n"), strings.Join(after, "\n")); d != "" || len(to) != len(after) {
			t.Fatalf("second text: %s", d)
		}
		same := cmp.Equal(from, to) || len(from)+len(to) == 0
		text := unified("a", "b", strings.Join(from, "\n"), strings.Join(to, "\n"))
		if same && text != "" {
			t.Fatalf("equal texts differ:\n%s", text)
		}
	})
}

func TestDiffHasHunks(t *testing.T) {
	from := strings.Split("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", " ")
	to := append([]string{"0"}, from...)
	to[19] = "nineteen"
	const want = `--- a
+++ b
@@ -1,3 +1,4 @@
+0
 1
 2
 3
@@ -16,5 +17,5 @@
 16
 17
 18
-19
+nineteen
 20
`
	if d := cmp.Diff(want, unified("a", "b", strings.Join(from, "\n"), strings.Join(to, "\n"))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestLongDiffsAreCut(t *testing.T) {
	long := strings.Repeat("x\n", maxDiffCompare+1)
	d := unified("a", "b", long, strings.Repeat("y\n", 3)+strings.Repeat("z", 1000))
	if n := strings.Count(d, "\n"); n != maxDiffLines+1 || !strings.Contains(d, "more lines") {
		t.Errorf("%d lines", n)
	}
}

func TestVolatilePaths(t *testing.T) {
	for _, tt := range []struct {
		raw      string
		pointers []string
		want     string
	}{
		{`{"b":1,"a":2}`, nil, `{"a":2,"b":1}`},
		{`{"b":1,"a":2}`, []string{"/a"}, `{"b":1}`},
		{`{"a/b":1,"c~d":2,"e":3}`, []string{"/a~1b", "/c~0d"}, `{"e":3}`},
		{`{"l":[{"at":1,"n":1},{"at":2,"n":2}]}`, []string{"/l/1/at"}, `{"l":[{"at":1,"n":1},{"n":2}]}`},
		{`{"l":[1,2,3]}`, []string{"/l/0", "/l/2"}, `{"l":[null,2,null]}`},
		{`{"a":1}`, []string{"/b", "/a/c", "/l/x", "/l/7"}, `{"a":1}`},
		{`{"l":[{"at":1,"n":1},{"at":2,"n":2}]}`, []string{"/l/*/at"}, `{"l":[{"n":1},{"n":2}]}`},
		{`{"a":{"x":1,"y":2},"b":3}`, []string{"/a/*"}, `{"a":{},"b":3}`},
		{`{"a":{"":1}}`, []string{"/a/"}, `{"a":{}}`},
		{`"text"`, []string{""}, `null`},
		{`{"n":1.50,"m":1e2}`, []string{"/x"}, `{"m":100,"n":1.5}`},
	} {
		got, err := canonicalWithout([]byte(tt.raw), tt.pointers)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s without %v = %s, %v; want %s", tt.raw, tt.pointers, got, err, tt.want)
		}
	}
	for _, raw := range []string{`{"a":1,"a":2}`, `9007199254740993`, `{`} {
		if got, err := canonicalWithout([]byte(raw), []string{"/a"}); err == nil {
			t.Errorf("%s has the canonical form %s", raw, got)
		}
	}
}

func FuzzReadReply(f *testing.F) {
	f.Add(`{"tool_name":"t","status":"success","result":null,"error":null,"node_id":"","correlation_id":"","duration_ms":0}`)
	f.Add(`{"tool_name":"t"} x`)
	f.Fuzz(func(t *testing.T, text string) {
		out := &capped{limit: maxCommandOutput}
		out.Write([]byte(text))
		r, err := readReply(out)
		if err == nil && strings.TrimSpace(text) == "" {
			t.Errorf("nothing reads as %+v", r)
		}
	})
}

// TestOutputIsCapped holds that io.Copy, which a process's output comes by, keeps to
// the limit.
func TestOutputIsCapped(t *testing.T) {
	for _, c := range []struct {
		text, want string
		exceeded   bool
	}{{"1234", "1234", false}, {"12345", "12345", false}, {"123456", "12345", true}} {
		out := &capped{limit: 5}
		n, err := io.Copy(out, strings.NewReader(c.text))
		if err != nil || int(n) != len(c.text) || out.kept.String() != c.want || out.exceeded != c.exceeded {
			t.Errorf("%q: %q, %t, %v", c.text, out.kept.String(), out.exceeded, err)
		}
	}
}

// TestCopiesRunAtOnce copies a program many times while others are started, and
// runs each copy at once: none is still open for writing in another's hands.
func TestCopiesRunAtOnce(t *testing.T) {
	const copiers, copies = 8, 100
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for c := range copiers {
		all.Go(func() {
			for i := range copies {
				name := program + strconv.Itoa(c*copies+i)
				if err := copyFile(name, program, 0o700); err != nil {
					t.Error(err)
				}
				if err := exec.Command(name).Run(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
