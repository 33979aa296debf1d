package golden_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/golden"
)

// recorder is a testing.TB that remembers whether it failed.
type recorder struct {
	testing.TB
	failed string
	ended  bool
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.failed = fmt.Sprintf(format, args...) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.failed, r.ended = fmt.Sprintf(format, args...), true
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) { r.Fatalf("%s", fmt.Sprint(args...)) }

// check is what golden.Check says of a test that got those bytes, with -update or
// without.
func check(t *testing.T, update bool, path, got string) *recorder {
	t.Helper()
	before := golden.Updating()
	set(t, update)
	defer set(t, before)
	r, done := &recorder{TB: t}, make(chan struct{})
	go func() {
		defer close(done)
		golden.Check(r, path, []byte(got))
	}()
	<-done
	return r
}

func set(t *testing.T, update bool) {
	t.Helper()
	if err := flag.Set("update", fmt.Sprint(update)); err != nil {
		t.Fatal(err)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "x.golden")
	for _, step := range []struct {
		name   string
		update bool
		got    string
		says   []string // in what it fails with; none: it passes
		ended  bool
		file   string // afterwards
	}{
		{name: "no file", got: "a\n", says: []string{path, "go test -update"}, ended: true},
		{name: "written", update: true, got: "a\n", file: "a\n"},
		{name: "the same", got: "a\n", file: "a\n"},
		{name: "another", got: "b\n", says: []string{path + " is stale", "go test -update", "-want +got"}, file: "a\n"},
		{name: "a line end less", got: "a", says: []string{"is stale"}, file: "a\n"},
		{name: "written again", update: true, got: "b\n", file: "b\n"},
	} {
		r := check(t, step.update, path, step.got)
		if failed := r.failed != ""; failed != (len(step.says) > 0) || r.ended != step.ended {
			t.Errorf("%s: fails with %q, at once %v", step.name, r.failed, r.ended)
		}
		for _, want := range step.says {
			if !strings.Contains(r.failed, want) {
				t.Errorf("%s: fails with %q, want %q", step.name, r.failed, want)
			}
		}
		if text, err := os.ReadFile(path); string(text) != step.file || (err == nil) != (step.file != "") {
			t.Errorf("%s: the file holds %q, %v; want %q", step.name, text, err, step.file)
		}
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"below a file": filepath.Join(dir, "file", "x"), "a directory": dir} {
		if r := check(t, true, path, "a"); !r.ended {
			t.Errorf("%s: the test goes on", name)
		}
	}
}
