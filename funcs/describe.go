package funcs

import (
	"bytes"
	"slices"
	"strings"
)

// notesOf returns what the documentation of d says. The comment above a function
// of Python is documentation only if it has the marker.
func (o *outline) notesOf(d decl) notes {
	n := readNotes(o.lang, o.docOf(d))
	if d.comment.to > d.comment.from {
		if above := readNotes(o.lang, o.text(d.comment)); above.marked {
			n.merge(above)
		}
	}
	return n
}

// docOf returns the documentation of d, of a docstring what is in the quotes.
func (o *outline) docOf(d decl) []byte {
	doc := o.text(d.doc)
	if o.lang != Python {
		return doc
	}
	i := bytes.IndexAny(doc, `"'`)
	if i < 0 {
		return doc
	}
	quote := doc[i : i+1]
	if hasAt(doc, i, strings.Repeat(string(quote), 3)) {
		quote = doc[i : i+3]
	}
	return bytes.TrimSuffix(doc[i+len(quote):], quote)
}

// describe reads d in detail.
func (o *outline) describe(d decl) Function {
	n := o.notesOf(d)
	f := Function{
		Name: d.name, Scope: d.scope, Kind: d.kind, Language: o.lang, Exported: d.exported,
		Marked: n.marked, Description: n.description, ErrorCodes: n.errors, SideEffects: n.effects,
	}
	for _, p := range o.inputs(d, n.params) {
		f.Inputs = append(f.Inputs, p.String())
	}
	if f.Outputs = o.outputs(d); f.Outputs == nil {
		f.Outputs = n.returns
	}
	return f
}

// inputs are the parameters of the signature; names and types that it lacks come
// from the tags.
func (o *outline) inputs(d decl, tags []param) []param {
	switch o.lang {
	case Shell:
		return tags
	case Go:
		return d.inputs
	}
	var ps []param
	for i, part := range splitList(o.lang, o.text(d.params)) {
		p := readParam(o.lang, part)
		if p.name == "" || isReceiver(o.lang, d, i, p.name) {
			continue
		}
		at := slices.IndexFunc(tags, func(t param) bool { return t.name == strings.TrimLeft(p.name, ".*&") })
		if at < 0 && strings.IndexAny(p.name, "{[") == 0 && len(ps) < len(tags) {
			at = len(ps) // a pattern has the name that the documentation gives it
			p.name = tags[at].name
		}
		if at >= 0 && p.typ == "" {
			p.typ = tags[at].typ
		}
		ps = append(ps, p)
	}
	return ps
}

// isReceiver reports whether a parameter is the object that a method belongs to.
func isReceiver(lang Language, d decl, i int, name string) bool {
	switch lang {
	case Python:
		return i == 0 && d.kind == Method && (name == "self" || name == "cls" || name == "mcs")
	case Rust:
		return i == 0 && (name == "self" || name == "&self" || strings.HasSuffix(name, " self"))
	case TypeScript, Java:
		return name == "this"
	}
	return false
}

func (o *outline) outputs(d decl) []string {
	text := oneLine(o.lang, o.text(d.result))
	if text == "" || o.lang == Java && text == "void" {
		return d.outputs
	}
	return []string{text}
}

// oneLine returns code without comments and with single spaces.
func oneLine(lang Language, code []byte) string {
	if !bytes.ContainsAny(code, "#/\n\r\t\\") {
		return strings.TrimSpace(string(code))
	}
	text := strings.Join(strings.Fields(string(uncomment(lang, code))), " ")
	for _, bracket := range []string{"[]", "()", "<>"} { // on a line of their own
		text = strings.ReplaceAll(text, bracket[:1]+" ", bracket[:1])
		text = strings.ReplaceAll(text, ", "+bracket[1:], bracket[1:])
		text = strings.ReplaceAll(text, " "+bracket[1:], bracket[1:])
	}
	return text
}

// uncomment removes comments, and the backslashes that continue lines in Python.
func uncomment(lang Language, code []byte) []byte {
	var out []byte
	for i := 0; i < len(code); {
		next := skipInert(lang, code, i)
		switch {
		case next == i && lang == Python && code[i] == '\\':
			i++
		case next == i:
			out = append(out, code[i])
			i++
		default:
			if code[i] != '#' && code[i] != '/' {
				out = append(out, code[i:next]...)
			}
			i = next
		}
	}
	return out
}

// skipInert returns the end of the comment or string that starts at offset i of
// a signature, and i when none does.
func skipInert(lang Language, code []byte, i int) int {
	switch c := code[i]; {
	case c == '"' || c == '\'' && lang != Rust || c == '`':
		return quotedEnd(code, i)
	case c == '#' && lang == Python, lang != Python && hasAt(code, i, "//"):
		return lineEndFrom(code, i)
	case lang != Python && hasAt(code, i, "/*"):
		if end := bytes.Index(code[i+2:], []byte("*/")); end >= 0 {
			return i + 2 + end + 2
		}
		return len(code)
	}
	return i
}

// quotedEnd returns the end of the string at offset i, which the end of the
// code ends, too.
func quotedEnd(code []byte, i int) int {
	for at := i + 1; at < len(code); at++ {
		switch code[at] {
		case '\\':
			at++
		case code[i]:
			return at + 1
		}
	}
	return len(code)
}

// splitList splits code at the commas that are in no brackets.
func splitList(lang Language, code []byte) [][]byte {
	var parts [][]byte
	depth, from := 0, 0
	lambda := false // its parameters have commas, too
	angles := lang == TypeScript || lang == Java || lang == Rust
	for i := 0; i < len(code); {
		if next := skipInert(lang, code, i); next > i {
			i = next
			continue
		}
		switch c := code[i]; {
		case c == '(' || c == '[' || c == '{' || angles && c == '<':
			depth++
		case c == ')' || c == ']' || c == '}' || angles && c == '>' && code[max(i-1, 0)] != '=' && code[max(i-1, 0)] != '-':
			depth--
		case lang == Python && c == 'l' && wordAt(code, i, "lambda") && depth == 0:
			lambda = true
		case c == ':':
			lambda = false
		case c == ',' && depth == 0 && !lambda:
			parts = append(parts, code[from:i])
			from = i + 1
		}
		i++
	}
	return append(parts, code[from:])
}
