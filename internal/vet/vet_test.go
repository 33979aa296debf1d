package vet_test

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/go/analysis"

	"github.com/omninode-ai/onex/internal/gosource"
	"github.com/omninode-ai/onex/internal/vet"
)

// load reads this module once: it is 2,000 files.
var load = sync.OnceValues(func() (*gosource.Module, error) {
	return gosource.Load(context.Background(), filepath.Join("..", ".."))
})

func loaded(t *testing.T) *gosource.Module {
	t.Helper()
	m, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestThisModuleKeepsTheRules(t *testing.T) {
	found, err := vet.Run(loaded(t), vet.Analyzers())
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
	all := vet.Functions(loaded(t))
	at := func(share float64) int { return all[int(share*float64(len(all)-1))].Lines }
	t.Logf("%d functions: median %d lines, nine in ten at most %d", len(all), at(0.5), at(0.9))
	for _, f := range all[max(0, len(all)-10):] {
		t.Logf("%4d %s", f.Lines, f.Name)
	}
	if at(0.9) > nineInTen {
		t.Errorf("nine functions in ten take at most %d lines, want at most %d", at(0.9), nineInTen)
	}
}

// TestEveryRuleIsEnforced runs each rule on the package of its name, in which what
// breaks it is marked "// want `what is said`".
func TestEveryRuleIsEnforced(t *testing.T) {
	m := samples(t)
	for _, rule := range vet.Analyzers() {
		t.Run(rule.Name, func(t *testing.T) {
			wants := wanted(m, rule.Name)
			if len(wants) == 0 {
				t.Fatal("the rule has nothing to find")
			}
			for _, f := range said(t, m, rule, rule.Name) {
				place := fmt.Sprintf("%s:%d", f.Position.Filename, f.Position.Line)
				if want, ok := wants[place]; !ok || !regexp.MustCompile(want).MatchString(f.Message) {
					t.Errorf("%v, want %q", f, want)
				}
				delete(wants, place)
			}
			for place, want := range wants {
				t.Errorf("%s: nothing is found, want %q", place, want)
			}
		})
	}
}

// samples is testdata/src as a module.
func samples(t *testing.T) *gosource.Module {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/src")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := gosource.Load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wanted returns what is marked in a package, by file and line.
func wanted(m *gosource.Module, pkg string) map[string]string {
	wants := map[string]string{}
	for _, p := range m.Packages {
		for _, f := range p.Files {
			for _, group := range f.Syntax.Comments {
				for _, c := range group.List {
					if want, ok := strings.CutPrefix(c.Text, "// want "); ok && p.Path == pkg {
						wants[fmt.Sprintf("%s:%d", f.Name, m.Position(c.Pos()).Line)] = strings.Trim(want, "`")
					}
				}
			}
		}
	}
	return wants
}

// said returns what rule finds in a package of m.
func said(t *testing.T, m *gosource.Module, rule *analysis.Analyzer, pkg string) []vet.Finding {
	t.Helper()
	found, err := vet.Run(m, []*analysis.Analyzer{rule})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(f vet.Finding) bool { return path.Dir(f.Position.Filename) != pkg })
}

func TestProgramsOwnTheProcess(t *testing.T) {
	m := samples(t)
	for _, rule := range vet.Analyzers() {
		if found := said(t, m, rule, "cmd/program"); len(found) > 0 {
			t.Errorf("found %v", found)
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
