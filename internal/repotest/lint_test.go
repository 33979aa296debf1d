package repotest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/lint/rules"
)

// TestOnexLintIsClean runs our rules, those of the set onex included, on the
// repository itself. What may stay stands in lint-exceptions.yaml with its reason.
func TestOnexLintIsClean(t *testing.T) {
	dir, err := os.OpenRoot(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	report, err := lint.Run(t.Context(), dir, append(rules.All(), rules.Metadata(t.Context(), dir)), &lint.Options{Config: lint.Config{Set: lint.Onex}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range report.Findings {
		t.Error(d)
	}
	if report.Files < 500 {
		t.Errorf("%d files were looked at", report.Files)
	}
}
