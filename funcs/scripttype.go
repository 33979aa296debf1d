package funcs

// typeEnd returns the end of the type in TypeScript that begins at offset at. It
// does not look further than limit.
func (s *script) typeEnd(at, limit int) int {
	var extends, colons int
	operand := true // one is to come
	group := false  // the last one was in parentheses: an arrow may follow
	end := at
	for {
		at = s.space(end)
		if at >= limit {
			return min(end, limit)
		}
		if operand {
			next := s.typeOperand(at, limit)
			if next < 0 {
				return end
			}
			if next == at+1 && (s.src[at] == '|' || s.src[at] == '&') || s.isTypePrefix(at, next) {
				end = next
				continue
			}
			group = s.src[at] == '('
			operand, end = s.src[at] == '<', next
			continue
		}
		c := s.src[at]
		switch {
		case (c == '[' || c == '<') && !hasNewline(s.src[end:at]):
			next, ok := at, true
			if c == '[' {
				next = s.groupEnd(at, limit)
			} else {
				next, ok = s.angles(at, limit)
			}
			if !ok {
				return end
			}
			end = next
			continue
		case c == '.' || c == '|' && !hasAt(s.src, at, "||") || c == '&' && !hasAt(s.src, at, "&&"):
			end = at + 1
		case hasAt(s.src, at, "=>") && group:
			end = at + 2
		case wordAt(s.src, at, "is") && !hasNewline(s.src[end:at]):
			end = at + len("is")
		case wordAt(s.src, at, "extends"):
			end = at + len("extends")
			extends++
		case c == '?' && extends > 0:
			extends--
			colons++
			end = at + 1
		case c == ':' && colons > 0:
			colons--
			end = at + 1
		default:
			return end
		}
		operand = true
	}
}

// typeOperand returns the end of one operand of a type, or -1.
func (s *script) typeOperand(at, limit int) int {
	switch c := s.src[at]; {
	case c == '|' || c == '&' || c == '-':
		return at + 1
	case c == '{' || c == '[' || c == '(':
		return s.groupEnd(at, limit)
	case c == '<':
		if end, ok := s.angles(at, limit); ok {
			return end
		}
	case c == '"' || c == '\'':
		return s.str(at)
	case c == '`':
		return s.rawTemplate(at, limit)
	case isWord(c):
		return wordEnd(s.src, at)
	}
	return -1
}

// isTypePrefix reports whether the word from at to end stands in front of an
// operand, which follows.
func (s *script) isTypePrefix(at, end int) bool {
	if s.src[at] == '-' {
		return true
	}
	next := s.space(end)
	if next == len(s.src) {
		return false
	}
	c := s.src[next]
	switch string(s.src[at:end]) {
	case "keyof", "typeof", "readonly", "unique", "infer", "abstract":
		return isWord(c) || c == '(' || c == '[' || c == '{' || c == '"' || c == '\'' || c == '`'
	case "asserts":
		return isWord(c) && !wordAt(s.src, next, "is") && !hasNewline(s.src[end:next])
	case "new":
		return c == '(' || c == '<'
	case "import":
		return false
	}
	return false
}

// groupEnd returns the offset after the bracket that closes the one at offset at.
func (s *script) groupEnd(at, limit int) int {
	depth := 0
	for at < limit {
		switch c := s.src[at]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth <= 0 {
				return at + 1
			}
		case '"', '\'':
			at = s.str(at)
			continue
		case '`':
			at = s.rawTemplate(at, limit)
			continue
		case '/':
			if end, _ := s.commentEnd(at); end > at {
				at = end
				continue
			}
		}
		at++
	}
	return min(at, limit)
}

// rawTemplate returns the end of the template at offset at, in whose code there
// is no other one.
func (s *script) rawTemplate(at, limit int) int {
	for at++; at < limit; at++ {
		switch s.src[at] {
		case '\\':
			at++
		case '`':
			return at + 1
		}
	}
	return min(at, limit)
}

// angles returns the end of type parameters or arguments from the angle at
// offset at. It is not ok if what is there is none.
func (s *script) angles(at, limit int) (end int, ok bool) {
	if s.at(at) != '<' || s.budget < 0 {
		return at, false
	}
	end, ok = s.anglesEnd(at, limit)
	if !ok {
		s.budget -= end - at
	}
	return end, ok
}

func (s *script) anglesEnd(at, limit int) (end int, ok bool) {
	depth := 0
	for at < limit {
		switch c := s.src[at]; c {
		case '<':
			depth++
		case '>':
			if depth--; depth <= 0 {
				return at + 1, depth == 0
			}
		case '(', '[', '{':
			at = s.groupEnd(at, limit)
			continue
		case ')', ']', '}', ';', '+', '*', '%', '^', '~', '#', '@':
			return at, false
		case '=', '|', '&':
			if hasAt(s.src, at, "=>") {
				at++
			} else if hasAt(s.src, at+1, string(c)) {
				return at, false
			}
		case '"', '\'':
			at = s.str(at)
			continue
		case '`':
			at = s.rawTemplate(at, limit)
			continue
		case '/':
			end, _ := s.commentEnd(at)
			if end == at {
				return at, false
			}
			at = end
			continue
		}
		at++
	}
	return at, false
}
