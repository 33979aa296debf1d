package rules

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

func boundaryRules() []*lint.Rule {
	return []*lint.Rule{
		{ID: "B001", Name: "layer", Set: lint.Onex, Level: lint.Error, Files: []string{"*.go", "*.py", "go.mod"}, Project: layers, Doc: lint.Doc{
			Short: "an import of a layer above",
			Why:   "What lies below must be usable, and testable, without what lies above. The layers are those of onex.yaml (lint.layers), the lowest first.",
			Bad:   "# src/core/model.py, with core below nodes\nfrom nodes.stamper import stamp",
			Good:  "# src/nodes/stamper.py\nfrom core.model import Block",
		}},
		{ID: "B002", Name: "hard-coded-node", Set: lint.Onex, Level: lint.Warning, Files: []string{"*.go", "*.py", "node.onex.yaml"}, Project: hardCodedNode, Doc: lint.Doc{
			Short: "the name of a node as a text in code that is not the node's",
			Why:   "Nodes come and go; code finds them in the registry, by the tools that they offer. The known nodes are those with a node.onex.yaml in the project whose names have several words: one word is said for many reasons.",
			Bad:   "run(\"stamper\")",
			Good:  "for node in registry.providers(\"stamp\"):\n    run(node)",
		}},
		{ID: "B004", Name: "handler-placement", Set: lint.Onex, Level: lint.Warning, Files: slices.Concat(goFiles, pythonFiles), File: handlerPlacement, Doc: lint.Doc{
			Short: "an implementation in a shared directory of handlers",
			Why:   "A directory called handlers outside a node or runtime holds what handlers have in common. With one implementation in it, everything that imports it depends on that.",
			Bad:   "# handlers/markdown.py\nclass MarkdownHandler:\n    def stamp(self): ...",
			Good:  "# handlers/protocol.py\nclass Handler(Protocol):\n    def stamp(self): ...",
		}},
	}
}

// An imported is one import of a file.
type imported struct {
	offset int
	path   string // as it is written
	file   string // of the project, which it means; a file in its directory in Go
}

// layers checks every import of a file of the project whose layer is known.
func layers(pass *lint.Pass) {
	config := &pass.Project.Config
	if len(config.Layers) == 0 {
		pass.Idle()
		return
	}
	for _, f := range pass.Files {
		from, ok := config.LayerOf(f.Path)
		if !ok {
			continue
		}
		for _, i := range imports(pass.Project, f) {
			if to, ok := config.LayerOf(i.file); ok && to > from {
				pass.Report(f, i.offset, "%s (layer %s) imports %s (layer %s) above it", f.Path, config.Layers[from].Name, i.path, config.Layers[to].Name)
			}
		}
	}
}

// imports returns what f imports of the project.
func imports(p *lint.Project, f *lint.File) []imported {
	var list []imported
	if g := f.Go(); g != nil && !g.Test {
		module, dir := moduleOf(p, f)
		for _, spec := range g.Imports {
			from, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
			if module != "" && (from == module || strings.HasPrefix(from, module+"/")) {
				list = append(list, imported{g.Offset(spec.Pos()), from, path.Join(dir, strings.TrimPrefix(strings.TrimPrefix(from, module), "/"), "x.go")})
			}
		}
	}
	if py := f.Python(); py != nil {
		for _, line := range py.Statements() {
			list = append(list, pythonImports(p, f, statement{PythonFile: py, line: line})...)
		}
	}
	return list
}

// moduleOf returns the path of the module that f belongs to, and its directory.
func moduleOf(p *lint.Project, f *lint.File) (module, dir string) {
	for dir = path.Dir(f.Path); ; dir = path.Dir(dir) {
		if mod, ok := p.Lookup(path.Join(dir, "go.mod")); ok {
			for i := range mod.Lines() {
				if name, ok := strings.CutPrefix(mod.Line(i+1), "module "); ok {
					return strings.Trim(strings.TrimSpace(name), `"`), dir
				}
			}
		}
		if dir == "." {
			return "", ""
		}
	}
}

// pythonImports reads one statement: import a.b, c and from .a import b, c.
func pythonImports(p *lint.Project, f *lint.File, s statement) []imported {
	at := s.line.Tokens[0].From
	var list []imported
	add := func(level int, names ...string) {
		if file := pythonModule(p, f, level, names); file != "" {
			list = append(list, imported{at, strings.Repeat(".", level) + strings.Join(names, "."), file})
		}
	}
	switch {
	case s.is(0, "import"):
		for _, part := range s.Split(s.line, 1, len(s.line.Tokens)) {
			names, _ := s.dotted(part[0])
			add(0, names...)
		}
	case s.is(0, "from"):
		i, level := 1, 0
		for s.is(i, ".") || s.is(i, "...") {
			level += len(s.text(i))
			i++
		}
		names, end := s.dotted(i)
		if !s.is(i, "import") {
			i = end
		} else {
			names = nil
		}
		if !s.is(i, "import") {
			return nil
		}
		if s.is(i+1, "(") {
			i++
		}
		for _, part := range s.Split(s.line, i+1, len(s.line.Tokens)) {
			if s.kind(part[0]) == funcs.Word {
				add(level, append(slices.Clone(names), s.text(part[0]))...)
			}
		}
	}
	return list
}

