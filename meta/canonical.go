package meta

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// Canonical returns the bytes whose SHA-256 is the hash: the JSON of b's fields
// without hash and last_modified_at, in the form of RFC 8785 (JCS), one line
// feed, and then the file without its block, which rest holds in one or more
// pieces. Of rest, a byte order mark is dropped, CRLF and CR become LF, white
// space at the end is removed, and one LF is added.
//
// Fields count as they are present: an absent field is not its default, and
// unknown keys count. Scalars are JSON strings, except where the model has a
// number or a boolean and the text is one.
func Canonical(b Block, rest ...[]byte) []byte {
	buf := buffer(appendHead(nil, b))
	writeRest(&buf, rest)
	return buf
}

type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// appendHead appends the JSON line of the canonical form.
func appendHead(dst []byte, b Block) []byte {
	kept := make(Map, 0, 48)
	for _, f := range b.fields {
		if f.Key != FieldHash && f.Key != FieldLastModifiedAt {
			kept = append(kept, f)
		}
	}
	return append(appendObject(dst, kept, topShape), '\n')
}

func appendJSON(dst []byte, v Value, s *shape) []byte {
	switch v := v.(type) {
	case String:
		return appendJSONScalar(dst, string(v), s)
	case List:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, item, s.item())
		}
		return append(dst, ']')
	case Map:
		return appendObject(dst, slices.Clone(v), s)
	}
	return append(dst, "null"...)
}

// appendObject sorts m in place.
func appendObject(dst []byte, m Map, s *shape) []byte {
	slices.SortFunc(m, func(a, b Field) int { return compareUTF16(a.Key, b.Key) })
	dst = append(dst, '{')
	for i, f := range m {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONString(dst, f.Key), ':')
		dst = appendJSON(dst, f.Value, s.member(f.Key))
	}
	return append(dst, '}')
}

// compareUTF16 orders strings by their UTF-16 code units (RFC 8785, 3.2.3).
// That is the order of the bytes of UTF-8, but for characters above U+FFFF,
// whose surrogates sort before U+E000.
func compareUTF16(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i == len(a) || i == len(b) {
		return len(a) - len(b)
	}
	x, y := a[i], b[i]
	// 0xEE and 0xEF begin U+E000 to U+FFFF, 0xF0 to 0xF4 what is above. Where
	// lead bytes are equal, the order of the bytes is the order of the units.
	if x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0) {
		return int(y) - int(x)
	}
	return int(x) - int(y)
}

func appendJSONScalar(dst []byte, t string, s *shape) []byte {
	switch s.typed(t) {
	case boolean:
		return strconv.AppendBool(dst, t[0] == 't' || t[0] == 'T')
	case number:
		if f, err := strconv.ParseFloat(t, 64); err == nil {
			return appendNumber(dst, f)
		}
	}
	return appendJSONString(dst, t)
}

// appendNumber writes f as ECMAScript does (RFC 8785, 3.2.2.3).
func appendNumber(dst []byte, f float64) []byte {
	abs := max(f, -f)
	if abs == 0 {
		return append(dst, '0') // also for minus zero
	}
	if 1e-6 <= abs && abs < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// Go writes at least two digits of exponent, ECMAScript as few as needed.
	if n := len(dst); n-start >= 4 && dst[n-2] == '0' {
		dst = append(dst[:n-2], dst[n-1])
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// appendJSONString writes s with the escapes of RFC 8785, 3.2.2.2.
func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendJSONEscape(dst, c)
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

func appendJSONEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\t':
		return append(dst, `\t`...)
	case '\n':
		return append(dst, `\n`...)
	case '\f':
		return append(dst, `\f`...)
	case '\r':
		return append(dst, `\r`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
