package node

import (
	"strconv"
	"strings"
)

// A value is one value of a document, before anything is known of its meaning.
// YAML and JSON are both read into it and written from it, so that a manifest
// or a contract is decoded, checked and encoded in one way only.
type value struct {
	kind    kind
	at      string // "line:column" of what was read from YAML, else empty
	up      *value // what holds it, of what was not read from YAML
	step    string // its key or index in up
	text    string // of scalars; the digits of a number as they were written
	items   []*value
	members []member
}

type member struct {
	key   string
	value *value
	at    string // "line:column" of the key, if read from YAML
}

type kind string

const (
	object  kind = "object"
	list    kind = "list"
	text    kind = "text"
	number  kind = "number"
	boolean kind = "boolean"
	null    kind = "null"

	// plain is an unquoted YAML scalar. What it is depends on the field that it
	// stands in: `version: 1.10` is the text 1.10, not the number 1.1.
	plain kind = "plain"
)

// Limits of a document, in either form.
const (
	maxDocument = 1 << 20 // bytes; an announcement carries both documents in one event of 1 MiB
	maxDepth    = 64      // levels; the same as an event's
	maxNodes    = 100_000 // values after aliases are replaced: about what fits into maxDocument without them
)

// resolved returns what v is where nothing says what it should be: the type
// that YAML 1.2's core schema gives a plain scalar, and v's own kind otherwise.
func (v *value) resolved() (kind, string) {
	if v.kind != plain {
		return v.kind, v.text
	}
	switch v.text {
	case "", "~", "null", "Null", "NULL":
		return null, "null"
	case "true", "True", "TRUE":
		return boolean, "true"
	case "false", "False", "FALSE":
		return boolean, "false"
	}
	if n, ok := jsonNumber(v.text); ok {
		return number, n
	}
	return text, v.text
}

func (v *value) isNull() bool {
	k, _ := v.resolved()
	return k == null
}

// what describes v for an error message.
func (v *value) what() string {
	k, s := v.resolved()
	switch k {
	case object, list, null:
		return string(k)
	}
	return string(k) + " " + quote(s)
}

// Constructors for writing.

func textOf[S ~string](s S) *value { return &value{kind: text, text: string(s)} }

func textsOf[S ~string](ss []S) *value {
	v := &value{kind: list}
	for _, s := range ss {
		v.items = append(v.items, textOf(s))
	}
	return v
}

// put appends a member unless it is nil.
func (v *value) put(key string, m *value) {
	if m != nil {
		v.members = append(v.members, member{key: key, value: m})
	}
}

func (v *value) putText(key, s string) {
	if s != "" {
		v.put(key, textOf(s))
	}
}

func (v *value) putInt(key string, n int64) {
	if n != 0 {
		v.put(key, intOf(n))
	}
}

func (v *value) putTexts(key string, ss []string) {
	if len(ss) > 0 {
		v.put(key, textsOf(ss))
	}
}

func (v *value) member(key string) *value {
	for _, m := range v.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// where says where v was read: line and column, or else a JSON Pointer. The
// pointer is made on demand: kept for each value it would make a small document
// with long keys cost gigabytes.
func (v *value) where() string {
	if v.at != "" || v.up == nil {
		return v.at
	}
	step := strings.ReplaceAll(v.step, "~", "~0")
	return v.up.where() + "/" + strings.ReplaceAll(step, "/", "~1")
}

// locate tells v and all below it where they are.
func (v *value) locate() {
	for i, item := range v.items {
		item.up, item.step = v, strconv.Itoa(i)
		item.locate()
	}
	for _, m := range v.members {
		m.value.up, m.value.step = v, m.key
		m.value.locate()
	}
}

// like returns an empty value of kind k at v's place.
func (v *value) like(k kind) *value {
	return &value{kind: k, at: v.at, up: v.up, step: v.step}
}
