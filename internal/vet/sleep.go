package vet

import (
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// noSleep reports tests that wait for time to pass: time.Sleep, a receive from
// time.After that nothing else ends, and polling by it. In a function that is
// given to synctest.Test no time passes.
func noSleep(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		if !strings.HasSuffix(pass.Fset.File(file.FileStart).Name(), "_test.go") {
			continue
		}
		imports := importNames(file)
		bounds := map[ast.Node]bool{} // what a select receives beside other things
		for _, decl := range file.Decls {
			ast.Inspect(decl, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && called(imports, call) == "testing/synctest.Test" {
					return false
				}
				if clause, ok := n.(*ast.CommClause); ok {
					bounds[clause.Comm] = true
				}
				if what := waits(imports, n); what != "" && !bounds[n] {
					report(pass, n, owner(decl), "%s in a test: wait for a condition (internal/soon), or use testing/synctest", what)
				}
				return true
			})
		}
	}
	return nil, nil
}

// waits returns what n waits for time with, if it does.
func waits(imports map[string]string, n ast.Node) string {
	switch x := n.(type) {
	case *ast.CallExpr:
		if called(imports, x) == "time.Sleep" {
			return "time.Sleep"
		}
	case *ast.ExprStmt:
		if after(imports, x) != nil {
			return "<-time.After"
		}
	case *ast.CommClause:
		if call := after(imports, x.Comm); call != nil && brief(call.Args[0]) {
			return "polling by time.After"
		}
	}
	return ""
}

// after returns the call of time.After that statement s receives from.
func after(imports map[string]string, s ast.Stmt) *ast.CallExpr {
	if e, ok := s.(*ast.ExprStmt); ok {
		if receive, ok := e.X.(*ast.UnaryExpr); ok && receive.Op == token.ARROW {
			if call, ok := receive.X.(*ast.CallExpr); ok && called(imports, call) == "time.After" {
				return call
			}
		}
	}
	return nil
}

// brief reports whether d is written in a unit below the second: a pause between
// two looks and not a bound.
func brief(d ast.Expr) bool {
	found := false
	ast.Inspect(d, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			found = found || strings.HasSuffix(sel.Sel.Name, "second")
		}
		return true
	})
	return found
}

// called returns the path and name of the function of a package that call calls.
func called(imports map[string]string, call *ast.CallExpr) string {
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		if pkg, ok := sel.X.(*ast.Ident); ok {
			return imports[pkg.Name] + "." + sel.Sel.Name
		}
	}
	return ""
}

// owner is the name of the function that decl declares, or of the first variable.
func owner(decl ast.Decl) string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		name, _ := exported(d)
		return name
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				return v.Names[0].Name
			}
		}
	}
	return ""
}
