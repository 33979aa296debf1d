package event

import (
	"unicode/utf8"

	"github.com/omninode-ai/onex/fault"
)

// Hard limits of an encoded event. A decoder that accepts more can be made to
// run out of memory or stack by one message.
const (
	MaxSize  = 1 << 20 // bytes
	MaxDepth = 64      // levels of objects and arrays, the envelope included
)

// manyKeys is the number of keys from which on a map finds duplicates faster
// than comparing with each; it keeps hostile objects from costing n².
const manyKeys = 20

// A span is a range of bytes in the text that is read. It is small because
// codecs and scanners hold many, and clearing them costs time.
type span struct{ from, to int32 }

func between(from, to int) span { return span{int32(from), int32(to)} }

// A rawKey is where a key is, as it is written: its beginning, and its end or,
// when it has escapes, the complement of that.
type rawKey struct{ from, to int32 }

func (k rawKey) escaped() bool { return k.to < 0 }

func (k rawKey) of(data []byte) []byte { return data[k.from:max(k.to, ^k.to)] }

// A scanner walks over JSON text once and finds everything that a strict reader
// must refuse: bad syntax, bad UTF-8, duplicate keys, too many levels. What
// comes after it may trust the text.
type scanner struct {
	data  []byte
	at    int
	keys  [manyKeys + 8]rawKey // of the objects that are open, innermost last
	nkeys int
}

// check reports whether data is one JSON value with nothing around it but white
// space, at most MaxDepth-depth levels deep.
func check(data []byte, depth int) error {
	if len(data) > MaxSize {
		return ErrTooLarge.With("%d bytes, limit %d", len(data), MaxSize)
	}
	if !utf8.Valid(data) {
		return ErrSyntax.With("not UTF-8 at offset %d", invalidUTF8(data))
	}
	s := scanner{data: data}
	s.space()
	if err := s.value(depth); err != nil {
		return err
	}
	s.space()
	if s.at < len(data) {
		return s.wrong("trailing data")
	}
	return nil
}

func invalidUTF8(data []byte) int {
	at := 0
	for at < len(data) {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	return at
}

func (s *scanner) wrong(what string) *fault.Error {
	if s.at >= len(s.data) {
		return ErrSyntax.With("unexpected end at offset %d", len(s.data))
	}
	return ErrSyntax.With("%s at offset %d", what, s.at)
}

// peek returns the next byte, or 0 at the end: no JSON token begins with 0.
func (s *scanner) peek() byte {
	if s.at < len(s.data) {
		return s.data[s.at]
	}
	return 0
}

func (s *scanner) space() {
	for s.at < len(s.data) && s.data[s.at] <= ' ' {
		if c := s.data[s.at]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return
		}
		s.at++
	}
}

func (s *scanner) value(depth int) error {
	switch c := s.peek(); {
	case c == '"':
		_, err := s.str()
		return err
	case c == '{' || c == '[':
		if depth >= MaxDepth {
			return ErrTooDeep.With("more than %d levels at offset %d", MaxDepth, s.at)
		}
		if c == '{' {
			return s.object(depth + 1)
		}
		return s.array(depth + 1)
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	}
	return s.wrong("no JSON value")
}

func (s *scanner) word(w string) error {
	if end := s.at + len(w); end <= len(s.data) && string(s.data[s.at:end]) == w {
		s.at = end
		return nil
	}
	return s.wrong("no JSON value")
}

func (s *scanner) array(depth int) error {
	s.at++
	s.space()
	if s.peek() == ']' {
		s.at++
		return nil
	}
	for {
		if err := s.value(depth); err != nil {
			return err
		}
		s.space()
		switch s.peek() {
		case ',':
			s.at++
			s.space()
		case ']':
			s.at++
			return nil
		default:
			return s.wrong(`no "," or "]"`)
		}
	}
}

func (s *scanner) object(depth int) error {
	s.at++
	s.space()
	if s.peek() == '}' {
		s.at++
		return nil
	}
	base := s.nkeys
	var seen map[string]struct{}
	for {
		if err := s.key(base, &seen); err != nil {
			return err
		}
		if err := s.value(depth); err != nil {
			return err
		}
		s.space()
		switch s.peek() {
		case ',':
			s.at++
			s.space()
		case '}':
			s.at++
			s.nkeys = base
			return nil
		default:
			return s.wrong(`no "," or "}"`)
		}
	}
}

