package rules

import (
	"bytes"
	"go/ast"
	"go/printer"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/lint"
)

// goRules returns the rules about mistakes in Go. They look at syntax only; a
// compiler has accepted the types.
func goRules() []*lint.Rule {
	return slices.Concat(goResources(), goFlow(), goCalls())
}

// A goFile is the file that a rule looks at.
type goFile struct {
	*lint.GoFile
	pass *lint.Pass
}

// inGo makes of a function that looks at a Go file one that looks at any, and leaves
// generated files alone.
func inGo(look func(goFile)) func(*lint.Pass) {
	return func(pass *lint.Pass) {
		if g := pass.File.Go(); g != nil && !pass.File.Generated() {
			look(goFile{g, pass})
		}
	}
}

// inProduct is inGo for files that are neither tests nor examples.
func inProduct(look func(goFile)) func(*lint.Pass) {
	return inGo(func(g goFile) {
		if !g.Test && !inExample(g.pass.File.Path) {
			look(g)
		}
	})
}

// at reports something at node n.
func (g goFile) at(n ast.Node, format string, args ...any) {
	g.pass.Report(g.pass.File, g.Offset(n.Pos()), format, args...)
}

// each calls visit for every node of type N in root.
func each[N ast.Node](root ast.Node, visit func(N)) {
	ast.Inspect(root, func(n ast.Node) bool {
		if x, ok := n.(N); ok {
			visit(x)
		}
		return true
	})
}

// within calls visit for the nodes in root that are in no function literal.
func within(root ast.Node, visit func(ast.Node) bool) {
	ast.Inspect(root, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok && n != root {
			return false
		}
		return n == nil || visit(n)
	})
}

// functions calls visit for every function of the file that has a body.
func (g goFile) functions(visit func(f ast.Node, t *ast.FuncType, body *ast.BlockStmt)) {
	ast.Inspect(g.File, func(n ast.Node) bool {
		switch f := n.(type) {
		case *ast.FuncDecl:
			if f.Body != nil {
				visit(f, f.Type, f.Body)
			}
		case *ast.FuncLit:
			visit(f, f.Type, f.Body)
		}
		return true
	})
}

// imported returns the names under which the file knows packages, and their paths.
func (g goFile) imported() map[string]string {
	names := map[string]string{}
	for _, spec := range g.Imports {
		from, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
		name := path.Base(from)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = from
	}
	return names
}

// callee returns the package path and the name of the function that a call of
// another package's function is of, as in "os", "Create".
func callee(imports map[string]string, e ast.Expr) (pkg, name string) {
	if call, ok := e.(*ast.CallExpr); ok {
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				return imports[x.Name], sel.Sel.Name
			}
		}
	}
	return "", ""
}

// source returns the text of a node, in the form of gofmt.
func (g goFile) source(n ast.Node) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, g.Fset, n); err != nil {
		return ""
	}
	return b.String()
}

// text returns the value of a string literal.
func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(lit.Value)
	return value, err == nil
}

// pure reports whether an expression calls nothing and receives nothing, so that
// two of the same text have the same value.
func pure(e ast.Expr) bool {
	ok := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr, *ast.FuncLit:
			ok = false
		case *ast.UnaryExpr:
			ok = ok && x.Op != token.ARROW
		}
		return ok
	})
	return ok
}

// isName reports whether e is that name.
func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// isMethod reports whether e calls the method of the variable without arguments.
func isMethod(e ast.Expr, variable, method string) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && isName(sel.X, variable) && sel.Sel.Name == method
}

// inExample reports whether a file is where programs show something and may be careless.
func inExample(name string) bool {
	return slices.ContainsFunc(strings.Split(path.Dir(name), "/"), func(dir string) bool {
		return slices.Contains([]string{"example", "examples", "_examples", "hack", "scripts", "tools"}, dir)
	})
}
