package meta

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Print returns b as the YAML text that stands between the delimiters, fields
// in b's order, one line each where they are scalars. A text is quoted when a
// reader of YAML 1.1 or 1.2 would take it for something else, and escaped when
// it contains what would end a comment: -->, --!>, <!--, */, /* and, for Java,
// \u. Bytes that are not UTF-8 are written as U+FFFD.
func Print(b Block) []byte { return AppendPrint(nil, b) }

// AppendPrint appends to dst what [Print] returns.
func AppendPrint(dst []byte, b Block) []byte {
	return appendMap(dst, b.fields, topShape, 0, false)
}

// appendMap prints m at column indent. When inline, the first key goes on the
// line begun by a dash.
func appendMap(dst []byte, m Map, s *shape, indent int, inline bool) []byte {
	for i, f := range m {
		if i > 0 || !inline {
			dst = appendSpaces(dst, indent)
		}
		dst = append(appendScalar(dst, f.Key), ':')
		dst = appendBelowKey(dst, f.Value, s.member(f.Key), indent)
	}
	return dst
}

// appendBelowKey prints the value of a key: lists at the key's own column, as
// PyYAML does, mappings two columns deeper.
func appendBelowKey(dst []byte, v Value, s *shape, indent int) []byte {
	switch v := v.(type) {
	case List:
		if len(v) > 0 {
			return appendList(append(dst, '\n'), v, s, indent, false)
		}
	case Map:
		if len(v) > 0 {
			return appendMap(append(dst, '\n'), v, s, indent+2, false)
		}
	}
	return appendLeaf(append(dst, ' '), v, s)
}

func appendList(dst []byte, l List, s *shape, indent int, inline bool) []byte {
	for i, v := range l {
		if i > 0 || !inline {
			dst = appendSpaces(dst, indent)
		}
		dst = append(dst, "- "...)
		dst = appendItem(dst, v, s.item(), indent+2)
	}
	return dst
}

func appendItem(dst []byte, v Value, s *shape, indent int) []byte {
	switch v := v.(type) {
	case List:
		if len(v) > 0 {
			return appendList(dst, v, s, indent, true)
		}
	case Map:
		if len(v) > 0 {
			return appendMap(dst, v, s, indent, true)
		}
	}
	return appendLeaf(dst, v, s)
}

// appendLeaf prints a value that fits on one line, and ends the line.
func appendLeaf(dst []byte, v Value, s *shape) []byte {
	switch v := v.(type) {
	case String:
		if s.typed(string(v)) != textual {
			dst = append(dst, v...)
		} else {
			dst = appendScalar(dst, string(v))
		}
	case List:
		dst = append(dst, "[]"...)
	case Map:
		dst = append(dst, "{}"...)
	default:
		dst = append(dst, "null"...)
	}
	return append(dst, '\n')
}

func appendSpaces(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}

// appendScalar prints s plain, in single quotes, or in double quotes: the
// first of them that every reader takes for the text s.
func appendScalar(dst []byte, s string) []byte {
	switch {
	case needsEscape(s):
		return appendEscaped(dst, s)
	case !needsQuote(s):
		return append(dst, s...)
	}
	dst = append(dst, '\'')
	for i := range len(s) {
		if s[i] == '\'' {
			dst = append(dst, '\'')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '\'')
}

// enders are the sequences that would end or open a comment of some language
// around the block. Each is escaped at its last character.
var enders = []string{"-->", "--!>", "<!--", "*/", "/*"}

// needsEscape reports whether s has a character that cannot stand in a line of
// the block as it is.
func needsEscape(s string) bool {
	special := false
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f {
			return needsEscapeSlow(s)
		}
		special = special || c == '-' || c == '*' || c == '\\'
	}
	return special && hasEnder(s)
}

func needsEscapeSlow(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return true
		}
	}
	return hasEnder(s)
}

func hasEnder(s string) bool {
	for _, e := range enders {
		if strings.Contains(s, e) {
			return true
		}
	}
	return strings.Contains(s, `\u`)
}

// appendEscaped prints s in double quotes. Escapes have the forms \xNN and
// \UNNNNNNNN, never \u, which Java reads even in comments.
func appendEscaped(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := len(dst)
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r < 0x100 && !unicode.IsPrint(r) || endsComment(dst[start:], r):
			dst = appendHex(append(dst, `\x`...), r, 2)
		case !unicode.IsPrint(r):
			dst = appendHex(append(dst, `\U`...), r, 8)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

func endsComment(before []byte, r rune) bool {
	for _, e := range enders {
		last := len(e) - 1
		if r == rune(e[last]) && bytes.HasSuffix(before, []byte(e[:last])) {
			return true
		}
	}
	return false
}

func appendHex(dst []byte, r rune, width int) []byte {
	h := strconv.FormatInt(int64(r), 16)
	for range width - len(h) {
		dst = append(dst, '0')
	}
	return append(dst, h...)
}
