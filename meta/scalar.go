package meta

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// inline reads the value that starts with text at offset at, inside something
// at column parent; lines that continue it are indented deeper.
func (p *parser) inline(at int, text string, parent int) (Value, *SyntaxError) {
	switch text[0] {
	case '"', '\'':
		s, end, err := p.quoted(at)
		if err == nil {
			err = p.resume(end)
		}
		return String(s), err
	case '[', '{':
		v, end, err := p.flow(at)
		if err == nil {
			err = p.resume(end)
		}
		return v, err
	case '|', '>':
		s, err := p.blockText(at, text, parent)
		return String(s), err
	}
	return p.plain(at, text, parent)
}

// reserved are the characters that mean something else at the start of a plain
// scalar.
const reserved = "&*!%@`,]}"

// checkPlain refuses a plain scalar that YAML would not read as one.
func (p *parser) checkPlain(at int, text string) *SyntaxError {
	if strings.IndexByte(reserved, text[0]) >= 0 {
		return p.fail(at, "%q cannot start a value: quote it", text[0])
	}
	if text[0] == '\t' {
		return p.fail(at, "tab in the indentation")
	}
	if len(text) > 1 && (text[0] == '?' || text[0] == '-') && isBlank(text[1]) || text == "?" {
		return p.fail(at, "%q cannot start a value: quote it", text[0])
	}
	return nil
}

// plain reads an unquoted scalar and the lines that continue it.
func (p *parser) plain(at int, text string, parent int) (Value, *SyntaxError) {
	if err := p.checkPlain(at, text); err != nil {
		return nil, err
	}
	s, commented := cutComment(text)
	if i := colonIn(s); i >= 0 {
		return nil, p.fail(at+i, "colon inside an unquoted value: quote it")
	}
	if commented {
		return scalarOf(s), nil
	}
	var folded []byte
	for blanks := 0; p.pos < len(p.text); {
		r, next := p.line(p.pos)
		if r.text == "" {
			blanks++
			p.pos = next
			continue
		}
		if r.indent <= parent || r.text[0] == '#' || p.atEnd(r) {
			break
		}
		part, commented := cutComment(r.text)
		if i := colonIn(part); i >= 0 || part[0] == '\t' {
			return nil, p.fail(r.start+max(i, 0), "neither a key of this mapping nor the rest of the value above")
		}
		p.pos = next
		if folded == nil {
			folded = append(folded, s...)
		}
		folded = append(appendFold(folded, blanks), part...)
		blanks = 0
		if commented {
			break
		}
	}
	if folded != nil {
		return String(folded), nil
	}
	return scalarOf(s), nil
}

// appendFold appends what a line break followed by blank lines stands for.
func appendFold(b []byte, blanks int) []byte {
	if blanks == 0 {
		return append(b, ' ')
	}
	for range blanks {
		b = append(b, '\n')
	}
	return b
}

func scalarOf(s string) Value {
	if isNull(s) {
		return Null{}
	}
	return String(s)
}

func isNull(s string) bool {
	return s == "" || s == "~" || s == "null" || s == "Null" || s == "NULL"
}

// cutComment removes a trailing comment from a plain scalar.
func cutComment(s string) (string, bool) {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '#')
		if i < 0 {
			return s, false
		}
		if i += from; i > 0 && isBlank(s[i-1]) {
			return strings.TrimRight(s[:i], " \t"), true
		}
		from = i + 1
	}
}

// colonIn returns the offset of the first colon in s that would end a key, or -1.
func colonIn(s string) int {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], ':')
		if i < 0 {
			return -1
		}
		if i += from; isColon(s[i:]) {
			return i
		}
		from = i + 1
	}
}

// quoted reads the quoted scalar at offset at, and returns the offset after it.
func (p *parser) quoted(at int) (string, int, *SyntaxError) {
	quote := p.text[at]
	body := p.text[at+1:]
	stop := "'\n"
	if quote == '"' {
		stop = "\"\\\n"
	}
	// A scalar on one line, without escapes, is a slice of the text.
	if i := strings.IndexAny(body, stop); i >= 0 && body[i] == quote && !strings.HasPrefix(body[i+1:], "'") {
		return body[:i], at + i + 2, nil
	}
	var b []byte
	kept := 0 // how much of b must stay when a line break drops the blanks before it
	for i := at + 1; i < len(p.text); {
		c := p.text[i]
		switch {
		case c == quote && quote == '\'' && strings.HasPrefix(p.text[i+1:], "'"):
			b = append(b, '\'')
			i += 2
		case c == quote:
			return string(b), i + 1, nil
		case c == '\\' && quote == '"':
			var err *SyntaxError
			if b, i, err = p.escape(b, i); err != nil {
				return "", 0, err
			}
			kept = len(b)
		case c == '\n':
			b, i = p.foldQuoted(b, i, kept)
			kept = len(b)
		default:
			b = append(b, c)
			i++
		}
	}
	return "", 0, p.fail(at, "quote is not closed")
}

// foldQuoted replaces the line break at offset i, and the blanks around it.
func (p *parser) foldQuoted(b []byte, i, kept int) ([]byte, int) {
	for len(b) > kept && strings.IndexByte(" \t\r", b[len(b)-1]) >= 0 {
		b = b[:len(b)-1]
	}
	breaks := 0
	for i < len(p.text) && strings.IndexByte(" \t\r\n", p.text[i]) >= 0 {
		if p.text[i] == '\n' {
			breaks++
		}
		i++
	}
	return appendFold(b, breaks-1), i
}

// escapes are the one-letter escapes of double-quoted scalars (YAML 1.2, 5.7).
var escapes = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f",
	'r': "\r", 'e': "\x1b", ' ': " ", '"': "\"", '/': "/", '\\': "\\",
	'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// escape writes what the escape at offset i stands for and returns the offset
// after it.
func (p *parser) escape(b []byte, i int) ([]byte, int, *SyntaxError) {
	if i+1 == len(p.text) {
		return nil, 0, p.fail(i, "quote is not closed")
	}
	c := p.text[i+1]
	if s, ok := escapes[c]; ok {
		return append(b, s...), i + 2, nil
	}
	width := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	switch {
	case c == '\n' || c == '\r': // an escaped line break joins the lines
		i++
		for i < len(p.text) && strings.IndexByte(" \t\r\n", p.text[i]) >= 0 {
			i++
		}
		return b, i, nil
	case width == 0 || i+2+width > len(p.text):
		return nil, 0, p.fail(i, "unknown escape \\%c", c)
	}
	n, err := strconv.ParseUint(p.text[i+2:i+2+width], 16, 32)
	if err != nil || !utf8.ValidRune(rune(n)) || n > utf8.MaxRune {
		return nil, 0, p.fail(i, "malformed escape %.10q", p.text[i:i+2+width])
	}
	return utf8.AppendRune(b, rune(n)), i + 2 + width, nil
}
