package funcs

import (
	"bytes"
	"strings"
)

// A hereDoc is a here-document whose text begins with the next line.
type hereDoc struct {
	end  string
	tabs bool // before the end are allowed
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
