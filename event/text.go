package event

import (
	"bytes"
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

// sameString reports whether two raw JSON strings mean the same text.
func sameString(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if bytes.IndexByte(a, '\\') < 0 && bytes.IndexByte(b, '\\') < 0 {
		return false
	}
	return unquote(a) == unquote(b)
}

// appendQuoted appends s as a JSON string, escaping only what must be. It
// reports whether s is valid UTF-8.
func appendQuoted(dst []byte, s string) ([]byte, bool) {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	plain, ascii := 0, true
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			ascii = false
		}
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[plain:i]...)
		plain = i + 1
		switch c {
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
	}
	dst = append(dst, s[plain:]...)
	return append(dst, '"'), ascii || utf8.ValidString(s)
}
