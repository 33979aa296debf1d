package meta

import "strings"

// flow reads the value at offset at in flow style, [..] or {..} or a scalar in
// one of them, and returns the offset after it.
func (p *parser) flow(at int) (Value, int, *SyntaxError) {
	switch p.text[at] {
	case '[':
		return p.flowList(at)
	case '{':
		return p.flowMap(at)
	case '"', '\'':
		s, end, err := p.quoted(at)
		return String(s), end, err
	}
	return p.flowPlain(at)
}

// flowSpace returns the offset of the next thing after at: blanks, line breaks
// and comments are skipped.
func (p *parser) flowSpace(at int) int {
	for at < len(p.text) {
		switch c := p.text[at]; {
		case isBlank(c) || c == '\n' || c == '\r':
			at++
		case c == '#' && (at == 0 || strings.IndexByte(" \t\n", p.text[at-1]) >= 0):
			i := strings.IndexByte(p.text[at:], '\n')
			if i < 0 {
				return len(p.text)
			}
			at += i
		default:
			return at
		}
	}
	return at
}

func (p *parser) flowList(open int) (Value, int, *SyntaxError) {
	if err := p.enter(open); err != nil {
		return nil, 0, err
	}
	defer p.leave()
	l := List{}
	at := p.flowSpace(open + 1)
	for at < len(p.text) {
		if p.text[at] == ']' {
			return l, at + 1, nil
		}
		v, end, err := p.flow(at)
		if err != nil {
			return nil, 0, err
		}
		l = append(l, v)
		if at, err = p.flowComma(end, ']', open); err != nil {
			return nil, 0, err
		}
	}
	return nil, 0, p.fail(open, "bracket is not closed")
}

func (p *parser) flowMap(open int) (Value, int, *SyntaxError) {
	if err := p.enter(open); err != nil {
		return nil, 0, err
	}
	defer p.leave()
	m := Map{}
	at := p.flowSpace(open + 1)
	for at < len(p.text) {
		if p.text[at] == '}' {
			return m, at + 1, nil
		}
		f, end, err := p.flowField(at)
		if err != nil {
			return nil, 0, err
		}
		if m, err = p.add(m, f, at); err != nil {
			return nil, 0, err
		}
		if at, err = p.flowComma(end, '}', open); err != nil {
			return nil, 0, err
		}
	}
	return nil, 0, p.fail(open, "bracket is not closed")
}

// flowField reads key: value inside braces.
func (p *parser) flowField(at int) (Field, int, *SyntaxError) {
	var key string
	var end int
	var err *SyntaxError
	switch p.text[at] {
	case '[', '{':
		return Field{}, 0, p.fail(at, "a key must be a scalar")
	case '"', '\'':
		key, end, err = p.quoted(at)
	default:
		key, end, err = p.flowText(at)
	}
	if err != nil {
		return Field{}, 0, err
	}
	end = p.flowSpace(end)
	if end == len(p.text) || p.text[end] != ':' {
		return Field{}, 0, p.fail(end, "expected a colon after the key %.20q", key)
	}
	end = p.flowSpace(end + 1)
	if end < len(p.text) && (p.text[end] == ',' || p.text[end] == '}') {
		return Field{key, Null{}}, end, nil
	}
	if end == len(p.text) {
		return Field{}, 0, p.fail(at, "bracket is not closed")
	}
	v, end, err := p.flow(end)
	return Field{key, v}, end, err
}

// flowComma goes over the comma after a member, or stops at the closing bracket.
func (p *parser) flowComma(at int, closing byte, open int) (int, *SyntaxError) {
	at = p.flowSpace(at)
	switch {
	case at == len(p.text):
		return 0, p.fail(open, "bracket is not closed")
	case p.text[at] == closing:
		return at, nil
	case p.text[at] != ',':
		return 0, p.fail(at, "expected a comma or %q", closing)
	}
	return p.flowSpace(at + 1), nil
}

func (p *parser) flowPlain(at int) (Value, int, *SyntaxError) {
	s, end, err := p.flowText(at)
	if err != nil {
		return nil, 0, err
	}
	return scalarOf(s), end, nil
}

// flowText reads an unquoted scalar inside brackets: up to a bracket, a comma,
// a colon before a blank, a comment, or the end of the line.
func (p *parser) flowText(at int) (string, int, *SyntaxError) {
	end := at
	for end < len(p.text) && !p.flowStop(at, end) {
		end++
	}
	s := strings.TrimRight(p.text[at:end], " \t\r")
	if s == "" {
		return "", 0, p.fail(at, "expected a value, found %q", p.text[at])
	}
	if err := p.checkPlain(at, s); err != nil {
		return "", 0, err
	}
	return s, end, nil
}

func (p *parser) flowStop(start, at int) bool {
	switch p.text[at] {
	case ',', '[', ']', '{', '}', '\n':
		return true
	case ':':
		return at+1 == len(p.text) || strings.IndexByte(" \t\r\n,[]{}", p.text[at+1]) >= 0
	case '#':
		return at > start && isBlank(p.text[at-1])
	}
	return false
}
