package rules_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/lint/linttest"
	"github.com/omninode-ai/onex/lint/rules"
)

func TestRulesAreWellFormed(t *testing.T) {
	if err := lint.Validate(append(rules.All(), named(lint.Own())...)); err != nil {
		t.Error(err)
	}
}

// named gives the rules of the runs themselves what the others have.
func named(own []*lint.Rule) []*lint.Rule {
	for _, r := range own {
		r.Files, r.File = []string{"*"}, func(*lint.Pass) {}
	}
	return own
}

// TestEveryRuleFindsWhatItSays runs each rule on its own data, which has something
// that it must find and something that it must not.
func TestEveryRuleFindsWhatItSays(t *testing.T) {
	for _, r := range rules.All() {
		t.Run(r.ID, func(t *testing.T) { linttest.Run(t, r, filepath.Join("testdata", r.ID)) })
	}
}

// TestARuleThatDoesNothingFails proves that the data of a rule can fail: a rule that
// finds nothing, and one that finds something in every file.
func TestARuleThatDoesNothingFails(t *testing.T) {
	for _, r := range rules.All() {
		for mutation, look := range map[string]func(*lint.Pass){
			"finds nothing": func(*lint.Pass) {},
			"finds everything": func(p *lint.Pass) {
				for _, f := range append(p.Files, p.File) {
					if f != nil {
						p.Report(f, 0, "mutant")
					}
				}
			},
		} {
			mutant := *r
			if mutant.File != nil {
				mutant.File = look
			} else {
				mutant.Project = look
			}
			if len(lint.Prove(t.Context(), &mutant, filepath.Join("testdata", r.ID))) == 0 {
				t.Errorf("%s: the data of the rule is content with one that %s", r.ID, mutation)
			}
		}
	}
}

// TestExamplesAreTrue holds what --explain shows against the rules.
func TestExamplesAreTrue(t *testing.T) {
	for _, r := range rules.All() {
		if r.File == nil {
			continue // what one file shows is not enough
		}
		for text, want := range map[string]bool{r.Doc.Bad: true, r.Doc.Good: false} {
			report := runOn(t, r, text)
			if got := len(report.Findings) > 0; got != want {
				t.Errorf("%s: findings in its example: %v, want some: %v\n%s", r.ID, report.Findings, want, text)
			}
		}
	}
}

// runOn runs the rule on a file of that text.
func runOn(t *testing.T, r *lint.Rule, text string) lint.Report {
	t.Helper()
	dir := t.TempDir()
	name := "example" + path.Ext(r.Files[0])
	if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "# ") { // it names its file
		name = first[len("# "):]
	}
	if path.Ext(name) == ".go" && !strings.HasPrefix(text, "package ") {
		text = "package example\n\n" + text
	}
	if err := os.MkdirAll(filepath.Join(dir, path.Dir(name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	report, err := lint.Run(t.Context(), root, []*lint.Rule{r}, &lint.Options{Only: []string{r.ID}})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestDataHasARule finds data that no rule is tested with.
func TestDataHasARule(t *testing.T) {
	dirs, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if _, ok := lint.Find(rules.All(), d.Name()); !ok {
			t.Errorf("testdata/%s is of no rule", d.Name())
		}
	}
}

// TestExceptionsAreOnlyNotedWhereNobodyAskedForCodes holds the level of E001: who
// marked a project for stamping did not ask for error codes in its Python.
func TestExceptionsAreOnlyNotedWhereNobodyAskedForCodes(t *testing.T) {
	const raises = "raise ValueError('no such unit')\n"
	for name, test := range map[string]struct {
		files  map[string]string
		config lint.Config
		want   lint.Level
	}{
		"plain":        {files: map[string]string{"units.py": raises}, want: lint.Note},
		"beside nodes": {files: map[string]string{"units.py": raises, "nodes/conv/node.onex.yaml": "name: conv\n"}, want: lint.Note},
		"node":         {files: map[string]string{"nodes/conv/main.py": raises, "nodes/conv/node.onex.yaml": "name: conv\n"}, want: lint.Warning},
		"codes":        {files: map[string]string{"units.py": raises, "codes.py": "GONE = 'ONEX_CORE_001_GONE'\n"}, want: lint.Warning},
		"named set":    {files: map[string]string{"units.py": raises}, config: lint.Config{Set: lint.Onex}, want: lint.Warning},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range test.files {
				if err := os.MkdirAll(filepath.Join(dir, path.Dir(file)), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			report, err := lint.Run(t.Context(), root, rules.All(), &lint.Options{Only: []string{"E001"}, Config: test.config})
			if err != nil || len(report.Findings) != 1 || report.Findings[0].Level != test.want {
				t.Errorf("findings %v, error %v; want one %s", report.Findings, err, test.want)
			}
			if report.Failed() != (test.want == lint.Warning) {
				t.Errorf("failed: %v", report.Failed())
			}
		})
	}
}
