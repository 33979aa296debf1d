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
func Parse(text []byte) (Block, error) {
	if len(text) > MaxText {
		return Block{}, (&SyntaxError{1, 1, fmt.Sprintf("%d bytes, the limit is %d", len(text), MaxText)}).Fault()
	}
	p := &parser{text: string(text)}
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
	return row{start, start - at, strings.TrimRight(p.text[start:end], " \t\r")}, next
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

// enter and leave count nesting.
func (p *parser) enter(at int) *SyntaxError {
	if p.depth++; p.depth > MaxDepth {
		return p.fail(at, "values nest deeper than %d", MaxDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// mapping reads keys that stand at column indent.
func (p *parser) mapping(indent int) (Map, *SyntaxError) {
	r, _ := p.peek()
	if err := p.enter(r.start); err != nil {
		return nil, err
	}
	defer p.leave()
	m := make(Map, 0, 4)
	if p.depth == 1 {
		m = make(Map, 0, 24) // a block as we write it has 18 to 20 fields
	}
	for {
		r, ok := p.peek()
		if !ok || r.indent < indent || p.atEnd(r) {
			return m, nil
		}
		if r.indent > indent {
			return nil, p.fail(r.start, "indented deeper than the key above")
		}
		if isItem(r.text) && len(m) > 0 {
			return nil, p.fail(r.start, "list item where a key is expected")
		}
		f, err := p.field(r)
		if err != nil {
			return nil, err
		}
		if m, err = p.add(m, f, r.start); err != nil {
			return nil, err
		}
	}
}

func (p *parser) add(m Map, f Field, at int) (Map, *SyntaxError) {
	switch {
	case len(m) == MaxFields:
		return nil, p.fail(at, "more than %d keys", MaxFields)
	case len(f.Key) > MaxKey:
		return nil, p.fail(at, "key of %d bytes, the limit is %d", len(f.Key), MaxKey)
	case m.index(f.Key) >= 0:
		return nil, p.fail(at, "key %q is there twice", f.Key)
	}
	return append(m, f), nil
}

// field reads the key in r and its value, which may go on below.
func (p *parser) field(r row) (Field, *SyntaxError) {
	key, rest, err := p.splitKey(r)
	if err != nil {
		return Field{}, err
	}
	if rest < 0 {
		return Field{}, p.fail(r.start, "expected a key and a colon, found %.20q", r.text)
	}
	p.take()
	var v Value
	if after := r.text[rest:]; after != "" && after[0] != '#' {
		v, err = p.inline(r.start+rest, after, r.indent)
	} else {
		v, err = p.below(r.indent)
	}
	return Field{key, v}, err
}

// below reads the value under a key at column indent: deeper lines, or a list
// at the same column, or nothing.
func (p *parser) below(indent int) (Value, *SyntaxError) {
	r, ok := p.peek()
	if ok && (r.indent > indent || r.indent == indent && isItem(r.text)) && !p.atEnd(r) {
		return p.node(r, indent)
	}
	return Null{}, nil
}

// node reads the value that starts with r, inside something at column parent.
func (p *parser) node(r row, parent int) (Value, *SyntaxError) {
	if isItem(r.text) {
		return p.list(r.indent)
	}
	_, rest, err := p.splitKey(r)
	if err != nil {
		return nil, err
	}
	if rest >= 0 {
		return p.mapping(r.indent)
	}
	p.take()
	return p.inline(r.start, r.text, parent)
}

func isItem(text string) bool { return text == "-" || strings.HasPrefix(text, "- ") }

// list reads items whose dashes stand at column indent. What follows a dash is
// read as a row of its own.
func (p *parser) list(indent int) (List, *SyntaxError) {
	r, _ := p.peek()
	if err := p.enter(r.start); err != nil {
		return nil, err
	}
	defer p.leave()
	l := List{}
	for {
		r, ok := p.peek()
		if !ok || r.indent < indent || r.indent == indent && !isItem(r.text) {
			return l, nil
		}
		if r.indent > indent {
			return nil, p.fail(r.start, "indented deeper than the list")
		}
		v, err := p.item(r)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
	}
}

func (p *parser) item(r row) (Value, *SyntaxError) {
	rest := strings.TrimLeft(r.text[1:], " ")
	if rest == "" || rest[0] == '#' {
		p.take()
		if next, ok := p.peek(); ok && next.indent > r.indent {
			return p.node(next, r.indent)
		}
		return Null{}, nil
	}
	off := len(r.text) - len(rest)
	p.cur = row{r.start + off, r.indent + off, rest}
	return p.node(p.cur, r.indent)
}

// splitKey finds the key at the start of r. It returns where in r.text the
// value starts, or -1 when r does not start with a key.
func (p *parser) splitKey(r row) (key string, rest int, err *SyntaxError) {
	switch c := r.text[0]; c {
	case '[', '{', '|', '>':
		return "", -1, nil
	case '"', '\'':
		s, end, err := p.quoted(r.start)
		if err != nil || end > r.start+len(r.text) {
			return "", -1, err
		}
		after := r.text[end-r.start:]
		trimmed := strings.TrimLeft(after, " \t")
		if !isColon(trimmed) {
			return "", -1, nil
		}
		return s, valueStart(r.text, len(r.text)-len(trimmed)+1), nil
	}
	for i := 0; i < len(r.text); i++ {
		switch {
		case r.text[i] == ':' && isColon(r.text[i:]):
			if err := p.checkPlain(r.start, r.text); err != nil {
				return "", -1, err
			}
			return strings.TrimRight(r.text[:i], " \t"), valueStart(r.text, i+1), nil
		case r.text[i] == '#' && i > 0 && isBlank(r.text[i-1]):
			return "", -1, nil
		}
	}
	return "", -1, nil
}

// isColon reports whether s starts with a colon that ends a key.
func isColon(s string) bool {
	return len(s) > 0 && s[0] == ':' && (len(s) == 1 || isBlank(s[1]))
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func valueStart(text string, at int) int {
	for at < len(text) && isBlank(text[at]) {
		at++
	}
	return at
}
