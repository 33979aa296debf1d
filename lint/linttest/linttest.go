// Package linttest tests rules on files that say themselves what is to be found; see
// [lint.Prove] for how they say it:
//
//	linttest.Run(t, rule, filepath.Join("testdata", rule.ID))
package linttest

import (
	"testing"

	"github.com/omninode-ai/onex/lint"
)

// Run reports what is wrong with the rule, judged by the cases in dir.
func Run(t testing.TB, rule *lint.Rule, dir string) {
	t.Helper()
	for _, problem := range lint.Prove(t.Context(), rule, dir) {
		t.Error(problem)
	}
}
