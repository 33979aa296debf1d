package lint_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/omninode-ai/onex/lint"
)

// TestProve holds what is said of cases that are wrong themselves, or that the rule
// T001 does not do right by.
func TestProve(t *testing.T) {
	archives(t, "prove", func(t *testing.T, a *txtar.Archive) string {
		dir := project(t, a.Files).Name()
		problems := lint.Prove(t.Context(), toys()[0], dir)
		slices.Sort(problems)
		return strings.ReplaceAll(strings.Join(append(problems, ""), "\n"), dir, "DIR")
	})
}

func TestProveWithoutCases(t *testing.T) {
	if problems := lint.Prove(t.Context(), toys()[0], "testdata/nowhere"); len(problems) != 1 {
		t.Errorf("got %q, want that there is no such directory", problems)
	}
}
