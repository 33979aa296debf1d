package vet

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// code is the form of our error codes.
var code = regexp.MustCompile(`^ONEX_[A-Z]+(_[A-Z]+)*_[0-9]{3}_[A-Z][A-Z0-9_]*$`)

// errorCode reports errors that are not declared as those of the catalogue: a
// package-level variable Err… made by fault.New with a literal code of our form.
// That no code is used twice is checked where the catalogue is made.
func errorCode(pass *analysis.Pass) (any, error) {
	for _, file := range sources(pass) {
		if importNames(file)["fault"] == "" {
			continue
		}
		declared := map[*ast.CallExpr]bool{}
		for _, decl := range file.Decls {
			if group, ok := decl.(*ast.GenDecl); ok && group.Tok == token.VAR {
				for _, spec := range group.Specs {
					declaredErrors(pass, spec.(*ast.ValueSpec), declared)
				}
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && isFault(call) && !declared[call] {
				report(pass, call, "New", "an error with a code is made inside a function; declare it as a variable")
			}
			return true
		})
	}
	return nil, nil
}

// declaredErrors checks the errors that spec declares, and adds them to declared.
func declaredErrors(pass *analysis.Pass, spec *ast.ValueSpec, declared map[*ast.CallExpr]bool) {
	for i, value := range spec.Values {
		ast.Inspect(value, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !isFault(call) {
				return true
			}
			declared[call] = true
			name := spec.Names[i].Name
			if !strings.HasPrefix(strings.ToLower(name), "err") {
				report(pass, spec.Names[i], name, "%s is an error: its name begins with Err", name)
			}
			if len(call.Args) == 0 || !code.MatchString(text(call.Args[0])) {
				report(pass, call, name, "the code of %s is not a literal of the form ONEX_COMPONENT_001_NAME", name)
			}
			return true
		})
	}
}

func isFault(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && typeName(sel.X) == "fault" && sel.Sel.Name == "New"
}
