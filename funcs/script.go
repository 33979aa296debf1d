package funcs

// A script scans JavaScript and TypeScript, with JSX (ECMA-262, 12: lexical
// grammar). What a brace or a slash means depends on what came before it, so it
// knows the previous token and what is open around it.
type script struct {
	*outline
	ts      bool
	pos     int
	file    jsFrame
	frames  []jsFrame
	prev    jsToken
	newline bool    // there is a line break between prev and pos
	bind    binding // what a function that begins here is assigned to
	class   header  // of the class whose body comes next
	control bool    // the next parenthesis belongs to if, for, while, ...
	prelude prelude
	closing map[string]int // where each JSX element is closed last
	divided int            // up to here, a slash begins no regular expression
	budget  int            // of bytes to be read on trial and in vain
}

// A jsToken is what the scanner must know of the previous token.
type jsToken struct {
	span
	word    bool // it is an identifier, or a keyword
	operand bool // it ends a value: a slash divides, a brace opens a block
}

// A binding is the name that a function without one gets.
type binding struct {
	name   string
	at     int
	member bool // of a class or an object literal
	hidden bool // private, or protected
}

// A header is what stands between the keyword of a class and its body.
type header struct {
	open     bool
	name     string
	depth    int // how many frames are around it
	exported bool
}

// A prelude is what can come in front of a declaration and belongs to it.
type prelude struct {
	doc, comment span
	exported     bool
}

// trialBudget is what small sources may cost; whatever is in a large one, reading
// on trial costs no more than reading it a few times.
const trialBudget = 64 << 10

// at returns the byte at offset at, and 0 after the end.
func (o *outline) at(at int) byte {
	if at < len(o.src) {
		return o.src[at]
	}
	return 0
}

func scanScript(o *outline) {
	s := &script{outline: o, ts: o.lang == TypeScript, file: jsFrame{kind: jsBlock}, budget: trialBudget + 8*len(o.src)}
	if hasAt(o.src, 0, "#!") {
		s.pos = lineEndFrom(o.src, 0)
	}
	for s.pos < len(s.src) {
		s.step()
	}
	s.endPrelude()
	for _, f := range s.frames {
		s.report(ErrSyntax, f.at, "%s is not closed", f.kind)
	}
}

// endPrelude is called when what was read declares no function.
func (s *script) endPrelude() {
	if s.prelude == (prelude{}) {
		return
	}
	s.drop(s.prelude)
	s.prelude = prelude{}
}

// after makes what ends at offset to the previous token.
func (s *script) after(to int, operand bool) {
	s.prev = jsToken{span: span{s.pos, to}, operand: operand}
	s.pos, s.newline = to, false
}

// step reads one token, or a piece of text in JSX.
func (s *script) step() {
	switch top := s.top(); top.kind {
	case jsTag:
		s.tag()
		return
	case jsText:
		s.markup()
		return
	}
	c := s.src[s.pos]
	switch {
	case isNewline(c):
		s.newline = true
		s.pos++
		return
	case c <= ' ':
		s.pos++
		return
	case c == '/' && s.comment():
		return
	}
	b := s.bind
	s.bind = binding{}
	top := s.top()
	if top.kind == jsClass && top.value && s.newline && s.endsValue() && (isWord(c) || c == '#' || c == '@' || c == '\'' || c == '"') {
		top.member, top.value = true, false // a semicolon was left out
	}
	if (top.kind == jsClass || top.kind == jsObject) && top.member && c != '}' && c != ',' && c != ';' {
		s.member(top)
		return
	}
	s.token(c, b)
}

// endsValue reports whether the previous token can end a value, be it a function.
func (s *script) endsValue() bool { return s.prev.operand || string(s.text(s.prev.span)) == "}" }

