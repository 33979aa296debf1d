package funcs

import (
	"bytes"
	"strings"
)

// pyStops are the characters that mean something to the scanner inside a line.
var pyStops = byteSet("\n\r\\#'\"()[]{}:")

func byteSet(chars string) (set [256]bool) {
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return set
}

// skip returns the offset, from at, of the first line break or closing bracket
// that is in no bracket, no string and no comment, or with stop ':', of the
// first such colon.
func (p *python) skip(at int, stop byte) int {
	depth, opened := 0, 0
	for at < len(p.src) {
		c := p.src[at]
		if !pyStops[c] {
			at++
			continue
		}
		switch c {
		case '\n', '\r':
			if depth == 0 {
				return at
			}
			if p.declares(at + 1) {
				p.report(ErrSyntax, opened, "%q is not closed", p.src[opened])
				return at
			}
		case '(', '[', '{':
			if depth == 0 {
				opened = at
			}
			depth++
		case ')', ']', '}':
			if depth == 0 {
				return at
			}
			depth--
		case ':':
			if depth == 0 && stop == ':' {
				return at
			}
		case '#':
			at = lineEndFrom(p.src, at)
			continue
		case '"', '\'':
			at = p.str(at)
			continue
		case '\\':
			if hasAt(p.src, at+1, "\r\n") {
				at++
			}
			at++
		}
		at++
	}
	if depth > 0 {
		p.report(ErrSyntax, opened, "%q is not closed", p.src[opened])
	}
	return len(p.src)
}

// declares reports whether the line at offset at begins with a keyword that can
// be in no bracket: then one that is open has been forgotten.
func (p *python) declares(at int) bool {
	for at < len(p.src) && isBlank(p.src[at]) {
		at++
	}
	return wordAt(p.src, at, "def") || wordAt(p.src, at, "class")
}

// group returns the offset after the bracket that closes the one at offset at.
func (p *python) group(at int) (end int, ok bool) {
	for end = at + 1; ; end++ {
		end = p.skip(end, '\n')
		switch {
		case end == len(p.src) || isNewline(p.src[end]) && p.declares(end+1):
			p.report(ErrSyntax, at, "%q is not closed", p.src[at])
			return end, false
		case !isNewline(p.src[end]):
			return end + 1, true
		}
	}
}

// str returns the offset after the string whose first quote is at offset at.
func (p *python) str(at int) int {
	raw, formatted := p.prefix(at)
	if formatted && !p.plainF {
		if end, ok := p.fstring(at, raw); ok {
			return end
		}
		p.plainF = true
	}
	end, ok := p.plain(at)
	if !ok {
		p.report(ErrSyntax, at, "string is not closed")
	}
	return end
}

// prefix reads the letters before the quote at offset at.
func (p *python) prefix(at int) (raw, formatted bool) {
	from := at
	for from > 0 && at-from < 3 && isIdent(p.src[from-1]) {
		from--
	}
	if at-from == 3 {
		return false, false // it is the end of a name, as in print"x"
	}
	letters := bytes.ToLower(p.src[from:at])
	return bytes.IndexByte(letters, 'r') >= 0, bytes.ContainsAny(letters, "ft")
}

// opening returns the quotes at offset at, one or three.
func (p *python) opening(at int) string {
	q := p.src[at]
	if at+2 < len(p.src) && p.src[at+1] == q && p.src[at+2] == q {
		return string(p.src[at : at+3])
	}
	return string(p.src[at : at+1])
}

// plain reads a string in which no code is. One that is not closed ends with
// its line, or in three quotes with the file.
func (p *python) plain(at int) (end int, ok bool) {
	quotes := p.opening(at)
	for at += len(quotes); at < len(p.src); at++ {
		switch c := p.src[at]; {
		case c == '\\':
			if at++; hasAt(p.src, at, "\r\n") {
				at++
			}
		case c == quotes[0] && hasAt(p.src, at, quotes):
			return at + len(quotes), true
		case isNewline(c) && len(quotes) == 1:
			return at, false
		}
	}
	return len(p.src), false
}

// An fLevel is where in an f-string the scanner is: in its text, in code in
// braces, or in the format after a colon in such braces. The levels of strings
// in code in strings are a stack.
type fLevel struct {
	where  fWhere
	quotes string // of the string around
	raw    bool
	depth  int // of brackets in code
}

type fWhere string

const (
	fText   fWhere = "text"
	fCode   fWhere = "code"
	fFormat fWhere = "format"
)

// fstring reads an f-string, as PEP 701 has them: the code in it may contain the
// quotes around it.
func (p *python) fstring(at int, raw bool) (end int, ok bool) {
	quotes := p.opening(at)
	stack := []fLevel{{where: fText, quotes: quotes, raw: raw}}
	for at += len(quotes); at < len(p.src); {
		top := &stack[len(stack)-1]
		var push fLevel
		var done bool
		switch top.where {
		case fCode:
			at, push, done = p.fcode(at, top)
		default:
			at, push, done = p.ftext(at, top)
		}
		switch {
		case at < 0:
			return 0, false
		case done:
			stack = stack[:len(stack)-1]
			if len(stack) == 0 {
				return at, true
			}
		case push.where != "":
			if p.tooDeep(len(stack), at) {
				return 0, false
			}
			stack = append(stack, push)
		}
	}
	return 0, false
}

// ftext reads one step of text or format. It returns a negative offset when the
// string is broken.
func (p *python) ftext(at int, l *fLevel) (next int, push fLevel, done bool) {
	code := fLevel{where: fCode, quotes: l.quotes, raw: l.raw}
	switch c := p.src[at]; {
	case c == '\\' && !l.raw && hasAt(p.src, at+1, "N{"):
		if end := bytes.IndexByte(p.src[at:], '}'); end > 0 {
			return at + end + 1, push, false
		}
		return -1, push, false
	case c == '\\' && at+1 < len(p.src) && p.src[at+1] != '{' && p.src[at+1] != '}':
		if hasAt(p.src, at+1, "\r\n") {
			at++
		}
		return at + 2, push, false
	case c == '{' && l.where == fText && hasAt(p.src, at, "{{"):
		return at + 2, push, false
	case c == '{':
		return at + 1, code, false
	case c == '}' && l.where == fFormat:
		return at + 1, push, true
	case c == l.quotes[0] && hasAt(p.src, at, l.quotes):
		if l.where == fFormat {
			return -1, push, false
		}
		return at + len(l.quotes), push, true
	case isNewline(c) && len(l.quotes) == 1:
		return -1, push, false
	}
	return at + 1, push, false
}

// fcode reads one step of code.
func (p *python) fcode(at int, l *fLevel) (next int, push fLevel, done bool) {
	switch c := p.src[at]; {
	case c == '"' || c == '\'':
		raw, formatted := p.prefix(at)
		if formatted {
			quotes := p.opening(at)
			return at + len(quotes), fLevel{where: fText, quotes: quotes, raw: raw}, false
		}
		end, ok := p.plain(at)
		if !ok {
			return -1, push, false
		}
		return end, push, false
	case c == '#':
		return lineEndFrom(p.src, at), push, false
	case strings.IndexByte("([{", c) >= 0:
		l.depth++
	case c == '}' && l.depth == 0:
		return at + 1, push, true
	case strings.IndexByte(")]}", c) >= 0:
		l.depth--
	case c == ':' && l.depth == 0:
		l.where = fFormat
	}
	return at + 1, push, false
}
