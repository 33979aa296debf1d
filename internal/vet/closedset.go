package vet

import (
	"go/ast"
	"go/token"
	"strconv"

	"golang.org/x/tools/go/analysis"
)

// closedSet reports comparisons with a string that is the value of a constant of
// a closed set of the package: an exported string type with two constants or more.
// Written out, a value can be misspelt, and nobody finds where it is used.
func closedSet(pass *analysis.Pass) (any, error) {
	values := closedValues(sources(pass))
	for _, file := range sources(pass) {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Body != nil {
				ast.Inspect(f.Body, func(n ast.Node) bool {
					for _, e := range compared(n) {
						if constant, ok := values[text(e)]; ok {
							name, _ := exported(f)
							report(pass, e, name, "%s is %s", e.(*ast.BasicLit).Value, constant)
						}
					}
					return true
				})
			}
		}
	}
	return nil, nil
}

// closedValues maps the values of closed sets to the names of their constants.
func closedValues(files []*ast.File) map[string]string {
	sets := map[string]map[string]string{} // by type: value and constant
	for _, file := range files {
		for _, decl := range file.Decls {
			if group, ok := decl.(*ast.GenDecl); ok && group.Tok == token.CONST {
				for _, spec := range group.Specs {
					addConstant(sets, spec.(*ast.ValueSpec))
				}
			}
		}
	}
	values := map[string]string{}
	for _, set := range sets {
		if len(set) < 2 {
			continue
		}
		for value, name := range set {
			values[value] = name
		}
	}
	return values
}

func addConstant(sets map[string]map[string]string, spec *ast.ValueSpec) {
	named, ok := spec.Type.(*ast.Ident)
	if !ok || !named.IsExported() {
		return
	}
	for i, value := range spec.Values {
		if v := text(value); v != "" {
			if sets[named.Name] == nil {
				sets[named.Name] = map[string]string{}
			}
			sets[named.Name][v] = spec.Names[i].Name
		}
	}
}

// compared returns the operands of a comparison, and the values of a case.
func compared(n ast.Node) []ast.Expr {
	switch x := n.(type) {
	case *ast.BinaryExpr:
		if x.Op == token.EQL || x.Op == token.NEQ {
			return []ast.Expr{x.X, x.Y}
		}
	case *ast.CaseClause:
		return x.List
	}
	return nil
}

// text returns the value of a string literal, or "".
func text(e ast.Expr) string {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	value, _ := strconv.Unquote(literal.Value) // the parser has checked it
	return value
}
