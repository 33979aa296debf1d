package funcs

import (
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
