package vet

import (
	"cmp"
	"fmt"
	"go/ast"
	"slices"

	"github.com/omninode-ai/onex/internal/gosource"
)

// A Function is one function and the lines it takes, from func to brace.
type Function struct {
	Name  string // with its file and line
	Lines int
}

// Functions returns the functions of m that are not tests, shortest first.
func Functions(m *gosource.Module) []Function {
	var all []Function
	for _, p := range m.Packages {
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, decl := range f.Syntax.Decls {
				if d, ok := decl.(*ast.FuncDecl); ok && d.Body != nil {
					from, to := m.Position(d.Pos()), m.Position(d.End())
					all = append(all, Function{fmt.Sprintf("%s %s", from, d.Name.Name), to.Line - from.Line + 1})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Function) int { return cmp.Compare(a.Lines, b.Lines) })
	return all
}
