package event

import (
	"bytes"
	"encoding/json"
	"strings"
)

// readObject finds the members of the object at value. The text has passed
// check, so it is well-formed.
func (c *codec) readObject(value span) {
	r := walker{data: c.data, at: int(value.from) + 1}
	for r.more('}') {
		m := member{}
		m.key, m.escaped = r.text()
		r.colon()
		m.value = r.value()
		c.members.push(m)
	}
}

// readList finds the items of the list at value and returns their number.
func (c *codec) readList(value span) int {
	r, count := walker{data: c.data, at: int(value.from) + 1}, 0
	for r.more(']') {
		c.members.push(member{value: r.value()})
		count++
	}
	return count
}

// find returns the value of the open object's member called name. A null is as
// good as none.
func (c *codec) find(name string) (span, bool) {
	m := c.member(name)
	if m == nil || c.data[m.value.from] == 'n' {
		return span{}, false
	}
	return m.value, true
}

// member returns the open object's member called name and marks it as known.
// Members mostly come in the order in which they are asked for.
func (c *codec) member(name string) *member {
	f := &c.frames[c.depth-1]
	for i := int(f.next); i < c.members.n; i++ {
		if m := c.members.at(i); c.named(m, name) {
			f.next, m.used = int32(i+1), true
			return m
		}
	}
	for i := int(f.base); i < int(f.next); i++ {
		if m := c.members.at(i); c.named(m, name) {
			m.used = true
			return m
		}
	}
	return nil
}

func (c *codec) named(m *member, name string) bool {
	if int(m.key.to-m.key.from) == len(name) && !m.escaped {
		return string(c.data[m.key.from:m.key.to]) == name
	}
	return m.escaped && unquote(c.data[m.key.from:m.key.to]) == name
}

// lookup is find for a field that may be required.
func (c *codec) lookup(name string, n need) (span, bool) {
	value, ok := c.find(name)
	if !ok && n == required {
		c.missing(name)
	}
	return value, ok
}

// is reports whether value begins as its type does, and notes if not.
func (c *codec) is(first byte, name string, value span) bool {
	if c.data[value.from] == first {
		return true
	}
	want := "a string"
	switch first {
	case '{':
		want = "an object"
	case '[':
		want = "a list"
	}
	c.wrongType(name, want, value)
	return false
}

func (c *codec) wrongType(name, want string, value span) {
	c.fail(ErrType, name, "want %s, got %s", want, clip(string(c.data[value.from:value.to])))
}

// sharedText bounds the text that the strings of an event share. Sharing saves
// an allocation each, but the text lives as long as any of them.
const sharedText = 4 << 10

// text returns what the string at value means.
func (c *codec) text(value span) string {
	inside := span{value.from + 1, value.to - 1}
	if bytes.IndexByte(c.data[inside.from:inside.to], '\\') >= 0 {
		return unquote(c.data[inside.from:inside.to])
	}
	return c.cut(inside)
}

// cut returns the text at s.
func (c *codec) cut(s span) string {
	if c.str == "" {
		return string(c.data[s.from:s.to])
	}
	return c.str[s.from:s.to]
}

// readText returns the string called name.
func (c *codec) readText(name string, n need) (string, bool) {
	value, ok := c.lookup(name, n)
	if !ok || !c.is('"', name, value) {
		return "", false
	}
	s := c.text(value)
	if s == "" && n == required {
		c.missing(name)
	}
	return s, true
}

// readExtra keeps the members of the open object that nobody asked for, or
// refuses them.
func (c *codec) readExtra() {
	for i := int(c.frames[c.depth-1].base); i < c.members.n; i++ {
		m := c.members.at(i)
		if m.used {
			continue
		}
		key := unquote(c.data[m.key.from:m.key.to])
		if c.depth == 1 {
			c.fail(ErrUnknownKey, key, "not one of the keys of this object")
			return
		}
		c.extra = append(c.extra, Member{Path: c.pointer(2, key), Value: c.copy(m.value)})
	}
}

func (c *codec) copy(value span) json.RawMessage {
	return append(json.RawMessage(nil), c.data[value.from:value.to]...)
}

// escapePointer and its inverse are RFC 6901's.
func escapePointer(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

func unescapePointer(token string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
}

// A walker steps through JSON text that [check] has passed.
type walker struct {
	data []byte
	at   int
}

func (r *walker) space() {
	for r.at < len(r.data) && r.data[r.at] <= ' ' {
		r.at++
	}
}

// more goes to the next member or item and reports whether there is one before
// the closing bracket.
func (r *walker) more(closing byte) bool {
	r.space()
	if r.data[r.at] == ',' {
		r.at++
		r.space()
	}
	if r.data[r.at] != closing {
		return true
	}
	r.at++
	return false
}

func (r *walker) colon() {
	r.space()
	r.at++
	r.space()
}

// text steps over a string and returns what is between its quotes.
func (r *walker) text() (inside span, escaped bool) {
	r.at++
	start := r.at
	for {
		r.at = plain(r.data, r.at)
		if r.data[r.at] == '"' {
			break
		}
		escaped = true
		r.at += 2 // a backslash and what it escapes
	}
	r.at++
	return between(start, r.at-1), escaped
}

// value steps over a value and returns where it is.
func (r *walker) value() span {
	start, depth := r.at, 0
	for {
		switch c := r.data[r.at]; c {
		case '"':
			r.text()
		case '{', '[':
			depth++
			r.at++
		case '}', ']':
			depth--
			r.at++
		case ',', ':', ' ', '\n', '\t', '\r':
			r.at++
		default:
			r.literal()
		}
		if depth == 0 {
			return between(start, r.at)
		}
	}
}

// literal steps over a number or a word.
func (r *walker) literal() {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ',', '}', ']', ' ', '\n', '\t', '\r', ':':
			return
		}
		r.at++
	}
}
