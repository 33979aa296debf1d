package funcs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/internal/peer"
)

// sources returns the files below the directories whose name ends in one of the
// extensions.
func sources(t *testing.T, dirs []string, exts ...string) []string {
	t.Helper()
	var paths []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			for _, ext := range exts {
				if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ext) {
					paths = append(paths, path)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// A truth is what a language's own parser finds in a file: for each function the
// qualified name, the line and the parameters.
type truth struct {
	Path      string
	Functions []json.RawMessage // null where it refuses the file
}

// ask gives the paths to a peer program and returns what it prints.
func ask(t *testing.T, paths []string, program string, args ...string) []truth {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\n") + "\n")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, stderr.String())
	}
	var truths []truth
	for line := range bytes.Lines(out) {
		var tr truth
		if err := json.Unmarshal(line, &tr); err != nil {
			t.Fatalf("%v in %.200q", err, line)
		}
		truths = append(truths, tr)
	}
	return truths
}

// A score counts functions: right ones, those that are none, those not found.
type score struct {
	files, right, extra, missed int
	bytes                       int
	spent                       time.Duration
}

func (s score) precision() float64 { return 100 * float64(s.right) / float64(max(1, s.right+s.extra)) }
func (s score) recall() float64    { return 100 * float64(s.right) / float64(max(1, s.right+s.missed)) }

func (s score) String() string {
	return fmt.Sprintf("%d files, %d functions, precision %.3f %%, recall %.3f %%, %.0f MB/s",
		s.files, s.right+s.missed, s.precision(), s.recall(), float64(s.bytes)/1e6/max(1e-9, s.spent.Seconds()))
}

// compare scores a language against truths. show tells of a function what the
// peer tells of it.
func compare(t *testing.T, lang funcs.Language, truths []truth, show func(funcs.Function) []any) score {
	t.Helper()
	var s score
	for _, tr := range truths {
		if tr.Functions == nil {
			continue
		}
		src, err := os.ReadFile(tr.Path)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		found, diags := funcs.All(lang, src)
		s.spent += time.Since(start)
		s.files++
		s.bytes += len(src)
		wanted := map[string]int{}
		for _, f := range tr.Functions {
			var compact bytes.Buffer
			if err := json.Compact(&compact, f); err != nil {
				t.Fatal(err)
			}
			wanted[compact.String()]++
		}
		var wrong []string
		for _, f := range found {
			text, err := json.Marshal(show(f))
			if err != nil {
				t.Fatal(err)
			}
			if wanted[string(text)] > 0 {
				wanted[string(text)]--
				s.right++
			} else {
				s.extra++
				wrong = append(wrong, "+"+string(text))
			}
		}
		for w, n := range wanted {
			if s.missed += n; n > 0 {
				wrong = append(wrong, "-"+w)
			}
		}
		for _, d := range diags {
			wrong = append(wrong, fmt.Sprint(d))
		}
		for _, w := range wrong {
			t.Logf("%s: %s", tr.Path, w)
		}
	}
	return s
}

// good fails the test below 98 % and prints the score.
func good(t *testing.T, s score) {
	t.Helper()
	fmt.Printf("%s: %s\n", t.Name(), s)
	if s.precision() < 98 || s.recall() < 98 || s.right == 0 {
		t.Errorf("below 98 %%: %s", s)
	}
}

// corpus returns where to measure: the small sources of the repository or, where
// the environment names directories (separated by colons), those.
func corpus(t *testing.T, variable, small string) []string {
	t.Helper()
	if dirs := os.Getenv(variable); dirs != "" {
		return filepath.SplitList(dirs)
	}
	return []string{small}
}

// TestPythonAgainstCPython is run on large trees with
// ONEX_TEST_PYTHON_SOURCES=/usr/lib/python3.11.
func TestPythonAgainstCPython(t *testing.T) {
	python := peer.Find(t, "/usr/bin/python3")
	paths := sources(t, corpus(t, "ONEX_TEST_PYTHON_SOURCES", "testdata/python"), ".py")
	truths := ask(t, paths, python, "testdata/peer/python.py")
	good(t, compare(t, funcs.Python, truths, func(f funcs.Function) []any {
		names := []string{}
		for _, in := range f.Inputs {
			name, _, _ := strings.Cut(in, ":")
			names = append(names, name)
		}
		return []any{qualified(f), f.Line, names}
	}))
}

func qualified(f funcs.Function) string {
	if f.Scope == "" {
		return f.Name
	}
	return f.Scope + "." + f.Name
}

// TestAgainstTruth compares with what other parsers have found: where the
// environment has ONEX_TEST_FUNCS_BASH and so on, it names a file of lines
// {"path", "functions": [[qualified name, line]]}, as the programs in
// testdata/peer print them.
func TestAgainstTruth(t *testing.T) {
	for _, lang := range funcs.Languages() {
		file := os.Getenv("ONEX_TEST_FUNCS_" + strings.ToUpper(string(lang)))
		if file == "" {
			continue
		}
		t.Run(string(lang), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			truths := ask(t, []string{strings.TrimSpace(string(data))}, "cat")
			good(t, compare(t, lang, truths, func(f funcs.Function) []any {
				if lang == funcs.JavaScript || lang == funcs.TypeScript || lang == funcs.Rust {
					return []any{f.Name, f.Line} // what the peers print has no scopes
				}
				return []any{qualified(f), f.Line}
			}))
		})
	}
}
