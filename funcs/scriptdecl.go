package funcs

// word reads an identifier or keyword.
func (s *script) word(b binding) {
	end := wordEnd(s.src, s.pos)
	if end == s.pos { // a stray backslash
		end++
	}
	property := s.prev.to > s.prev.from && s.src[s.prev.to-1] == '.' && !s.prev.operand
	top := s.top()
	elem := top.elem
	top.elem = false
	if property || !s.keyword(string(s.src[s.pos:end]), end, b, elem) {
		s.name(end, b, elem)
	}
}

// name reads an identifier that ends at offset end.
func (s *script) name(end int, b binding, elem bool) {
	at := s.pos
	s.after(end, true)
	s.prev.word = true
	if b.name != "" {
		if next := s.space(end); hasAt(s.src, next, "=>") {
			d := s.candidate(b, b.at, false).decl
			d.params = span{at, end}
			s.pos = next
			s.after(next+2, false)
			s.arrow(d)
			return
		}
		s.endPrelude()
	}
	if top := s.top(); s.ts && elem && top.kind == jsParen && !top.control {
		s.paramType()
	}
}

// paramType skips the type of the parameter, if what ends at pos is one. Then
// the previous token is still the name.
func (s *script) paramType() {
	next := s.space(s.pos)
	if s.at(next) == '?' {
		next = s.space(next + 1)
	}
	if s.at(next) == ':' {
		prev := s.prev
		s.pos = s.typeEnd(next+1, len(s.src))
		s.prev = prev
	}
}

// keyword reads a word that ends at offset end, if it means something here.
func (s *script) keyword(word string, end int, b binding, elem bool) bool {
	operand := false
	switch word {
	case "function":
		s.function(s.pos, end, b)
		return true
	case "class":
		s.classHeader(end, b)
		return true
	case "async":
		return s.async(end, b)
	case "export":
		s.prelude.exported = true
	case "if", "while", "for", "with", "switch", "catch":
		s.control = true
	case "await":
		if s.control { // for await
			s.after(end, false)
			return true
		}
	case "const", "let", "var":
		if c := s.at(s.space(end)); !isWord(c) && c != '{' && c != '[' {
			return false
		}
		s.top().vars = true
		s.after(end, false)
		return true
	case "case":
		s.top().cases = true
	case "default", "return", "typeof", "do", "else", "try", "finally", "in", "instanceof", "new", "void", "delete", "throw", "yield", "extends":
	case "of":
		if !s.prev.operand || s.top().kind != jsParen {
			return false
		}
	default:
		return s.ts && s.typeKeyword(word, end, elem)
	}
	if word != "export" && word != "default" {
		s.endPrelude()
	}
	s.after(end, operand)
	s.prev.word = true
	return true
}

// typeKeyword reads a word that TypeScript has added.
func (s *script) typeKeyword(word string, end int, elem bool) bool {
	next := s.space(end)
	c := s.at(next)
	sameLine := (isWord(c) || c == '"' || c == '\'') && !hasNewline(s.src[end:next])
	switch word {
	case "as", "satisfies":
		if !s.prev.operand || s.newline {
			return false
		}
		s.pos = s.typeEnd(end, len(s.src))
		s.prev.operand = true
		return true
	case "implements":
		if !s.class.open {
			return false
		}
		s.after(end, false)
		return true
	case "public", "private", "protected", "readonly", "override":
		if !elem || !sameLine {
			return false
		}
		s.after(end, false)
		s.top().elem = true
		return true
	case "abstract", "declare":
		if !sameLine || s.prev.operand && !s.newline {
			return false
		}
		s.after(end, false)
		return true
	case "type", "interface", "enum":
		return sameLine && !(s.prev.operand && !s.newline) && s.skipType(word, next)
	}
	return false
}

func hasNewline(text []byte) bool {
	for _, c := range text {
		if isNewline(c) {
			return true
		}
	}
	return false
}

// skipType skips the declaration of a type, whose name is at offset at.
func (s *script) skipType(word string, at int) bool {
	end := s.space(wordEnd(s.src, at))
	if word == "type" {
		if s.at(end) == '<' {
			to, ok := s.angles(end, len(s.src))
			if !ok {
				return false
			}
			end = s.space(to)
		}
		if s.at(end) != '=' || hasAt(s.src, end, "==") || hasAt(s.src, end, "=>") {
			return false
		}
		end = s.typeEnd(end+1, len(s.src))
	} else {
		for end < len(s.src) && s.src[end] != '{' {
			next, ok := s.angles(end, len(s.src))
			switch {
			case s.src[end] == '<' && ok:
				end = s.space(next)
			case isWord(s.src[end]) || s.src[end] == ',' || s.src[end] == '.':
				end = s.space(end + 1)
			default:
				return false
			}
		}
		end = s.groupEnd(end, len(s.src))
	}
	s.endPrelude()
	s.pos = end
	s.after(end, false)
	s.prev.from = s.prev.to // what follows is a statement
	return true
}

// async reads the word, which may belong to a function that follows.
func (s *script) async(end int, b binding) bool {
	next := s.space(end)
	if hasNewline(s.src[end:min(next, len(s.src))]) {
		return false
	}
	if wordAt(s.src, next, "function") {
		at := s.pos
		s.pos = next
		s.function(at, next+len("function"), b)
		return true
	}
	if c := s.at(next); b.name == "" || c != '(' && c != '<' && !isWord(c) {
		return false
	}
	s.after(end, false)
	s.bind = b
	return true
}

// function reads the beginning of a function, from the end of its keyword up to
// its parameters. It is declared at offset at.
func (s *script) function(at, end int, b binding) {
	next := s.space(end)
	if s.at(next) == '*' {
		next = s.space(next + 1)
	}
	if isWord(s.at(next)) {
		to := wordEnd(s.src, next)
		b = binding{name: string(s.src[next:to]), at: at}
		next = s.space(to)
	} else if b.name == "" {
		b.at = at
	}
	if to, ok := s.angles(next, len(s.src)); ok && s.ts {
		next = s.space(to)
	}
	if s.at(next) != '(' {
		s.after(end, true)
		s.prev.word = true
		return
	}
	c := s.candidate(b, b.at, false)
	s.pos = next
	s.push(jsParen, 1).function = c
}

// classHeader reads the beginning of a class. The body comes when its brace does.
func (s *script) classHeader(end int, b binding) {
	h := header{open: true, name: b.name, depth: len(s.frames), exported: s.prelude.exported}
	s.endPrelude()
	next := s.space(end)
	s.after(end, false)
	if c := s.at(next); !isWord(c) && c != '{' && !(s.ts && c == '<') {
		return // not a class
	}
	if to := wordEnd(s.src, next); to > next {
		if word := string(s.src[next:to]); word != "extends" && (word != "implements" || !s.ts) {
			h.name = word
			s.pos = next
			s.after(to, true)
		}
	}
	lt := s.space(s.pos)
	if to, ok := s.angles(lt, len(s.src)); ok && s.ts {
		s.pos = lt
		s.after(to, true)
	}
	s.class = h
}

// decorator goes over the name of a decorator, and marks the parenthesis after it.
func (s *script) decorator() {
	saved := s.prelude
	at := s.pos + 1
	for at < len(s.src) && (isWord(s.src[at]) || s.src[at] == '.') {
		at = max(wordEnd(s.src, at), at+1)
	}
	s.after(at, false)
	s.prev.from = s.prev.to
	if at < len(s.src) && s.src[at] == '(' {
		f := s.push(jsParen, 1)
		f.decorator, f.saved = true, saved
		s.prelude = prelude{}
	}
}
