package rules

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/omninode-ai/onex/lint"
)

func goResources() []*lint.Rule {
	return []*lint.Rule{
		{ID: "G001", Name: "lost-write-error", Set: lint.Default, Level: lint.Warning, Files: goFiles, File: inProduct(lostWriteError), Doc: lint.Doc{
			Short: "a written file whose Close is only deferred",
			Why:   "The system may report that data was not written, as on a full disk, only when the file is closed. The deferred call throws that error away: the file is broken and the function says nil.",
			Bad:   "import \"os\"\n\nfunc save(name string, data []byte) error {\n\tf, err := os.Create(name)\n\tif err != nil {\n\t\treturn err\n\t}\n\tdefer f.Close()\n\t_, err = f.Write(data)\n\treturn err\n}",
			Good:  "import (\n\t\"errors\"\n\t\"os\"\n)\n\nfunc save(name string, data []byte) error {\n\tf, err := os.Create(name)\n\tif err != nil {\n\t\treturn err\n\t}\n\t_, err = f.Write(data)\n\treturn errors.Join(err, f.Close())\n}",
		}},
		{ID: "G002", Name: "defer-in-loop", Set: lint.Default, Level: lint.Warning, Files: goFiles, File: inProduct(deferInLoop), Doc: lint.Doc{
			Short: "a deferred Close or Unlock in a loop",
			Why:   "It runs when the function ends, not the turn of the loop: files stay open, and a lock stays taken, until the last turn.",
			Bad:   "func all(files []file) {\n\tfor _, f := range files {\n\t\tdefer f.Close()\n\t\tuse(f)\n\t}\n}",
			Good:  "func all(files []file) {\n\tfor _, f := range files {\n\t\tfunc() {\n\t\t\tdefer f.Close()\n\t\t\tuse(f)\n\t\t}()\n\t}\n}",
		}},
		{ID: "G003", Name: "defer-lock", Set: lint.Default, Level: lint.Error, Files: goFiles, File: inGo(deferLock), Doc: lint.Doc{
			Short: "a deferred Lock right after a Lock",
			Why:   "Unlock was meant: the lock is taken twice when the function ends, which waits forever.",
			Bad:   "func (c *cache) size() int {\n\tc.mu.Lock()\n\tdefer c.mu.Lock()\n\treturn len(c.m)\n}",
			Good:  "func (c *cache) size() int {\n\tc.mu.Lock()\n\tdefer c.mu.Unlock()\n\treturn len(c.m)\n}",
		}},
	}
}

// lostWriteError looks, in each function, for a file that it opens to write and
// whose Close and Sync it calls nowhere but in a defer statement.
func lostWriteError(g goFile) {
	imports := g.imported()
	g.functions(func(_ ast.Node, _ *ast.FuncType, body *ast.BlockStmt) {
		within(body, func(n ast.Node) bool {
			assign, ok := n.(*ast.AssignStmt)
			if !ok || len(assign.Lhs) != 2 || len(assign.Rhs) != 1 || !opensToWrite(imports, assign.Rhs[0]) {
				return true
			}
			file, ok := assign.Lhs[0].(*ast.Ident)
			if !ok || file.Name == "_" {
				return true
			}
			if at := onlyDeferred(body, file.Name); at != nil {
				g.at(at, "the error of closing %s, which was written, is lost: what was written may not be there", file.Name)
			}
			return true
		})
	})
}

func opensToWrite(imports map[string]string, e ast.Expr) bool {
	pkg, name := callee(imports, e)
	if pkg != "os" {
		return false
	}
	if name == "OpenFile" {
		writes := false // one that is there and is only written over is a device, or a setting of the system
		each(e, func(sel *ast.SelectorExpr) {
			writes = writes || slices.Contains([]string{"O_CREATE", "O_TRUNC", "O_RDWR", "O_APPEND"}, sel.Sel.Name)
		})
		return writes
	}
	return name == "Create"
}

