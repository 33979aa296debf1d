package rules

import (
	"slices"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

func pythonDefaults() []*lint.Rule {
	return []*lint.Rule{
		{ID: "P001", Name: "shared-default", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(sharedDefault), Doc: lint.Doc{
			Short: "a list, dict or set as default that the function changes or gives away",
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
	if !ok {
		return
	}
	body := s.body()
	for _, p := range d.Params {
		if s.mutable(p.Default) && s.givenAway(body, p.Name) {
			s.at(p.At, "the default of %s is one object for all calls, and %s changes it or gives it away", p.Name, d.Name)
		}
	}
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

// givenAway reports whether the statements change what name stands for, store it or
// return it, and nowhere give the name another value.
func (s statement) givenAway(body []funcs.LogicalLine, name string) bool {
	given := false
	for _, l := range body {
		b := statement{PythonFile: s.PythonFile, line: l}
		for i := range l.Tokens {
			if !b.is(i, name) || b.is(i-1, ".") {
				continue
			}
			if b.is(i+1, "=") && (i == 0 || b.isAny(i-1, ",", ";", ":", "=")) || b.is(i+1, ",") && i == 0 || b.isAny(i-1, "for", "as", "global", "nonlocal") || b.is(i+1, ":=") {
				return false
			}
			given = given || b.changes(i)
		}
	}
	return given
}

// changes reports whether the use of a name at token i changes or stores what it
// stands for.
func (s statement) changes(i int) bool {
	last := len(s.line.Tokens) - 1
	switch {
	case s.is(i+1, ".") && s.is(i+3, "(") && slices.ContainsFunc(changers, func(m string) bool { return s.is(i+2, m) }):
		return true
	case s.is(i+1, "["):
		return s.is(0, "del") || s.isAny(s.Closing(s.line, i+1)+1, "=", "+=", "-=", "*=", "|=")
	case i == 0 && s.isAny(1, "+=", "|=", "-=", "&="):
		return true
	case i == last && s.is(i-1, "return") || i == last && s.is(i-1, "yield"):
		return true
	}
	return i == last && s.is(i-1, "=") && s.is(0, "self") && s.is(1, ".")
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
