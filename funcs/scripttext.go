package funcs

import "bytes"

// comment reads the comment at pos, if there is one.
func (s *script) comment() bool {
	end := s.outline.comment(s.pos)
	if end == s.pos {
		return false
	}
	s.note(&s.prelude, span{s.pos, end})
	s.newline = s.newline || bytes.ContainsAny(s.src[s.pos:end], "\n\r")
	s.pos = end
	return true
}

// commentEnd returns the end of the comment at offset at, or at if there is none.
func (o *outline) commentEnd(at int) (end int, ok bool) {
	switch {
	case hasAt(o.src, at, "//"):
		return lineEndFrom(o.src, at), true
	case hasAt(o.src, at, "/*"):
		i := bytes.Index(o.src[at+2:], []byte("*/"))
		if i < 0 {
			return len(o.src), false
		}
		return at + 2 + i + 2, true
	}
	return at, true
}

// space returns the offset, from at, of what is neither white space nor comment.
func (o *outline) space(at int) int {
	for at < len(o.src) {
		switch c := o.src[at]; {
		case c <= ' ':
			at++
		case c == '/':
			end, _ := o.commentEnd(at)
			if end == at {
				return at
			}
			at = end
		default:
			return at
		}
	}
	return at
}

// str returns the end of the string at offset at. One that is not closed ends
// with its line.
func (s *script) str(at int) int {
	quote := s.src[at]
	for end := at + 1; end < len(s.src); end++ {
		switch c := s.src[end]; {
		case c == '\\':
			if end++; hasAt(s.src, end, "\r\n") {
				end++
			}
		case c == quote:
			return end + 1
		case isNewline(c):
			s.report(ErrSyntax, at, "string is not closed")
			return end
		}
	}
	s.report(ErrSyntax, at, "string is not closed")
	return len(s.src)
}

// template reads the text of a template literal from pos, up to its end or to
// code in it.
func (s *script) template() {
	from := s.pos
	for at := s.pos; at < len(s.src); at++ {
		switch c := s.src[at]; {
		case c == '\\':
			at++
		case c == '`':
			s.after(at+1, true)
			return
		case c == '$' && hasAt(s.src, at, "${"):
			s.pos = at
			s.push(jsTemplate, 2)
			return
		}
	}
	s.report(ErrSyntax, from, "template is not closed")
	s.after(len(s.src), true)
}

// regexp reads a regular expression, if the slash at pos begins one.
func (s *script) regexp() bool {
	if s.pos < s.divided {
		return false
	}
	class := false
	at := s.pos + 1
	for ; at < len(s.src); at++ {
		switch c := s.src[at]; {
		case isNewline(c):
			s.divided = at
			return false
		case c == '\\':
			at++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			s.after(wordEnd(s.src, at+1), true)
			s.endPrelude()
			return true
		}
	}
	s.divided = at
	return false
}
