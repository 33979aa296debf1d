package rules

import (
	"slices"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

func pythonComparisons() []*lint.Rule {
	return []*lint.Rule{
		{ID: "P003", Name: "is-literal", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(isLiteral), Doc: lint.Doc{
			Short: "a number or text compared with is",
			Why:   "is asks for the same object. Whether two equal numbers or texts are one is up to the interpreter, and changes with it.",
			Bad:   "if mode is \"fast\":\n    run()",
			Good:  "if mode == \"fast\":\n    run()",
			Fix:   "it compares with == or !=",
		}},
		{ID: "P005", Name: "assert-tuple", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(assertTuple), Doc: lint.Doc{
			Short: "assert with a tuple, which is always true",
			Why:   "The brackets make condition and message one tuple, and a tuple that is not empty is true: nothing is checked.",
			Bad:   "assert (x > 0, \"x must be positive\")",
			Good:  "assert x > 0, \"x must be positive\"",
		}},
		{ID: "P006", Name: "duplicate-key", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(duplicateKey), Doc: lint.Doc{
			Short: "a key twice in one dict",
			Why:   "The last one wins, without a word: a value that somebody wrote is lost.",
			Bad:   "ports = {\"http\": 80, \"https\": 443, \"http\": 8080}",
			Good:  "ports = {\"http\": 80, \"https\": 443, \"http-alt\": 8080}",
		}},
		{ID: "P015", Name: "lost-comparison", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(lostComparison), Doc: lint.Doc{
			Short: "a comparison whose result nobody uses",
			Why:   "An assert, or a = instead of ==, was meant; as it stands, the line does nothing.",
			Bad:   "def test_total():\n    total([1, 2]) == 3",
			Good:  "def test_total():\n    assert total([1, 2]) == 3",
		}},
	}
}

func isLiteral(s statement) {
	for i := range s.line.Tokens {
		if !s.is(i, "is") {
			continue
		}
		next, operator := i+1, "=="
		if s.is(next, "not") {
			next, operator = i+2, "!="
		}
		value := next
		if s.is(value, "-") {
			value++
		}
		if kind := s.kind(value); (kind == funcs.Text || kind == funcs.Number) && !s.isAny(value+1, ".", "[", "%", "(") {
			s.fixed(i, i, next-1, operator, "compare with "+operator, "%s compares objects, not values: %s is the same object as another one by chance only", "is", s.text(value))
		}
	}
}

func assertTuple(s statement) {
	if !s.is(0, "assert") || !s.is(1, "(") || s.Closing(s.line, 1) != len(s.line.Tokens)-1 {
		return
	}
	parts := s.Split(s.line, 2, len(s.line.Tokens)-1)
	for _, p := range parts {
		for i := p[0]; i < p[1]; i++ {
			if s.is(i, "for") { // a generator
				return
			}
		}
	}
	if len(parts) > 1 {
		s.at(0, "assert of a tuple is always true; take the brackets away")
	}
}

func duplicateKey(s statement) {
	for i := range s.line.Tokens {
		if !s.is(i, "{") {
			continue
		}
		seen, values := map[string]int{}, map[string]string{}
		for _, part := range s.Split(s.line, i+1, s.Closing(s.line, i)) {
			at := part[0]
			if kind := s.kind(at); kind != funcs.Text && kind != funcs.Number || !s.is(at+1, ":") {
				continue
			}
			key := s.text(at)
			if s.kind(at) == funcs.Text {
				prefix, content := literal(key)
				if key = prefix + "\x00" + content; slices.Contains([]string{"f", "fr", "rf", "t"}, prefix) {
					continue
				}
			}
			value := s.words(s.line.Tokens[min(at+2, part[1]):part[1]])
			if first, twice := seen[key]; twice {
				if values[key] == value {
					continue // nothing is lost
				}
				line, _ := s.pass.File.Position(s.line.Tokens[first].From)
				s.at(at, "%s is a key in line %d already, whose value is lost", s.text(at), line)
				continue
			}
			seen[key], values[key] = at, value
		}
	}
}

func lostComparison(s statement) {
	if s.kind(0) != funcs.Word || s.isAny(0, "assert", "return", "yield", "if", "elif", "while", "for", "with", "not", "lambda", "await", "raise", "del", "print", "case", "match", "type", "else", "except", "import", "from", "async", "def", "class", "global", "nonlocal", "pass", "exec", "in") {
		return
	}
	depth, compared := 0, -1
	for i := range s.line.Tokens {
		switch {
		case s.isAny(i, "(", "[", "{"):
			depth++
		case s.isAny(i, ")", "]", "}"):
			depth--
		case depth > 0:
		case s.isAny(i, "=", ":=", "+=", "-=", "*=", "/=", "|=", "&=", "^=", "%=", "//=", "**=", ">>=", "<<=", "@=", ":", ";", ",", "if", "and", "or"):
			return // it is used, or does something
		case s.is(i, "=="):
			compared = i
		}
	}
	if compared > 0 && !s.expectsError() {
		s.at(compared, "nobody uses the result of this comparison: assert it, or write = for an assignment")
	}
}

// expectsError reports whether the statement is in a with block, where it may be
// there for the exception that it raises.
func (s statement) expectsError() bool {
	for j := s.i - 1; j >= 0; j-- {
		if s.lines[j].Indent < s.line.Indent {
			b := statement{PythonFile: s.PythonFile, line: s.lines[j]}
			return b.isAny(0, "with", "try")
		}
	}
	return false
}
