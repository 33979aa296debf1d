package rules

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/lint"
)

func fixtureRules() []*lint.Rule {
	return []*lint.Rule{
		{ID: "F001", Name: "orphaned-golden", Set: lint.Onex, Level: lint.Warning, Files: []string{"/**/testdata/**", "/**/fixtures/**"}, Everything: true, Project: orphanedGolden, Doc: lint.Doc{
			Short: "an expected result whose input is gone, beside others that have theirs",
			Why:   "No test compares anything with it; it looks like a case that is tested.",
			Bad:   "testdata/a.in, testdata/a.golden, testdata/b.golden",
			Good:  "testdata/a.in, testdata/a.golden, testdata/b.in, testdata/b.golden",
		}},
		{ID: "F002", Name: "expectationless-case", Set: lint.Onex, Level: lint.Error, Files: []string{"**/scenarios/*.yaml", "test_case*.yaml", "test_case*.yml", "*_cases.yaml"}, Everything: true, File: expectationless, Doc: lint.Doc{
			Short: "a case in a data file that says nothing of what is expected",
			Why:   "Whatever comes out is right: the test cannot fail.",
			Bad:   "# unit_cases.yaml\ntest_cases:\n  - id: one\n    input: {a: 1}",
			Good:  "# unit_cases.yaml\ntest_cases:\n  - id: one\n    input: {a: 1}\n    expected_output: {b: 2}",
		}},
	}
}

// goldens are the endings of expected results.
var goldens = []string{".golden", ".expected", ".want", ".out"}

// orphanedGolden looks at directories in which at least one other expected result
// has its input: a file of the same name without the ending, or with another one.
func orphanedGolden(pass *lint.Pass) {
	inputs := map[string]bool{}
	for _, f := range pass.Files {
		if ending := path.Ext(f.Path); !slices.Contains(goldens, ending) {
			inputs[f.Path] = true
			inputs[strings.TrimSuffix(f.Path, ending)] = true
		}
	}
	has := func(f *lint.File) bool { return inputs[strings.TrimSuffix(f.Path, path.Ext(f.Path))] }
	paired := map[string]bool{}
	for _, f := range pass.Files {
		if slices.Contains(goldens, path.Ext(f.Path)) && has(f) {
			paired[path.Dir(f.Path)+path.Ext(f.Path)] = true
		}
	}
	for _, f := range pass.Files {
		if ending := path.Ext(f.Path); slices.Contains(goldens, ending) && !has(f) && paired[path.Dir(f.Path)+ending] {
			pass.Report(f, -1, "there is no input that this is the expected result of")
		}
	}
}

// expectations are the keys that say what is expected.
var expectations = []string{"expect", "expects", "expected", "expected_output", "expected_result", "want", "output", "outputs", "error", "result", "assertions", "save"}

func expectationless(pass *lint.Pass) {
	doc := document(pass.File)
	if doc == nil {
		return
	}
	visitOwn(doc, func(key string, list *yaml.Node) {
		if key != "test_cases" && key != "cases" && key != "steps" || list.Kind != yaml.SequenceNode {
			return
		}
		for _, item := range list.Content {
			found := false
			visitOwn(item, func(key string, _ *yaml.Node) { found = found || slices.Contains(expectations, key) })
			if item.Kind == yaml.MappingNode && !found && key != "steps" {
				pass.Report(pass.File, offsetOf(pass.File, item), "this case expects nothing: want one of %s", strings.Join(expectations[:5], ", "))
			}
		}
		if key == "steps" && !mentions(list, expectations) {
			pass.Report(pass.File, offsetOf(pass.File, list), "no step of this scenario expects anything")
		}
	})
}

// mentions reports whether a mapping in a list has one of the keys.
func mentions(list *yaml.Node, keys []string) bool {
	found := false
	for _, item := range list.Content {
		visitOwn(item, func(key string, _ *yaml.Node) { found = found || slices.Contains(keys, key) })
	}
	return found
}
