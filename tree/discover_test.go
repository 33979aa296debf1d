package tree_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/tree"
)

// listed returns the files and, after them, what was skipped for one of the reasons.
func listed(t *testing.T, o *tree.Options, files map[string]string, reasons ...tree.Reason) string {
	t.Helper()
	root := project(t, files)
	o.NoGit = true
	found, skipped, err := tree.List(t.Context(), root, o)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range found {
		out = append(out, f.Path)
	}
	for _, s := range skipped {
		for _, r := range reasons {
			if s.Reason == r {
				out = append(out, string(r)+":"+s.Path)
			}
		}
	}
	return strings.Join(out, " ")
}

func TestTraversal(t *testing.T) {
	files := map[string]string{"a": "", "d/b": "", "d/e/c": "", "d/e/f/g": "", "h/i": ""}
	for _, tt := range []struct {
		mode  tree.Traversal
		paths []string
		want  string
	}{
		{"", nil, "a d/b d/e/c d/e/f/g h/i"},
		{tree.Recursive, nil, "a d/b d/e/c d/e/f/g h/i"},
		{tree.Flat, nil, "a too_deep:d too_deep:h"},
		{tree.Shallow, nil, "a d/b h/i too_deep:d/e"},
		{tree.Flat, []string{"d"}, "d/b too_deep:d/e"},
		{tree.Shallow, []string{"d"}, "d/b d/e/c too_deep:d/e/f"},
		{tree.Flat, []string{"d", "d/e"}, "d/b d/e/c too_deep:d/e/f"},
		{tree.Flat, []string{"d/e/f/g", "h"}, "d/e/f/g h/i"},
	} {
		if got := listed(t, &tree.Options{Traversal: tt.mode, Paths: tt.paths}, files, tree.TooDeep); got != tt.want {
			t.Errorf("%s of %v: %s, want %s", tt.mode, tt.paths, got, tt.want)
		}
	}
}

func TestMaxFiles(t *testing.T) {
	files := map[string]string{"a": "", "b": "", "c/d": ""}
	if got, want := listed(t, &tree.Options{MaxFiles: 2}, files, tree.OverLimit), "a b over_limit:c/d"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := listed(t, &tree.Options{MaxFiles: 3}, files, tree.OverLimit), "a b c/d"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// record is a .onextree of these files.
func record(paths ...string) string { return string(tree.Print(tree.FromPaths("p", paths, nil))) }

func TestSources(t *testing.T) {
	files := map[string]string{
		".onextree": record("a.md", "d/b.py", "d/gone.py", "ignored.md"), ".onexignore": "ignored.md\n",
		"a.md": "", "d/b.py": "", "d/new.py": "", "ignored.md": "",
	}
	var drifts []string
	drifted := func(ds []tree.Drift) {
		for _, d := range ds {
			drifts = append(drifts, string(d.Code)+":"+d.Path)
		}
	}
	for _, tt := range []struct {
		source             tree.Source
		o                  tree.Options
		want, drift, fails string
	}{
		{"", tree.Options{}, ".onexignore .onextree a.md d/b.py d/new.py", "", ""},
		{tree.Filesystem, tree.Options{}, ".onexignore .onextree a.md d/b.py d/new.py", "", ""},
		{tree.Record, tree.Options{}, "a.md d/b.py ignored.md gone:d/gone.py", "", ""},
		{tree.Record, tree.Options{Paths: []string{"d"}}, "d/b.py gone:d/gone.py", "", ""},
		{tree.Record, tree.Options{Paths: []string{"d/b.py"}}, "d/b.py", "", ""},
		{tree.Record, tree.Options{Include: []string{"*.md"}, Exclude: []string{"a.*"}}, "ignored.md", "", ""},
		{tree.HybridWarn, tree.Options{}, ".onexignore .onextree a.md d/b.py d/new.py",
			"missing_file:.onexignore missing_file:d/new.py extra_file:d/gone.py extra_file:ignored.md", ""},
		{tree.HybridWarn, tree.Options{Paths: []string{"a.md"}}, "a.md", "", ""},
		{tree.HybridStrict, tree.Options{Paths: []string{"a.md"}}, "a.md", "", ""},
		{tree.HybridStrict, tree.Options{}, "", "", "4 differences, the first: "},
	} {
		drifts = nil
		tt.o.Source, tt.o.Drifted = tt.source, drifted
		if tt.fails != "" {
			tt.o.NoGit = true
			_, _, err := tree.List(t.Context(), project(t, files), &tt.o)
			if !errors.Is(err, tree.ErrDrift) || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%s: error %v, want %s", tt.source, err, tt.fails)
			}
			continue
		}
		if got := listed(t, &tt.o, files, tree.Gone); got != tt.want {
			t.Errorf("%s %+v: %s, want %s", tt.source, tt.o.Paths, got, tt.want)
		}
		if got := strings.Join(drifts, " "); !sameWords(got, tt.drift) {
			t.Errorf("%s: drift %s, want %s", tt.source, got, tt.drift)
		}
	}
}

func sameWords(a, b string) bool {
	count := map[string]int{}
	for _, w := range strings.Fields(a) {
		count[w]++
	}
	for _, w := range strings.Fields(b) {
		count[w]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestSourcesNeedARecord(t *testing.T) {
	for text, want := range map[string]error{"": tree.ErrNoRecord, "- what\n": tree.ErrParse} {
		files := map[string]string{"a": ""}
		if text != "" {
			files[tree.FileName] = text
		}
		for _, source := range []tree.Source{tree.Record, tree.HybridWarn, tree.HybridStrict} {
			if _, _, err := tree.List(t.Context(), project(t, files), &tree.Options{Source: source, NoGit: true}); !errors.Is(err, want) {
				t.Errorf("%s of %q: error %v, want %v", source, text, err, want)
			}
		}
	}
}

func TestIgnoreFilesInTheirHistoricForm(t *testing.T) {
	files := map[string]string{
		".onexignore":   "# Schema: model_onex_ignore.OnexIgnoreConfig\nignore:\n  patterns:\n    - '*.log'\n  processing:\n    handler_type: x\n",
		"d/.onexignore": "ignore:\n- '*.tmp'\n", "a.log": "", "a.tmp": "", "d/a.tmp": "", "d/b.log": "", "d/c": "",
	}
	if got, want := listed(t, &tree.Options{}, files, tree.Ignored), ".onexignore a.tmp d/.onexignore d/c ignored:a.log ignored:d/a.tmp ignored:d/b.log"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
