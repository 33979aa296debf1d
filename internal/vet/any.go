package vet

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"
)

func noAny(pass *analysis.Pass) (any, error) {
	for _, file := range sources(pass) {
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if name, ok := exported(d); ok {
					checkSignature(pass, name, d.Type)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					checkSpec(pass, spec)
				}
			}
		}
	}
	return nil, nil
}

// exported returns the name of f, with its receiver's, and whether it is API.
func exported(f *ast.FuncDecl) (name string, ok bool) {
	name, ok = f.Name.Name, f.Name.IsExported()
	if f.Recv != nil {
		receiver := typeName(f.Recv.List[0].Type)
		return receiver + "." + name, ok && ast.IsExported(receiver)
	}
	return name, ok
}

// typeName returns the name in T, *T and T[P].
func typeName(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.StarExpr:
		return typeName(t.X)
	case *ast.IndexExpr:
		return typeName(t.X)
	case *ast.IndexListExpr:
		return typeName(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

func checkSpec(pass *analysis.Pass, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		if s.Type != nil && s.Names[0].IsExported() {
			checkType(pass, s.Names[0].Name, s.Type)
		}
	case *ast.TypeSpec:
		name := s.Name.Name
		switch t := s.Type.(type) {
		case *ast.StructType: // also unexported ones: the data of the domain lives there
			checkFields(pass, name, t.Fields)
		case *ast.InterfaceType:
			if s.Name.IsExported() {
				checkFields(pass, name, t.Methods)
			}
		case *ast.FuncType:
			if s.Name.IsExported() {
				checkSignature(pass, name, t)
			}
		default:
			if s.Name.IsExported() {
				checkType(pass, name, t)
			}
		}
	}
}

func checkFields(pass *analysis.Pass, owner string, fields *ast.FieldList) {
	for _, field := range fields.List {
		name := owner
		if len(field.Names) > 0 {
			name += "." + field.Names[0].Name
		}
		if f, ok := field.Type.(*ast.FuncType); ok {
			checkSignature(pass, name, f)
			continue
		}
		checkType(pass, name, field.Type)
	}
}

func checkSignature(pass *analysis.Pass, name string, f *ast.FuncType) {
	params := f.Params.List
	if formats(params) {
		params = params[:len(params)-1]
	}
	for _, p := range params {
		checkType(pass, name, p.Type)
	}
	if f.Results != nil {
		for _, r := range f.Results.List {
			checkType(pass, name, r.Type)
		}
	}
}

// formats reports whether params end as those of a printing or logging function.
func formats(params []*ast.Field) bool {
	if len(params) < 2 {
		return false
	}
	last, ok := params[len(params)-1].Type.(*ast.Ellipsis)
	if !ok || !isAny(last.Elt) {
		return false
	}
	before := params[len(params)-2].Names
	return len(before) > 0 && (before[0].Name == "format" || before[0].Name == "msg")
}

func checkType(pass *analysis.Pass, name string, t ast.Expr) {
	ast.Inspect(t, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && isAny(e) {
			report(pass, e, name, "any in %s", name)
		}
		return true
	})
}

func isAny(e ast.Expr) bool {
	switch t := e.(type) {
	case *ast.Ident:
		return t.Name == "any"
	case *ast.InterfaceType:
		return len(t.Methods.List) == 0
	}
	return false
}