// dotted reads a.b.c from token i on.
func (s statement) dotted(i int) (names []string, end int) {
	for s.kind(i) == funcs.Word {
		names = append(names, s.text(i))
		if !s.is(i+1, ".") {
			return names, i + 1
		}
		i += 2
	}
	return names, i
}

// pythonModule returns the file that a name means, or the module that has it: below
// the root, below src, or beside f when it is relative.
func pythonModule(p *lint.Project, f *lint.File, level int, names []string) string {
	roots := []string{".", "src"}
	if level > 0 {
		dir := path.Dir(f.Path)
		for range level - 1 {
			dir = path.Dir(dir)
		}
		roots = []string{dir}
	}
	for n := len(names); n > 0; n-- {
		for _, root := range roots {
			base := path.Join(root, path.Join(names[:n]...))
			for _, name := range []string{base + ".py", base + "/__init__.py"} {
				if _, ok := p.Lookup(name); ok {
					return name
				}
			}
		}
	}
	return ""
}

// hardCodedNode holds literals against the names of the nodes of the project.
func hardCodedNode(pass *lint.Pass) {
	nodes := map[string]string{} // name to directory
	for _, f := range pass.Files {
		if path.Base(f.Path) == "node.onex.yaml" {
			if name, _ := valueOf(document(f), "name"); strings.ContainsAny(name, "_-") {
				nodes[name] = path.Dir(f.Path)
			}
		}
	}
	if len(nodes) == 0 {
		pass.Idle()
		return
	}
	for _, f := range pass.Files {
		if forTests(f.Path) || inExample(f.Path) {
			continue
		}
		literals(f, func(offset int, value string) {
			if dir, ok := nodes[value]; ok && !strings.HasPrefix(f.Path, dir+"/") {
				pass.Report(f, offset, "%q is the node in %s; find it in the registry by its tools", value, dir)
			}
		})
	}
}

// literals calls found for every string in Go or Python code that is no docstring,
// no import, no struct tag and no key.
func literals(f *lint.File, found func(offset int, value string)) {
	if g := f.Go(); g != nil && !g.Test {
		skip := map[ast.Expr]bool{}
		ast.Inspect(g.File, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field:
				if x.Tag != nil {
					skip[x.Tag] = true
				}
			case *ast.KeyValueExpr:
				skip[x.Key] = true
			case *ast.BasicLit:
				if value, ok := text(x); ok && !skip[x] {
					found(g.Offset(x.Pos()), value)
				}
			}
			return true
		})
	}
	if py := f.Python(); py != nil {
		for _, line := range py.Statements() {
			for i, t := range line.Tokens {
				if t.Kind == funcs.Text && len(line.Tokens) > 1 && !py.Is(line, i+1, ":") {
					_, value := literal(py.Text(t))
					found(t.From, value)
				}
			}
		}
	}
}

// handlerPlacement looks at shared directories of handlers: those that are in no
// node and no runtime.
func handlerPlacement(pass *lint.Pass) {
	dirs := strings.Split(path.Dir(pass.File.Path), "/")
	if dirs[len(dirs)-1] != "handlers" || slices.ContainsFunc(dirs, func(d string) bool {
		return d == "nodes" || d == "runtimes" || d == "runtime" || forTests(d)
	}) || strings.HasPrefix(path.Base(pass.File.Path), "test_") {
		return
	}
	if _, node := pass.Project.Lookup(path.Join(path.Dir(path.Dir(pass.File.Path)), "node.onex.yaml")); node {
		return
	}
	if g := pass.File.Go(); g != nil && !g.Test {
		each(g.File, func(f *ast.FuncDecl) {
			if f.Recv != nil && f.Name.IsExported() {
				pass.Report(pass.File, g.Offset(f.Pos()), "method %s is an implementation; handlers holds interfaces and data", f.Name.Name)
			}
		})
	}
	statements(func(s statement) {
		if s.is(0, "class") && s.line.Indent == 0 && !s.abstract() && s.hasMethod() {
			s.at(1, "class %s is an implementation; handlers holds protocols and data", s.text(1))
		}
	})(pass)
}

// abstract reports whether a class says that it is: by its bases, or an abstract
// method.
func (s statement) abstract() bool {
	for _, l := range append([]funcs.LogicalLine{s.line}, s.body()...) {
		for i := range l.Tokens {
			if (statement{PythonFile: s.PythonFile, line: l}).isAny(i, "Protocol", "ABC", "ABCMeta", "abstractmethod", "Enum", "TypedDict", "NamedTuple", "BaseModel") {
				return true
			}
		}
	}
	return false
}

func (s statement) hasMethod() bool {
	return slices.ContainsFunc(s.body(), func(l funcs.LogicalLine) bool {
		d, ok := s.Def(l)
		return ok && !strings.HasPrefix(d.Name, "__")
	})
}
