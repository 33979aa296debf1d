package vet_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/omninode-ai/onex/internal/gosource"
	"github.com/omninode-ai/onex/internal/vet"
)

func load(t *testing.T) *gosource.Module {
	t.Helper()
	m, err := gosource.Load(t.Context(), filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestThisModuleKeepsTheRules(t *testing.T) {
	found, err := vet.Run(load(t), vet.Analyzers())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("allow.txt")
	if err != nil {
		t.Fatal(err)
	}
	exceptions, err := vet.ParseExceptions(string(text))
	if err != nil {
		t.Fatalf("allow.txt: %v", err)
	}
	left, unused := vet.Excuse(found, exceptions)
	for _, f := range left {
		t.Error(f)
	}
	for _, e := range unused {
		t.Errorf("allow.txt: %s %s excuses nothing", e.Rule, e.Subject)
	}
}

// TestFunctionsAreShort holds what STYLE.md asks for, over the whole module,
// and names the longest functions to whoever runs it with -v.
func TestFunctionsAreShort(t *testing.T) {
	const nineInTen = 45
	all := vet.Functions(load(t))
	at := func(share float64) int { return all[int(share*float64(len(all)-1))].Lines }
	t.Logf("%d functions: median %d lines, nine in ten at most %d", len(all), at(0.5), at(0.9))
	for _, f := range all[max(0, len(all)-10):] {
		t.Logf("%4d %s", f.Lines, f.Name)
	}
	if at(0.9) > nineInTen {
		t.Errorf("nine functions in ten take at most %d lines, want at most %d", at(0.9), nineInTen)
	}
}

// TestEveryRuleIsEnforced runs each rule on a package that keeps and breaks it.
func TestEveryRuleIsEnforced(t *testing.T) {
	for _, rule := range vet.Analyzers() {
		t.Run(rule.Name, func(t *testing.T) {
			results := analysistest.Run(t, analysistest.TestData(), withData(rule), rule.Name)
			for _, r := range results {
				if len(r.Diagnostics) > 0 {
					return
				}
			}
			t.Error("the rule found nothing in its own test data")
		})
	}
}

// withData returns rule as Run would run it: the files of a package's testdata are
// among the other files of a pass.
func withData(rule *analysis.Analyzer) *analysis.Analyzer {
	run := *rule
	run.Run = func(pass *analysis.Pass) (any, error) {
		dir := filepath.Dir(pass.Fset.File(pass.Files[0].FileStart).Name())
		for _, pattern := range []string{"testdata/*.*", "testdata/*/*.*"} {
			files, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				rel, err := filepath.Rel(dir, f) // without the testdata that this module's own is in
				if err != nil {
					return nil, err
				}
				pass.OtherFiles = append(pass.OtherFiles, filepath.ToSlash(rel))
			}
		}
		return rule.Run(pass)
	}
	return &run
}

func TestProgramsOwnTheProcess(t *testing.T) {
	for _, rule := range vet.Analyzers() {
		if rule.Name == "noprocess" {
			analysistest.Run(t, analysistest.TestData(), rule, "cmd/program")
		}
	}
}

func TestTestsMayKeepState(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":    "module example.com/m\n",
		"a.go":      "package a\n\nvar state int\n",
		"a_test.go": "package a\n\nimport \"os\"\n\nvar state2 = os.Args\n\nfunc F(any) {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m, err := gosource.Load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	found, err := vet.Run(m, vet.Analyzers())
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, error %v; want the variable of a.go only", found, err)
	}
	if got, want := found[0].String(), "a.go:3:5: noglobal: package-level variable state (..state)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRulesAreDocumented(t *testing.T) {
	if err := analysis.Validate(vet.Analyzers()); err != nil {
		t.Error(err)
	}
}

func TestExceptions(t *testing.T) {
	exceptions, err := vet.ParseExceptions("# a comment\n\nnoinit a.init it is a test\nnoany b.F  this  was never needed\n")
	if err != nil {
		t.Fatal(err)
	}
	found := []vet.Finding{{Rule: "noinit", Subject: "a.init"}, {Rule: "noany", Subject: "a.init"}, {Rule: "noinit", Subject: "b.init"}}
	left, unused := vet.Excuse(found, exceptions)
	if diff := cmp.Diff(found[1:], left, cmpopts.IgnoreFields(vet.Finding{}, "Position")); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	want := []vet.Exception{{Rule: "noany", Subject: "b.F", Reason: "this was never needed"}}
	if diff := cmp.Diff(want, unused); diff != "" {
		t.Errorf("unused (-want +got):\n%s", diff)
	}
}

func TestExceptionsNeedAReason(t *testing.T) {
	_, err := vet.ParseExceptions("\nnoinit a.init because\n")
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v, want one at line 2", err)
	}
}
