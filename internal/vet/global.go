package vet

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// noGlobal reports package-level variables, unless their value cannot change:
// what [constant] makes, embedded files, assertions of an interface, and
// unexported variables with a plain value that nothing in the package writes to.
func noGlobal(pass *analysis.Pass) (any, error) {
	written := writes(sources(pass))
	for _, file := range sources(pass) {
		for _, decl := range file.Decls {
			vars, ok := decl.(*ast.GenDecl)
			if !ok || vars.Tok != token.VAR {
				continue
			}
			for _, spec := range vars.Specs {
				checkGlobal(pass, vars, spec.(*ast.ValueSpec), written)
			}
		}
	}
	return nil, nil
}

func checkGlobal(pass *analysis.Pass, vars *ast.GenDecl, spec *ast.ValueSpec, written map[string]bool) {
	if embedded(vars.Doc) || embedded(spec.Doc) {
		return
	}
	for i, name := range spec.Names {
		if name.Name == "_" {
			continue
		}
		if i < len(spec.Values) && !written[name.Name] {
			value := spec.Values[i]
			if constant(pass.Pkg.Path(), value) || !name.IsExported() && plain(value) {
				continue
			}
		}
		report(pass, name, name.Name, "package-level variable %s", name.Name)
	}
}

func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(c.Text, "//go:embed ")
	})
}

// constant reports whether e, in package pkg, is made by a function whose
// results do not change.
func constant(pkg string, e ast.Expr) bool {
	makers := []string{"errors.New", "fault.New", "regexp.MustCompile", "strings.NewReplacer", "reflect.TypeFor",
		"sync.OnceValue", "sync.OnceValues"}
	for {
		call, ok := e.(*ast.CallExpr)
		if !ok {
			return false
		}
		fun := call.Fun
		if generic, ok := fun.(*ast.IndexExpr); ok {
			fun = generic.X
		}
		switch f := fun.(type) {
		case *ast.Ident:
			return slices.Contains(makers, pkg+"."+f.Name)
		case *ast.SelectorExpr:
			if from, ok := f.X.(*ast.Ident); ok {
				return slices.Contains(makers, from.Name+"."+f.Sel.Name)
			}
			e = f.X // fault.New(…).Hinted(…)
		default:
			return false
		}
	}
}

// plain reports whether e is a value without an identity of its own: a literal,
// a conversion, or what a function of the package returns. Pointers, made maps
// and the types of package sync are meant to be changed.
func plain(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.BasicLit, *ast.FuncLit:
		return true
	case *ast.CompositeLit:
		sel, ok := x.Type.(*ast.SelectorExpr)
		return !ok || typeName(sel.X) != "sync" && typeName(sel.X) != "atomic"
	case *ast.CallExpr:
		switch f := x.Fun.(type) {
		case *ast.Ident:
			return f.Name != "new" && f.Name != "make"
		case *ast.ArrayType:
			return true
		}
	}
	return false
}

// writes returns the names that functions in files assign to, take the address
// of, or pass to a function that changes its argument. A name that a function
// declares itself is its own.
func writes(files []*ast.File) map[string]bool {
	written := map[string]bool{}
	for _, file := range files {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Body != nil {
				local := locals(f)
				for _, name := range targets(f.Body) {
					written[name] = written[name] || !local[name]
				}
			}
		}
	}
	return written
}

// locals returns the names that f declares anywhere in it.
func locals(f *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		var declared []ast.Expr
		switch x := n.(type) {
		case *ast.AssignStmt:
			if x.Tok == token.DEFINE {
				declared = x.Lhs
			}
		case *ast.RangeStmt:
			if x.Tok == token.DEFINE {
				declared = []ast.Expr{x.Key, x.Value}
			}
		case *ast.ValueSpec:
			for _, name := range x.Names {
				declared = append(declared, name)
			}
		case *ast.Field:
			for _, name := range x.Names {
				declared = append(declared, name)
			}
		}
		for _, e := range declared {
			names[root(e)] = true
		}
		return true
	})
	return names
}

// targets returns the names of what is written to in body.
func targets(body *ast.BlockStmt) []string {
	changers := []string{"delete", "clear", "copy", "Sort", "SortFunc", "SortStableFunc", "Reverse", "Slice", "SliceStable", "Strings"}
	var names []string
	ast.Inspect(body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			for _, e := range x.Lhs {
				names = append(names, root(e))
			}
		case *ast.IncDecStmt:
			names = append(names, root(x.X))
		case *ast.UnaryExpr:
			if x.Op == token.AND {
				names = append(names, root(x.X))
			}
		case *ast.CallExpr:
			if len(x.Args) > 0 && slices.Contains(changers, lastName(x.Fun)) {
				names = append(names, root(x.Args[0]))
			}
		}
		return true
	})
	return names
}

// root returns the variable in v, v.f, v[i], *v and v[i:j], or "".
func root(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return root(x.X)
	case *ast.IndexExpr:
		return root(x.X)
	case *ast.SliceExpr:
		return root(x.X)
	case *ast.StarExpr:
		return root(x.X)
	case *ast.ParenExpr:
		return root(x.X)
	}
	return ""
}

func lastName(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}
