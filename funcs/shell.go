package funcs

import (
	"bytes"
	"strings"
)

// A shell scans the shells of the Bourne family (POSIX 2.10, bash, ksh): quotes,
// expansions, here-documents, and where a command can begin.
type shell struct {
	*outline
	pos     int
	start   bool     // a command can begin here
	nests   []shNest // what is open around pos
	docs    []hereDoc
	comment span // the comment directly above
}

// A shNest is something with an end of its own.
type shNest struct {
	kind  shKind
	at    int
	cases int // open case statements in it, whose patterns end in ")"
}

type shKind string

const (
	shCommands shKind = "commands"    // ( ) and $( )
	shQuotes   shKind = "quotes"      // " "
	shParam    shKind = "expansion"   // ${ }
	shArith    shKind = "arithmetic"  // (( )) and $(( ))
	shParens   shKind = "parentheses" // ( ) in arithmetic, arrays and tests
)

// A hereDoc is a here-document whose text begins with the next line.
type hereDoc struct {
	end  string
	tabs bool // before the end are allowed
}

func scanShell(o *outline) {
	s := &shell{outline: o, start: true}
	for s.pos < len(s.src) {
		s.step()
	}
	s.dropComment()
	for _, n := range s.nests {
		s.report(ErrSyntax, n.at, "%s not closed", n.kind)
	}
	for _, d := range s.docs {
		s.report(ErrSyntax, len(s.src), "here-document %q has no text", d.end)
	}
}

// shEnds are the characters that end a word or quote a part of it.
var shEnds = byteSet(" \t\r\n;&|<>()\"'\\`")

// shQuoted are the characters that mean something in double quotes.
var shQuoted = byteSet("\\\"$`")

func (s *shell) top() shKind {
	if len(s.nests) == 0 {
		return shCommands
	}
	return s.nests[len(s.nests)-1].kind
}

func (s *shell) push(kind shKind, width int) {
	s.nests = append(s.nests, shNest{kind: kind, at: s.pos})
	s.pos += width
	if s.tooDeep(len(s.nests), s.pos) {
		s.pos = len(s.src)
	}
	s.start = kind == shCommands
}

func (s *shell) pop(width int) {
	if len(s.nests) > 0 {
		s.nests = s.nests[:len(s.nests)-1]
	}
	s.pos += width
	s.start = false
}

// step reads one thing, of the kind that can stand where pos is.
func (s *shell) step() {
	switch s.top() {
	case shQuotes:
		s.quoted()
	case shCommands:
		s.command()
	default:
		s.inner()
	}
}

// expansion reads what begins with a dollar sign or a backquote, which all
// nests but single quotes know.
func (s *shell) expansion() bool {
	switch {
	case hasAt(s.src, s.pos, "$(("):
		s.push(shArith, 3)
	case hasAt(s.src, s.pos, "$("):
		s.push(shCommands, 2)
	case hasAt(s.src, s.pos, "${"):
		s.push(shParam, 2)
	case s.src[s.pos] == '`':
		s.backquoted()
	default:
		return false
	}
	return true
}

// backquoted skips a command in backquotes.
func (s *shell) backquoted() {
	at := s.pos
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case '\\':
			s.pos++
		case '`':
			s.pos++
			s.start = false
			return
		}
	}
	s.pos = len(s.src)
	s.report(ErrSyntax, at, "backquote not closed")
}

// quoted reads a step in double quotes.
func (s *shell) quoted() {
	switch c := s.src[s.pos]; {
	case c == '\\':
		s.pos = min(s.pos+2, len(s.src))
	case c == '"':
		s.pop(1)
	case !s.expansion():
		for s.pos++; s.pos < len(s.src) && !shQuoted[s.src[s.pos]]; {
			s.pos++
		}
	}
}

// inner reads a step in braces, arithmetic or parentheses.
func (s *shell) inner() {
	c, kind := s.src[s.pos], s.top()
	switch {
	case s.quotes():
	case kind == shParam && c == '}', kind == shParens && c == ')':
		s.pop(1)
	case kind == shArith && hasAt(s.src, s.pos, "))"):
		s.pop(2)
	case kind != shParam && c == '(':
		s.push(shParens, 1)
	case kind == shArith && c == ')': // it was a command in two parentheses
		s.pop(1)
	case kind == shParens && c == '#' && isBlankOrNewline(s.src[s.pos-1]):
		s.pos = lineEndFrom(s.src, s.pos)
	default:
		s.pos++
	}
}

