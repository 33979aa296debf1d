package rules

import (
	"bytes"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

var codeFiles = []string{"*.go", "*.py", "contract.yaml"}

func errorRules() []*lint.Rule {
	return []*lint.Rule{
		{ID: "E001", Name: "generic-exception", Set: lint.Onex, Level: lint.Warning, Files: nodeFiles, Project: genericExceptions, Doc: lint.Doc{
			Short: "an exception that carries no error code",
			Why:   "Callers, in any language, tell errors by their codes. A ValueError says which line failed, not what the caller can do. Outside of nodes, in a project that has no codes in its Python, it is only a note.",
			Bad:   "raise ValueError(\"no such unit\")",
			Good:  "raise OnexError(Code.UNKNOWN_UNIT, \"no such unit\")",
		}},
		{ID: "E002", Name: "undeclared-code", Set: lint.Onex, Level: lint.Error, Files: codeFiles, Project: undeclaredCode, Doc: lint.Doc{
			Short: "an error code that nothing declares",
			Why:   "It is in no catalogue and no contract, so nobody can look up what it means; mostly it is misspelt.",
			Bad:   "fail(\"ONEX_CORE_044_CONFIG_MISING\")",
			Good:  "fail(\"ONEX_CORE_044_CONFIG_MISSING\")",
		}},
		{ID: "E003", Name: "duplicate-code", Set: lint.Onex, Level: lint.Error, Files: codeFiles, Project: duplicateCode, Doc: lint.Doc{
			Short: "an error code, or the number of one, that is declared twice",
			Why:   "A code means one thing: whoever handles it cannot tell which of the two happened.",
			Bad:   "var ErrA = fault.New(\"ONEX_CORE_001_A\", …)\nvar ErrB = fault.New(\"ONEX_CORE_001_B\", …)",
			Good:  "var ErrA = fault.New(\"ONEX_CORE_001_A\", …)\nvar ErrB = fault.New(\"ONEX_CORE_002_B\", …)",
		}},
		{ID: "E004", Name: "unused-code", Set: lint.Onex, Level: lint.Warning, Files: goFiles, Project: unusedCode, Doc: lint.Doc{
			Short: "a declared error that nothing uses",
			Why:   "The catalogue tells people about an error that cannot happen.",
			Bad:   "var ErrGone = fault.New(\"ONEX_CORE_001_GONE\", …) // and no use of ErrGone",
			Good:  "return ErrGone.With(\"%s\", name)",
		}},
		{ID: "E005", Name: "undocumented-code", Set: lint.Onex, Level: lint.Warning, Files: []string{"*.go", "contract.yaml"}, Project: undocumentedCode, Doc: lint.Doc{
			Short: "a declared error code without a word about it",
			Why:   "The catalogue is made from it: who meets the code learns neither what it means nor what to do.",
			Bad:   "var ErrGone = fault.New(\"ONEX_CORE_001_GONE\", …)",
			Good:  "// ErrGone is returned when the file is not there any more. Name another one.\nvar ErrGone = fault.New(\"ONEX_CORE_001_GONE\", …)",
		}},
		{ID: "E006", Name: "malformed-code", Set: lint.Onex, Level: lint.Error, Files: codeFiles, Project: malformedCode, Doc: lint.Doc{
			Short: "an error code that has not the form of one",
			Why:   "Codes are sorted, looked up and mapped by component and number: ONEX_<COMPONENT>_<NNN>_<NAME>; in a contract, words in capital letters.",
			Bad:   "var ErrGone = fault.New(\"ONEX_CORE_1_gone\", …)",
			Good:  "var ErrGone = fault.New(\"ONEX_CORE_001_GONE\", …)",
		}},
	}
}

// builtin are exceptions that say nothing about the project (the list of the
// reference implementation).
var builtin = []string{"Exception", "ValueError", "RuntimeError", "FileNotFoundError", "IOError", "OSError", "TypeError", "AttributeError", "KeyError", "IndexError"}

// genericExceptions looks at all Python files. It only notes what it finds where
// nobody asked for codes: the project does not name the set, the file is not of a
// node, and no file speaks of a code.
func genericExceptions(pass *lint.Pass) {
	coded := pass.Project.Config.Set == lint.Onex || slices.ContainsFunc(pass.Files, func(f *lint.File) bool {
		return f.Python() != nil && !forTests(f.Path) && (bytes.Contains(f.Data, []byte("ONEX_")) || bytes.Contains(f.Data, []byte("OnexError")))
	})
	ofNode := inNodes(pass.Files)
	for _, f := range pass.Files {
		if f.Python() == nil || f.Generated() || forTests(f.Path) {
			continue
		}
		level := lint.Note
		if coded || ofNode(f.Path) {
			level = pass.Rule.Level
		}
		lines := f.Python().Statements()
		for i, line := range lines {
			genericException(statement{f.Python(), pass, lines, i, line}, f, level)
		}
	}
}

func genericException(s statement, f *lint.File, level lint.Level) {
	at := 0
	if c := s.colon(); c+1 < len(s.line.Tokens) && s.is(c+1, "raise") {
		at = c + 1
	}
	if s.is(at, "raise") && slices.ContainsFunc(builtin, func(name string) bool { return s.is(at+1, name) }) && !s.is(at+2, ".") {
		s.pass.ReportAt(level, f, s.line.Tokens[at+1].From, "%s carries no error code; raise an error of the project", s.text(at+1))
	}
}

// contractForm is what the code of an error in a contract looks like.
var contractForm = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

// A code is a text that is meant as an error code, somewhere.
type code struct {
	file     *lint.File
	offset   int
	text     string
	variable string // that it declares, in Go
	declared bool
	contract bool
	doc      bool
}

// wellFormed reports whether the code has the form of its kind.
func (c code) wellFormed() bool {
	if c.contract {
		return contractForm.MatchString(c.text)
	}
	return fault.Code(c.text).Valid()
}

// numbered splits a code into component, number and name.
var numbered = regexp.MustCompile(`^ONEX_[A-Za-z0-9_]*?_?([0-9]+)_`)

// number is the code without its name: ONEX_CORE_001.
func (c code) number() string { return numbered.FindString(c.text) }

// codes returns all codes in the files, in order; those of tests are uses only.
func codes(files []*lint.File) []code {
	var all []code
	for _, f := range files {
		switch {
		case f.Go() != nil:
			all = append(all, goCodes(f)...)
		case f.Python() != nil:
			all = append(all, pythonCodes(f)...)
		case path.Base(f.Path) == "contract.yaml":
			all = append(all, contractCodes(f)...)
		}
	}
	return all
}

// goCodes finds literals that start as codes do. A variable of the package that a
// call of New makes of one declares it.
func goCodes(f *lint.File) []code {
	g := f.Go()
	declares := map[*ast.BasicLit]code{}
	for _, decl := range g.Decls {
		vars, ok := decl.(*ast.GenDecl)
		if !ok || vars.Tok != token.VAR || g.Test {
			continue
		}
		for _, spec := range vars.Specs {
			v := spec.(*ast.ValueSpec)
			for i, value := range v.Values {
				if lit := made(value); lit != nil && i < len(v.Names) {
					declares[lit] = code{variable: v.Names[i].Name, declared: true, doc: v.Doc != nil || len(vars.Specs) == 1 && vars.Doc != nil}
				}
			}
		}
	}
	var list []code
	each(g.File, func(lit *ast.BasicLit) {
		if value, ok := text(lit); ok && (strings.HasPrefix(value, "ONEX_") && startsLikeCode(value) || declares[lit].declared) {
			c := declares[lit]
			c.file, c.offset, c.text = f, g.Offset(lit.Pos()), value
			list = append(list, c)
		}
	})
	return list
}

// startsLikeCode reports whether a text goes on as a code after ONEX_: with a
// component and a number.
func startsLikeCode(value string) bool {
	return numbered.MatchString(value) && !strings.ContainsAny(value, " %*:/=")
}

// made returns the first argument of the call of New with which an expression
// begins, as in fault.New(…).Hinted(…), if it is a text that starts with ONEX_.
func made(e ast.Expr) *ast.BasicLit {
	for {
		call, ok := e.(*ast.CallExpr)
		if !ok {
			return nil
		}
		sel, chained := call.Fun.(*ast.SelectorExpr)
		if isName(call.Fun, "New") || chained && sel.Sel.Name == "New" {
			if len(call.Args) < 2 {
				return nil
			}
			lit, _ := call.Args[0].(*ast.BasicLit)
			if value, ok := text(call.Args[0]); !ok || !strings.HasPrefix(value, "ONEX_") {
				return nil
			}
			return lit
		}
		if !chained {
			return nil
		}
		e = sel.X
	}
}

// pythonCodes finds literals that start as codes do; NAME = "ONEX_…" declares one.
func pythonCodes(f *lint.File) []code {
	var list []code
	for _, line := range f.Python().Statements() {
		s := statement{PythonFile: f.Python(), line: line}
		for i, t := range line.Tokens {
			if t.Kind != funcs.Text {
				continue
			}
			if _, value := literal(s.text(i)); strings.HasPrefix(value, "ONEX_") && startsLikeCode(value) {
				list = append(list, code{file: f, offset: t.From, text: value, doc: true, declared: i == 2 && s.is(1, "=") && !forTests(f.Path)})
			}
		}
	}
	return list
}

// contractCodes returns what the tools of a contract declare under errors.
func contractCodes(f *lint.File) []code {
	var list []code
	visitOwn(document(f), func(key string, tools *yaml.Node) {
		if key != "tools" {
			return
		}
		visitOwn(tools, func(_ string, tool *yaml.Node) {
			visitOwn(tool, func(key string, errors *yaml.Node) {
				if key == "errors" && errors.Kind == yaml.SequenceNode {
					list = append(list, declaredErrors(f, errors.Content)...)
				}
			})
		})
	})
	return list
}

func declaredErrors(f *lint.File, items []*yaml.Node) []code {
	var list []code
	for _, item := range items {
		c := code{file: f, declared: true, contract: true}
		text, at := valueOf(item, "code")
		if at == nil {
			continue
		}
		c.text, c.offset = text, offsetOf(f, at)
		about, _ := valueOf(item, "description")
		c.doc = strings.TrimSpace(about) != ""
		list = append(list, c)
	}
	return list
}

func undeclaredCode(pass *lint.Pass) {
	declared := map[string]bool{}
	all := codes(pass.Files)
	for _, c := range all {
		declared[c.text] = declared[c.text] || c.declared
	}
	if !slices.ContainsFunc(all, func(c code) bool { return c.declared && !c.contract }) {
		pass.Idle()
		return
	}
	for _, c := range all {
		if !declared[c.text] && !forTests(c.file.Path) && fault.Code(c.text).Valid() {
			pass.Report(c.file, c.offset, "%s is declared nowhere", c.text)
		}
	}
}

func duplicateCode(pass *lint.Pass) {
	first := map[string]code{}
	idle := true
	for _, c := range codes(pass.Files) {
		if !c.declared || c.contract || !fault.Code(c.text).Valid() {
			continue
		}
		idle = false
		other, twice := first[c.number()]
		if !twice {
			first[c.number()] = c
			continue
		}
		line, _ := other.file.Position(other.offset)
		pass.Report(c.file, c.offset, "%s has the number of %s in %s:%d", c.text, other.text, other.file.Path, line)
	}
	if idle {
		pass.Idle()
	}
}

// unusedCode takes any other mention of the variable's name for a use.
func unusedCode(pass *lint.Pass) {
	mentions := map[string]int{}
	for _, f := range pass.Files {
		if g := f.Go(); g != nil && !g.Test {
			each(g.File, func(id *ast.Ident) { mentions[id.Name]++ })
		}
	}
	idle := true
	for _, c := range codes(pass.Files) {
		if c.variable == "" || c.variable == "_" {
			continue
		}
		idle = false
		if mentions[c.variable] < 2 {
			pass.Report(c.file, c.offset, "nothing uses %s (%s)", c.variable, c.text)
		}
	}
	if idle {
		pass.Idle()
	}
}

func undocumentedCode(pass *lint.Pass) {
	idle := true
	for _, c := range codes(pass.Files) {
		if !c.declared {
			continue
		}
		idle = false
		if !c.doc {
			pass.Report(c.file, c.offset, "%s has no documentation", c.text)
		}
	}
	if idle {
		pass.Idle()
	}
}

func malformedCode(pass *lint.Pass) {
	for _, c := range codes(pass.Files) {
		if (c.declared || strings.ToUpper(c.text) == c.text) && !c.wellFormed() && !forTests(c.file.Path) {
			pass.Report(c.file, c.offset, "%q is no error code: want ONEX_<COMPONENT>_<NNN>_<NAME>, or in a contract words in capital letters", c.text)
		}
	}
}
