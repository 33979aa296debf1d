package funcs

import (
	"strings"
)

// word reads a word that is not quoted, or the first part of one. Where a
// command can begin it may be a reserved word, or declare a function.
func (s *shell) word() {
	from := s.pos
	for s.pos < len(s.src) && !shEnds[s.src[s.pos]] && !s.startsExpansion() {
		s.pos++
	}
	if s.pos == from {
		s.pos++
		return
	}
	if !s.start {
		return
	}
	s.start = false
	switch word := string(s.src[from:s.pos]); word {
	case "function":
		s.function(from)
		return
	case "case":
		s.cases(1)
	case "esac":
		s.cases(-1)
	case "if", "then", "else", "elif", "do", "while", "until", "{", "!", "time", "coproc":
		s.start = true
	default:
		if strings.IndexByte(word, '=') < 0 {
			s.named(from, span{from, s.pos})
		}
	}
	s.dropComment()
}

func (s *shell) startsExpansion() bool {
	return s.src[s.pos] == '$' && s.pos+1 < len(s.src) && strings.IndexByte("({'", s.src[s.pos+1]) >= 0
}

// cases counts the case statements that are open in the innermost nest.
func (s *shell) cases(by int) {
	if len(s.nests) > 0 {
		n := &s.nests[len(s.nests)-1]
		n.cases = max(0, n.cases+by)
	}
}

// function reads a declaration with the reserved word, which begins at from.
func (s *shell) function(from int) {
	at := s.blanks(s.pos)
	end := at
	for end < len(s.src) && !shEnds[s.src[end]] && s.src[end] != '$' {
		end++
	}
	if end == at {
		s.dropComment()
		return
	}
	s.pos = end
	if after := s.parens(end); after > 0 {
		s.pos = after
	}
	s.declare(from, span{at, end})
}

// named reads the declaration name(), if that is what stands here.
func (s *shell) named(from int, name span) {
	if after := s.parens(name.to); after > 0 {
		s.pos = after
		s.declare(from, name)
	}
}

func (s *shell) declare(from int, name span) {
	text := string(s.text(name))
	s.decls = append(s.decls, decl{
		name: text, kind: Plain, exported: !strings.HasPrefix(text, "_"), at: from, doc: s.comment,
	})
	s.comment = span{}
	s.start = true
}

func (s *shell) blanks(at int) int {
	for at < len(s.src) && isBlank(s.src[at]) {
		at++
	}
	return at
}

// parens returns the offset after () if that stands at offset at, and else 0.
func (s *shell) parens(at int) int {
	if at = s.blanks(at); at == len(s.src) || s.src[at] != '(' {
		return 0
	}
	if at = s.blanks(at + 1); at == len(s.src) || s.src[at] != ')' {
		return 0
	}
	return at + 1
}
