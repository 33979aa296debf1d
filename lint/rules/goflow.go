package rules

import (
	"go/ast"
	"go/token"

	"github.com/omninode-ai/onex/lint"
)

func goFlow() []*lint.Rule {
	return []*lint.Rule{
		{ID: "G004", Name: "same-operands", Set: lint.Default, Level: lint.Error, Files: goFiles, File: inGo(sameOperands), Doc: lint.Doc{
			Short: "an operator with the same expression on both sides",
			Why:   "The result is always the same; one of the sides was meant to be another.",
			Bad:   "func inside(p point) bool { return p.x > 0 && p.x > 0 }",
			Good:  "func inside(p point) bool { return p.x > 0 && p.y > 0 }",
		}},
		{ID: "G005", Name: "same-condition", Set: lint.Default, Level: lint.Error, Files: goFiles, File: inGo(sameCondition), Doc: lint.Doc{
			Short: "a condition that comes twice in a chain of if and else if",
			Why:   "The second branch is never taken.",
			Bad:   "func sign(x int) int {\n\tif x < 0 {\n\t\treturn -1\n\t} else if x < 0 {\n\t\treturn 1\n\t}\n\treturn 0\n}",
			Good:  "func sign(x int) int {\n\tif x < 0 {\n\t\treturn -1\n\t} else if x > 0 {\n\t\treturn 1\n\t}\n\treturn 0\n}",
		}},
		{ID: "G006", Name: "same-branches", Set: lint.Default, Level: lint.Warning, Files: goFiles, File: inGo(sameBranches), Doc: lint.Doc{
			Short: "an if whose two branches do the same",
			Why:   "The condition decides nothing; one of the branches was copied and not changed.",
			Bad:   "func width(wide bool) int {\n\tif wide {\n\t\treturn 80\n\t} else {\n\t\treturn 80\n\t}\n}",
			Good:  "func width(wide bool) int {\n\tif wide {\n\t\treturn 120\n\t} else {\n\t\treturn 80\n\t}\n}",
		}},
		{ID: "G007", Name: "empty-error-branch", Set: lint.Default, Level: lint.Warning, Files: goFiles, File: inProduct(emptyErrorBranch), Doc: lint.Doc{
			Short: "an error that is looked at and then passed over",
			Why:   "Nothing happens, and nothing says that nothing is to happen: it reads like a handling that was forgotten.",
			Bad:   "func open() {\n\tif err := try(); err != nil {\n\t}\n}",
			Good:  "func open() error {\n\tif err := try(); err != nil {\n\t\treturn err\n\t}\n\treturn nil\n}",
		}},
		{ID: "G008", Name: "busy-loop", Set: lint.Default, Level: lint.Error, Files: goFiles, File: inProduct(busyLoop), Doc: lint.Doc{
			Short: "a loop around a select with an empty default",
			Why:   "It never waits: it turns as fast as the processor can, and does nothing.",
			Bad:   "func wait(done chan bool) {\n\tfor {\n\t\tselect {\n\t\tcase <-done:\n\t\t\treturn\n\t\tdefault:\n\t\t}\n\t}\n}",
			Good:  "func wait(done chan bool) {\n\tfor {\n\t\tselect {\n\t\tcase <-done:\n\t\t\treturn\n\t\t}\n\t}\n}",
		}},
	}
}

func sameOperands(g goFile) {
	each(g.File, func(b *ast.BinaryExpr) {
		switch b.Op {
		case token.LAND, token.LOR, token.SUB, token.QUO, token.LSS, token.GTR, token.LEQ, token.GEQ, token.AND, token.OR, token.XOR:
		default:
			return // x != x asks for NaN, x + x and x * x are sums and squares
		}
		if _, literal := b.X.(*ast.BasicLit); literal || !pure(b.X) || !pure(b.Y) {
			return
		}
		if x := g.source(b.X); x == g.source(b.Y) {
			g.at(b, "%s is on both sides of %s", x, b.Op)
		}
	})
}

func sameCondition(g goFile) {
	chained := map[*ast.IfStmt]bool{}
	each(g.File, func(first *ast.IfStmt) {
		seen := map[string]bool{}
		for s := first; s != nil && !chained[s]; {
			if s != first {
				chained[s] = true
			}
			if s.Init != nil || !pure(s.Cond) {
				return // it may be another one than before
			}
			text := g.source(s.Cond)
			if seen[text] {
				g.at(s.Cond, "%s was asked before in this chain: this branch is never taken", text)
			}
			seen[text] = true
			s, _ = s.Else.(*ast.IfStmt)
		}
	})
}

func sameBranches(g goFile) {
	each(g.File, func(s *ast.IfStmt) {
		other, ok := s.Else.(*ast.BlockStmt)
		if ok && len(s.Body.List) > 0 && g.source(s.Body) == g.source(other) {
			g.at(s, "both branches do the same")
		}
	})
}

// emptyErrorBranch keeps silent where a comment stands instead of code.
func emptyErrorBranch(g goFile) {
	each(g.File, func(s *ast.IfStmt) {
		cond, ok := s.Cond.(*ast.BinaryExpr)
		if !ok || cond.Op != token.NEQ || !isName(cond.X, "err") || !isName(cond.Y, "nil") || len(s.Body.List) > 0 || s.Else != nil {
			return
		}
		for _, group := range g.Comments {
			if group.Pos() > s.Body.Pos() && group.End() < s.Body.End() {
				return
			}
		}
		g.at(s, "the error is looked at and passed over; handle it, or say in a comment why not")
	})
}

func busyLoop(g goFile) {
	each(g.File, func(loop *ast.ForStmt) {
		if loop.Init != nil || loop.Cond != nil || loop.Post != nil || len(loop.Body.List) != 1 {
			return
		}
		sel, ok := loop.Body.List[0].(*ast.SelectStmt)
		if !ok {
			return
		}
		for _, stmt := range sel.Body.List {
			if c := stmt.(*ast.CommClause); c.Comm == nil && len(c.Body) == 0 {
				g.at(c, "the empty default makes the loop turn without waiting")
			}
		}
	})
}
