package funcs

import "strings"

// A jsFrame is a bracket, or something like it, that is open.
type jsFrame struct {
	kind      jsKind
	at        int
	scope     string
	exported  bool
	member    bool      // class, object: a member can begin here
	value     bool      // class: in the value of a field
	elem      bool      // parenthesis: a parameter can begin here
	first     bool      // it stands where a parameter of the frame around can begin
	vars      bool      // a declaration of variables has begun
	cases     bool      // block: behind case, before its colon
	control   bool      // parenthesis: of if, for, while, ...
	decorator bool      // parenthesis: of a decorator
	ternaries int       // question marks without their colons
	function  candidate // parenthesis: whose parameters these may be
	saved     prelude
}

type jsKind string

const (
	jsBlock    jsKind = "block"
	jsObject   jsKind = "object"
	jsClass    jsKind = "class"
	jsParen    jsKind = "parenthesis"
	jsBracket  jsKind = "bracket"
	jsTemplate jsKind = "template"
	jsTag      jsKind = "tag"
	jsText     jsKind = "element"
	jsCode     jsKind = "code in an element"
)

// A candidate is a function if the right thing follows its parameters.
type candidate struct {
	decl
	arrow bool // what must follow is an arrow, else a body
	any   bool // there is a candidate
}

// top returns the innermost frame, which may be the file.
func (s *script) top() *jsFrame {
	if len(s.frames) == 0 {
		return &s.file
	}
	return &s.frames[len(s.frames)-1]
}

// push opens a frame with what is width bytes long at pos.
func (s *script) push(kind jsKind, width int) *jsFrame {
	outer := s.top()
	if s.tooDeep(len(s.frames), s.pos) {
		width = len(s.src) - s.pos
	}
	f := jsFrame{kind: kind, at: s.pos, scope: outer.scope, exported: outer.exported, elem: true}
	if kind == jsBlock || kind == jsParen {
		f.exported = false
	}
	f.member = kind == jsClass || kind == jsObject
	s.frames = append(s.frames, f)
	s.after(s.pos+width, false)
	return s.top()
}

func (s *script) pop() jsFrame {
	f := *s.top()
	s.frames = s.frames[:max(0, len(s.frames)-1)]
	return f
}

// open reads an opening bracket.
func (s *script) open(c byte, b binding) {
	outer := s.top()
	first := outer.kind == jsParen && outer.elem && !outer.control
	outer.elem = false
	switch c {
	case '(':
		f := s.push(jsParen, 1)
		f.control, s.control = s.control, false
		if b.name != "" {
			f.function = s.candidate(b, b.at, true)
		} else {
			s.endPrelude()
		}
	case '[':
		s.endPrelude()
		s.push(jsBracket, 1).first = first
	case '{':
		s.brace(b, first)
	}
}

// brace reads an opening brace: of a class, a block, or an object.
func (s *script) brace(b binding, first bool) {
	switch {
	case s.class.open && s.class.depth == len(s.frames):
		h := s.class
		s.class = header{}
		f := s.push(jsClass, 1)
		f.scope, f.exported = dotted(f.scope, h.name), h.exported
		s.prelude = prelude{}
	case s.opensBlock():
		s.endPrelude()
		s.push(jsBlock, 1)
	default:
		exported := s.prelude.exported
		s.endPrelude()
		f := s.push(jsObject, 1)
		f.first = first
		if b.name != "" {
			f.scope, f.exported = dotted(f.scope, b.name), exported
		}
	}
}

// opensBlock reports whether the brace at pos opens a block, and not an object.
func (s *script) opensBlock() bool {
	p := s.prev
	switch {
	case p.operand, p.from == p.to: // after a value, a label or nothing
		return true
	case p.word:
		switch string(s.text(p.span)) {
		case "else", "do", "try", "finally":
			return true
		}
		return false
	}
	text := string(s.text(p.span))
	switch text {
	case ")", "=>":
		return true
	case ";", "{", "}":
		return s.top().kind == jsBlock
	}
	return false
}

