package funcs

import "strings"

// A python scans Python 3: its lexical analysis (language reference, 2), and of
// its grammar where def and class can stand, which is at the start of a line
// that continues none.
type python struct {
	*outline
	pos     int
	blocks  []pyBlock // the functions and classes around pos
	comment span      // the comment directly above
	fresh   int       // the declaration whose docstring may come next, or -1
	plainF  bool      // f-strings are read as plain ones: one of them did not end
}

// A pyBlock is a function or class, and the column at which it stands.
type pyBlock struct {
	indent   int
	class    bool
	exported bool
	scope    string // its own name included
}

func scanPython(o *outline) {
	p := &python{outline: o, fresh: -1}
	if hasAt(o.src, 0, "\xef\xbb\xbf") {
		p.pos = 3
	}
	for p.pos < len(p.src) {
		p.statement()
	}
	p.dropComment()
}

// statement reads one logical line, which begins at pos.
func (p *python) statement() {
	indent := p.indentation()
	if p.pos == len(p.src) {
		return
	}
	c := p.src[p.pos]
	switch {
	case isNewline(c):
		p.dropComment()
		p.pos++
		return
	case c == '#':
		p.noteComment()
		return
	}
	p.leave(indent)
	switch {
	case c == '@':
		p.fresh = -1
		p.endLine(p.pos)
		return
	case c == 'd' && wordAt(p.src, p.pos, "def"):
		p.def(p.pos, p.pos+len("def"), indent)
	case c == 'a' && wordAt(p.src, p.pos, "async"):
		at := p.blanks(p.pos + len("async"))
		if wordAt(p.src, at, "def") {
			p.def(p.pos, at+len("def"), indent)
		} else {
			p.simple()
		}
	case c == 'c' && wordAt(p.src, p.pos, "class"):
		p.class(indent)
	default:
		p.simple()
	}
	p.dropComment()
}

// indentation goes to the first character that is not blank and returns its
// column. Tabs go to multiples of eight; a form feed starts anew (2.1.8).
func (p *python) indentation() int {
	column := 0
	for ; p.pos < len(p.src); p.pos++ {
		switch p.src[p.pos] {
		case ' ':
			column++
		case '\t':
			column = column&^7 + 8
		case '\f':
			column = 0
		default:
			return column
		}
	}
	return column
}

// simple reads a logical line that declares nothing. The first one of a function
// may be its docstring.
func (p *python) simple() {
	if p.fresh >= 0 {
		p.docstring(p.pos)
	}
	p.endLine(p.pos)
}

// docstring attaches the string at offset at, if there is one, to the function
// that was declared last.
func (p *python) docstring(at int) {
	quote := at
	for quote < len(p.src) && quote-at < 2 && strings.IndexByte("rRuU", p.src[quote]) >= 0 {
		quote++
	}
	if quote < len(p.src) && (p.src[quote] == '"' || p.src[quote] == '\'') {
		end := p.str(quote)
		next := p.blanks(end)
		if next == len(p.src) || strings.IndexByte("#;\n\r", p.src[next]) >= 0 {
			p.decls[p.fresh].doc = span{at, end}
		}
	}
	p.fresh = -1
}

// noteComment reads a line that is a comment. Comments in lines below each other
// are one.
func (p *python) noteComment() {
	start := p.pos
	p.pos = lineEndFrom(p.src, p.pos)
	if p.comment.to == 0 {
		p.comment.from = start
	}
	p.comment.to = p.pos
	p.newline()
}

func (p *python) dropComment() {
	if p.comment.to > 0 {
		p.stray(p.comment)
		p.comment = span{}
	}
}

// newline goes over the line break at pos.
func (p *python) newline() {
	if hasAt(p.src, p.pos, "\r\n") {
		p.pos++
	}
	if p.pos < len(p.src) {
		p.pos++
	}
}

