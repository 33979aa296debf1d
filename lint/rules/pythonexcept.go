package rules

import (
	"slices"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

func pythonExceptions() []*lint.Rule {
	return []*lint.Rule{
		{ID: "P002", Name: "bare-except", Set: lint.Default, Level: lint.Warning, Files: pythonFiles, File: statements(bareExcept), Doc: lint.Doc{
			Short: "except without a class that does not raise again",
			Why:   "It catches KeyboardInterrupt and SystemExit, too: the program cannot be stopped here, and mistakes such as a misspelt name are taken for the failure that was expected.",
			Bad:   "try:\n    work()\nexcept:\n    pass",
			Good:  "try:\n    work()\nexcept OSError:\n    pass",
		}},
		{ID: "P007", Name: "raise-not-implemented", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(notImplemented), Doc: lint.Doc{
			Short: "raise NotImplemented, which is no exception",
			Why:   "NotImplemented is a value for comparisons. Raising it is a TypeError, which callers that expect NotImplementedError do not catch.",
			Bad:   "raise NotImplemented(\"later\")",
			Good:  "raise NotImplementedError(\"later\")",
			Fix:   "it raises NotImplementedError",
		}},
		{ID: "P011", Name: "finally-swallows", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(finallyReturns), Doc: lint.Doc{
			Short: "return, break or continue that leaves a finally block",
			Why:   "It throws away the exception that is on its way, KeyboardInterrupt included. Python 3.14 warns of it (PEP 765).",
			Bad:   "def read():\n    try:\n        return load()\n    finally:\n        return None",
			Good:  "def read():\n    try:\n        return load()\n    except OSError:\n        return None",
		}},
		{ID: "P012", Name: "dead-except", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(deadExcept), Doc: lint.Doc{
			Short: "an except clause after one that catches the same",
			Why:   "Clauses are tried in order: it never runs, and what it was written for is treated as something else.",
			Bad:   "try:\n    work()\nexcept Exception:\n    log()\nexcept ValueError:\n    mend()",
			Good:  "try:\n    work()\nexcept ValueError:\n    mend()\nexcept Exception:\n    log()",
		}},
	}
}

// bareExcept leaves out a block that raises, ends the process, or keeps the
// exception to tell of it, and one before which another clause raises.
func bareExcept(s statement) {
	if !s.is(0, "except") || !s.is(1, ":") || s.raisedBefore() {
		return
	}
	for _, l := range s.body() {
		b := statement{PythonFile: s.PythonFile, line: l}
		for i := range l.Tokens {
			if b.is(i, "raise") || b.isAny(i, "exit", "_exit", "abort") && b.is(i+1, "(") ||
				b.isAny(i, "exc_info", "format_exc", "print_exc", "exception", "handle_error", "_exception") {
				return
			}
		}
	}
	s.at(0, "except without a class catches KeyboardInterrupt and SystemExit, too; name what is expected, or Exception")
}

// raisedBefore reports whether an earlier clause of the same try statement raises
// again what it catches.
func (s statement) raisedBefore() bool {
	for j := s.i - 1; j >= 0 && s.lines[j].Indent >= s.line.Indent; j-- {
		b := statement{PythonFile: s.PythonFile, lines: s.lines, i: j, line: s.lines[j]}
		if b.line.Indent > s.line.Indent {
			continue
		}
		if !b.is(0, "except") {
			return false
		}
		for _, l := range b.body() {
			if s.Is(l, 0, "raise") && len(l.Tokens) == 1 {
				return true
			}
		}
	}
	return false
}

func notImplemented(s statement) {
	for i := range s.line.Tokens {
		if s.is(i, "raise") && s.is(i+1, "NotImplemented") {
			s.fixed(i+1, i+1, i+1, "NotImplementedError", "raise NotImplementedError", "NotImplemented is no exception: this raises a TypeError")
		}
	}
}

func finallyReturns(s statement) {
	if !s.is(0, "finally") || !s.is(1, ":") {
		return
	}
	var inner []funcs.LogicalLine // the functions and loops around the line
	for _, l := range s.body() {
		for len(inner) > 0 && inner[len(inner)-1].Indent >= l.Indent {
			inner = inner[:len(inner)-1]
		}
		b := statement{PythonFile: s.PythonFile, pass: s.pass, line: l}
		opens := func(words ...string) func(funcs.LogicalLine) bool {
			return func(l funcs.LogicalLine) bool {
				return statement{PythonFile: s.PythonFile, line: l}.isAny(0, words...)
			}
		}
		inFunction := slices.ContainsFunc(inner, opens("def", "async", "class"))
		inLoop := inFunction || slices.ContainsFunc(inner, opens("for", "while"))
		at := b.jump()
		if at >= 0 && (b.is(at, "return") && !inFunction || b.isAny(at, "break", "continue") && !inLoop) {
			b.at(at, "%s in finally throws away the exception that is on its way", b.text(at))
		}
		if b.isAny(0, "def", "async", "class", "for", "while") {
			inner = append(inner, l)
		}
	}
}

// jump returns the index of a return, break or continue that is the statement or
// comes after its colon, else -1.
func (s statement) jump() int {
	for _, at := range []int{0, s.colon() + 1} {
		if s.isAny(at, "return", "break", "continue") && !s.isAny(0, "def", "async", "class", "for", "while") {
			return at
		}
	}
	return -1
}

// under returns the built-in exceptions that a built-in one catches, as far as
// they are caught together in practice.
func under(class string) []string {
	system := []string{"IOError", "EnvironmentError", "FileNotFoundError", "FileExistsError", "PermissionError", "IsADirectoryError",
		"NotADirectoryError", "ConnectionError", "ConnectionResetError", "ConnectionRefusedError", "BrokenPipeError", "TimeoutError", "BlockingIOError", "InterruptedError", "ProcessLookupError", "ChildProcessError"}
	switch class {
	case "Exception", "BaseException", "":
		return slices.Concat(system, []string{"OSError", "ValueError", "TypeError", "KeyError", "IndexError", "LookupError", "AttributeError", "RuntimeError",
			"NotImplementedError", "RecursionError", "ArithmeticError", "ZeroDivisionError", "OverflowError", "ImportError", "ModuleNotFoundError", "NameError",
			"UnicodeError", "UnicodeDecodeError", "UnicodeEncodeError", "EOFError", "MemoryError", "SyntaxError", "StopIteration", "AssertionError"})
	case "OSError", "IOError", "EnvironmentError":
		return append(system, "OSError")
	case "ValueError":
		return []string{"UnicodeError", "UnicodeDecodeError", "UnicodeEncodeError"}
	case "LookupError":
		return []string{"KeyError", "IndexError"}
	case "ArithmeticError":
		return []string{"ZeroDivisionError", "OverflowError"}
	case "ImportError":
		return []string{"ModuleNotFoundError"}
	case "RuntimeError":
		return []string{"NotImplementedError", "RecursionError"}
	}
	return nil
}

// deadExcept looks at a clause and those before it in its try statement.
func deadExcept(s statement) {
	classes := s.caught()
	if len(classes) == 0 {
		return
	}
	for j := s.i - 1; j >= 0 && s.lines[j].Indent >= s.line.Indent; j-- {
		b := statement{PythonFile: s.PythonFile, line: s.lines[j]}
		if b.line.Indent > s.line.Indent {
			continue
		}
		if !b.is(0, "except") {
			return
		}
		for _, earlier := range b.caught() {
			for _, class := range classes {
				if slices.Contains(under(earlier), class) || class == earlier {
					s.at(0, "%s never gets here: except %s, in line %d, has caught it", class, earlier, s.lineOf(j))
					return
				}
			}
		}
	}
}

func (s statement) lineOf(j int) int {
	line, _ := s.pass.File.Position(s.lines[j].Tokens[0].From)
	return line
}

// caught returns the names of the classes that an except clause catches; none when
// they are not plain names.
func (s statement) caught() []string {
	if !s.is(0, "except") || s.is(1, "*") {
		return nil
	}
	from, to := 1, s.colon()
	for i := from; i < to; i++ {
		if s.is(i, "as") {
			to = i
		}
	}
	if s.is(from, "(") && s.Closing(s.line, from) == to-1 {
		from, to = from+1, to-1
	}
	var names []string
	for _, part := range s.Split(s.line, from, to) {
		if part[1]-part[0] != 1 || s.kind(part[0]) != funcs.Word {
			return nil
		}
		names = append(names, s.text(part[0]))
	}
	return names
}
