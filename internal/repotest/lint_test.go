package repotest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/lint/rules"
)

// TestOnexLintIsClean runs our rules, those of the set onex included, on the
// repository itself. What may stay stands in lint-exceptions.yaml with its reason.
func TestOnexLintIsClean(t *testing.T) {
	report := lintReport(t, root)
	for _, d := range report.Findings {
		t.Error(d)
	}
	if report.Files < 500 {
		t.Errorf("%d files were looked at", report.Files)
	}
}

func lintReport(t *testing.T, name string) lint.Report {
	t.Helper()
	dir, err := os.OpenRoot(name)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	report, err := lint.Run(t.Context(), dir, append(rules.All(), rules.Metadata(t.Context(), dir)), &lint.Options{Config: lint.Config{Set: lint.Onex}})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// lintOf returns the findings in a clone as lines.
func lintOf(t *testing.T, dir string) string {
	t.Helper()
	var said strings.Builder
	for _, d := range lintReport(t, dir).Findings {
		fmt.Fprintln(&said, d)
	}
	return said.String()
}
