package rules

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/lint"
)

func goCalls() []*lint.Rule {
	return []*lint.Rule{
		{ID: "G009", Name: "unused-result", Set: lint.Default, Level: lint.Error, Files: goFiles, File: inGo(unusedResult), Doc: lint.Doc{
			Short: "a call that does nothing but return a value, which nobody takes",
			Why:   "A return, or an assignment, was forgotten: the error that was made is never seen, the text is not changed.",
			Bad:   "import \"fmt\"\n\nfunc check(n int) error {\n\tif n < 0 {\n\t\tfmt.Errorf(\"negative: %d\", n)\n\t}\n\treturn nil\n}",
			Good:  "import \"fmt\"\n\nfunc check(n int) error {\n\tif n < 0 {\n\t\treturn fmt.Errorf(\"negative: %d\", n)\n\t}\n\treturn nil\n}",
		}},
		{ID: "G010", Name: "unitless-sleep", Set: lint.Default, Level: lint.Error, Files: goFiles, File: inGo(unitlessSleep), Doc: lint.Doc{
			Short: "a duration without a unit",
			Why:   "time.Duration counts nanoseconds: time.Sleep(5) waits for five of them, which is nothing.",
			Bad:   "import \"time\"\n\nfunc pause() { time.Sleep(5) }",
			Good:  "import \"time\"\n\nfunc pause() { time.Sleep(5 * time.Second) }",
		}},
		{ID: "G011", Name: "trim-word", Set: lint.Default, Level: lint.Error, Files: goFiles, File: inGo(trimWord), Doc: lint.Doc{
			Short: "strings.Trim, TrimLeft or TrimRight with a word",
			Why:   "They take a set of characters, not a prefix or suffix: strings.TrimRight(\"tag.go\", \".go\") is \"ta\".",
			Bad:   "import \"strings\"\n\nfunc base(name string) string { return strings.TrimRight(name, \".go\") }",
			Good:  "import \"strings\"\n\nfunc base(name string) string { return strings.TrimSuffix(name, \".go\") }",
		}},
		{ID: "G012", Name: "dropped-context", Set: lint.Default, Level: lint.Warning, Files: goFiles, File: inProduct(droppedContext), Doc: lint.Doc{
			Short: "a function that is given a context and calls on without it",
			Why:   "The call goes on when the caller has given up or run out of time, and its trace is lost.",
			Bad:   "import \"context\"\n\nfunc Get(ctx context.Context, id string) error {\n\treturn query(context.Background(), id)\n}",
			Good:  "import \"context\"\n\nfunc Get(ctx context.Context, id string) error {\n\treturn query(ctx, id)\n}",
		}},
		{ID: "B003", Name: "test-import", Set: lint.Default, Level: lint.Warning, Files: slices.Concat(goFiles, pythonFiles), File: testImport, Doc: lint.Doc{
			Short: "product code that imports a package for tests",
			Why:   "Users of the product need the test library, too; in Go its flags and its code are in every binary.",
			Bad:   "import \"testing\"\n\nfunc Short() bool { return testing.Short() }",
			Good:  "func Short(short bool) bool { return short }",
		}},
	}
}

// results are functions that do nothing but return a value, by package.
func results() map[string][]string {
	return map[string][]string{
		"fmt":    {"Errorf", "Sprintf", "Sprint", "Sprintln"},
		"errors": {"New", "Join", "Is", "As", "Unwrap"},
		"strings": {"Replace", "ReplaceAll", "TrimSpace", "Trim", "TrimLeft", "TrimRight", "TrimPrefix", "TrimSuffix", "ToLower", "ToUpper",
			"Split", "Join", "Contains", "HasPrefix", "HasSuffix", "Fields", "Repeat", "EqualFold"},
		"path/filepath": {"Join", "Clean", "Base", "Dir", "Ext"},
		"path":          {"Join", "Clean", "Base", "Dir", "Ext"},
		"strconv":       {"Itoa", "Quote", "FormatInt"},
		"context":       {"Background", "WithValue"},
	}
}

func unusedResult(g goFile) {
	if g.Test {
		return // where a call may be there to be timed
	}
	imports, pure := g.imported(), results()
	each(g.File, func(s *ast.ExprStmt) {
		if pkg, name := callee(imports, s.X); slices.Contains(pure[pkg], name) && len(s.X.(*ast.CallExpr).Args) > 0 {
			g.at(s, "nobody takes what %s returns, and it does nothing else", g.source(s.X.(*ast.CallExpr).Fun))
		}
	})
}

func unitlessSleep(g goFile) {
	const shortest = 120 // more may be nanoseconds on purpose
	imports := g.imported()
	each(g.File, func(call *ast.CallExpr) {
		pkg, name := callee(imports, call)
		if pkg != "time" || !slices.Contains([]string{"Sleep", "After", "NewTimer", "NewTicker", "Tick", "AfterFunc"}, name) || len(call.Args) == 0 {
			return
		}
		if lit, ok := call.Args[0].(*ast.BasicLit); ok && lit.Kind == token.INT {
			if n, err := strconv.Atoi(lit.Value); err == nil && n > 1 && n <= shortest {
				g.at(lit, "%s nanoseconds; say the unit, as in %[1]s * time.Second", lit.Value)
			}
		}
	})
}

