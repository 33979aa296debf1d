package rules

import (
	"slices"
	"strings"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

func pythonDefaults() []*lint.Rule {
	return []*lint.Rule{
		{ID: "P001", Name: "shared-default", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(sharedDefault), Doc: lint.Doc{
			Short: "a list, dict or set as default that is changed",
			Why:   "A default is made once, when the function is defined: every call shares it, and what one call puts into it the next one finds.",
			Bad:   "def add(item, to=[]):\n    to.append(item)\n    return to",
			Good:  "def add(item, to=None):\n    to = [] if to is None else to\n    to.append(item)\n    return to",
		}},
		{ID: "P009", Name: "frozen-default", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(frozenDefault), Doc: lint.Doc{
			Short: "a time, date or random id as default",
			Why:   "A default is computed once, when the function is defined: every call gets the time, or the id, of the start of the program.",
			Bad:   "def log(text, at=time.time()):\n    ...",
			Good:  "def log(text, at=None):\n    at = time.time() if at is None else at",
		}},
	}
}

func sharedDefault(s statement) {
	d, ok := s.Def(s.line)
	if !ok || s.inFunction() {
		return
	}
	body := s.body()
	for _, p := range d.Params {
		if s.mutable(p.Default) && !isCache(p.Name) && !s.fillsItself(body, p.Name) && s.changed(body, p.Name) {
			s.at(p.At, "the default of %s is one object for all calls, and %s changes it", p.Name, d.Name)
		}
	}
}

// inFunction reports whether the statement stands in a function: a default there is
// made anew with each call of that one, and is a usual way to keep a count.
func (s statement) inFunction() bool {
	indent := s.line.Indent
	for j := s.i - 1; j >= 0 && indent > 0; j-- {
		if s.lines[j].Indent < indent {
			indent = s.lines[j].Indent
			if _, ok := s.Def(s.lines[j]); ok {
				return true
			}
		}
	}
	return false
}

// fillsItself reports whether the function is one that works something out once and
// keeps it in the parameter: it starts by trying to return what is there.
func (s statement) fillsItself(body []funcs.LogicalLine, name string) bool {
	return len(body) > 1 && (s.Is(body[0], 0, "try") || s.Is(body[0], 0, "if")) &&
		s.Is(body[1], 0, "return") && s.Is(body[1], 1, name)
}

// mutable reports whether an expression makes a list, dict or set.
func (s statement) mutable(value []funcs.Token) bool {
	if len(value) < 2 {
		return false
	}
	switch text := s.words(value); text {
	case "[]", "{}", "list()", "dict()", "set()":
		return true
	default:
		open := funcs.LogicalLine{Tokens: value}
		return (text[0] == '[' || text[0] == '{') && s.Closing(open, 0) == len(value)-1
	}
}

// changers are the methods that change a list, dict or set.
var changers = []string{"append", "add", "update", "extend", "insert", "setdefault", "pop", "popitem", "remove", "discard", "clear", "sort", "reverse"}

// isCache reports whether a name says that the object is shared on purpose.
func isCache(name string) bool {
	return strings.HasPrefix(name, "_") || strings.Contains(name, "cache") || strings.Contains(name, "memo")
}

// changed reports whether the statements change what name stands for, or store it
// where the file changes it, and nowhere give the name another value.
func (s statement) changed(body []funcs.LogicalLine, name string) bool {
	found := false
	for _, l := range body {
		b := statement{PythonFile: s.PythonFile, line: l}
		for i := range l.Tokens {
			if !b.is(i, name) || b.is(i-1, ".") {
				continue
			}
			if b.is(i+1, "=") && (i == 0 || b.isAny(i-1, ",", ";", ":", "=")) || b.is(i+1, ",") && i == 0 || b.isAny(i-1, "for", "as", "global", "nonlocal") || b.is(i+1, ":=") {
				return false
			}
			stored := i == len(l.Tokens)-1 && b.is(i-1, "=") && b.is(0, "self") && b.is(1, ".") && i == 4
			found = found || b.changes(i) || stored && s.changesAttribute(b.text(2))
		}
	}
	return found
}

// changes reports whether what stands at token i, a name or an attribute, is
// changed there.
func (s statement) changes(i int) bool {
	switch {
	case s.is(i+1, ".") && s.is(i+3, "("):
		return slices.ContainsFunc(changers, func(m string) bool { return s.is(i+2, m) })
	case s.is(i+1, "["):
		return s.is(0, "del") || s.isAny(s.Closing(s.line, i+1)+1, "=", "+=", "-=", "*=", "|=")
	}
	return (i == 0 || i == 2) && s.isAny(i+1, "+=", "|=", "-=", "&=")
}

// changesAttribute reports whether the class around changes self.name in place.
func (s statement) changesAttribute(name string) bool {
	for _, l := range s.class() {
		b := statement{PythonFile: s.PythonFile, line: l}
		for i := range l.Tokens {
			if b.is(i, "self") && b.is(i+1, ".") && b.is(i+2, name) && b.changes(i+2) {
				return true
			}
		}
	}
	return false
}

// class returns the statements of the class that the statement is in directly.
func (s statement) class() []funcs.LogicalLine {
	for j := s.i - 1; j >= 0; j-- {
		if s.lines[j].Indent < s.line.Indent {
			return s.lines[j+1 : j+1+lint.Body(s.lines, j)]
		}
	}
	return nil
}

// onceOnly are calls that a default must not have.
var onceOnly = []string{"time.time()", "time.monotonic()", "datetime.now()", "datetime.datetime.now()", "datetime.utcnow()",
	"datetime.datetime.utcnow()", "date.today()", "datetime.date.today()", "datetime.today()", "datetime.datetime.today()", "uuid.uuid4()", "uuid4()", "uuid.uuid1()", "random.random()"}

func frozenDefault(s statement) {
	d, ok := s.Def(s.line)
	if !ok {
		return
	}
	for _, p := range d.Params {
		if text := s.words(p.Default); slices.Contains(onceOnly, text) {
			s.at(p.At, "the default of %s is computed once: every call without it gets the same %s", p.Name, text)
		}
	}
}
