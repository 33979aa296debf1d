package vet

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// leastMagic is the smallest number that needs a name: one figure is a count
// that a reader sees at a glance.
const leastMagic = 10

// familiar returns the numbers that everybody reads without a name: bases, the
// clock, bits and bytes, ports.
func familiar() []int64 {
	return []int64{10, 12, 15, 16, 23, 24, 31, 32, 59, 60, 63, 64, 99, 100, 127, 128, 255, 256, 999, 1000, 1024, 9999, 65535, 999_999}
}

// noMagic reports bounds and durations that stand in the middle of a function:
// a number that something is compared with, and a number of a unit of time. The
// default of a flag has a name, the flag's.
func noMagic(pass *analysis.Pass) (any, error) {
	if measures(pass.Pkg.Path()) {
		return nil, nil
	}
	for _, file := range sources(pass) {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Body != nil {
				ast.Inspect(f.Body, func(n ast.Node) bool { return numbers(pass, f, n) })
			}
		}
	}
	return nil, nil
}

// measures reports whether pkg is a program that measures or shows: its numbers
// are what it is about.
func measures(pkg string) bool {
	return strings.HasPrefix(pkg, "bench/") || strings.HasPrefix(pkg, "examples/") || strings.HasPrefix(pkg, "bus/bustest")
}

// numbers looks at one node inside f and reports whether to look below it.
func numbers(pass *analysis.Pass, f *ast.FuncDecl, n ast.Node) bool {
	switch x := n.(type) {
	case *ast.GenDecl:
		return x.Tok != token.CONST
	case *ast.CallExpr:
		return !strings.HasPrefix(lastName(x.Fun), "Duration") // a flag's default
	case *ast.BinaryExpr:
		for _, pair := range [][2]ast.Expr{{x.X, x.Y}, {x.Y, x.X}} {
			if literal, ok := pair[0].(*ast.BasicLit); ok && magic(x.Op, literal, pair[1]) {
				name, _ := exported(f)
				report(pass, literal, name, "the number %s has no name", literal.Value)
			}
		}
	}
	return true
}

// magic reports whether literal, beside other, is a bound or a duration.
func magic(op token.Token, literal *ast.BasicLit, other ast.Expr) bool {
	if literal.Kind != token.INT && literal.Kind != token.FLOAT {
		return false
	}
	switch op {
	case token.MUL:
		unit, ok := other.(*ast.SelectorExpr)
		day := literal.Value == "24" && unit != nil && unit.Sel.Name == "Hour"
		return ok && typeName(unit.X) == "time" && literal.Value != "1" && !day
	case token.LSS, token.LEQ, token.GTR, token.GEQ, token.EQL, token.NEQ:
		n, err := strconv.ParseInt(literal.Value, 0, 64)
		plain := !strings.HasPrefix(literal.Value, "0") // 0x, 0b and 0o are bits, which formats define
		return err == nil && plain && n >= leastMagic && !slices.Contains(familiar(), n)
	}
	return false
}
