package funcs

// member reads the beginning of a member of a class or an object literal: its
// modifiers and its name.
func (s *script) member(top *jsFrame) {
	top.member = false
	if s.src[s.pos] == '@' {
		s.decorator()
		s.enclosing(top).member = true
		return
	}
	if hasAt(s.src, s.pos, "...") {
		s.endPrelude()
		s.after(s.pos+3, false)
		return
	}
	at, hidden := s.modifiers(top)
	if s.at(at) == '*' {
		at = s.space(at + 1)
	}
	if s.at(at) == '{' { // static { }, or not valid
		s.endPrelude()
		s.pos = at
		s.push(jsBlock, 1)
		return
	}
	name, end, ok := s.memberName(at)
	if !ok {
		s.pos = at
		if s.pos < len(s.src) {
			s.token(s.src[s.pos], binding{})
		}
		return
	}
	s.afterName(top, binding{name: name, at: at, member: true, hidden: hidden}, end)
}

// enclosing returns top again after frames may have been opened in it.
func (s *script) enclosing(top *jsFrame) *jsFrame {
	if n := len(s.frames); n > 1 && s.frames[n-1].decorator {
		return &s.frames[n-2]
	}
	return top
}

// modifiers goes over the words before a name and returns where that begins.
func (s *script) modifiers(top *jsFrame) (at int, hidden bool) {
	at = s.pos
	for {
		end := wordEnd(s.src, at)
		switch string(s.src[at:end]) {
		case "private", "protected":
			hidden = true
		case "async", "get", "set", "static", "accessor", "public", "readonly", "abstract", "override", "declare":
		default:
			return at, hidden
		}
		next := s.space(end)
		if !startsMember(s.at(next), top) {
			return at, hidden // it is the name
		}
		at = next
	}
}

func startsMember(c byte, top *jsFrame) bool {
	switch c {
	case '*', '[', '#', '"', '\'', '@':
		return true
	case '{':
		return top.kind == jsClass // static { }
	}
	return isWord(c)
}

// memberName reads the name at offset at. Computed names and numbers count as
// none, but are read.
func (s *script) memberName(at int) (name string, end int, ok bool) {
	switch c := s.at(at); {
	case c == '[':
		return "", s.groupEnd(at, len(s.src)), true
	case c == '"' || c == '\'':
		end = s.str(at)
		return string(s.src[at+1 : max(at+1, end-1)]), end, true
	case isDigit(c):
		return "", wordEnd(s.src, at), true
	case c == '#' || isWord(c):
		end = wordEnd(s.src, at+1)
		return string(s.src[at:end]), end, true
	}
	return "", at, false
}

// afterName decides by what follows the name of a member what the member is.
func (s *script) afterName(top *jsFrame, b binding, end int) {
	class := top.kind == jsClass
	b.hidden = b.hidden || len(b.name) > 0 && b.name[0] == '#'
	next := s.space(end)
	for s.ts && (s.at(next) == '?' || s.at(next) == '!') {
		next = s.space(next + 1)
	}
	if to, ok := s.angles(next, len(s.src)); ok && s.ts {
		next = s.space(to)
	}
	s.pos = end
	s.prev = jsToken{span: span{b.at, end}, word: true, operand: true}
	c := s.at(next)
	switch {
	case c == '(':
		f := s.candidate(b, b.at, false)
		s.pos = next
		s.push(jsParen, 1).function = f
		return
	case c == ':' && class && s.ts:
		prev := s.prev
		s.pos = s.typeEnd(next+1, len(s.src))
		s.prev = prev
		if eq := s.space(s.pos); s.at(eq) == '=' {
			s.field(top, eq, b)
			return
		}
	case c == ':' && !class, c == '=' && !hasAt(s.src, next, "=="):
		s.field(top, next, b)
		return
	}
	s.endPrelude()
	if class {
		top.member = true // a field without a value
	}
}

// field reads the sign at offset at, which is in front of a value.
func (s *script) field(top *jsFrame, at int, b binding) {
	top.value = top.kind == jsClass
	s.pos = at
	s.after(at+1, false)
	s.bind = b
}