// onlyDeferred returns the statement that defers the Close of the file, if nothing
// else closes or syncs it, and something writes to it.
func onlyDeferred(body *ast.BlockStmt, file string) ast.Node {
	var deferred ast.Node
	closed, used := 0, false
	ast.Inspect(body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.DeferStmt:
			if isMethod(x.Call, file, "Close") {
				deferred = x
				closed--
			}
		case *ast.CallExpr:
			if isMethod(x, file, "Close") || isMethod(x, file, "Sync") {
				closed++
			}
			used = used || isMethod(x, file, "Write") || isMethod(x, file, "WriteString") ||
				slices.ContainsFunc(x.Args, func(a ast.Expr) bool { return isName(a, file) })
		case *ast.AssignStmt: // it is given to another owner
			if slices.ContainsFunc(x.Rhs, func(e ast.Expr) bool { return isName(e, file) }) {
				closed++
			}
		case *ast.ReturnStmt:
			if slices.ContainsFunc(x.Results, func(e ast.Expr) bool { return isName(e, file) }) {
				closed++
			}
		}
		return true
	})
	if closed > 0 || !used {
		return nil
	}
	return deferred
}

func deferInLoop(g goFile) {
	g.functions(func(_ ast.Node, _ *ast.FuncType, body *ast.BlockStmt) {
		within(body, func(n ast.Node) bool {
			var loop *ast.BlockStmt
			switch x := n.(type) {
			case *ast.ForStmt:
				loop = x.Body
			case *ast.RangeStmt:
				loop = x.Body
			default:
				return true
			}
			if !runsOnce(loop) {
				g.deferred(loop)
			}
			return false
		})
	})
}

// deferred reports the statements in a loop that defer a Close or Unlock, but not
// in a block that leaves the function.
func (g goFile) deferred(loop *ast.BlockStmt) {
	within(loop, func(n ast.Node) bool {
		if block, ok := n.(*ast.BlockStmt); ok && n != ast.Node(loop) && (runsOnce(block) || raisesFlag(block)) {
			return false
		}
		d, ok := n.(*ast.DeferStmt)
		if !ok {
			return true
		}
		sel, ok := d.Call.Fun.(*ast.SelectorExpr)
		if ok && slices.Contains([]string{"Close", "Unlock", "RUnlock"}, sel.Sel.Name) {
			g.at(d, "deferred in a loop: it runs when the function ends, once for each turn")
		}
		return true
	})
}

// raisesFlag reports whether a block notes that it ran: x = true.
func raisesFlag(b *ast.BlockStmt) bool {
	return slices.ContainsFunc(b.List, func(s ast.Stmt) bool {
		assign, ok := s.(*ast.AssignStmt)
		return ok && assign.Tok == token.ASSIGN && isName(assign.Rhs[0], "true")
	})
}

// runsOnce reports whether a block ends by leaving the loop or the function.
func runsOnce(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch x := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return x.Tok == token.BREAK || x.Tok == token.GOTO
	case *ast.ExprStmt:
		if call, ok := x.X.(*ast.CallExpr); ok {
			return isName(call.Fun, "panic")
		}
	}
	return false
}

func deferLock(g goFile) {
	each(g.File, func(b *ast.BlockStmt) {
		for i := 1; i < len(b.List); i++ {
			locked, ok := b.List[i-1].(*ast.ExprStmt)
			if !ok {
				continue
			}
			d, ok := b.List[i].(*ast.DeferStmt)
			if !ok {
				continue
			}
			sel, ok := d.Call.Fun.(*ast.SelectorExpr)
			if ok && (sel.Sel.Name == "Lock" || sel.Sel.Name == "RLock") && g.source(locked.X) == g.source(d.Call) {
				g.at(d, "%s is deferred where it was just called: Unlock is meant", g.source(d.Call))
			}
		}
	})
}
