package funcs

import "bytes"

// angle reads the sign < where it is no comparison: an element of JSX, or type
// parameters, type arguments or a type assertion of TypeScript.
func (s *script) angle(b binding) bool {
	next := s.pos + 1
	if c := s.at(next); c == '=' || c == '<' || !s.ts && !isWord(c) && c != '>' {
		return false
	}
	if s.prev.operand {
		return s.ts && s.typeArguments()
	}
	if isWord(s.at(next)) || s.at(next) == '>' {
		if !s.ts || s.isElement() {
			s.endPrelude()
			s.push(jsTag, 1)
			return true
		}
	}
	end, ok := s.angles(s.pos, min(len(s.src), s.pos+maxTrial))
	if ok {
		s.after(end, false)
		s.bind = b
	}
	return ok
}

// typeArguments reads type arguments at pos, unless that is a comparison.
func (s *script) typeArguments() bool {
	end, ok := s.angles(s.pos, min(len(s.src), s.pos+maxTrial))
	if !ok {
		return false
	}
	next := s.space(end)
	if !(s.class.open && s.class.depth == len(s.frames)) && next < len(s.src) && (isWord(s.src[next]) || s.src[next] == '"' || s.src[next] == '\'') && !hasNewline(s.src[end:next]) {
		return false
	}
	s.after(end, true)
	return true
}

// isElement reports whether the sign < at pos, in TypeScript, begins an element:
// one that is closed somewhere below, or by itself.
func (s *script) isElement() bool {
	if s.closing == nil {
		s.closing = map[string]int{}
		for at := 0; ; {
			i := bytes.Index(s.src[at:], []byte("</"))
			if i < 0 {
				break
			}
			at += i + 2
			s.closing[string(s.src[at:tagEnd(s.src, at)])] = at
		}
	}
	end := tagEnd(s.src, s.pos+1)
	if s.closing[string(s.src[s.pos+1:end])] > s.pos {
		return true
	}
	for limit := min(len(s.src), end+maxTrial); end < limit && s.budget > 0; {
		switch c := s.src[end]; {
		case c == '{':
			end = s.groupEnd(end, limit)
			continue
		case c == '"' || c == '\'':
			if i := bytes.IndexByte(s.src[end+1:limit], c); i >= 0 {
				end += i + 1
			}
		case c == '>':
			return s.src[end-1] == '/'
		case c == '(' || c == ')' || c == ';' || c == '<' || c == ',':
			s.budget -= end - s.pos
			return false
		}
		end++
	}
	s.budget -= end - s.pos
	return false
}

func tagEnd(src []byte, at int) int {
	for at < len(src) && (isWord(src[at]) || src[at] == '.' || src[at] == '-' || src[at] == ':') {
		at++
	}
	return at
}

// tag reads a step in the tag that opens an element.
func (s *script) tag() {
	switch c := s.src[s.pos]; {
	case hasAt(s.src, s.pos, "/>"):
		s.pop()
		s.after(s.pos+2, true)
	case c == '/':
		end, _ := s.commentEnd(s.pos)
		s.pos = max(end, s.pos+1)
	case c == '>':
		s.top().kind = jsText
		s.pos++
	case c == '{':
		s.push(jsCode, 1)
	case c == '<' && s.src[s.pos-1] == '=':
		s.push(jsTag, 1)
	case c == '<':
		if end, ok := s.angles(s.pos, min(len(s.src), s.pos+maxTrial)); ok && s.ts {
			s.pos = end
		} else {
			s.pos++
		}
	case c == '"' || c == '\'':
		i := bytes.IndexByte(s.src[s.pos+1:], c)
		if i < 0 {
			s.report(ErrSyntax, s.pos, "string is not closed")
			i = len(s.src) - s.pos - 2
		}
		s.pos += i + 2
	default:
		s.pos++
	}
}

// markup reads a step between two tags.
func (s *script) markup() {
	i := bytes.IndexAny(s.src[s.pos:], "<{")
	if i < 0 {
		s.pos = len(s.src)
		return
	}
	s.pos += i
	switch {
	case s.src[s.pos] == '{':
		s.push(jsCode, 1)
	case hasAt(s.src, s.pos, "</"):
		end := bytes.IndexByte(s.src[s.pos:], '>')
		if end < 0 {
			end = len(s.src) - s.pos - 1
		}
		s.pop()
		s.after(s.pos+end+1, true)
	default:
		s.push(jsTag, 1)
	}
}