// token reads what is no comment and begins no member.
func (s *script) token(c byte, b binding) {
	switch {
	case isDigit(c), c == '.' && s.pos+1 < len(s.src) && isDigit(s.src[s.pos+1]):
		s.number()
	case isWord(c):
		s.word(b)
	case c == '"' || c == '\'':
		s.after(s.str(s.pos), true)
		s.endPrelude()
	case c == '`':
		s.endPrelude()
		s.pos++
		s.template()
	case c == '(' || c == '[' || c == '{':
		s.open(c, b)
	case c == ')' || c == ']' || c == '}':
		s.close(c)
	case c == '<' && s.angle(b):
	case c == '/' && !s.prev.operand && s.regexp():
	case c == '#':
		s.after(wordEnd(s.src, s.pos+1), true)
		s.prev.word = true
	case c == '@':
		s.decorator()
	default:
		s.operator(c)
	}
}

// operator reads one character of an operator, or a whole one where that
// matters.
func (s *script) operator(c byte) {
	top := s.top()
	switch {
	case hasAt(s.src, s.pos, "++") || hasAt(s.src, s.pos, "--"):
		s.after(s.pos+2, s.prev.operand)
		return
	case hasAt(s.src, s.pos, "=>"):
		s.after(s.pos+2, false)
		return
	case c == '=' && !hasAt(s.src, s.pos, "=="):
		s.assign()
		return
	case hasAt(s.src, s.pos, "?.") && !(s.pos+2 < len(s.src) && isDigit(s.src[s.pos+2])), hasAt(s.src, s.pos, "??"):
		s.after(s.pos+2, false)
		return
	case hasAt(s.src, s.pos, "..."):
		s.after(s.pos+3, false)
		return
	case c == '=' || hasAt(s.src, s.pos, "!="):
		end := s.pos + 1
		for s.at(end) == '=' {
			end++
		}
		s.after(end, false)
		return
	case c == '?':
		top.ternaries++
	case c == ':':
		s.colon(top)
		return
	case c == ';' || c == ',':
		s.separator(top, c)
	case c == '!' && s.prev.operand && s.ts && !s.newline:
		s.after(s.pos+1, true) // it is not null
		return
	}
	if c != '.' && c != '*' {
		s.endPrelude()
	}
	s.after(s.pos+1, false)
}

func (s *script) separator(top *jsFrame, c byte) {
	top.elem = true
	top.ternaries = 0
	switch {
	case c == ';':
		top.vars = false
		top.member = top.kind == jsClass
		top.value = false
	case top.kind == jsObject:
		top.member = true
	}
	if s.class.open && c == ';' {
		s.class = header{}
	}
}

// assign reads an equals sign. A function after it has the name before it.
func (s *script) assign() {
	if p := s.prev; p.word && p.operand {
		s.bind = binding{name: string(s.text(p.span)), at: p.from}
	} else {
		s.endPrelude()
	}
	s.after(s.pos+1, false)
}

// colon reads a colon: of a type, a conditional, a label or a case.
func (s *script) colon(top *jsFrame) {
	switch {
	case top.ternaries > 0:
		top.ternaries--
	case s.ts && top.vars && s.prev.operand && !top.cases:
		prev := s.prev
		s.pos = s.typeEnd(s.pos+1, len(s.src))
		s.prev, s.newline = prev, false
		return
	case top.kind == jsBlock:
		top.cases = false
		s.endPrelude()
		s.after(s.pos+1, false)
		s.prev.from = s.prev.to // what follows is a statement
		return
	}
	s.endPrelude()
	s.after(s.pos+1, false)
}

func (s *script) number() {
	at := s.pos
	for at < len(s.src) && (isWord(s.src[at]) || s.src[at] == '.' && !(at+1 < len(s.src) && isLetter(s.src[at+1]) && s.src[at+1]|0x20 != 'e')) {
		at++
	}
	s.after(at, true)
	s.endPrelude()
}

// isWord reports whether c can be part of an identifier, which may have escapes.
func isWord(c byte) bool { return isIdent(c) || c == '$' || c == '\\' }

func isLetter(c byte) bool { return isIdent(c) && !isDigit(c) }

// wordEnd returns the end of the identifier at offset at.
func wordEnd(src []byte, at int) int {
	for at < len(src) && isWord(src[at]) {
		if at++; src[at-1] == '\\' && hasAt(src, at, "u{") {
			for at < len(src) && src[at] != '}' && !isNewline(src[at]) {
				at++
			}
			at = min(at+1, len(src))
		}
	}
	return at
}
