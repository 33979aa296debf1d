package rules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/lint/rules"
)

// TestPage holds the table of docs/lint.md against the rules.
func TestPage(t *testing.T) {
	name := filepath.Join("..", "..", "docs", "lint.md")
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const open, shut = "<!-- rules -->\n", "<!-- /rules -->\n"
	before, rest, ok := strings.Cut(string(page), open)
	_, after, closed := strings.Cut(rest, shut)
	if !ok || !closed {
		t.Fatalf("docs/lint.md has no %s and %s", open, shut)
	}
	var table strings.Builder
	table.WriteString("| id | name | set | level | finds | `--fix` |\n|---|---|---|---|---|---|\n")
	all := append(rules.All(), rules.Metadata(t.Context(), nil))
	slices.SortFunc(all, func(a, b *lint.Rule) int { return strings.Compare(a.ID, b.ID) })
	for _, r := range append(all, lint.Own()...) {
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s | %s |\n", r.ID, r.Name, r.Set, r.Level, strings.ReplaceAll(r.Doc.Short, "|", "\\|"), r.Doc.Fix)
	}
	golden.Check(t, name, []byte(before+open+table.String()+shut+after))
}
