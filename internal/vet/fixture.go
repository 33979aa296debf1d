package vet

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// fixture reports expectations in the code of a test whose case is a file of
// testdata: a table by its name, and a branch for it. A table that pairs two
// such files says where the expectation is, and is free.
func fixture(pass *analysis.Pass) (any, error) {
	cases := fixtures(pass.OtherFiles)
	for _, file := range pass.Files {
		if len(cases) == 0 || !strings.HasSuffix(pass.Fset.File(file.FileStart).Name(), "_test.go") {
			continue
		}
		for _, decl := range file.Decls {
			ast.Inspect(decl, func(n ast.Node) bool {
				for _, e := range judged(n) {
					if what := literal(e); cases[what] {
						report(pass, e, owner(decl), "what is expected of %s, a file of testdata, is in the code: put it beside the file", what)
					}
				}
				return true
			})
		}
	}
	return nil, nil
}

// fixtures returns the names of the files of testdata among files, by every ending
// of their paths. Corpora of fuzz targets obey a law and are not meant.
func fixtures(files []string) map[string]bool {
	found := map[string]bool{}
	for _, name := range files {
		_, rest, ok := strings.Cut("/"+name, "/testdata/")
		if !ok || strings.HasPrefix(rest, "fuzz/") || path.Ext(name) == "" || strings.HasPrefix(path.Base(name), ".") {
			continue
		}
		found["testdata/"+rest] = true
		for more := true; more; _, rest, more = strings.Cut(rest, "/") {
			found[rest] = true
		}
	}
	return found
}

// judged returns the expressions in n that would say of a file what is expected
// of it: the only name in a row of a table, the key of an entry, the value of
// a comparison or of a case.
func judged(n ast.Node) []ast.Expr {
	switch x := n.(type) {
	case *ast.CompositeLit:
		return row(x)
	case *ast.BinaryExpr:
		if x.Op == token.EQL || x.Op == token.NEQ {
			return []ast.Expr{x.X, x.Y}
		}
	case *ast.CaseClause:
		return x.List
	}
	return nil
}

// row returns what names a case in one row of a table, which has no type of its
// own, or in the entries of a map.
func row(lit *ast.CompositeLit) []ast.Expr {
	var names []ast.Expr
	for _, e := range lit.Elts {
		entry, ok := e.(*ast.KeyValueExpr)
		switch {
		case !ok && lit.Type == nil:
			names = append(names, e)
		case ok && literal(entry.Key) != "" && literal(entry.Value) == "":
			names = append(names, entry.Key)
		}
	}
	if lit.Type == nil && len(lit.Elts) < 2 {
		return nil // a list of names expects nothing
	}
	return names
}

// literal returns the text of e, if it is a string that is written out.
func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
		text, _ := strconv.Unquote(l.Value) // the parser has checked it
		return text
	}
	return ""
}
