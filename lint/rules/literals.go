package rules

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"

	"github.com/omninode-ai/onex/lint"
)

func literalRules() []*lint.Rule {
	return []*lint.Rule{
		{ID: "L001", Name: "closed-set-text", Set: lint.Default, Level: lint.Warning, Files: goFiles, Project: closedSetText, Doc: lint.Doc{
			Short: "a text where a constant of its type stands for it",
			Why:   "The compiler takes any text for the type. A misspelt one is found by nobody, and who looks for uses of the constant does not find this one.",
			Bad:   "type Color string\n\nconst (\n\tRed  Color = \"red\"\n\tBlue Color = \"blue\"\n)\n\nfunc isRed(c Color) bool { return c == \"red\" }",
			Good:  "func isRed(c Color) bool { return c == Red }",
			Fix:   "the constant replaces the text, in the package that declares it",
		}},
		{ID: "L002", Name: "closed-set-number", Set: lint.Onex, Level: lint.Warning, Files: goFiles, Project: closedSetNumber, Doc: lint.Doc{
			Short: "a number where a constant of its type stands for it",
			Why:   "A reader has to count through the constants to know what 2 means, and a new one in between changes it.",
			Bad:   "type Level int\n\nconst (\n\tDebug Level = iota + 10\n\tInfo\n)\n\nvar level Level = 11",
			Good:  "var level = Info",
			Fix:   "the constant replaces the number, in the package that declares it",
		}},
	}
}

func closedSetText(pass *lint.Pass)   { closedSet(pass, token.STRING) }
func closedSetNumber(pass *lint.Pass) { closedSet(pass, token.INT) }

// minSet is how many constants make a closed set of a type.
const minSet = 2

// closedSet type-checks each package for itself, with nothing of others: the types
// that it declares are all that the rule needs.
func closedSet(pass *lint.Pass, kind token.Token) {
	packages := map[string][]*lint.File{}
	for _, f := range pass.Files {
		if g := f.Go(); g != nil && !g.Test && !f.Generated() {
			key := path.Dir(f.Path) + " " + g.Name.Name
			packages[key] = append(packages[key], f)
		}
	}
	for _, files := range packages {
		checkPackage(pass, files, kind)
	}
}

// checkPackage parses the files once more, because types need one set of positions.
func checkPackage(pass *lint.Pass, files []*lint.File, kind token.Token) {
	fset := token.NewFileSet()
	var syntax []*ast.File
	byName := map[string]*lint.File{}
	for _, f := range files {
		if parsed := f.ParseGo(fset); parsed != nil {
			syntax = append(syntax, parsed)
			byName[f.Path] = f
		}
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Importer: nothing{}, Error: func(error) {}, DisableUnusedImportCheck: true, FakeImportC: true}
	pkg, _ := config.Check(files[0].Path, fset, syntax, info) // errors are those of what was not imported
	sets := closedSets(pkg, kind)
	for _, file := range syntax {
		declares := declarations(file)
		each(file, func(lit *ast.BasicLit) {
			named, ok := types.Unalias(info.Types[lit].Type).(*types.Named)
			if !ok || lit.Kind != kind || declares[lit] || info.Types[lit].Value == nil {
				return
			}
			if name := sets[named.Obj()][info.Types[lit].Value.ExactString()]; name != "" {
				at := fset.Position(lit.Pos())
				fix := &lint.Fix{Message: "write " + name, Edits: []lint.Edit{{From: at.Offset, To: at.Offset + len(lit.Value), New: name}}}
				pass.ReportFix(byName[at.Filename], at.Offset, fix, "%s is %s of type %s", lit.Value, name, named.Obj().Name())
			}
		})
	}
}

// nothing imports empty packages.
type nothing struct{}

func (nothing) Import(from string) (*types.Package, error) {
	p := types.NewPackage(from, path.Base(from))
	p.MarkComplete()
	return p, nil
}

// closedSets returns the constants of each type that has at least two, by their
// values; a value that two share has none. Empty and zero values are never meant.
func closedSets(pkg *types.Package, kind token.Token) map[*types.TypeName]map[string]string {
	sets := map[*types.TypeName]map[string]string{}
	count := map[*types.TypeName]int{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok {
			continue
		}
		named, ok := types.Unalias(c.Type()).(*types.Named)
		if !ok || named.Obj().Pkg() != pkg || !ofKind(c.Val(), kind) || isError(named) {
			continue
		}
		if sets[named.Obj()] == nil {
			sets[named.Obj()] = map[string]string{}
		}
		count[named.Obj()]++
		value := c.Val().ExactString()
		if _, twice := sets[named.Obj()][value]; twice {
			name = ""
		}
		sets[named.Obj()][value] = name
	}
	for t, n := range count {
		if n < minSet || kind == token.INT && scales(sets[t]) {
			delete(sets, t)
		}
	}
	return sets
}

// isError reports whether a type is one of errors: its constants are some of them.
func isError(t *types.Named) bool {
	method, _, _ := types.LookupFieldOrMethod(t, true, t.Obj().Pkg(), "Error")
	return method != nil
}

func ofKind(v constant.Value, kind token.Token) bool {
	switch v.Kind() {
	case constant.String:
		return kind == token.STRING && constant.StringVal(v) != ""
	case constant.Int:
		n, ok := constant.Int64Val(v)
		return kind == token.INT && ok && n != 0 && n != 1
	}
	return false
}

// scales reports whether the constants are units, as those of time.Duration, or
// priorities rather than a list: then a number is a quantity.
func scales(set map[string]string) bool {
	var values []int64
	for v := range set {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return true
		}
		values = append(values, n)
	}
	slices.Sort(values)
	for i := 1; i < len(values); i++ {
		if values[i] != values[i-1]+1 {
			return true
		}
	}
	return false
}

// declarations returns the literals that stand in declarations of constants.
func declarations(file *ast.File) map[*ast.BasicLit]bool {
	inside := map[*ast.BasicLit]bool{}
	each(file, func(d *ast.GenDecl) {
		if d.Tok == token.CONST {
			each(d, func(lit *ast.BasicLit) { inside[lit] = true })
		}
	})
	return inside
}
