package funcs

import "strings"

// A TokenKind is what sort of token a token of Python is.
type TokenKind string

// The kinds.
const (
	Word    TokenKind = "word"    // a name or a keyword
	Number  TokenKind = "number"  //
	Text    TokenKind = "string"  // with prefix and quotes; an f-string is one token
	Sign    TokenKind = "sign"    // an operator or delimiter
	Comment TokenKind = "comment" // up to the end of its line
)

// A Token is a part of a Python source, src[From:To].
type Token struct {
	Kind     TokenKind
	From, To int
}

// A LogicalLine is a line of Python as its lexical analysis has it: brackets,
// strings in three quotes and backslashes continue it. Several statements may
// stand in one, and comments: those in it and the one at its end. A line that has
// nothing but a comment is a line of its own.
type LogicalLine struct {
	Indent int // the column of its first token, tabs going to multiples of eight
	Tokens []Token
}

// PythonLines returns the logical lines of src that are not empty. It guarantees
// what [All] does: it never fails and takes time linear in src.
func PythonLines(src []byte) []LogicalLine {
	if len(src) > MaxSource {
		return nil
	}
	p := &python{outline: &outline{lang: Python, src: src}, fresh: -1}
	if hasAt(src, 0, "\xef\xbb\xbf") {
		p.pos = 3
	}
	var lines []LogicalLine
	for p.pos < len(src) {
		line := LogicalLine{Indent: p.indentation()}
		if line.Tokens = p.tokens(); len(line.Tokens) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

// tokens reads up to the end of the logical line at pos.
func (p *python) tokens() []Token {
	var tokens []Token
	depth := 0
	for p.pos < len(p.src) {
		from, c := p.pos, p.src[p.pos]
		kind := Sign
		switch {
		case isNewline(c):
			p.newline()
			if depth == 0 || p.declares(p.pos) {
				return tokens
			}
			continue
		case isBlank(c):
			p.pos++
			continue
		case c == '\\':
			p.pos++
			if p.pos < len(p.src) && isNewline(p.src[p.pos]) {
				p.newline()
			}
			continue
		case c == '#':
			kind, p.pos = Comment, lineEndFrom(p.src, p.pos)
		case c == '"' || c == '\'':
			kind, p.pos = Text, p.str(p.pos)
		case c >= '0' && c <= '9' || c == '.' && from+1 < len(p.src) && p.src[from+1] >= '0' && p.src[from+1] <= '9':
			kind, p.pos = Number, number(p.src, p.pos)
		case isIdent(c):
			kind = p.word()
		default:
			p.pos += signLength(p.src, p.pos)
			depth = deeper(depth, c)
		}
		tokens = append(tokens, Token{kind, from, p.pos})
	}
	return tokens
}

// word reads a name, or the string whose prefix it is.
func (p *python) word() TokenKind {
	from := p.pos
	p.pos = ident(p.src, p.pos)
	if p.pos == from { // not the start of a name
		p.pos++
		return Sign
	}
	if p.pos < len(p.src) && (p.src[p.pos] == '"' || p.src[p.pos] == '\'') && p.pos-from <= 2 &&
		strings.Trim(string(p.src[from:p.pos]), "rRbBuUfFtT") == "" {
		p.pos = p.str(p.pos)
		return Text
	}
	return Word
}

func deeper(depth int, c byte) int {
	switch c {
	case '(', '[', '{':
		return depth + 1
	case ')', ']', '}':
		return max(depth-1, 0)
	}
	return depth
}

// number returns the end of the number at offset at: digits, letters, points, and
// the sign of an exponent.
func number(src []byte, at int) int {
	hex := hasAt(src, at, "0x") || hasAt(src, at, "0X")
	for at < len(src) {
		c := src[at]
		exponent := (c == '+' || c == '-') && !hex && (src[at-1] == 'e' || src[at-1] == 'E')
		if c != '.' && !isIdent(c) && !exponent {
			break
		}
		at++
	}
	return at
}

// signLength returns how long the operator at offset at is: the longest that fits.
func signLength(src []byte, at int) int {
	for _, sign := range []string{"**=", "//=", ">>=", "<<=", "...", "->", ":=", "==", "!=", "<=", ">=", "**", "//", "<<", ">>",
		"+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "<>"} {
		if hasAt(src, at, sign) {
			return len(sign)
		}
	}
	return 1
}