// body opens the block of a function, whose brace is at pos.
func (s *script) body(name string) {
	s.prelude = prelude{}
	f := s.push(jsBlock, 1)
	f.scope = dotted(f.scope, name)
}

// close reads a closing bracket.
func (s *script) close(c byte) {
	s.endPrelude()
	if len(s.frames) == 0 || !s.top().closedBy(c) {
		s.report(ErrSyntax, s.pos, "%q closes nothing", c)
		s.recover(c)
		s.after(s.pos+1, c != '}')
		return
	}
	f := s.pop()
	switch f.kind {
	case jsTemplate:
		s.pos++
		s.template()
		return
	case jsParen:
		s.closeParen(f)
		return
	case jsBlock, jsClass:
		s.after(s.pos+1, false)
		if top := s.top(); top.kind == jsClass && !top.value {
			top.member = true
		}
	default:
		s.after(s.pos+1, true)
		if f.first && s.ts {
			s.paramType()
		}
	}
}

func (f *jsFrame) closedBy(c byte) bool {
	switch c {
	case ')':
		return f.kind == jsParen
	case ']':
		return f.kind == jsBracket
	}
	return strings.Contains("block object class template code in an element", string(f.kind)) && f.kind != jsParen
}

// recover leaves what was forgotten to be closed before the bracket c, if that
// closes anything at all.
func (s *script) recover(c byte) {
	if c != '}' {
		return // these are forgotten less often than they are too many
	}
	for i := len(s.frames) - 1; i >= 0 && i >= len(s.frames)-maxForgotten; i-- {
		if s.frames[i].kind == jsBlock || s.frames[i].kind == jsClass {
			s.frames = s.frames[:i]
			return
		}
	}
}

// maxForgotten brackets are left at once, so that hostile input costs no more.
const maxForgotten = 16

// closeParen reads the parenthesis that closes f, and what makes a function of
// what is in it.
func (s *script) closeParen(f jsFrame) {
	end := s.pos
	s.after(end+1, !f.control)
	if f.decorator {
		s.prelude = f.saved
		return
	}
	if !f.function.any {
		return
	}
	c := f.function
	c.params = span{f.at + 1, end}
	next := s.space(s.pos)
	if s.ts && s.at(next) == ':' && s.budget > 0 {
		limit := len(s.src)
		if c.arrow {
			limit = min(limit, next+maxTrial)
		}
		to := s.typeEnd(next+1, limit)
		c.result = span{next + 1, to}
		next = s.space(to)
	}
	switch {
	case c.arrow && hasAt(s.src, next, "=>"):
		s.pos = next
		s.after(next+2, false)
		s.arrow(c.decl)
	case !c.arrow && s.at(next) == '{':
		s.pos = next
		s.declare(c.decl)
		s.body(c.name)
	case c.arrow: // a value in parentheses
		s.budget -= next - s.pos
	default: // a signature without a body
		s.pos = max(s.pos, min(next, c.result.to))
		if top := s.top(); top.kind == jsClass {
			top.member = true
		}
	}
}

// maxTrial is how much of a source is read on trial, as a type that may be none.
const maxTrial = 4096

// arrow declares an arrow function, behind whose arrow pos is.
func (s *script) arrow(d decl) {
	s.declare(d)
	if next := s.space(s.pos); s.at(next) == '{' {
		s.pos = next
		s.body(d.name)
	}
}

func (s *script) declare(d decl) {
	if d.name != "" {
		s.decls = append(s.decls, d)
	}
}

// candidate makes what b says and what is in front of it a declaration.
func (s *script) candidate(b binding, at int, arrow bool) candidate {
	top := s.top()
	if arrow {
		top = &s.frames[len(s.frames)-1]
	}
	d := decl{name: b.name, scope: top.scope, kind: Plain, at: at, doc: s.prelude.doc, comment: s.prelude.comment, exported: s.prelude.exported}
	if b.member {
		d.kind, d.exported = Method, top.exported && !b.hidden
	}
	s.prelude = prelude{}
	return candidate{decl: d, arrow: arrow, any: true}
}
