package funcs

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/omninode-ai/onex/fault"
)

// A span is a part of the source, src[from:to].
type span struct{ from, to int }

// A decl is where in the source a function declares what. Reading it in detail
// ([outline.describe]) is left until somebody wants to know.
type decl struct {
	name     string
	scope    string
	kind     Kind
	exported bool
	at       int  // of the keyword or, in its absence, the name
	params   span // without parentheses
	result   span // the type, if the signature has one
	doc      span // docstring, or the comment in front
	comment  span // in Python, the comment in front

	inputs  []param // instead of params and result, where a parser has read them
	outputs []string
}

// A problem is a [Diagnostic] that does not know its line yet.
type problem struct {
	kind    *fault.Kind
	at      int
	message string
}

// An outline is what a scanner finds in a source.
type outline struct {
	lang     Language
	src      []byte
	decls    []decl
	strays   []span // comments that belong to no function and contain the marker
	problems []problem
}

func newOutline(lang Language, src []byte) *outline {
	o := &outline{lang: lang, src: src}
	if len(src) > MaxSource {
		o.src = nil
		o.report(ErrTooLarge, 0, "%d bytes, limit %d", len(src), MaxSource)
		return o
	}
	switch lang {
	case Python:
		scanPython(o)
	case JavaScript, TypeScript:
		scanScript(o)
	case Shell:
		scanShell(o)
	case Go:
		scanGo(o)
	case Rust:
		scanRust(o)
	case Java:
		scanJava(o)
	default:
		o.report(ErrLanguage, 0, "%q", lang)
	}
	slices.SortStableFunc(o.decls, func(a, b decl) int { return cmp.Compare(a.at, b.at) })
	return o
}

func (o *outline) report(kind *fault.Kind, at int, format string, args ...any) {
	if len(o.problems) < maxDiagnostics {
		o.problems = append(o.problems, problem{kind, at, fmt.Sprintf(format, args...)})
	}
}

// stray notes a comment that no function follows.
func (o *outline) stray(comment span) {
	if bytes.Contains(o.text(comment), []byte(marker)) {
		o.strays = append(o.strays, comment)
	}
}

func (o *outline) text(s span) []byte { return o.src[s.from:s.to] }

// functions describes the declarations that are wanted.
func (o *outline) functions(want func(decl) bool) []Function {
	fs := make([]Function, 0, len(o.decls))
	r := ruler{src: o.src}
	for _, d := range o.decls {
		if !want(d) {
			continue
		}
		f := o.describe(d)
		f.Line, _ = r.position(d.at)
		fs = append(fs, f)
	}
	return fs
}

// diagnostics returns the problems in the order of the source, with those about
// markers if they are asked for.
func (o *outline) diagnostics(markers bool) []Diagnostic {
	for _, s := range o.strays {
		if markers && readNotes(o.lang, o.text(s)).marked {
			o.report(ErrStray, s.from, "a comment with @onex:function")
		}
	}
	slices.SortStableFunc(o.problems, func(a, b problem) int { return cmp.Compare(a.at, b.at) })
	r := ruler{src: o.src}
	var ds []Diagnostic
	for _, p := range o.problems {
		line, column := r.position(p.at)
		ds = append(ds, Diagnostic{line, column, p.kind.Code, p.kind.Text + ": " + p.message})
	}
	return ds
}

// A ruler turns offsets into lines. Offsets must not decrease, so that all of
// them together take one pass.
type ruler struct {
	src   []byte
	seen  int // up to where line ends are counted
	lines int // that end before seen
	start int // of the line at seen
}

// position returns line and column of offset at, from 1. Line ends are LF, CRLF
// and CR.
func (r *ruler) position(at int) (line, column int) {
	for at = min(at, len(r.src)); r.seen < at; r.seen++ {
		c := r.src[r.seen]
		if c == '\n' || c == '\r' && !hasAt(r.src, r.seen+1, "\n") {
			r.lines++
			r.start = r.seen + 1
		}
	}
	return r.lines + 1, at - r.start + 1
}

// maxDepth of brackets within each other is far more than people and generators
// write; what is deeper is not read.
const maxDepth = 1000

// tooDeep reports whether depth brackets are too many, and if so, that they are.
func (o *outline) tooDeep(depth, at int) bool {
	if depth < maxDepth {
		return false
	}
	o.report(ErrSyntax, at, "more than %d brackets within each other", maxDepth)
	return true
}

// maxScope is the longest scope in bytes: names in names in names would else
// take memory that is not linear in the source.
const maxScope = 1024

// dotted appends name to a scope.
func dotted(scope, name string) string {
	switch {
	case name == "" || len(scope)+len(name) > maxScope:
		return scope
	case scope == "":
		return name
	}
	return scope + "." + name
}

// isIdent reports whether c can be part of an identifier. Whatever is not ASCII
// counts: scanners need not know which letters Unicode has.
func isIdent(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c >= 0x80
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNewline(c byte) bool { return c == '\n' || c == '\r' }

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\f' || c == '\v' }

// ident returns the end of the identifier that starts at offset at.
func ident(src []byte, at int) int {
	for at < len(src) && isIdent(src[at]) {
		at++
	}
	return at
}

// wordAt reports whether the identifier at offset at is word.
func wordAt(src []byte, at int, word string) bool {
	return hasAt(src, at, word) && (at+len(word) == len(src) || !isIdent(src[at+len(word)]))
}

func hasAt(src []byte, at int, text string) bool {
	return len(src)-at >= len(text) && string(src[at:at+len(text)]) == text
}

// lineEndFrom returns the offset of the next line break, or the end of src.
func lineEndFrom(src []byte, at int) int {
	for at < len(src) && !isNewline(src[at]) {
		at++
	}
	return at
}