// key reads a key and its colon. Keys of the open object begin at base of
// s.keys, until there are so many that they move into seen.
func (s *scanner) key(base int, seen *map[string]struct{}) error {
	start := s.at
	if s.peek() != '"' {
		return s.wrong("no key")
	}
	escaped, err := s.str()
	if err != nil {
		return err
	}
	key := rawKey{int32(start + 1), int32(s.at - 1)}
	if escaped {
		key.to = ^key.to
	}
	if s.seen(key, base, seen) {
		return ErrDuplicateKey.With("%q at offset %d", clip(unquote(key.of(s.data))), start)
	}
	s.space()
	if s.peek() != ':' {
		return s.wrong(`no ":"`)
	}
	s.at++
	s.space()
	return nil
}

// same reports whether two keys mean the same text.
func (s *scanner) same(a, b rawKey) bool {
	x, y := a.of(s.data), b.of(s.data)
	if a.escaped() || b.escaped() {
		return unquote(x) == unquote(y)
	}
	return string(x) == string(y)
}

// seen notes key and reports whether it was there before.
func (s *scanner) seen(key rawKey, base int, seen *map[string]struct{}) bool {
	if *seen == nil && s.nkeys-base < manyKeys && s.nkeys < len(s.keys) {
		for _, k := range s.keys[base:s.nkeys] {
			if s.same(k, key) {
				return true
			}
		}
		s.keys[s.nkeys] = key
		s.nkeys++
		return false
	}
	if *seen == nil {
		*seen = make(map[string]struct{}, 4*manyKeys)
		for _, k := range s.keys[base:s.nkeys] {
			(*seen)[unquote(k.of(s.data))] = struct{}{}
		}
	}
	text := unquote(key.of(s.data))
	_, found := (*seen)[text]
	(*seen)[text] = struct{}{}
	return found
}

// str reads a string, whose bytes are valid UTF-8 already, and reports whether
// it has escapes.
func (s *scanner) str() (escaped bool, err error) {
	s.at++
	for {
		s.at = plain(s.data, s.at)
		switch c := s.peek(); {
		case c == '"':
			s.at++
			return escaped, nil
		case c != '\\':
			return escaped, s.wrong("control character in a string")
		}
		escaped = true
		if err := s.escape(); err != nil {
			return true, err
		}
	}
}

// escape reads a backslash and what follows. Half a surrogate pair is refused:
// it stands for no character, and readers differ on what they make of it.
func (s *scanner) escape() error {
	if s.at+1 >= len(s.data) {
		s.at = len(s.data)
		return s.wrong("")
	}
	switch s.data[s.at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at += 2
		return nil
	case 'u':
		r, ok := hex4(s.data[s.at:])
		if !ok || 0xdc00 <= r && r < 0xe000 {
			return s.wrong("bad escape")
		}
		if 0xd800 <= r && r < 0xdc00 {
			low, ok := hex4(s.data[s.at+6:])
			if !ok || low < 0xdc00 || low >= 0xe000 {
				return s.wrong("half a surrogate pair")
			}
			s.at += 6
		}
		s.at += 6
		return nil
	}
	return s.wrong("bad escape")
}

// hex4 reads \uXXXX at the beginning of d.
func hex4(d []byte) (rune, bool) {
	if len(d) < 6 || d[0] != '\\' || d[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range d[2:6] {
		h := unhex(c)
		if h > 15 {
			return 0, false
		}
		r = r<<4 | rune(h)
	}
	return r, true
}

func (s *scanner) number() error {
	if s.peek() == '-' {
		s.at++
	}
	switch c := s.peek(); {
	case c == '0':
		s.at++
	case '1' <= c && c <= '9':
		s.digits()
	default:
		return s.wrong("bad number")
	}
	if s.peek() == '.' {
		s.at++
		if !s.digits() {
			return s.wrong("bad number")
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.at++
		if c := s.peek(); c == '+' || c == '-' {
			s.at++
		}
		if !s.digits() {
			return s.wrong("bad number")
		}
	}
	return nil
}

// digits reads digits and reports whether there were any.
func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.data) && '0' <= s.data[s.at] && s.data[s.at] <= '9' {
		s.at++
	}
	return s.at > start
}
