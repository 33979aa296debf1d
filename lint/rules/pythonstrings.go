package rules

import (
	"strings"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

func pythonStrings() []*lint.Rule {
	return []*lint.Rule{
		{ID: "P008", Name: "strip-word", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(stripWord), Doc: lint.Doc{
			Short: "strip, lstrip or rstrip with a word",
			Why:   "They take a set of characters, not a prefix or suffix: \"setup.py\".rstrip(\".py\") is \"setu\".",
			Bad:   "name = path.rstrip(\".py\")",
			Good:  "name = path.removesuffix(\".py\")",
		}},
		{ID: "P010", Name: "invalid-escape", Set: lint.Default, Level: lint.Warning, Files: pythonFiles, File: statements(invalidEscape), Doc: lint.Doc{
			Short: "a backslash that begins no escape",
			Why:   "Python warns of it since 3.12 and will refuse it; what reads as an escape is a backslash and a character.",
			Bad:   "pattern = \"\\d+\"",
			Good:  "pattern = r\"\\d+\"",
			Fix:   "the backslash is doubled, so that the value stays the same",
		}},
	}
}

func stripWord(s statement) {
	for i := range s.line.Tokens {
		if !s.is(i, ".") || !s.isAny(i+1, "strip", "lstrip", "rstrip") || !s.is(i+2, "(") || s.kind(i+3) != funcs.Text || !s.is(i+4, ")") {
			continue
		}
		prefix, content := literal(s.text(i + 3))
		if !strings.ContainsAny(prefix, "f") && isAffix(content) {
			s.at(i+1, "%s takes a set of characters, not %s: use removeprefix, removesuffix, or startswith and a slice", s.text(i+1), s.text(i+3))
		}
	}
}

// isAffix reports whether a set of characters was meant as a prefix or suffix: a
// word with a character twice, a file extension, or the start of a URL.
func isAffix(set string) bool {
	if strings.Contains(set, `\`) {
		return false
	}
	letters := 0
	seen := map[rune]bool{}
	twice := false
	for _, r := range set {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			letters++
			twice = twice || seen[r]
		}
		seen[r] = true
	}
	extension := len(set) > 2 && set[0] == '.' && letters == len(set)-1
	return letters >= 2 && (twice && letters > 2 || extension || strings.Contains(set, "://"))
}

func invalidEscape(s statement) {
	for i, t := range s.line.Tokens {
		if t.Kind != funcs.Text || !strings.Contains(s.text(i), `\`) {
			continue
		}
		var edits []lint.Edit
		for _, at := range badEscapes(s.text(i)) {
			edits = append(edits, lint.Edit{From: t.From + at, To: t.From + at, New: `\`})
		}
		if edits == nil {
			continue
		}
		first := edits[0].From
		s.pass.ReportFix(s.pass.File, first, &lint.Fix{Message: "double the backslash", Edits: edits},
			`"\%s" is no escape: write "\\%[1]s", or a raw string`, runeAt(s.pass.File.Data, first+1))
	}
}

func runeAt(data []byte, at int) string {
	for _, r := range string(data[at:min(at+4, len(data))]) {
		return string(r)
	}
	return ""
}

// badEscapes returns the offsets of the backslashes of a string token that begin no
// escape (language reference, 2.4.1). In code in f-strings there are none.
func badEscapes(token string) []int {
	prefix, _ := literal(token)
	if strings.Contains(prefix, "r") {
		return nil
	}
	valid := "\n\r\\'\"abfnrtv01234567x"
	if !strings.Contains(prefix, "b") {
		valid += "NuU"
	}
	formatted := strings.ContainsAny(prefix, "ft")
	var bad []int
	depth := 0
	for i := len(prefix); i < len(token); i++ {
		switch c := token[i]; {
		case formatted && depth == 0 && strings.HasPrefix(token[i:], "{{"):
			i++
		case formatted && c == '{':
			depth++
		case formatted && c == '}' && depth > 0:
			depth--
		case c == '\\' && i+1 < len(token):
			if depth == 0 && strings.IndexByte(valid, token[i+1]) < 0 {
				bad = append(bad, i)
			}
			if formatted && strings.HasPrefix(token[i+1:], "N{") {
				i += strings.IndexByte(token[i:], '}')
				continue
			}
			if !formatted || token[i+1] != '{' {
				i++
			}
		}
	}
	return bad
}
