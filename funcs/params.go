package funcs

import "strings"

// readParam reads one parameter of a signature. The name is empty when it is
// none: a separator of Python, or nothing after the last comma.
func readParam(lang Language, part []byte) param {
	text := oneLine(lang, part)
	if lang == Java {
		return javaParam(text)
	}
	if lang != Rust {
		text = cutAt(lang, text, '=')
	}
	colon := len(cutAt(lang, text, ':'))
	p := param{name: strings.TrimSpace(text[:colon])}
	if colon < len(text) {
		p.typ = strings.TrimSpace(text[colon+1:])
	}
	switch lang {
	case Python:
		if p.name == "*" || p.name == "/" {
			p.name = ""
		}
	case TypeScript:
		p.name = strings.TrimSuffix(withoutModifiers(p.name), "?")
	case Rust:
		p.name = strings.TrimPrefix(p.name, "mut ")
	}
	return p
}

// cutAt returns text before the first c that is in no brackets and no string.
// An equals sign counts when it stands alone, a colon when it is not doubled.
func cutAt(lang Language, text string, c byte) string {
	code := []byte(text)
	depth := 0
	for i := 0; i < len(code); {
		if next := skipInert(lang, code, i); next > i {
			i = next
			continue
		}
		switch b := code[i]; {
		case b == '(' || b == '[' || b == '{':
			depth++
		case b == ')' || b == ']' || b == '}':
			depth--
		case b == c && depth == 0 && !(i+1 < len(code) && (code[i+1] == '>' || code[i+1] == c)) && !(i > 0 && code[i-1] == c):
			return text[:i]
		}
		i++
	}
	return text
}

// withoutModifiers removes decorators and what makes a parameter of a
// constructor a field.
func withoutModifiers(name string) string {
	if strings.HasPrefix(name, "{") || strings.HasPrefix(name, "[") {
		return name
	}
	return name[strings.LastIndexByte(name, ' ')+1:]
}

// javaParam reads "final @NonNull List<String> names", "int... xs" and "int a[]".
func javaParam(text string) param {
	text = strings.TrimSpace(text)
	name := text[strings.LastIndexAny(text, " .>]")+1:]
	typ := strings.TrimSpace(strings.TrimSuffix(text, name))
	for strings.HasSuffix(text, "[]") { // the dimensions of "int a[]"
		text = strings.TrimSpace(strings.TrimSuffix(text, "[]"))
		name = text[strings.LastIndexByte(text, ' ')+1:]
		typ = strings.TrimSpace(strings.TrimSuffix(text, name)) + "[]"
	}
	for strings.HasPrefix(typ, "final ") || strings.HasPrefix(typ, "@") {
		typ = strings.TrimSpace(typ[modifierEnd(typ):])
	}
	return param{name, typ}
}

// modifierEnd returns the end of the first word of text, arguments included.
func modifierEnd(text string) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ' ':
			if depth == 0 {
				return i
			}
		}
	}
	return len(text)
}
