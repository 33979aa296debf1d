package repotest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fakeGo stands for the go command when .ci/cover is judged: "go test" leaves the
// profile that lies in the file own or scripts beside it, and fails when there is a
// file of that name and .fails.
const fakeGo = `#!/usr/bin/env bash
set -euo pipefail
here=$(dirname "$0")
case $1 in
list) if [ "$2" = -m ]; then echo example.com/m; else printf 'example.com/m/%s\n' a b cmd/onex; fi ;;
test)
	for arg in "$@"; do case $arg in -coverprofile=*) to=${arg#*=} ;; esac; done
	cp "$here/$(basename "$to")" "$to"
	[ ! -e "$here/$(basename "$to").fails" ] ;;
esac
`

// A measured is what tests are said to have run of ten statements of the package a;
// none: there is no package.
type measured struct {
	own, scripts int // of ten
	none         bool
	fails        string // which of both runs fails
}

func TestCoverJudges(t *testing.T) {
	for name, tt := range map[string]struct {
		m    measured
		args []string
		says string
		ok   bool
	}{
		"own tests":           {m: measured{own: 8}, says: " 80.0 %  80.0 % a\n", ok: true},
		"with scripts":        {m: measured{own: 5, scripts: 9}, says: " 50.0 %  90.0 % a\n", ok: true},
		"not enough":          {m: measured{own: 7, scripts: 7}, says: " 70.0 %  70.0 % a  <- below 80 %\n"},
		"hardly own":          {m: measured{own: 4, scripts: 10}, says: " 40.0 % 100.0 % a  <- own tests below 50 %\n"},
		"own alone":           {m: measured{own: 7, scripts: 10}, args: []string{"./a"}, says: " 70.0 % a  <- below 80 %\n"},
		"enough alone":        {m: measured{own: 8}, args: []string{"./a"}, says: " 80.0 % a\n", ok: true},
		"all by name":         {m: measured{own: 5, scripts: 9}, args: []string{"./..."}, says: " 50.0 %  90.0 % a\n", ok: true},
		"a file is low":       {m: measured{own: 5, scripts: 5}, says: "file below 60 %: a/a.go (50.0 %)\n"},
		"nothing is measured": {m: measured{none: true}, says: "no package was measured\n"},
		"a test fails":        {m: measured{own: 10, fails: "own"}, says: "100.0 % 100.0 % a\n"},
		"a script fails":      {m: measured{own: 10, fails: "scripts"}, says: "100.0 % 100.0 % a\n"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := cover(t, tt.m, tt.args)
			if (err == nil) != tt.ok || !strings.Contains(out, tt.says) {
				t.Errorf("%v, want success: %v\n%swant %q", err, tt.ok, out, tt.says)
			}
		})
	}
}

// cover runs .ci/cover in a directory of its own, with that measured.
func cover(t *testing.T, m measured, args []string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	put := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put(".ci/cover", read(t, ".ci/cover"))
	put("bin/go", fakeGo)
	put("bin/own", profile(m, m.own))
	put("bin/scripts", profile(m, m.scripts))
	if m.fails != "" {
		put("bin/"+m.fails+".fails", "")
	}
	cmd := exec.CommandContext(t.Context(), "bash", append([]string{filepath.Join(dir, ".ci", "cover")}, args...)...)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// profile is one of go test in which so many of ten statements ran, and all of a
// command, which is not judged.
func profile(m measured, ran int) string {
	text := "mode: set\nexample.com/m/cmd/onex/main.go:1.1,2.2 1 0\n"
	for i := range 10 {
		if !m.none {
			text += fmt.Sprintf("example.com/m/a/a.go:%d.1,%d.9 1 %d\n", i, i, min(1, max(0, ran-i)))
		}
	}
	return text
}
