package event

import "time"

// A template reads text of which nearly all is known beforehand. What is not as
// expected ends it: the rest then reads as nothing.
type template struct {
	data   []byte
	at     int
	failed bool
}

func (t *template) fail() bool {
	t.failed = true
	return false
}

// text steps over s.
func (t *template) text(s string) bool { return t.optional(s) || t.fail() }

// optional steps over s if it comes next.
func (t *template) optional(s string) bool {
	if end := t.at + len(s); !t.failed && end <= len(t.data) && string(t.data[t.at:end]) == s {
		t.at = end
		return true
	}
	return false
}

// next returns the next n bytes; nil when there are fewer.
func (t *template) next(n int) []byte {
	if t.failed || t.at+n > len(t.data) {
		t.failed = true
		return nil
	}
	t.at += n
	return t.data[t.at-n : t.at]
}

// id reads an ID that is not zero.
func (t *template) id(p *ID) {
	id, ok := parseID(t.next(len(zeroID)))
	if !ok || id.IsZero() {
		t.fail()
	}
	*p = id
}

func (t *template) time(p *time.Time) {
	at, ok := parseOwnTime(t.next(len(zeroTime)))
	if !ok {
		t.fail()
	}
	*p = at
}

// string reads plain ASCII, not nothing, up to the quote that ends it.
func (t *template) string(p *span) {
	start, end := t.at, t.at
	for end < len(t.data) && ' ' <= t.data[end] && t.data[end] <= '~' && t.data[end] != '"' && t.data[end] != '\\' {
		end++
	}
	if end == start {
		t.fail()
	}
	t.at, *p = end, between(start, end)
}

// object reports whether the rest looks like an object and a closing brace, with
// no space around either.
func (t *template) object() bool {
	n := len(t.data)
	return !t.failed && n-t.at >= len("{}}") && t.data[t.at] == '{' && string(t.data[n-2:]) == "}}"
}
