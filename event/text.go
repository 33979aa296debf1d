package event

import (
	"bytes"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// unquote returns the text of a JSON string that [check] has passed, without
// its quotes.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	return string(appendUnquoted(make([]byte, 0, len(raw)), raw))
}

func appendUnquoted(dst, raw []byte) []byte {
	for at := 0; at < len(raw); {
		c := raw[at]
		if c != '\\' {
			dst = append(dst, c)
			at++
			continue
		}
		switch c = raw[at+1]; c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, _ := hex4(raw[at:])
			if utf16.IsSurrogate(r) {
				low, _ := hex4(raw[at+6:])
				r = utf16.DecodeRune(r, low)
				at += 6
			}
			dst = utf8.AppendRune(dst, r)
			at += 6
			continue
		}
		dst = append(dst, c)
		at += 2
	}
	return dst
}

// word returns the eight bytes of s from at on, the first one lowest.
func word[T string | []byte](s T, at int) uint64 {
	b := s[at : at+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// A byte in every byte of a word, and its highest bit.
const (
	ones = 0x0101010101010101
	tops = 0x8080808080808080
)

// special marks the bytes of w that end a run of plain string bytes: quotes,
// backslashes and control characters. Only the lowest mark is exact (the
// subtractions borrow upwards), and only that may be used. See "Hacker's
// Delight", 6-1.
func special(w uint64) uint64 {
	quote, slash := w^(ones*'"'), w^(ones*'\\')
	return ((w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash) & tops
}

// plain returns the place of the first byte from at on that is special, or the
// length of s.
func plain[T string | []byte](s T, at int) int {
	for ; at+8 <= len(s); at += 8 {
		if m := special(word(s, at)); m != 0 {
			return at + bits.TrailingZeros64(m)/8
		}
	}
	for at < len(s) && s[at] != '"' && s[at] != '\\' && s[at] >= ' ' {
		at++
	}
	return at
}

// ascii reports whether all of s is plain ASCII: what a JSON string holds as it
// is, and what needs no check for UTF-8.
func ascii(s string) bool {
	if len(s) < 8 {
		for i := range len(s) {
			if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
				return false
			}
		}
		return true
	}
	for at := 0; at < len(s)-8; at += 8 {
		if w := word(s, at); special(w)|w&tops != 0 {
			return false
		}
	}
	last := word(s, len(s)-8) // overlaps the one before
	return special(last)|last&tops == 0
}

// plainToken reports whether s is a token of a subject that a JSON string holds
// as it is. It may say no to a token that is unusual.
func plainToken(s string) bool {
	if len(s) < 8 || len(s) > MaxToken {
		return validToken(s) && ascii(s)
	}
	for at := 0; at < len(s)-8; at += 8 {
		if foreign(word(s, at)) {
			return false
		}
	}
	return !foreign(word(s, len(s)-8))
}

// foreign reports whether a byte of w has no place in a plain token.
func foreign(w uint64) bool {
	dot, star, more := w^(ones*'.'), w^(ones*'*'), w^(ones*'>')
	wild := (dot-ones)&^dot | (star-ones)&^star | (more-ones)&^more
	beyond := (w-ones*'!')&^w | (w + ones) | w // up to the space, from DEL on
	return special(w)|(wild|beyond)&tops != 0
}

// appendQuoted appends s as a JSON string, escaping only what must be. It
// reports whether s is valid UTF-8.
func appendQuoted(dst []byte, s string) ([]byte, bool) {
	dst = append(dst, '"')
	if ascii(s) {
		return append(append(dst, s...), '"'), true
	}
	const digits = "0123456789abcdef"
	for done := 0; ; {
		at := plain(s, done)
		dst = append(dst, s[done:at]...)
		if at == len(s) {
			break
		}
		switch c := s[at]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		done = at + 1
	}
	return append(dst, '"'), utf8.ValidString(s)
}
