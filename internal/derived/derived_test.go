package derived_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/derived"
)

func made(_ string, data []byte) bool { return strings.HasPrefix(string(data), "made") }

// states writes what is there, and returns how it stands to what would be made.
func states(t *testing.T, there map[string]string, files []derived.File) (map[string]derived.State, *os.Root, []derived.Item, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range there {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	items, err := derived.Compare(root, files, made, "out")
	got := map[string]derived.State{}
	for _, i := range items {
		got[i.Path] = i.State
	}
	return got, root, items, err
}

func TestCompareAndWrite(t *testing.T) {
	files := []derived.File{
		{Path: "out/b", Of: "b", Data: []byte("made b")}, {Path: "out/a", Of: "a", Data: []byte("made a")},
		{Path: "out/deep/c", Of: "c", Data: []byte("made c")},
	}
	there := map[string]string{"out/a": "made a", "out/b": "made long ago", "out/gone": "made once", "out/own": "by a person", "other": "made elsewhere"}
	got, root, items, err := states(t, there, files)
	want := map[string]derived.State{"out/a": derived.Current, "out/b": derived.Stale, "out/deep/c": derived.Missing, "out/gone": derived.Extra}
	if err != nil || derived.OK(items) {
		t.Errorf("%v, %v", items, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if total := derived.Totals(items); total != "1 current, 1 stale, 1 missing, 1 extra" {
		t.Error(total)
	}
	if err := derived.Write(root, files, items); err != nil {
		t.Fatal(err)
	}
	again, err := derived.Compare(root, files, made, "out")
	if total := derived.Totals(again); err != nil || total != "3 current, 1 extra" {
		t.Errorf("after writing: %s, %v", total, err)
	}
	if text, err := root.ReadFile("out/own"); err != nil || string(text) != "by a person" {
		t.Errorf("what a person wrote: %q, %v", text, err)
	}
}

func TestNothingIsThere(t *testing.T) {
	got, _, items, err := states(t, nil, nil)
	if err != nil || len(got) != 0 || !derived.OK(items) || derived.Totals(items) != "nothing to generate" {
		t.Errorf("%v, %v", items, err)
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	for name, c := range map[string]struct {
		paths []string
		want  error
	}{
		"out of the project": {[]string{"../x"}, derived.ErrTarget},
		"the root":           {[]string{"/x"}, derived.ErrTarget},
		"not clean":          {[]string{"out/../x"}, derived.ErrTarget},
		"below a file":       {[]string{"out/file/x"}, derived.ErrTarget},
		"twice":              {[]string{"out/x", "out/x"}, derived.ErrClash},
	} {
		var files []derived.File
		for _, p := range c.paths {
			files = append(files, derived.File{Path: p, Of: "something"})
		}
		if _, _, _, err := states(t, map[string]string{"out/file": "text"}, files); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestWhatPeopleSee holds the forms of a list of files.
func TestWhatPeopleSee(t *testing.T) {
	items := []derived.Item{
		{"a", "alpha", derived.Current}, {"b", "beta", derived.Stale}, {"c", "gamma", derived.Missing},
		{"d", "", derived.Extra}, {"e", "delta", derived.Written},
	}
	for format, want := range map[console.Format]string{
		console.Text:    "\x1b[33mstale  \x1b[0m  b\n\x1b[33mmissing\x1b[0m  c\n\x1b[31mextra  \x1b[0m  d\n\x1b[32mwritten\x1b[0m  e\n",
		console.Table:   "\x1b[2mSTATE    PATH  OF\x1b[0m\ncurrent  a     alpha\nstale    b     beta\nmissing  c     gamma\nextra    d\nwritten  e     delta\n",
		console.Summary: "1 current, 1 stale, 1 missing, 1 extra, 1 written\n",
	} {
		var out strings.Builder
		env := &console.Env{Out: &out, Color: true}
		if err := env.Print(format, list(items)); err != nil || out.String() != want {
			t.Errorf("%s: %v\n got %q\nwant %q", format, err, out.String(), want)
		}
	}
}

// A list is the files of a command's result.
type list []derived.Item

func (l list) Text(e *console.Env, w io.Writer) { derived.Text(e, w, l) }
func (l list) Table() console.Grid              { return derived.Table(l) }
func (l list) Summary(w io.Writer)              { fmt.Fprintln(w, derived.Totals(l)) }

// TestADirectoryInTheWay has directories where files are to be, and a file where a
// directory is.
func TestADirectoryInTheWay(t *testing.T) {
	files := []derived.File{{Path: "out/a", Of: "a", Data: []byte("made a")}}
	if _, _, _, err := states(t, map[string]string{"out/a/x": "made x"}, files); !errors.Is(err, derived.ErrTarget) {
		t.Errorf("a directory in the place of a file: %v", err)
	}
	_, root, items, err := states(t, nil, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := root.WriteFile("out", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := derived.Write(root, files, items); !errors.Is(err, derived.ErrWrite) || items[0].State != derived.Missing {
		t.Errorf("a file in the place of a directory: %v, %v", items, err)
	}
}
