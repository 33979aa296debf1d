package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/lint"
)

// views are the results of commands, by the names of the files of testdata/views
// that hold one as -o json prints it.
func views() map[string]func([]byte) (any, error) {
	return map[string]func([]byte) (any, error){
		"audit-verify":   decoded[AuditReport],
		"breaking":       decoded[Breaks],
		"bus-bench":      decoded[BenchRows],
		"bus-health":     decoded[BusHealth],
		"contract-check": decoded[ContractFindings],
		"contract-diff":  decoded[ContractDiff],
		"lint":           decodedLint,
		"lint-rule":      decoded[RuleRow],
		"lint-rules":     decoded[RuleRows],
		"milestone":      decoded[MilestoneReport],
		"overview":       decoded[Overview],
		"plugins":        decoded[PluginRows],
		"port":           decoded[PortLease],
		"ports":          decoded[PortLeases],
		"proof":          decoded[Proof],
		"redriven":       decoded[RedrivenRows],
		"scenarios":      decoded[ScenarioRows],
		"contract-sound": decoded[ContractFindings],
	}
}

func decoded[V any](data []byte) (any, error) {
	var v V
	err := json.Unmarshal(data, &v)
	return v, err
}

func decodedLint(data []byte) (any, error) {
	var r lint.Report
	err := json.Unmarshal(data, &r)
	return lintView{r}, err
}

// TestViews holds what people see of each result, in every format for them, on a
// terminal that is 100 characters wide, at midnight of 2000-01-01 (synctest).
func TestViews(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "views", "*.json"))
	if err != nil || len(names) != len(views()) {
		t.Fatalf("%d files for %d views, %v", len(names), len(views()), err)
	}
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".json")
		t.Run(base, func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			decode, ok := views()[base]
			if !ok {
				t.Fatalf("%s is of no view", name)
			}
			synctest.Test(t, func(t *testing.T) {
				v, err := decode(data)
				if err != nil {
					t.Fatal(err)
				}
				golden.Check(t, filepath.Join("testdata", "views", base+".golden"), []byte(shownToPeople(t, v)))
			})
		})
	}
}

// shownToPeople prints a value in every format that is for people, once for those that
// look alike.
func shownToPeople(t *testing.T, v any) string {
	t.Helper()
	var all strings.Builder
	var seen []string
	for _, f := range []console.Format{console.Text, console.Table, console.Summary} {
		var out, errs strings.Builder
		env := &console.Env{Out: &out, Err: &errs, Width: 100}
		if err := env.Print(f, v); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if errs.Len() > 0 {
			text += "--- to standard error\n" + errs.String()
		}
		if !slices.Contains(seen, text) {
			seen = append(seen, text)
			fmt.Fprintf(&all, "=== -o %s\n%s", f, text)
		}
	}
	return all.String()
}
