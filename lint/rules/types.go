package rules

import (
	"go/ast"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

func typeRules() []*lint.Rule {
	return []*lint.Rule{
		{ID: "T001", Name: "untyped-api", Set: lint.Onex, Level: lint.Warning, Files: goFiles, File: inProduct(untypedAPI), Doc: lint.Doc{
			Short: "any in exported API or in a struct",
			Why:   "The compiler checks nothing there, and the reader learns nothing. Use a type, a type parameter, or json.RawMessage. Arguments to a format are free.",
			Bad:   "type Event struct{ Metadata map[string]any }",
			Good:  "type Event struct{ Metadata Metadata }\n\ntype Metadata struct{ Status string }",
		}},
		{ID: "T002", Name: "untyped-model", Set: lint.Onex, Level: lint.Warning, Files: pythonFiles, File: statements(untypedModel), Doc: lint.Doc{
			Short: "Dict[str, Any] or Any in a model or a public signature",
			Why:   "Nothing checks what is in it; a misspelt key is found by the user.",
			Bad:   "class Event:\n    metadata: Dict[str, Any]",
			Good:  "class Event:\n    metadata: EventMetadata",
		}},
		{ID: "T003", Name: "missing-annotation", Set: lint.Onex, Level: lint.Warning, Files: nodeFiles, Project: missingAnnotation, Doc: lint.Doc{
			Short: "a public function of a node, or one marked as a tool, whose parameters or result have no types",
			Why:   "The contract of a tool is held against them, and the tools field of the metadata is made from them.",
			Bad:   "def greet(name):\n    \"\"\"Greets.\n\n    @onex:function\n    \"\"\"",
			Good:  "def greet(name: str) -> str:\n    \"\"\"Greets.\n\n    @onex:function\n    \"\"\"",
		}},
	}
}

func untypedAPI(g goFile) {
	for _, decl := range g.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if name, ok := exported(d); ok {
				g.untypedSignature(name, d.Type)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				g.untypedSpec(spec)
			}
		}
	}
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

func (g goFile) untypedSpec(spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		if s.Type != nil && s.Names[0].IsExported() {
			g.untyped(s.Names[0].Name, s.Type)
		}
	case *ast.TypeSpec:
		name := s.Name.Name
		switch t := s.Type.(type) {
		case *ast.StructType: // also unexported ones: the data of the domain lives there
			g.untypedFields(name, t.Fields)
		case *ast.InterfaceType:
			if s.Name.IsExported() && isAny(t) {
				g.untyped(name, t)
			} else if s.Name.IsExported() {
				g.untypedFields(name, t.Methods)
			}
		case *ast.FuncType:
			if s.Name.IsExported() {
				g.untypedSignature(name, t)
			}
		default:
			if s.Name.IsExported() {
				g.untyped(name, t)
			}
		}
	}
}

func (g goFile) untypedFields(owner string, fields *ast.FieldList) {
	for _, field := range fields.List {
		name := owner
		if len(field.Names) > 0 {
			name += "." + field.Names[0].Name
		}
		if f, ok := field.Type.(*ast.FuncType); ok {
			g.untypedSignature(name, f)
			continue
		}
		g.untyped(name, field.Type)
	}
}

func (g goFile) untypedSignature(name string, f *ast.FuncType) {
	params := f.Params.List
	if formats(params) {
		params = params[:len(params)-1]
	}
	for _, p := range params {
		g.untyped(name, p.Type)
	}
	if f.Results != nil {
		for _, r := range f.Results.List {
			g.untyped(name, r.Type)
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

func (g goFile) untyped(name string, t ast.Expr) {
	each(t, func(e ast.Expr) {
		if isAny(e) {
			g.at(e, "any in %s", name)
		}
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

// untypedModel looks at the fields of classes, and at the signatures of functions
// whose names are public.
func untypedModel(s statement) {
	if forTests(s.pass.File.Path) {
		return
	}
	if d, ok := s.Def(s.line); ok {
		if strings.HasPrefix(d.Name, "_") && d.Name != "__init__" {
			return
		}
		for _, p := range d.Params {
			if s.isUntyped(p.Type) && !s.is(p.At-1, "**") && !s.is(p.At-1, "*") {
				s.at(p.At, "%s of %s is %s", p.Name, d.Name, s.words(p.Type))
			}
		}
		if s.isUntyped(d.Result) {
			s.at(d.At, "%s returns %s", d.Name, s.words(d.Result))
		}
		return
	}
	if s.kind(0) == funcs.Word && s.is(1, ":") && s.inClass() {
		end := len(s.line.Tokens)
		for i := range s.line.Tokens {
			if s.is(i, "=") {
				end = min(end, i)
			}
		}
		if s.isUntyped(s.line.Tokens[2:end]) {
			s.at(0, "field %s is %s", s.text(0), s.words(s.line.Tokens[2:end]))
		}
	}
}

// isUntyped reports whether an annotation is Any, or has it in a mapping of texts.
func (s statement) isUntyped(annotation []funcs.Token) bool {
	text := strings.NewReplacer("typing.", "", "t.", "").Replace(s.words(annotation))
	return text == "Any" || text == "Optional[Any]" || strings.Contains(strings.ToLower(text), "dict[str,any]") || strings.Contains(text, "Mapping[str,Any]")
}

// inClass reports whether the statement stands in a class directly.
func (s statement) inClass() bool {
	for j := s.i - 1; j >= 0; j-- {
		if s.lines[j].Indent < s.line.Indent {
			return s.Is(s.lines[j], 0, "class")
		}
	}
	return false
}

// missingAnnotation looks at the files in directories of nodes, and elsewhere at
// functions that are marked as tools.
func missingAnnotation(pass *lint.Pass) {
	ofNode := inNodes(pass.Files)
	for _, f := range pass.Files {
		if f.Python() == nil || forTests(f.Path) || forTests(strings.TrimSuffix(path.Base(f.Path), ".py")) {
			continue
		}
		marked := map[int]bool{}
		tools, _ := funcs.Find(funcs.Python, f.Data)
		for _, tool := range tools {
			marked[tool.Line] = true
		}
		for _, line := range f.Python().Statements() {
			s := statement{PythonFile: f.Python(), pass: pass, line: line}
			d, ok := s.Def(line)
			number, _ := f.Position(line.Tokens[0].From)
			if !ok || !marked[number] && (!ofNode(f.Path) || strings.HasPrefix(d.Name, "_") || line.Indent > 0) {
				continue
			}
			if missing := s.unannotated(d); missing != "" {
				pass.Report(f, line.Tokens[d.At].From, "%s of %s has no type", missing, d.Name)
			}
		}
	}
}

// inNodes returns a function that reports whether a path is in the directory of a node.
func inNodes(files []*lint.File) func(path string) bool {
	var nodes []string
	for _, f := range files {
		if path.Base(f.Path) == "node.onex.yaml" {
			nodes = append(nodes, path.Dir(f.Path)+"/")
		}
	}
	return func(name string) bool {
		return slices.ContainsFunc(nodes, func(dir string) bool { return strings.HasPrefix(name, dir) || dir == "./" })
	}
}

// unannotated returns what of a signature has no type, or nothing.
func (s statement) unannotated(d lint.Def) string {
	for _, p := range d.Params {
		if p.Type == nil && p.Name != "self" && p.Name != "cls" {
			return "parameter " + p.Name
		}
	}
	if d.Result == nil {
		return "the result"
	}
	return ""
}