func trimWord(g goFile) {
	imports := g.imported()
	each(g.File, func(call *ast.CallExpr) {
		pkg, name := callee(imports, call)
		if pkg != "strings" && pkg != "bytes" || !slices.Contains([]string{"Trim", "TrimLeft", "TrimRight"}, name) || len(call.Args) != 2 {
			return
		}
		if set, ok := text(call.Args[1]); ok && isAffix(set) {
			g.at(call.Args[1], "%s takes a set of characters, not %q: use TrimPrefix or TrimSuffix", name, set)
		}
	})
}

func droppedContext(g goFile) {
	imports := g.imported()
	g.functions(func(f ast.Node, t *ast.FuncType, body *ast.BlockStmt) {
		if _, ok := f.(*ast.FuncDecl); !ok {
			return
		}
		ctx := contextParam(imports, t)
		if ctx == "" {
			return
		}
		within(body, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.DeferStmt, *ast.GoStmt:
				return false // it may have to outlive the context
			case *ast.CallExpr:
				for _, a := range x.Args {
					pkg, name := callee(imports, a)
					if pkg == "context" && (name == "Background" || name == "TODO") && !outlives(callee(imports, x)) {
						g.at(a, "%s is at hand, and the call is given context.%s", ctx, name)
					}
				}
			}
			return true
		})
	})
}

// outlives reports whether a function makes a context of its own, or only logs: there
// is nothing to stop then.
func outlives(pkg, name string) bool {
	return pkg == "context" || pkg == "os/signal" || strings.Contains(path.Base(pkg), "log") ||
		slices.ContainsFunc([]string{"Debug", "Info", "Warn", "Error"}, func(level string) bool {
			return slices.Contains([]string{level, level + "f", level + "ln"}, name)
		})
}

// contextParam returns the name of the parameter that is a context.
func contextParam(imports map[string]string, t *ast.FuncType) string {
	for _, p := range t.Params.List {
		sel, ok := p.Type.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Context" || len(p.Names) != 1 || p.Names[0].Name != "ctx" { // by another name it may be another one's
			continue
		}
		if x, ok := sel.X.(*ast.Ident); ok && imports[x.Name] == "context" {
			return p.Names[0].Name
		}
	}
	return ""
}

// testImport looks at what is not for tests by its name or its directory.
func testImport(pass *lint.Pass) {
	if forTests(pass.File.Path) {
		return
	}
	if g := pass.File.Go(); g != nil && !g.Test && !forTests(g.Name.Name) {
		for _, spec := range g.Imports {
			switch from, _ := strconv.Unquote(spec.Path.Value); {
			case from == "testing" && (asksOnly(g) || helps(g)):
			case from == "testing", from == "net/http/httptest", strings.HasPrefix(from, "github.com/stretchr/testify/"), strings.HasPrefix(from, "github.com/onsi/g"):
				pass.Report(pass.File, g.Offset(spec.Pos()), "%s is for tests; move what needs it into a _test.go file or a package whose name says test", from)
			}
		}
	}
	statements(pythonTestImport)(pass)
}

// asksOnly reports whether the file uses package testing only to ask whether a test
// runs.
func asksOnly(g *lint.GoFile) bool {
	other := false
	each(g.File, func(sel *ast.SelectorExpr) {
		other = other || isName(sel.X, "testing") && sel.Sel.Name != "Testing"
	})
	return !other
}

// helps reports whether the file is there for tests: most functions that it exports
// take a *testing.T, or another of these.
func helps(g *lint.GoFile) bool {
	helpers, others := 0, 0
	for _, decl := range g.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || !f.Name.IsExported() || f.Recv != nil {
			continue
		}
		takes := false
		for _, p := range f.Type.Params.List {
			each(p.Type, func(sel *ast.SelectorExpr) { takes = takes || isName(sel.X, "testing") })
		}
		if takes {
			helpers++
		} else {
			others++
		}
	}
	return helpers > others
}

func pythonTestImport(s statement) {
	if s.line.Indent == 0 && s.isAny(0, "import", "from") && (s.is(1, "pytest") || s.is(1, "unittest") && s.is(2, ".") && s.is(3, "mock")) {
		s.at(0, "%s is for tests; move what needs it out of the product", s.text(1))
	}
}

// forTests reports whether a path, or the name of a package, says that it is for tests.
func forTests(name string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '/' || r == '_' || r == '.' || r == '-' }), func(word string) bool {
		return strings.HasPrefix(word, "test") || strings.HasSuffix(word, "test") || strings.HasSuffix(word, "tests") || strings.HasSuffix(word, "testing") ||
			slices.Contains([]string{"conftest", "mock", "mocks", "fake", "fakes", "fixtures", "integration", "e2e", "noxfile", "assert", "require", "golden", "benchmark", "benchmarks", "bench", "suite", "fuzz", "fuzzing"}, word)
	})
}
