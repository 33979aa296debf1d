package funcs

// A javaMember is what is known of a member of a type while it is read.
type javaMember struct {
	prelude
	public, private bool
	from            int  // of its type
	name            span // the last word
}

// member reads one member of a type, up to the brace or the equals sign in it.
func (j *java) member(top *javaFrame) {
	var m javaMember
	j.pos, m.prelude = j.leading(j.pos, prelude{})
	switch c := j.at(j.pos); c {
	case 0, '}', ')', ']':
		j.drop(m.prelude)
		if j.pos < len(j.src) {
			j.bracketOrByte(c)
		}
		return
	}
	if j.modifiers(top, &m) {
		return
	}
	m.from = j.pos
	for j.pos < len(j.src) {
		switch c := j.src[j.pos]; {
		case isWord(c):
			m.name = span{j.pos, wordEnd(j.src, j.pos)}
			j.pos = m.name.to
		case c == '(':
			j.method(top, m)
			return
		case c == '{':
			j.bodyOf(top, m)
			return
		case c == '=' || c == ';':
			j.drop(m.prelude)
			top.value = c == '='
			j.pos++
			return
		case c == '@':
			j.pos = j.annotation(j.pos)
		case c == '[' || c == '"' || c == '\'':
			j.pos = j.group(j.pos)
		case c == '}':
			j.drop(m.prelude)
			return
		default:
			j.pos++
		}
		j.pos = j.space(j.pos)
	}
	j.drop(m.prelude)
}

// bracketOrByte reads a closing bracket where a member can begin, or what cannot
// be there at all.
func (j *java) bracketOrByte(c byte) {
	if c == 0 {
		j.pos++
		return
	}
	j.close(c)
}

// modifiers reads the words and annotations before a member. It reports true if
// a type followed, and was read up to its body.
func (j *java) modifiers(top *javaFrame, m *javaMember) bool {
	m.public = top.kind == javaInterface
	for j.pos < len(j.src) {
		if j.src[j.pos] == '@' && !wordAt(j.src, j.pos+1, "interface") {
			j.pos = j.annotation(j.pos)
			j.pos, m.prelude = j.leading(j.pos, m.prelude)
			continue
		}
		from := j.pos
		if j.src[from] == '@' {
			from++
		}
		end := wordEnd(j.src, from)
		switch string(j.src[from:end]) {
		case "public":
			m.public = true
		case "private":
			m.private = true
		case "class", "interface", "enum", "record":
			if j.typeHeader(from, end, m.public) {
				j.drop(m.prelude)
				return true
			}
			return false
		case "protected", "static", "final", "abstract", "native", "synchronized", "strictfp", "transient", "volatile", "sealed":
		case "default":
			if j.at(j.space(end)) == ':' {
				return false
			}
		case "non":
			if !hasAt(j.src, end, "-sealed") {
				return false
			}
			end += len("-sealed")
		default:
			return false
		}
		j.pos, m.prelude = j.leading(end, m.prelude)
	}
	return false
}

// method reads what has a parenthesis after its name.
func (j *java) method(top *javaFrame, m javaMember) {
	open := j.pos
	end := j.group(open)
	j.pos = j.signatureEnd(end)
	switch {
	case j.at(j.pos) != '{':
		j.drop(m.prelude)
		return
	case m.name.to == 0: // not valid
		j.drop(m.prelude)
		j.push(javaBlock)
		return
	}
	d := j.declaration(top, m)
	d.params = span{open + 1, max(open+1, end-1)}
	j.decls = append(j.decls, d)
	f := j.push(javaBlock)
	f.scope = dotted(f.scope, d.name)
}

// signatureEnd returns the offset of the brace or semicolon that ends a signature,
// from behind its parameters. The value of an annotation's element may have
// braces, too.
func (j *java) signatureEnd(at int) int {
	value := false
	for at = j.space(at); at < len(j.src); at = j.space(at) {
		switch c := j.src[at]; {
		case c == '{' && !value, c == ';', c == '=', c == '}':
			return at
		case c == '"' || c == '\'' || c == '(' || c == '[' || c == '{':
			at = j.group(at)
		case c == '@':
			at = j.annotation(at)
		case isWord(c):
			value = value || wordAt(j.src, at, "default")
			at = wordEnd(j.src, at)
		default:
			at++
		}
	}
	return at
}

func (j *java) declaration(top *javaFrame, m javaMember) decl {
	d := decl{
		name: string(j.text(m.name)), scope: top.scope, kind: Method, at: m.name.from, doc: m.doc, comment: m.comment,
		exported: m.public && !m.private && top.exported,
	}
	from := m.from
	if j.at(from) == '<' {
		from = min(j.angles(from), m.name.from)
	}
	d.result = span{from, m.name.from}
	return d
}

// bodyOf reads a brace that follows no parenthesis: of an initializer, or of the
// short constructor of a record.
func (j *java) bodyOf(top *javaFrame, m javaMember) {
	if top.kind != javaRecord || m.name.to == 0 || m.from != m.name.from {
		j.drop(m.prelude)
		j.push(javaBlock)
		return
	}
	d := j.declaration(top, m)
	j.decls = append(j.decls, d)
	f := j.push(javaBlock)
	f.scope = dotted(f.scope, d.name)
}

// annotation returns the end of the annotation at offset at.
func (j *java) annotation(at int) int {
	at = j.space(at + 1)
	for {
		at = j.space(wordEnd(j.src, at))
		if j.at(at) != '.' {
			break
		}
		at = j.space(at + 1)
	}
	if j.at(at) == '(' {
		return j.group(at)
	}
	return at
}

// group returns the end of the bracket or string at offset at.
func (j *java) group(at int) int {
	depth := 0
	for at < len(j.src) {
		switch j.src[at] {
		case '(', '[', '{':
			depth++
			at++
		case ')', ']', '}':
			depth--
			at++
		case '"', '\'':
			at = j.str(at)
		case '/':
			at = max(j.comment(at), at+1)
		default:
			at++
			continue
		}
		if depth <= 0 {
			return at
		}
	}
	return at
}

// angles returns the end of the type arguments at offset at.
func (j *java) angles(at int) int {
	depth := 0
	for ; at < len(j.src); at++ {
		switch j.src[at] {
		case '<':
			depth++
		case '>':
			if depth--; depth == 0 {
				return at + 1
			}
		case ';', '{', '(', ')':
			return at
		}
	}
	return at
}

// str returns the end of the string, text block or character at offset at.
func (j *java) str(at int) int {
	if hasAt(j.src, at, `"""`) {
		for end := at + 3; end < len(j.src); end++ {
			switch {
			case j.src[end] == '\\':
				end++
			case hasAt(j.src, end, `"""`):
				return end + 3
			}
		}
		j.report(ErrSyntax, at, "text block is not closed")
		return len(j.src)
	}
	for end := at + 1; end < len(j.src); end++ {
		switch c := j.src[end]; {
		case c == '\\':
			end++
		case c == j.src[at]:
			return end + 1
		case isNewline(c):
			j.report(ErrSyntax, at, "string is not closed")
			return end
		}
	}
	j.report(ErrSyntax, at, "string is not closed")
	return len(j.src)
}
