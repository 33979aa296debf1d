package docgen

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/catalogue"
	"github.com/omninode-ai/onex/internal/gosource"
)

// Faults returns every error that m declares with fault.New, sorted by code. It
// fails, listing all that is wrong, when a declaration is not a package-level
// variable made of literals, has no comment or a malformed code, or uses a code
// or a number of its component a second time.
func Faults(m *gosource.Module) ([]catalogue.Entry, error) {
	c := collector{module: m, variable: map[*ast.CallExpr]bool{}}
	for _, p := range m.Packages {
		c.constants = constants(p)
		for _, f := range p.Files {
			if !f.Test {
				c.file(f.Syntax)
			}
		}
	}
	slices.SortFunc(c.entries, func(a, b catalogue.Entry) int { return cmp.Compare(a.Code, b.Code) })
	c.findDuplicates()
	return c.entries, errors.Join(c.errs...)
}

type collector struct {
	module    *gosource.Module
	pkg       string
	constants map[string]string      // the package's own, those that are literals
	variable  map[*ast.CallExpr]bool // the calls of fault.New that declare one
	entries   []catalogue.Entry
	errs      []error
}

func (c *collector) fail(n ast.Node, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", c.module.Position(n.Pos()), fmt.Sprintf(format, args...)))
}

func (c *collector) file(f *ast.File) {
	c.pkg = f.Name.Name
	for _, decl := range f.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			s := spec.(*ast.ValueSpec)
			doc := s.Doc
			if !d.Lparen.IsValid() {
				doc = d.Doc
			}
			for i, value := range s.Values {
				c.declaration(s.Names[i], value, doc)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && c.isNew(call) && !c.variable[call] {
			c.fail(n, "fault.New outside the declaration of a package-level variable")
		}
		return true
	})
}

// isNew reports whether call is fault.New(…), or New(…) in package fault.
func (c *collector) isNew(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return c.pkg == "fault" && f.Name == "New"
	case *ast.SelectorExpr:
		pkg, ok := f.X.(*ast.Ident)
		return ok && pkg.Name == "fault" && f.Sel.Name == "New"
	}
	return false
}

func (c *collector) declaration(name *ast.Ident, value ast.Expr, doc *ast.CommentGroup) {
	call, hint := c.unwrap(value)
	if call == nil {
		return
	}
	c.variable[call] = true
	e := catalogue.Entry{Hint: hint, Doc: explanation(name.Name, doc), Go: c.pkg + "." + name.Name}
	if len(call.Args) != 3 {
		c.fail(call, "%s: fault.New with %d arguments", name.Name, len(call.Args))
		return
	}
	code, okCode := literal(call.Args[0], c.constants)
	text, okText := literal(call.Args[2], c.constants)
	e.Code, e.Text, e.Class = fault.Code(code), text, class(call.Args[1])
	switch {
	case !okCode || !okText:
		c.fail(call, "%s: the code and the text must be literals or constants of the package", name.Name)
	case !e.Code.Valid():
		c.fail(call, "%s: malformed code %q", name.Name, e.Code)
	case !e.Class.Valid():
		c.fail(call, "%s: unknown class", name.Name)
	case e.Doc == "":
		c.fail(call, "%s: no comment says when %s happens and what to do", name.Name, e.Code)
	default:
		c.entries = append(c.entries, e)
	}
}

// unwrap returns the fault.New in fault.New(…).Hinted(…) and the hint; call is
// nil when there is none.
func (c *collector) unwrap(value ast.Expr) (call *ast.CallExpr, hint string) {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return nil, ""
	}
	if c.isNew(call) {
		return call, ""
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || method.Sel.Name != "Hinted" || len(call.Args) != 1 {
		return nil, ""
	}
	inner, _ := c.unwrap(method.X)
	if hint, ok = literal(call.Args[0], c.constants); !ok && inner != nil {
		c.fail(call, "the hint must be a literal or a constant of the package")
	}
	return inner, hint
}

// constants returns the string constants of p that are plain literals.
func constants(p gosource.Package) map[string]string {
	found := map[string]string{}
	for _, f := range p.Files {
		for _, decl := range f.Syntax.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.CONST {
				continue
			}
			for _, spec := range d.Specs {
				s := spec.(*ast.ValueSpec)
				for i, value := range s.Values {
					if text, ok := literal(value, nil); ok {
						found[s.Names[i].Name] = text
					}
				}
			}
		}
	}
	return found
}

// literal returns the value of a string literal, of one of constants, or of a
// sum of them.
func literal(e ast.Expr, constants map[string]string) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(x.Value)
		return s, x.Kind == token.STRING && err == nil
	case *ast.Ident:
		s, ok := constants[x.Name]
		return s, ok
	case *ast.BinaryExpr:
		left, okLeft := literal(x.X, constants)
		right, okRight := literal(x.Y, constants)
		return left + right, x.Op == token.ADD && okLeft && okRight
	}
	return "", false
}

// class returns the class whose constant e names: NotFound is "not_found".
func class(e ast.Expr) fault.Class {
	var name string
	switch x := e.(type) {
	case *ast.Ident:
		name = x.Name
	case *ast.SelectorExpr:
		name = x.Sel.Name
	}
	var snake strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			snake.WriteByte('_')
		}
		snake.WriteRune(unicode.ToLower(r))
	}
	return fault.Class(snake.String())
}

// explanation turns the comment above a variable into text for somebody who
// does not read Go: without the variable's name, one line a paragraph.
func explanation(name string, doc *ast.CommentGroup) string {
	if doc == nil {
		return ""
	}
	var p comment.Parser
	p.LookupPackage = func(name string) (string, bool) { return name, true }
	p.LookupSym = func(_, _ string) bool { return true }
	text := string((&comment.Printer{TextWidth: -1}).Text(p.Parse(doc.Text())))
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, name+": "); ok {
		first, size := utf8.DecodeRuneInString(rest)
		return string(unicode.ToUpper(first)) + rest[size:]
	}
	if rest, ok := strings.CutPrefix(text, name+" "); ok {
		return "This error " + rest
	}
	return text
}

// findDuplicates compares neighbours in the sorted list: equal numbers of one
// component stand together, because the number comes before the name.
func (c *collector) findDuplicates() {
	for i, e := range c.entries {
		if i > 0 && c.entries[i-1].Short() == e.Short() {
			before := c.entries[i-1]
			c.errs = append(c.errs, fmt.Errorf("%s is used twice: %s (%s) and %s (%s)", e.Short(), before.Code, before.Go, e.Code, e.Go))
		}
	}
}