func isBlankOrNewline(c byte) bool { return isBlank(c) || isNewline(c) }

// quotes reads what quotes: a backslash, either quote, or an expansion.
func (s *shell) quotes() bool {
	switch c := s.src[s.pos]; {
	case c == '\\':
		s.pos = min(s.pos+2, len(s.src))
	case hasAt(s.src, s.pos, "$'"):
		s.single(2, true)
	case c == '\'':
		s.single(1, false)
	case c == '"':
		s.push(shQuotes, 1)
	default:
		return s.expansion()
	}
	return true
}

// single skips what is in single quotes, where only those of the form $' know a
// backslash.
func (s *shell) single(width int, escapes bool) {
	at := s.pos
	s.start = false
	for s.pos += width; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; {
		case c == '\\' && escapes:
			s.pos++
		case c == '\'':
			s.pos++
			return
		}
	}
	s.pos = len(s.src)
	s.report(ErrSyntax, at, "quote not closed")
}

// command reads a step where commands are.
func (s *shell) command() {
	switch c := s.src[s.pos]; {
	case isBlank(c):
		s.pos++
	case isNewline(c):
		s.newline()
	case c == '#' && (s.pos == 0 || strings.IndexByte(" \t\r\n;&|()`", s.src[s.pos-1]) >= 0):
		s.noteComment()
	case hasAt(s.src, s.pos, "<<") && !hasAt(s.src, s.pos, "<<<"):
		s.dropComment()
		s.hereDoc()
	case hasAt(s.src, s.pos, "<<<"):
		s.pos += 3
	case strings.IndexByte(";&|", c) >= 0:
		s.pos++
		s.start = true
	case c == '<' || c == '>':
		s.dropComment()
		s.redirection()
	case c == '(' || c == ')':
		s.dropComment()
		s.paren(c)
	case s.quotes():
		s.dropComment()
		s.start = false
	default:
		s.word()
	}
}

// redirection skips the operator, so that the & in >&2 begins no command.
func (s *shell) redirection() {
	s.pos++
	for s.pos < len(s.src) && strings.IndexByte("<>&|", s.src[s.pos]) >= 0 {
		s.pos++
	}
}

func (s *shell) paren(c byte) {
	switch {
	case c == ')' && len(s.nests) > 0 && s.nests[len(s.nests)-1].cases == 0:
		s.pop(1)
	case c == ')': // the end of a pattern
		s.pos++
		s.start = true
	case s.pos > 0 && s.src[s.pos-1] == '=', s.pos > 0 && strings.IndexByte("?*+@!", s.src[s.pos-1]) >= 0 && !s.start:
		s.push(shParens, 1) // an array or a pattern of bash
	case hasAt(s.src, s.pos, "((") && s.start:
		s.push(shArith, 2)
	default:
		s.push(shCommands, 1)
	}
}

// newline goes to the next line and over the here-documents that begin there.
func (s *shell) newline() {
	if s.src[s.pos] == '\n' || !hasAt(s.src, s.pos, "\r\n") {
		if s.start {
			s.dropComment() // a blank line
		}
		s.start = true
	}
	s.pos++
	if s.src[s.pos-1] == '\r' && s.pos < len(s.src) && s.src[s.pos] == '\n' {
		return
	}
	for _, d := range s.docs {
		s.skipDoc(d)
	}
	s.docs = s.docs[:0]
}

func (s *shell) skipDoc(d hereDoc) {
	at := s.pos
	for s.pos < len(s.src) {
		end := len(s.src)
		if i := bytes.IndexByte(s.src[s.pos:], '\n'); i >= 0 {
			end = s.pos + i
		}
		line := bytes.TrimSuffix(s.src[s.pos:end], []byte("\r"))
		if d.tabs {
			line = bytes.TrimLeft(line, "\t")
		}
		s.pos = min(end+1, len(s.src))
		if string(line) == d.end {
			return
		}
	}
	s.report(ErrSyntax, at, "here-document %q not closed", d.end)
}

