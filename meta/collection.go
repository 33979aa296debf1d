package meta

import "strings"

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
