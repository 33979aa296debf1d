package funcs

import (
	"bytes"
	"strings"
)

// leading goes over white space and comments from offset at, where a declaration
// can begin, and returns what belongs to it. Comments in lines below each other
// are one; a blank line ends those that begin with two slashes.
func (o *outline) leading(at int, p prelude) (int, prelude) {
	for at < len(o.src) {
		switch c := o.src[at]; {
		case c <= ' ':
			at++
		case c == '/':
			end := o.comment(at)
			if end == at {
				return at, p
			}
			o.note(&p, span{at, end})
			at = end
		default:
			return at, p
		}
	}
	return at, p
}

// comment returns the end of the comment at offset at, or at if there is none.
// In Rust, they nest.
func (o *outline) comment(at int) int {
	end, ok := o.commentEnd(at)
	if o.lang == Rust && hasAt(o.src, at, "/*") {
		end, ok = o.nestedEnd(at)
	}
	if !ok {
		o.report(ErrSyntax, at, "comment is not closed")
	}
	return end
}

func (o *outline) nestedEnd(at int) (end int, ok bool) {
	depth := 0
	for at < len(o.src) {
		switch {
		case hasAt(o.src, at, "/*"):
			depth++
			at += 2
		case hasAt(o.src, at, "*/"):
			at += 2
			if depth--; depth == 0 {
				return at, true
			}
		default:
			at++
		}
	}
	return at, false
}

// note adds the comment c to what is in front of a declaration.
func (o *outline) note(p *prelude, c span) {
	text := o.text(c)
	kept := &p.comment
	if isDoc(o.lang, text) {
		kept = &p.doc
	} else if !hasAt(text, 0, "//") {
		return
	}
	line := hasAt(text, 0, "//")
	if kept.to > 0 && line && adjacent(o.src[kept.to:c.from]) {
		kept.to = c.to
		return
	}
	if kept.to > 0 {
		o.stray(*kept)
	}
	*kept = c
}

// isDoc reports whether the comment text is documentation.
func isDoc(lang Language, text []byte) bool {
	t := string(text[:min(len(text), 4)])
	if strings.HasPrefix(t, "/**") && t != "/**/" {
		return true
	}
	return lang == Rust && strings.HasPrefix(t, "///") && t != "////"
}

// drop is called with what is in front of something that is no function.
func (o *outline) drop(p prelude) {
	for _, c := range []span{p.doc, p.comment} {
		if c.to > 0 {
			o.stray(c)
		}
	}
}

// adjacent reports whether between holds one line break and blanks.
func adjacent(between []byte) bool {
	return len(bytes.TrimSpace(between)) == 0 && bytes.Count(between, []byte("\n")) <= 1 && bytes.Count(between, []byte("\r")) <= 1
}
