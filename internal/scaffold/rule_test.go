package scaffold_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/plugin"
	"github.com/omninode-ai/onex/internal/scaffold"
)

// TestEveryRuleHoldsItsCases runs a new rule in each language, and the mutant of it
// that finds nothing.
func TestEveryRuleHoldsItsCases(t *testing.T) {
	for _, l := range scaffold.Languages() {
		t.Run(string(l), func(t *testing.T) {
			peer.Find(t, interpreters[l])
			files, err := scaffold.Rule{Name: "house_style", Language: l, Pattern: "src/**/*.py"}.Files()
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			for _, f := range files {
				path := filepath.Join(dir, filepath.FromSlash(f.Path))
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, f.Data, f.Mode)); err != nil {
					t.Fatal(err)
				}
			}
			if l == scaffold.Go {
				build(t, dir)
			}
			if err := plugin.Prove(t.Context(), dir); err != nil {
				t.Error(err)
			}
			bad := filepath.Join(dir, "testdata", "HOUSESTY001", "src", "any", "bad.py")
			text, err := os.ReadFile(bad)
			if err != nil {
				t.Fatal(err)
			}
			unmarked := strings.Replace(string(text), "NOCOMMIT", "nothing", 1)
			if err := os.WriteFile(bad, []byte(unmarked), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := plugin.Prove(t.Context(), dir); !errors.Is(err, plugin.ErrUnproven) {
				t.Errorf("a case without what it wants: %v, want %v", err, plugin.ErrUnproven)
			}
		})
	}
}

func TestARuleIsNamedAfterItsName(t *testing.T) {
	for _, tt := range []struct {
		rule             scaffold.Rule
		id, bad          string
		sameForGoodAsBad bool
	}{
		{scaffold.Rule{Name: "no-print", Pattern: "*"}, "NOPRINT001", "bad.txt", false},
		{scaffold.Rule{Name: "house_style_of_ours", Pattern: "*.py"}, "HOUSESTY001", "bad.py", false},
		{scaffold.Rule{Name: "p", Pattern: "/src/*/a_*.go"}, "P001", "src/any/a_bad.go", false},
		{scaffold.Rule{Name: "x", ID: "ACME042", Pattern: "Dockerfile"}, "ACME042", "Dockerfile", true},
	} {
		if got := tt.rule.Identity(); got != tt.id {
			t.Errorf("%s: %s, want %s", tt.rule.Name, got, tt.id)
		}
		if got := tt.rule.Case("bad"); got != tt.bad || (got == tt.rule.Case("good")) != tt.sameForGoodAsBad {
			t.Errorf("%s: %s, want %s", tt.rule.Pattern, got, tt.bad)
		}
	}
	if _, err := (scaffold.Rule{Name: "x", Language: "cobol", Pattern: "*"}).Files(); !errors.Is(err, scaffold.ErrLanguage) {
		t.Errorf("got %v, want %v", err, scaffold.ErrLanguage)
	}
}
