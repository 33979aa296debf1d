package funcs

import (
	"bytes"
	"slices"
)

// A rust scans Rust (reference, 2: lexical structure). Of its grammar it knows
// where functions, traits, implementations and modules begin, and that what is
// given to a macro is text until the macro says otherwise: it is skipped.
type rust struct {
	*outline
	pos     int
	frames  []rustFrame
	start   bool // an item can begin here
	public  bool // the word pub came before
	prelude prelude
}

// A rustFrame is a brace that is open.
type rustFrame struct {
	at       int
	scope    string
	typ      bool // of an implementation or trait: functions in it are methods
	trait    bool // functions in it are as public as itself
	exported bool
}

func scanRust(o *outline) {
	r := &rust{outline: o, start: true}
	if hasAt(o.src, 0, "\xef\xbb\xbf") {
		r.pos = 3
	}
	if hasAt(o.src, r.pos, "#!") && !hasAt(o.src, r.space(r.pos+2), "[") {
		r.pos = lineEndFrom(o.src, r.pos)
	}
	for r.pos < len(r.src) {
		r.step()
	}
	r.drop(r.prelude)
	for _, f := range r.frames {
		r.report(ErrSyntax, f.at, "brace is not closed")
	}
}

func (r *rust) top() rustFrame {
	if len(r.frames) == 0 {
		return rustFrame{exported: true}
	}
	return r.frames[len(r.frames)-1]
}

// push opens a frame with the brace at pos.
func (r *rust) push(f rustFrame) {
	f.at = r.pos
	r.frames = append(r.frames, f)
	r.pos++
	if r.tooDeep(len(r.frames), f.at) {
		r.pos = len(r.src)
	}
	r.begin()
}

// begin notes that an item can begin at pos.
func (r *rust) begin() { r.start, r.public = true, false }

// other notes that what was read begins no item.
func (r *rust) other() {
	if r.prelude != (prelude{}) {
		r.drop(r.prelude)
		r.prelude = prelude{}
	}
	r.start, r.public = false, false
}

// step reads one token.
func (r *rust) step() {
	c := r.src[r.pos]
	switch {
	case c <= ' ':
		r.pos++
	case c == '/' && r.comment(r.pos) > r.pos:
		end := r.comment(r.pos)
		r.note(&r.prelude, span{r.pos, end})
		r.pos = end
	case c == '#' && (hasAt(r.src, r.pos, "#[") || hasAt(r.src, r.pos, "#![")):
		r.pos = r.group(r.pos + bytes.IndexByte(r.src[r.pos:], '['))
	case isIdent(c):
		r.word()
	case c == '"' || c == '\'':
		r.pos = r.literal(r.pos)
		if c == '\'' {
			r.other()
		}
	case c == '{':
		r.other()
		r.push(rustFrame{scope: r.top().scope})
	case c == '}':
		r.other()
		if len(r.frames) == 0 {
			r.report(ErrSyntax, r.pos, "%q closes nothing", c)
		} else {
			r.frames = r.frames[:len(r.frames)-1]
		}
		r.pos++
		r.begin()
	default:
		r.other()
		r.pos++
		r.start = c == ';'
	}
}

// word reads an identifier or keyword, or the literal that begins with it.
func (r *rust) word() {
	at := r.pos
	end := ident(r.src, at)
	if lit := r.literal(at); lit > end {
		r.pos = lit
		return
	}
	word := string(r.src[at:end])
	next := r.space(end)
	r.pos = end
	switch word {
	case "fn":
		r.function(at, next)
		return
	case "trait", "mod":
		if isIdent(r.at(next)) {
			r.header(word, next)
			return
		}
	case "impl":
		if r.start {
			r.implementation(next)
			return
		}
	case "macro":
		if isIdent(r.at(next)) {
			r.macro(next)
			return
		}
	case "pub":
		r.public = true
		if r.at(next) == '(' {
			r.public = false
			r.pos = r.group(next)
		}
		return
	case "const", "async", "unsafe", "extern", "default", "safe", "auto":
		return
	}
	r.other()
	if r.at(end) == '!' && r.at(end+1) != '=' && !isOperand(word) {
		r.macro(r.space(end + 1))
	}
}

