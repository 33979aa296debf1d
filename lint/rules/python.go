package rules

import (
	"slices"
	"strings"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

// pythonRules returns the rules about mistakes in Python.
func pythonRules() []*lint.Rule {
	return slices.Concat(pythonDefaults(), pythonExceptions(), pythonStrings(), pythonComparisons(), pythonNames())
}

// statement is one logical line at which a rule looks.
type statement struct {
	*lint.PythonFile
	pass  *lint.Pass
	lines []funcs.LogicalLine // all statements of the file
	i     int                 // this one
	line  funcs.LogicalLine   // lines[i]
}

// statements makes of a function that looks at one statement one that looks at a
// file.
func statements(look func(statement)) func(*lint.Pass) {
	return func(pass *lint.Pass) {
		py := pass.File.Python()
		if py == nil || pass.File.Generated() {
			return
		}
		lines := py.Statements()
		for i, line := range lines {
			look(statement{py, pass, lines, i, line})
		}
	}
}

// at reports something at token i.
func (s statement) at(i int, format string, args ...any) {
	s.pass.Report(s.pass.File, s.line.Tokens[i].From, format, args...)
}

// fixed reports something at token i that replacing the tokens from and to mends.
func (s statement) fixed(i, from, to int, text, message, format string, args ...any) {
	fix := &lint.Fix{Message: message, Edits: []lint.Edit{{From: s.line.Tokens[from].From, To: s.line.Tokens[to].To, New: text}}}
	s.pass.ReportFix(s.pass.File, s.line.Tokens[i].From, fix, format, args...)
}

// is reports whether token i says text and is no string.
func (s statement) is(i int, text string) bool { return s.Is(s.line, i, text) }

// isAny reports whether token i says one of texts.
func (s statement) isAny(i int, texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return s.is(i, text) })
}

// kind returns the kind of token i, or nothing.
func (s statement) kind(i int) funcs.TokenKind {
	if i < 0 || i >= len(s.line.Tokens) {
		return ""
	}
	return s.line.Tokens[i].Kind
}

func (s statement) text(i int) string { return s.Text(s.line.Tokens[i]) }

// body returns the statements of the block that this one opens, which may be in its
// own line, after the colon.
func (s statement) body() []funcs.LogicalLine {
	n := lint.Body(s.lines, s.i)
	body := s.lines[s.i+1 : s.i+1+n]
	if c := s.colon(); n == 0 && c+1 < len(s.line.Tokens) {
		return []funcs.LogicalLine{{Indent: s.line.Indent + 1, Tokens: s.line.Tokens[c+1:]}}
	}
	return body
}

// colon returns the index of the colon that opens the block.
func (s statement) colon() int {
	depth := 0
	for i := range s.line.Tokens {
		switch {
		case s.isAny(i, "(", "[", "{"):
			depth++
		case s.isAny(i, ")", "]", "}"):
			depth--
		case depth == 0 && s.is(i, ":"):
			return i
		}
	}
	return len(s.line.Tokens)
}

// words returns the tokens joined as they would be written without blanks.
func (s statement) words(tokens []funcs.Token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(s.Text(t))
	}
	return b.String()
}

// literal returns the prefix and the text between the quotes of a string token.
func literal(token string) (prefix, content string) {
	quote := strings.IndexAny(token, `'"`)
	if quote < 0 {
		return "", token
	}
	prefix, content = strings.ToLower(token[:quote]), token[quote:]
	for _, q := range []string{`"""`, "'''", `"`, "'"} {
		if strings.HasPrefix(content, q) && strings.HasSuffix(content, q) && len(content) >= 2*len(q) {
			return prefix, content[len(q) : len(content)-len(q)]
		}
	}
	return prefix, content[1:]
}
