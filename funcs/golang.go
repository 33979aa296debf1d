package funcs

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
)

// scanGo reads Go with its own parser.
func scanGo(o *outline) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", o.src, parser.ParseComments|parser.SkipObjectResolution)
	if errs, ok := err.(scanner.ErrorList); ok {
		for _, e := range errs {
			o.report(ErrSyntax, e.Pos.Offset, "%s", e.Msg)
		}
	}
	if file == nil {
		return
	}
	g := goFile{o, fset.File(file.FileStart)}
	docs := map[*ast.CommentGroup]bool{}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			docs[f.Doc] = true
			o.decls = append(o.decls, g.decl(f))
		}
	}
	for _, c := range file.Comments {
		if !docs[c] {
			o.stray(g.span(c))
		}
	}
}

type goFile struct {
	*outline
	file *token.File
}

// span returns where n is. Of a broken source, the parser may say what is not in it.
func (g goFile) span(n ast.Node) span {
	size := len(g.src)
	from := min(max(g.file.Offset(n.Pos()), 0), size)
	return span{from, min(max(g.file.Offset(n.End()), from), size)}
}

func (g goFile) decl(f *ast.FuncDecl) decl {
	d := decl{name: f.Name.Name, kind: Plain, exported: f.Name.IsExported(), at: g.span(f.Type).from}
	if f.Recv != nil {
		d.kind = Method
		d.scope = receiver(f.Recv)
		d.exported = d.exported && ast.IsExported(d.scope)
	}
	if f.Doc != nil {
		d.doc = g.span(f.Doc)
	}
	d.inputs = g.fields(f.Type.Params)
	for _, p := range g.fields(f.Type.Results) {
		d.outputs = append(d.outputs, p.String())
	}
	return d
}

// receiver returns the name of the type that a method belongs to.
func receiver(list *ast.FieldList) string {
	if len(list.List) == 0 {
		return ""
	}
	for e := list.List[0].Type; ; {
		switch t := e.(type) {
		case *ast.StarExpr:
			e = t.X
		case *ast.ParenExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.IndexListExpr:
			e = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

// fields returns parameters or results. One without a name is its type.
func (g goFile) fields(list *ast.FieldList) []param {
	if list == nil {
		return nil
	}
	var ps []param
	for _, f := range list.List {
		typ := oneLine(Go, g.text(g.span(f.Type)))
		for _, n := range f.Names {
			ps = append(ps, param{n.Name, typ})
		}
		if len(f.Names) == 0 {
			ps = append(ps, param{name: typ})
		}
	}
	return ps
}
