package meta

import "slices"

// A Value is what a field holds: a [String], [Null], a [List] or a [Map].
type Value interface{ value() }

// A String is a scalar as text, whatever it looks like. Numbers and booleans
// are text too; the model says where they are meant ([Canonical]).
type String string

// Null is a value that is written but says nothing: null, ~ or nothing at all.
type Null struct{}

// A List is a sequence of values.
type List []Value

// A Map is a mapping with its keys in the order of the file.
type Map []Field

// A Field is one key and its value.
type Field struct {
	Key   string
	Value Value
}

func (String) value() {}
func (Null) value()   {}
func (List) value()   {}
func (Map) value()    {}

// Strings returns a [List] of the texts.
func Strings(texts ...string) List {
	l := make(List, len(texts))
	for i, t := range texts {
		l[i] = String(t)
	}
	return l
}

// Equal reports whether a and b are the same value, order included. An empty
// list and an empty map differ.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case List:
		b, ok := b.(List)
		return ok && slices.EqualFunc(a, b, Equal)
	case Map:
		b, ok := b.(Map)
		return ok && slices.EqualFunc(a, b, equalFields)
	case String:
		b, ok := b.(String)
		return ok && a == b
	case Null:
		_, ok := b.(Null)
		return ok
	}
	return b == nil
}

func equalFields(a, b Field) bool { return a.Key == b.Key && Equal(a.Value, b.Value) }

// index returns the place of key in m, or -1.
func (m Map) index(key string) int {
	for i := range m {
		if m[i].Key == key {
			return i
		}
	}
	return -1
}

// Get returns the value of key, or nil.
func (m Map) Get(key string) Value {
	if i := m.index(key); i >= 0 {
		return m[i].Value
	}
	return nil
}

// text returns v's text if it is a String, and "" otherwise.
func text(v Value) string {
	s, _ := v.(String)
	return string(s)
}
