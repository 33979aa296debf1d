package rules

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/lint"
)

func processRules() []*lint.Rule {
	return []*lint.Rule{
		{ID: "C001", Name: "init", Set: lint.Onex, Level: lint.Warning, Files: goFiles, File: inProduct(noInit), Doc: lint.Doc{
			Short: "an init function",
			Why:   "What happens before main cannot be tested, ordered or left out.",
			Bad:   "func init() { register(\"a\") }",
			Good:  "func All() []string { return []string{\"a\"} }",
		}},
		{ID: "C002", Name: "blank-import", Set: lint.Onex, Level: lint.Warning, Files: goFiles, File: inProduct(noBlank), Doc: lint.Doc{
			Short: "an import for its side effects, other than embed and unsafe",
			Why:   "What is there because it was imported cannot be seen, ordered or left out. A plugin is a value in an explicit list.",
			Bad:   "import _ \"image/png\"",
			Good:  "import \"image/png\"\n\nvar decode = png.Decode",
		}},
		{ID: "C003", Name: "process", Set: lint.Onex, Level: lint.Warning, Files: goFiles, File: inProduct(noProcess), Doc: lint.Doc{
			Short: "a library that uses arguments, standard streams or exit of the process",
			Why:   "Whoever imports it cannot test it or redirect it, and loses what is not saved when it ends. Libraries are given readers, writers and arguments, and return errors.",
			Bad:   "import \"fmt\"\n\nfunc Load() { fmt.Println(\"loaded\") }",
			Good:  "import (\n\t\"fmt\"\n\t\"io\"\n)\n\nfunc Load(w io.Writer) { fmt.Fprintln(w, \"loaded\") }",
		}},
	}
}

func noInit(g goFile) {
	for _, decl := range g.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			g.at(f.Name, "init function")
		}
	}
}

func noBlank(g goFile) {
	for _, spec := range g.Imports {
		from, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
		if spec.Name != nil && spec.Name.Name == "_" && !slices.Contains(directives(), from) && g.Name.Name != "main" {
			g.at(spec, "%s is imported for its side effects", from)
		}
	}
}

// directives are the packages that must be imported for what the compiler is told in
// comments, such as go:embed and go:linkname.
func directives() []string { return []string{"embed", "unsafe"} }

// processOwned is what belongs to the process, by package.
func processOwned() map[string][]string {
	return map[string][]string{
		"os":  {"Args", "Exit", "Stdin", "Stdout", "Stderr"},
		"fmt": {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
		"log": {"Fatal", "Fatalf", "Fatalln", "Print", "Printf", "Println"},
	}
}

// noProcess leaves programs alone: package main, and what lies in directories that
// are named as programs are.
func noProcess(g goFile) {
	if g.Name.Name == "main" || isProgram(g.pass.File.Path) {
		return
	}
	imports, owned := g.imported(), processOwned()
	each(g.File, func(sel *ast.SelectorExpr) {
		if pkg, ok := sel.X.(*ast.Ident); ok && slices.Contains(owned[imports[pkg.Name]], sel.Sel.Name) {
			g.at(sel, "%s.%s belongs to the program", pkg.Name, sel.Sel.Name)
		}
	})
}

// isProgram reports whether a file is part of a program rather than of a library, by
// the custom of where it lies.
func isProgram(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(dir string) bool {
		return slices.Contains([]string{"cmd", "cli", "bench", "main"}, dir)
	})
}
