package meta

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits on what [Parse] reads. Real blocks have about 900 bytes and 20 fields;
// the limits leave room for long lists of tools and end hostile input early.
const (
	MaxText   = 256 << 10 // bytes of a block
	MaxFields = 1024      // keys of one mapping
	MaxKey    = 256       // bytes of a key; YAML readers stop at 1024
	MaxDepth  = 32        // mappings and lists within each other
)

// Parse reads the lines between the delimiters of a block, comment prefixes
// already removed. It reads the part of YAML that blocks are written in: block
// and flow mappings and lists, plain and quoted scalars on one or several
// lines, literal and folded text. A line `---` before the fields and `...`
// after them are skipped. Empty text is an empty block.
//
// The error is an [ErrParse] that wraps a [SyntaxError].
func Parse(text []byte) (Block, error) { return ParseText(string(text)) }

// ParseText is [Parse] for a string, which the values of the block share.
func ParseText(text string) (Block, error) {
	if len(text) > MaxText {
		return Block{}, (&SyntaxError{1, 1, fmt.Sprintf("%d bytes, the limit is %d", len(text), MaxText)}).Fault()
	}
	p := &parser{text: text}
	m, err := p.document()
	if err != nil {
		return Block{}, err.Fault()
	}
	return Block{m}, nil
}

// A parser goes once through text, line by line. Positions are offsets; a line
// number is counted only when an error needs it.
type parser struct {
	text  string
	pos   int // where the next unread line starts
	cur   row // the row that peek found, if have
	have  bool
	depth int
}

// A row is a line with content, or the rest of one after "- ".
type row struct {
	start  int    // offset of text
	indent int    // columns before text
	text   string // without indentation, trailing blanks and line end
}

func (p *parser) fail(at int, format string, args ...any) *SyntaxError {
	at = min(at, len(p.text))
	before := p.text[:at]
	return &SyntaxError{
		Line:   strings.Count(before, "\n") + 1,
		Column: at - (strings.LastIndexByte(before, '\n') + 1) + 1,
		Reason: fmt.Sprintf(format, args...),
	}
}

// line returns the line that starts at offset at, and where the next starts.
func (p *parser) line(at int) (r row, next int) {
	end, next := len(p.text), len(p.text)
	if i := strings.IndexByte(p.text[at:], '\n'); i >= 0 {
		end, next = at+i, at+i+1
	}
	start := at
	for start < end && p.text[start] == ' ' {
		start++
	}
	last := end
	for last > start && (isBlank(p.text[last-1]) || p.text[last-1] == '\r') {
		last--
	}
	return row{start, start - at, p.text[start:last]}, next
}

// peek returns the next row that is neither empty nor a comment.
func (p *parser) peek() (row, bool) {
	for !p.have && p.pos < len(p.text) {
		r, next := p.line(p.pos)
		p.pos = next
		if r.text != "" && r.text[0] != '#' {
			p.cur, p.have = r, true
		}
	}
	return p.cur, p.have
}

// take consumes the row that peek returned.
func (p *parser) take() { p.have = false }

// resume continues reading with the line after offset at, of which the rest
// must be empty or a comment.
func (p *parser) resume(at int) *SyntaxError {
	lineEnd, next := len(p.text), len(p.text)
	if i := strings.IndexByte(p.text[at:], '\n'); i >= 0 {
		lineEnd, next = at+i, at+i+1
	}
	rest := p.text[at:lineEnd]
	trimmed := strings.TrimLeft(rest, " \t\r")
	if trimmed != "" && (trimmed[0] != '#' || trimmed == rest) {
		return p.fail(at+len(rest)-len(trimmed), "text after the value: %.20q", trimmed)
	}
	p.pos = next
	return nil
}

func (p *parser) document() (Map, *SyntaxError) {
	if at := invalidByte(p.text); at >= 0 {
		return nil, p.fail(at, "byte %#x is not allowed", p.text[at])
	}
	if r, ok := p.peek(); ok && r.text == "---" && r.indent == 0 {
		p.take()
	}
	var m Map
	if r, ok := p.peek(); ok && !p.atEnd(r) {
		if strings.HasPrefix(r.text, "{") {
			return p.flowDocument(r)
		}
		var err *SyntaxError
		if m, err = p.mapping(r.indent); err != nil {
			return nil, err
		}
	}
	if r, ok := p.peek(); ok && p.atEnd(r) {
		p.take()
	}
	if r, ok := p.peek(); ok {
		return nil, p.fail(r.start, "expected a key at the indentation of the first, found %.20q", r.text)
	}
	return m, nil
}

func (p *parser) atEnd(r row) bool { return r.text == "..." && r.indent == 0 }

func (p *parser) flowDocument(r row) (Map, *SyntaxError) {
	p.take()
	v, err := p.inline(r.start, r.text, -1)
	if err != nil {
		return nil, err
	}
	if r, ok := p.peek(); ok {
		return nil, p.fail(r.start, "text after the block's mapping: %.20q", r.text)
	}
	m, _ := v.(Map)
	return m, nil
}

// invalidByte returns the offset of the first byte that no block can contain:
// a control character, or one that is not part of UTF-8. It returns -1 if none.
func invalidByte(s string) int {
	ascii := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return i
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if ascii || utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if _, n := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && n == 1 {
			return i
		}
	}
	return -1
}