// endLine goes to the start of the next logical line, from offset at in this one.
func (p *python) endLine(at int) {
	for {
		at = p.skip(at, '\n')
		if at == len(p.src) || isNewline(p.src[at]) {
			break
		}
		p.report(ErrSyntax, at, "%q closes nothing", p.src[at])
		at++
	}
	p.pos = at
	p.newline()
}

// blanks returns where the blanks and continued line ends at offset at end.
func (p *python) blanks(at int) int {
	for at < len(p.src) {
		switch {
		case isBlank(p.src[at]):
			at++
		case hasAt(p.src, at, "\\\r\n"):
			at += 3
		case hasAt(p.src, at, "\\\n"), hasAt(p.src, at, "\\\r"):
			at += 2
		default:
			return at
		}
	}
	return at
}

// leave leaves the blocks that a line at column indent is not in.
func (p *python) leave(indent int) {
	for len(p.blocks) > 0 && p.blocks[len(p.blocks)-1].indent >= indent {
		p.blocks = p.blocks[:len(p.blocks)-1]
	}
}

// outer returns the innermost block around pos.
func (p *python) outer() pyBlock {
	if len(p.blocks) == 0 {
		return pyBlock{exported: true}
	}
	return p.blocks[len(p.blocks)-1]
}

// within returns the block that name opens at column indent.
func (p *python) within(outer pyBlock, name string, indent int, class bool) pyBlock {
	b := pyBlock{indent: indent, class: class, scope: dotted(outer.scope, name)}
	inFunction := outer.scope != "" && !outer.class
	b.exported = outer.exported && !inFunction && !strings.HasPrefix(name, "_")
	return b
}

// class reads the statement at pos, which may end in its own line.
func (p *python) class(indent int) {
	at := p.blanks(p.pos + len("class"))
	end := ident(p.src, at)
	p.fresh = -1
	if end == at {
		p.report(ErrSyntax, at, "class without a name")
	}
	p.blocks = append(p.blocks, p.within(p.outer(), string(p.src[at:end]), indent, true))
	p.endLine(end)
}

// def reads a function, which begins at offset start, from the end of its keyword.
func (p *python) def(start, at, indent int) {
	p.fresh = -1
	outer := p.outer()
	at = p.blanks(at)
	d := decl{at: start, kind: Plain, scope: outer.scope, comment: p.comment}
	end := ident(p.src, at)
	d.name = string(p.src[at:end])
	ok := end > at
	if ok {
		end, ok = p.signature(&d, end)
	}
	if !ok {
		p.report(ErrSyntax, start, "function declaration breaks off")
		p.endLine(end)
		return
	}
	if outer.class {
		d.kind = Method
	}
	b := p.within(outer, d.name, indent, false)
	d.exported = b.exported
	p.blocks = append(p.blocks, b)
	p.comment = span{}
	p.decls = append(p.decls, d)
	p.fresh = len(p.decls) - 1
	if next := p.blanks(end); next < len(p.src) && p.src[next] != '#' && !isNewline(p.src[next]) {
		p.docstring(next) // the body is in this line
	}
	p.endLine(end)
}

// signature reads type parameters, parameters and result, up to and including
// the colon, and returns where that ends.
func (p *python) signature(d *decl, at int) (end int, ok bool) {
	at = p.blanks(at)
	if at < len(p.src) && p.src[at] == '[' {
		if at, ok = p.group(at); !ok {
			return at, false
		}
		at = p.blanks(at)
	}
	if at == len(p.src) || p.src[at] != '(' {
		return at, false
	}
	if end, ok = p.group(at); !ok {
		return end, false
	}
	d.params = span{at + 1, end - 1}
	at = p.blanks(end)
	if hasAt(p.src, at, "->") {
		at += len("->")
		end = p.skip(at, ':')
		d.result = span{at, end}
		at = end
	}
	if at == len(p.src) || p.src[at] != ':' {
		return at, false
	}
	return at + 1, true
}
