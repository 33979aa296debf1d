package funcs

// expansion reads what begins with a dollar sign or a backquote, which all
// nests but single quotes know.
func (s *shell) expansion() bool {
	switch {
	case hasAt(s.src, s.pos, "$(("):
		s.push(shArith, 3)
	case hasAt(s.src, s.pos, "$("):
		s.push(shCommands, 2)
	case hasAt(s.src, s.pos, "${"):
		s.push(shParam, 2)
	case s.src[s.pos] == '`':
		s.backquoted()
	default:
		return false
	}
	return true
}

// backquoted skips a command in backquotes.
func (s *shell) backquoted() {
	at := s.pos
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case '\\':
			s.pos++
		case '`':
			s.pos++
			s.start = false
			return
		}
	}
	s.pos = len(s.src)
	s.report(ErrSyntax, at, "backquote not closed")
}

// quoted reads a step in double quotes.
func (s *shell) quoted() {
	switch c := s.src[s.pos]; {
	case c == '\\':
		s.pos = min(s.pos+2, len(s.src))
	case c == '"':
		s.pop(1)
	case !s.expansion():
		for s.pos++; s.pos < len(s.src) && !shQuoted[s.src[s.pos]]; {
			s.pos++
		}
	}
}

// inner reads a step in braces, arithmetic or parentheses.
func (s *shell) inner() {
	c, kind := s.src[s.pos], s.top()
	switch {
	case s.quotes():
	case kind == shParam && c == '}', kind == shParens && c == ')':
		s.pop(1)
	case kind == shArith && hasAt(s.src, s.pos, "))"):
		s.pop(2)
	case kind != shParam && c == '(':
		s.push(shParens, 1)
	case kind == shArith && c == ')': // it was a command in two parentheses
		s.pop(1)
	case kind == shParens && c == '#' && isBlankOrNewline(s.src[s.pos-1]):
		s.pos = lineEndFrom(s.src, s.pos)
	default:
		s.pos++
	}
}

func isBlankOrNewline(c byte) bool { return isBlank(c) || isNewline(c) }

// quotes reads what quotes: a backslash, either quote, or an expansion.
func (s *shell) quotes() bool {
	switch c := s.src[s.pos]; {
	case c == '\\':
		s.pos = min(s.pos+2, len(s.src))
	case hasAt(s.src, s.pos, "$'"):
		s.single(2, true)
	case c == '\'':
		s.single(1, false)
	case c == '"':
		s.push(shQuotes, 1)
	default:
		return s.expansion()
	}
	return true
}

// single skips what is in single quotes, where only those of the form $' know a
// backslash.
func (s *shell) single(width int, escapes bool) {
	at := s.pos
	s.start = false
	for s.pos += width; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; {
		case c == '\\' && escapes:
			s.pos++
		case c == '\'':
			s.pos++
			return
		}
	}
	s.pos = len(s.src)
	s.report(ErrSyntax, at, "quote not closed")
}
