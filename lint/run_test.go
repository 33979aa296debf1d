package lint_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"golang.org/x/tools/txtar"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/lint"
)

// toys returns rules that are as simple as rules can be.
func toys() []*lint.Rule {
	doc := lint.Doc{Short: "s", Why: "w", Bad: "b", Good: "g"}
	return []*lint.Rule{
		{ID: "T001", Name: "bad-word", Set: lint.Default, Level: lint.Error, Doc: doc, Files: []string{"*.txt", "*.py", "*.go"}, File: badWord},
		{ID: "T002", Name: "long-word", Set: lint.Default, Level: lint.Note, Doc: doc, Files: []string{"*.txt"}, Everything: true, File: longWord},
		{ID: "T003", Name: "two-lists", Set: lint.Onex, Level: lint.Warning, Doc: doc, Files: []string{"*.list"}, Project: twoLists},
		{ID: "T004", Name: "trap", Set: lint.Default, Level: lint.Error, Doc: doc, Files: []string{"*.trap"}, File: trap},
	}
}

// badWord finds "bad" and makes it "good".
func badWord(p *lint.Pass) {
	p.File.Go() // as a rule about Go does
	for at := 0; ; at++ {
		i := bytes.Index(p.File.Data[at:], []byte("bad"))
		if i < 0 {
			return
		}
		at += i
		fix := &lint.Fix{Message: "say good", Edits: []lint.Edit{{From: at, To: at + len("bad"), New: "good"}}}
		p.ReportFix(p.File, at, fix, "a bad word")
	}
}

// longWord finds a word of more than twenty letters, twice; of more than thirty it is an
// error.
func longWord(p *lint.Pass) {
	for _, word := range bytes.Fields(p.File.Data) {
		at := bytes.Index(p.File.Data, word)
		switch {
		case len(word) > 30:
			p.ReportAt(lint.Error, p.File, at, "a word of %d letters", len(word))
		case len(word) > 20:
			p.Report(p.File, at, "a word of %d letters", len(word))
			p.Report(p.File, at, "a word of %d letters", len(word))
		}
	}
}

// twoLists finds every list but the first. It has nothing to say of a single one.
func twoLists(p *lint.Pass) {
	if len(p.Files) < 2 {
		p.Idle()
		return
	}
	for _, f := range p.Files[1:] {
		p.Report(f, -1, "%s is a list, too", p.Files[0].Path)
	}
}

// trap panics, or fails, as its file says.
func trap(p *lint.Pass) {
	if strings.HasPrefix(string(p.File.Data), "panic") {
		panic("at the disco")
	}
	p.Fail(errors.New("no such word"))
}

// project writes the files of an archive, and opens the directory.
func project(t *testing.T, files []txtar.File) *os.Root {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// archives calls judge with every archive of a directory of testdata, without its
// last file, which holds what judge must return.
func archives(t *testing.T, dir string, judge func(*testing.T, *txtar.Archive) string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives in %s: %v", dir, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			last := len(a.Files) - 1
			if last < 0 || a.Files[last].Name != "want" {
				t.Fatalf("%s: the last file is not called want", name)
			}
			a.Files = a.Files[:last]
			got := judge(t, a)
			golden.Check(t, name, append(txtar.Format(a), "-- want --\n"+got...))
		})
	}
}

// TestRun holds the report of a run, with the options that the comment of the
// archive has as YAML.
func TestRun(t *testing.T) {
	archives(t, "run", func(t *testing.T, a *txtar.Archive) string {
		var o struct{ Paths, Only, Skip []string }
		if err := yaml.Unmarshal(a.Comment, &o); err != nil {
			t.Fatal(err)
		}
		root := project(t, a.Files)
		options := &lint.Options{Paths: o.Paths, Only: o.Only, Skip: o.Skip, NoGit: true}
		var err error
		if text, missing := root.ReadFile("onex.yaml"); missing == nil {
			options.Config, err = lint.ParseConfig("onex.yaml", text)
		}
		var r lint.Report
		if err == nil {
			r, err = lint.Run(t.Context(), root, toys(), options)
		}
		return told(root, r, err)
	})
}

// told is a report, or an error, as the archives have it.
func told(root *os.Root, r lint.Report, err error) string {
	if err != nil {
		return "error " + string(fault.ReportOf(err).Code) + "\n" + strings.ReplaceAll(err.Error(), root.Name(), "ROOT") + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "set %s, rules %v, idle %v\n%d files, %d excused, %d fixable, failed: %v\n",
		r.Set, r.Rules, r.Idle, r.Files, r.Excused, r.Fixable(), r.Failed())
	for _, s := range r.Skipped {
		fmt.Fprintf(&b, "skipped %s, partly %v: %s\n", s.Path, s.Partly, s.Reason)
	}
	for _, name := range r.PassedOver {
		fmt.Fprintf(&b, "passed over %s\n", name)
	}
	for _, d := range r.Findings {
		fmt.Fprintln(&b, d)
	}
	return b.String()
}

// TestTheOrderOfRulesDoesNotMatter holds that a report depends on files and rules,
// not on how they come or how they are worked on.
func TestTheOrderOfRulesDoesNotMatter(t *testing.T) {
	var files []txtar.File
	for i := range 50 {
		files = append(files, txtar.File{Name: fmt.Sprintf("d%d/f%d.txt", i%7, i), Data: []byte("bad\nbad bad " + strings.Repeat("x", i))})
	}
	root := project(t, files)
	run := func(rules []*lint.Rule) string {
		r, err := lint.Run(t.Context(), root, rules, &lint.Options{NoGit: true})
		r.Rules, r.Idle = nil, nil
		return told(root, r, err)
	}
	forth, back := toys()[:2], toys()[:2]
	back[0], back[1] = back[1], back[0]
	if a, b := run(forth), run(back); a != b || strings.Count(a, "a bad word") != 150 {
		t.Errorf("got %s and %s", a, b)
	}
}