// hereDoc reads << and the word after it.
func (s *shell) hereDoc() {
	s.pos += 2
	var d hereDoc
	if d.tabs = s.pos < len(s.src) && s.src[s.pos] == '-'; d.tabs {
		s.pos++
	}
	for s.pos < len(s.src) && isBlank(s.src[s.pos]) {
		s.pos++
	}
	var word []byte
	var quote byte
	for ; s.pos < len(s.src); s.pos++ {
		c := s.src[s.pos]
		switch {
		case isNewline(c), quote == 0 && strings.IndexByte(" \t;&|<>()", c) >= 0:
			s.addDoc(d, word)
			return
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote == 0 && c == '\\':
		default:
			word = append(word, c)
		}
	}
	s.addDoc(d, word)
}

func (s *shell) addDoc(d hereDoc, word []byte) {
	if len(word) > 0 {
		d.end = string(word)
		s.docs = append(s.docs, d)
	}
}

// noteComment reads a comment. Comments in lines below each other are one.
func (s *shell) noteComment() {
	at := s.pos
	s.pos = lineEndFrom(s.src, s.pos)
	if !s.start {
		return // behind a command
	}
	if s.comment.to == 0 {
		s.comment.from = at
	}
	s.comment.to = s.pos
	if hasAt(s.src, s.pos, "\r\n") {
		s.pos++
	}
	if s.pos < len(s.src) {
		s.start = false // so that the line is not taken for a blank one
	}
}

func (s *shell) dropComment() {
	if s.comment.to > 0 {
		s.stray(s.comment)
		s.comment = span{}
	}
}

// word reads a word that is not quoted, or the first part of one. Where a
// command can begin it may be a reserved word, or declare a function.
func (s *shell) word() {
	from := s.pos
	for s.pos < len(s.src) && !shEnds[s.src[s.pos]] && !s.startsExpansion() {
		s.pos++
	}
	if s.pos == from {
		s.pos++
		return
	}
	if !s.start {
		return
	}
	s.start = false
	switch word := string(s.src[from:s.pos]); word {
	case "function":
		s.function(from)
		return
	case "case":
		s.cases(1)
	case "esac":
		s.cases(-1)
	case "if", "then", "else", "elif", "do", "while", "until", "{", "!", "time", "coproc":
		s.start = true
	default:
		if strings.IndexByte(word, '=') < 0 {
			s.named(from, span{from, s.pos})
		}
	}
	s.dropComment()
}

func (s *shell) startsExpansion() bool {
	return s.src[s.pos] == '$' && s.pos+1 < len(s.src) && strings.IndexByte("({'", s.src[s.pos+1]) >= 0
}

// cases counts the case statements that are open in the innermost nest.
func (s *shell) cases(by int) {
	if len(s.nests) > 0 {
		n := &s.nests[len(s.nests)-1]
		n.cases = max(0, n.cases+by)
	}
}

// function reads a declaration with the reserved word, which begins at from.
func (s *shell) function(from int) {
	at := s.blanks(s.pos)
	end := at
	for end < len(s.src) && !shEnds[s.src[end]] && s.src[end] != '$' {
		end++
	}
	if end == at {
		s.dropComment()
		return
	}
	s.pos = end
	if after := s.parens(end); after > 0 {
		s.pos = after
	}
	s.declare(from, span{at, end})
}

// named reads the declaration name(), if that is what stands here.
func (s *shell) named(from int, name span) {
	if after := s.parens(name.to); after > 0 {
		s.pos = after
		s.declare(from, name)
	}
}

func (s *shell) declare(from int, name span) {
	text := string(s.text(name))
	s.decls = append(s.decls, decl{
		name: text, kind: Plain, exported: !strings.HasPrefix(text, "_"), at: from, doc: s.comment,
	})
	s.comment = span{}
	s.start = true
}

func (s *shell) blanks(at int) int {
	for at < len(s.src) && isBlank(s.src[at]) {
		at++
	}
	return at
}

// parens returns the offset after () if that stands at offset at, and else 0.
func (s *shell) parens(at int) int {
	if at = s.blanks(at); at == len(s.src) || s.src[at] != '(' {
		return 0
	}
	if at = s.blanks(at + 1); at == len(s.src) || s.src[at] != ')' {
		return 0
	}
	return at + 1
}
