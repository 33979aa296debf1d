// Package vet holds the rules of this module that are decided by looking into
// its files: no init functions, no blank imports, no package-level state, no
// use of the process outside the program, no numbers and values of closed sets
// without a name, no errors outside the catalogue, no sleeping in tests, no
// expectations apart from their fixtures. Each is an analyzer of the usual kind
// (golang.org/x/tools/go/analysis) that needs syntax only, so that the whole
// module takes a fraction of a second.
//
// [Run] applies [Analyzers] to a module. An exception stands in allow.txt with
// its reason; one that is no longer needed is an error, see [Excuse].
//
// Rules about who imports whom are in internal/importtest; those of package
// lint/rules hold here as in any project.
package vet

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/omninode-ai/onex/internal/gosource"
)

// Analyzers returns the rules.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		{Name: "noinit", Run: noInit,
			Doc: "noinit: no init functions\n\nWhat happens before main cannot be tested, ordered or left out."},
		{Name: "noblank", Run: noBlank,
			Doc: "noblank: no blank imports, except of embed\n\nA plugin is a value in an explicit list."},
		{Name: "noglobal", Run: noGlobal,
			Doc: "noglobal: no package-level variables that could change\n\nDeclared errors, compiled patterns, embedded files, interface assertions and tables that nothing writes to are free."},
		{Name: "noprocess", Run: noProcess,
			Doc: "noprocess: arguments, exit and standard streams belong to the program\n\nLibraries are given readers, writers and arguments, and return errors."},
		{Name: "nomagic", Run: noMagic,
			Doc: "nomagic: bounds and durations have names\n\nA constant says where the number comes from, and is found when it must change."},
		{Name: "closedset", Run: closedSet,
			Doc: "closedset: values of closed sets are compared by their constants\n\nA string that is written out can be misspelt, and its uses cannot be found."},
		{Name: "errorcode", Run: errorCode,
			Doc: "errorcode: errors with a code are variables Err…, their codes literals of one form\n\nThe catalogue is made from the declarations."},
		{Name: "nosleep", Run: noSleep,
			Doc: "nosleep: tests do not wait for time to pass\n\nTime is too long on a fast machine and too short on a slow one; a condition is neither."},
		{Name: "fixture", Run: fixture,
			Doc: "fixture: what is expected of a file in testdata stands beside the file\n\nWhoever adds a case, or audits them, must not need to read the code of the test."},
	}
}

// A Finding is one place that breaks a rule.
type Finding struct {
	Rule     string
	Subject  string // what an exception names: "bus.Bus.Publish", or a file
	Position token.Position
	Message  string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s (%s)", f.Position, f.Rule, f.Message, f.Subject)
}

// Run applies rules to every package of m. The findings are in the order of
// their positions.
func Run(m *gosource.Module, rules []*analysis.Analyzer) ([]Finding, error) {
	var found []Finding
	for _, p := range m.Packages {
		for _, rule := range rules {
			pass := &analysis.Pass{
				Analyzer:   rule,
				Fset:       m.Fset,
				Pkg:        types.NewPackage(p.Path, ""),
				OtherFiles: p.Data,
				Report: func(d analysis.Diagnostic) {
					found = append(found, Finding{rule.Name, d.Category, m.Position(d.Pos), d.Message})
				},
			}
			for _, f := range p.Files {
				pass.Files = append(pass.Files, f.Syntax)
			}
			if _, err := rule.Run(pass); err != nil {
				return nil, fmt.Errorf("%s in %s: %w", rule.Name, p.Path, err)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Position.Filename, b.Position.Filename), cmp.Compare(a.Position.Line, b.Position.Line))
	})
	return found, nil
}

// report says that node breaks the pass's rule. The subject of an exception is
// the package and the name of what node belongs to.
func report(pass *analysis.Pass, node ast.Node, name, format string, args ...any) {
	pass.Report(analysis.Diagnostic{
		Pos:      node.Pos(),
		Category: pass.Pkg.Path() + "." + name,
		Message:  fmt.Sprintf(format, args...),
	})
}