// isOperand reports whether a negation, and not a macro, follows word.
func isOperand(word string) bool {
	return slices.Contains([]string{"if", "while", "match", "return", "in", "break", "else", "as", "mut", "move", "let"}, word)
}

// macro skips what is given to a macro, or its definition: a name, if there is
// one, and brackets.
func (r *rust) macro(at int) {
	at = r.space(ident(r.src, at))
	for c := r.at(at); c == '(' || c == '[' || c == '{'; c = r.at(at) {
		at = r.group(at)
		r.pos = at
		if c != '(' {
			break
		}
		if at = r.space(at); r.at(at) != '{' {
			break
		}
	}
	r.start = true
}

// header reads a trait or module from its name up to its brace.
func (r *rust) header(word string, name int) {
	end := ident(r.src, name)
	outer := r.top()
	f := rustFrame{
		scope: dotted(outer.scope, string(r.src[name:end])), exported: outer.exported && r.public,
		typ: word == "trait", trait: word == "trait",
	}
	r.open(end, f)
}

// open goes from offset at to the brace of an item and opens f with it.
func (r *rust) open(at int, f rustFrame) {
	r.other()
	r.pos = r.signatureEnd(at, "")
	if r.at(r.pos) == '{' {
		r.push(f)
	}
}

// implementation reads the words after impl, up to the brace.
func (r *rust) implementation(at int) {
	if r.at(at) == '<' {
		at = r.space(r.angles(at))
	}
	f := rustFrame{scope: r.top().scope, typ: true, exported: r.top().exported}
	from, end := at, r.signatureEnd(at, "where")
	if to := r.signatureEnd(at, "for"); to < end {
		from = to + len("for")
		f.trait = true // public if the trait is, which is not known here
	}
	f.scope = dotted(f.scope, r.typeName(from, end))
	r.open(end, f)
}

// typeName returns the last name of a path, without its arguments.
func (r *rust) typeName(at, end int) string {
	name := ""
	for at = r.space(at); at < end; at = r.space(at) {
		switch c := r.src[at]; {
		case isIdent(c):
			to := ident(r.src, at)
			name = string(r.src[at:to])
			at = to
		case c == '<':
			at = r.angles(at)
		case c == '(' || c == '[':
			return ""
		case c == '\'':
			at = r.literal(at)
		default:
			at++
		}
	}
	return name
}

// function reads a function from behind its keyword up to its body.
func (r *rust) function(at, name int) {
	end := ident(r.src, name)
	if hasAt(r.src, end, "#") && end == name+1 { // r#name
		end = ident(r.src, end+1)
	}
	if end == name { // the type of a function
		r.other()
		return
	}
	outer := r.top()
	d := decl{
		name: string(r.src[name:end]), scope: outer.scope, kind: Plain, at: at, doc: r.prelude.doc, comment: r.prelude.comment,
		exported: outer.exported && (r.public || outer.trait),
	}
	if outer.typ {
		d.kind = Method
	}
	next := r.space(end)
	if r.at(next) == '<' {
		next = r.space(r.angles(next))
	}
	if r.at(next) != '(' {
		r.report(ErrSyntax, at, "function declaration breaks off")
		r.pos = max(r.pos, min(next, len(r.src)))
		r.other()
		return
	}
	end = r.group(next)
	d.params = span{next + 1, max(next+1, end-1)}
	next = r.space(end)
	if hasAt(r.src, next, "->") {
		end = r.signatureEnd(next+2, "where")
		d.result = span{next + 2, end}
	}
	r.pos = r.signatureEnd(end, "")
	if r.at(r.pos) != '{' {
		r.other()
		return
	}
	r.prelude = prelude{}
	r.decls = append(r.decls, d)
	r.push(rustFrame{scope: dotted(outer.scope, d.name)})
}
