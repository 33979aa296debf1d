package funcs

// A java scans Java (language specification, 3). Methods are in the bodies of
// types, which are read member by member; in blocks and values it looks only for
// types, with or without a name.
type java struct {
	*outline
	pos    int
	file   javaFrame
	frames []javaFrame
}

// A javaFrame is a bracket that is open.
type javaFrame struct {
	kind      javaKind
	at        int
	scope     string
	exported  bool // type: it is public, and so are those around it
	constants bool // enum: its constants are not all read
	value     bool // type: in the value of a field
	created   bool // parenthesis: a class body may follow
}

type javaKind string

const (
	javaClass     javaKind = "class"
	javaInterface javaKind = "interface" // members are public by themselves
	javaRecord    javaKind = "record"
	javaBlock     javaKind = "block"
	javaParen     javaKind = "parenthesis"
	javaBracket   javaKind = "bracket"
)

func (k javaKind) isType() bool { return k == javaClass || k == javaInterface || k == javaRecord }

func scanJava(o *outline) {
	j := &java{outline: o, file: javaFrame{kind: javaClass, exported: true}}
	if hasAt(o.src, 0, "\xef\xbb\xbf") {
		j.pos = 3
	}
	for j.pos < len(j.src) {
		if top := j.top(); top.kind.isType() && !top.value && !top.constants {
			j.member(top)
		} else {
			j.token(top)
		}
	}
	for _, f := range j.frames {
		j.report(ErrSyntax, f.at, "%s is not closed", f.kind)
	}
}

func (j *java) top() *javaFrame {
	if len(j.frames) == 0 {
		return &j.file
	}
	return &j.frames[len(j.frames)-1]
}

// push opens a frame with the bracket at pos.
func (j *java) push(kind javaKind) *javaFrame {
	outer := j.top()
	f := javaFrame{kind: kind, at: j.pos, scope: outer.scope}
	j.frames = append(j.frames, f)
	j.pos++
	if j.tooDeep(len(j.frames), f.at) {
		j.pos = len(j.src)
	}
	return j.top()
}

// token reads one token outside of members.
func (j *java) token(top *javaFrame) {
	c := j.src[j.pos]
	switch {
	case isWord(c):
		j.name(top)
	case c == '/':
		j.pos = max(j.comment(j.pos), j.pos+1)
	case c == '"' || c == '\'':
		j.pos = j.str(j.pos)
	case c == '(':
		j.push(javaParen).created = top.constants
	case c == '[':
		j.push(javaBracket)
	case c == '{' && top.constants:
		j.push(javaClass)
	case c == '{':
		j.push(javaBlock)
	case c == ')' || c == ']' || c == '}':
		j.close(c)
	case c == ';':
		top.constants, top.value = false, false
		j.pos++
	case c == '@' && top.constants:
		j.pos = j.annotation(j.pos)
	default:
		j.pos++
	}
}

func (j *java) close(c byte) {
	f := *j.top()
	fits := len(j.frames) > 0 && (c == ')' && f.kind == javaParen || c == ']' && f.kind == javaBracket ||
		c == '}' && f.kind != javaParen && f.kind != javaBracket)
	if !fits {
		j.report(ErrSyntax, j.pos, "%q closes nothing", c)
		j.pos++
		return
	}
	j.frames = j.frames[:len(j.frames)-1]
	j.pos++
	if next := j.space(j.pos); f.created && j.at(next) == '{' {
		j.pos = next
		j.push(javaClass)
	}
}

// name reads a word outside of members, which may begin a type.
func (j *java) name(top *javaFrame) {
	from := j.pos
	end := wordEnd(j.src, from)
	j.pos = end
	if top.constants {
		return
	}
	switch string(j.src[from:end]) {
	case "new":
		j.created(end)
	case "class", "interface", "enum", "record":
		if from == 0 || j.src[from-1] != '.' { // not String.class
			j.typeHeader(from, end, false)
		}
	}
}

// created reads what follows the keyword new, up to the arguments.
func (j *java) created(at int) {
	for {
		at = j.space(at)
		switch c := j.at(at); {
		case isWord(c):
			at = wordEnd(j.src, at)
		case c == '.':
			at++
		case c == '@':
			at = j.annotation(at)
		case c == '<':
			at = j.angles(at)
		case c == '(':
			j.pos = at
			j.push(javaParen).created = true
			return
		default:
			j.pos = max(j.pos, at)
			return
		}
	}
}

// typeHeader reads a type from its keyword, which is at from, up to its body. It
// reports false if the word is none: record and enum can be names, too.
func (j *java) typeHeader(from, end int, public bool) bool {
	word := string(j.src[from:end])
	at := j.space(end)
	nameEnd := wordEnd(j.src, at)
	name := string(j.src[at:nameEnd])
	if name == "" || isDigit(name[0]) {
		return false
	}
	next := j.space(nameEnd)
	if word == "record" && j.at(next) != '(' && j.at(next) != '<' {
		return false
	}
	for next < len(j.src) && j.src[next] != '{' && j.src[next] != ';' {
		switch c := j.src[next]; {
		case c == '(':
			next = j.group(next)
		case c == '@':
			next = j.annotation(next)
		case c == '}' || c == ')' || c == '=':
			return false
		default:
			next++
		}
		next = j.space(next)
	}
	j.pos = next
	if j.at(next) != '{' {
		return true
	}
	exported := public && j.top().exported
	f := j.push(map[string]javaKind{"interface": javaInterface, "record": javaRecord}[word])
	if f.kind == "" {
		f.kind = javaClass
	}
	f.scope, f.exported, f.constants = dotted(f.scope, name), exported, word == "enum"
	return true
}
