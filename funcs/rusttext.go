package funcs

import (
	"bytes"
	"unicode/utf8"
)

// signatureEnd returns the offset, from at, of the brace or semicolon that ends
// a signature, or of the word stop before it.
func (r *rust) signatureEnd(at int, stop string) int {
	for at = r.space(at); at < len(r.src); at = r.space(at) {
		switch c := r.src[at]; {
		case c == '{' || c == ';' || c == '}':
			return at
		case c == '(' || c == '[':
			at = r.group(at)
		case c == '<':
			at = r.angles(at)
		case isIdent(c):
			end := ident(r.src, at)
			if stop != "" && string(r.src[at:end]) == stop && r.at(r.space(end)) != '<' {
				return at
			}
			at = max(end, r.literal(at))
		case c == '"' || c == '\'':
			at = r.literal(at)
		default:
			at++
		}
	}
	return at
}

// group returns the end of the bracket at offset at.
func (r *rust) group(at int) int {
	depth := 0
	for from := at; at < len(r.src); {
		c := r.src[at]
		switch {
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			if depth--; depth <= 0 {
				return at + 1
			}
		case c == '/':
			if end := r.comment(at); end > at {
				at = end
				continue
			}
		case isIdent(c):
			at = max(ident(r.src, at), r.literal(at))
			continue
		case c == '"' || c == '\'':
			at = r.literal(at)
			continue
		}
		if at++; at == len(r.src) {
			r.report(ErrSyntax, from, "%q is not closed", r.src[from])
		}
	}
	return at
}

// angles returns the end of the generic parameters or arguments at offset at.
func (r *rust) angles(at int) int {
	depth := 0
	for at < len(r.src) {
		switch c := r.src[at]; {
		case c == '<':
			depth++
		case c == '>' && r.src[at-1] != '-' && r.src[at-1] != '=':
			if depth--; depth == 0 {
				return at + 1
			}
		case c == '(' || c == '[' || c == '{':
			at = r.group(at)
			continue
		case c == ')' || c == ']' || c == '}' || c == ';':
			return at
		case c == '/':
			at = max(r.comment(at), at+1)
			continue
		case isIdent(c):
			at = max(ident(r.src, at), r.literal(at))
			continue
		case c == '"' || c == '\'':
			at = r.literal(at)
			continue
		}
		at++
	}
	return at
}

// literal returns the end of the string, character or lifetime at offset at,
// with its prefix, and at if there is none.
func (r *rust) literal(at int) int {
	prefix := at
	for prefix < len(r.src) && prefix-at < 2 && bytes.IndexByte([]byte("bcr"), r.src[prefix]) >= 0 {
		prefix++
	}
	raw := prefix > at && r.src[prefix-1] == 'r'
	switch c := r.at(prefix); {
	case c == '"' && !raw:
		return r.str(prefix)
	case raw && (c == '"' || c == '#'):
		return r.raw(at, prefix)
	case c == '\'' && (prefix == at || r.src[at] == 'b'):
		return r.character(prefix)
	}
	return at
}

func (r *rust) str(at int) int {
	for end := at + 1; end < len(r.src); end++ {
		switch r.src[end] {
		case '\\':
			end++
		case '"':
			return end + 1
		}
	}
	r.report(ErrSyntax, at, "string is not closed")
	return len(r.src)
}

// raw reads a raw string, whose prefix ends at offset hashes. It returns from if
// there is none, but a raw identifier.
func (r *rust) raw(from, hashes int) int {
	quote := hashes
	for r.at(quote) == '#' {
		quote++
	}
	if r.at(quote) != '"' {
		return from
	}
	ending := append([]byte{'"'}, r.src[hashes:quote]...)
	i := bytes.Index(r.src[quote+1:], ending)
	if i < 0 {
		r.report(ErrSyntax, from, "string is not closed")
		return len(r.src)
	}
	return quote + 1 + i + len(ending)
}

// character reads a character or a lifetime.
func (r *rust) character(at int) int {
	if r.at(at+1) == '\\' {
		for end := at + 3; end < len(r.src) && !isNewline(r.src[end]); end++ {
			if r.src[end] == '\'' {
				return end + 1
			}
		}
		return min(at+2, len(r.src))
	}
	if at+1 < len(r.src) {
		if _, n := utf8.DecodeRune(r.src[at+1:]); r.at(at+1+n) == '\'' {
			return at + 1 + n + 1
		}
	}
	return ident(r.src, at+1)
}
