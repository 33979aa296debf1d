package funcs

import (
	"bytes"
	"strings"
)

// marker is how both markers begin, @onex:function and @onex_function.
const marker = "@onex"

// Notes are what the documentation of a function says in tags.
type notes struct {
	marked      bool
	description string
	params      []param
	returns     []string
	errors      []string
	effects     []string
}

// A param is one parameter.
type param struct{ name, typ string }

func (p param) String() string {
	if p.typ == "" {
		return p.name
	}
	return p.name + ": " + p.typ
}

// readNotes reads documentation with the marks of its comment.
func readNotes(lang Language, text []byte) notes {
	var n notes
	for line := range bytes.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		n.line(lang, bare(lang, string(line)))
	}
	return n
}

// merge adds what is in o and not in n.
func (n *notes) merge(o notes) {
	n.marked = n.marked || o.marked
	if n.description == "" {
		n.description = o.description
	}
	n.params = append(n.params, o.params...)
	n.returns = append(n.returns, o.returns...)
	n.errors = append(n.errors, o.errors...)
	n.effects = append(n.effects, o.effects...)
}

// bare returns a line of documentation without the marks of its comment.
func bare(lang Language, line string) string {
	line = strings.TrimSpace(line)
	if lang != Python && lang != Shell {
		line = strings.TrimSuffix(line, "*/")
	}
	for _, mark := range []string{"/**", "/*!", "/*", "///", "//!", "//", "*", "#!", "#"} {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			return strings.TrimSpace(rest)
		}
	}
	return strings.TrimSpace(line)
}

func (n *notes) line(lang Language, line string) {
	if !strings.HasPrefix(line, "@") {
		if n.description == "" {
			n.description = line
		}
		return
	}
	tag, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch strings.TrimRight(tag, ":") {
	case "@onex:function", "@onex_function":
		n.marked = true
	case "@param", "@arg", "@argument":
		n.param(lang, rest)
	case "@return", "@returns":
		n.returned(lang, rest)
	case "@raise", "@raises", "@throw", "@throws", "@exception", "@error", "@errors":
		n.errors = append(n.errors, codes(rest)...)
	case "@side_effect", "@side_effects", "@effect", "@effects":
		if rest != "" {
			n.effects = append(n.effects, rest)
		}
	}
}

// param reads {type} name, where either may be missing. In a shell, where
// everything is text, it is a string.
func (n *notes) param(lang Language, text string) {
	typ, text := braced(text)
	name, _, _ := strings.Cut(strings.TrimLeft(text, "["), " ")
	name, _, _ = strings.Cut(name, "=") // [name=default]
	name = strings.TrimRight(name, "],:-")
	if lang == Shell && typ == "" {
		typ = "string"
	}
	if name != "" && !strings.Contains(name, ".") { // a.b is part of a
		n.params = append(n.params, param{name, typ})
	}
}

func (n *notes) returned(lang Language, text string) {
	typ, _ := braced(text)
	switch {
	case typ != "":
		n.returns = append(n.returns, typ)
	case lang == Shell:
		n.returns = append(n.returns, "exit_code: number")
	}
}

// codes reads the codes of a tag: the first word, and further ones after commas.
// Of {type} CODE it is the code, and the type if no code follows.
func codes(text string) []string {
	typ, text := braced(text)
	var found []string
	for word := range strings.FieldsSeq(text) {
		code := strings.TrimRight(word, ",:;.-")
		if code == "" || typ != "" && code != strings.ToUpper(code) {
			break
		}
		found = append(found, code)
		if !strings.HasSuffix(word, ",") {
			break
		}
	}
	if found == nil && typ != "" {
		return []string{typ}
	}
	return found
}

// braced cuts {type} from the start of text.
func braced(text string) (typ, rest string) {
	if !strings.HasPrefix(text, "{") {
		return "", text
	}
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return strings.TrimSpace(text[1:i]), strings.TrimSpace(text[i+1:])
			}
		}
	}
	return "", text
}
