package vet

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

func noInit(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				report(pass, f.Name, "init", "init function")
			}
		}
	}
	return nil, nil
}

func noBlank(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
			if spec.Name != nil && spec.Name.Name == "_" && imported != "embed" {
				report(pass, spec, imported, "blank import of %s", imported)
			}
		}
	}
	return nil, nil
}

// programs returns the packages that are programs: the onex command, and what
// shows or measures the module from outside.
func programs() []string {
	return []string{"cmd/", "internal/cli/", "internal/release/tool/", "examples/", "bench/"}
}

// process returns what belongs to the process, by package.
func process() map[string][]string {
	return map[string][]string{
		"os":  {"Args", "Exit", "Stdin", "Stdout", "Stderr"},
		"fmt": {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
		"log": {"Fatal", "Fatalf", "Fatalln", "Print", "Printf", "Println"},
	}
}

func noProcess(pass *analysis.Pass) (any, error) {
	for _, prefix := range programs() {
		if strings.HasPrefix(pass.Pkg.Path()+"/", prefix) {
			return nil, nil
		}
	}
	owned := process()
	for _, file := range sources(pass) {
		imports := importNames(file)
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok && slices.Contains(owned[imports[pkg.Name]], sel.Sel.Name) {
					name := imports[pkg.Name] + "." + sel.Sel.Name
					report(pass, sel, name, "use of %s", name)
				}
			}
			return true
		})
	}
	return nil, nil
}

// importNames maps the names under which file knows packages to their paths.
func importNames(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
	}
	return names
}

// sources returns the files of the pass that are not tests.
func sources(pass *analysis.Pass) []*ast.File {
	return slices.DeleteFunc(slices.Clone(pass.Files), func(f *ast.File) bool {
		return strings.HasSuffix(pass.Fset.File(f.FileStart).Name(), "_test.go")
	})
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
