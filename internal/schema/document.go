package schema

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
)

// A document is a schema to be written, its keywords in the order in which
// people read them.
type document struct {
	Schema               string      `json:"$schema,omitempty"`
	ID                   string      `json:"$id,omitempty"`
	Title                string      `json:"title,omitempty"`
	Description          string      `json:"description,omitempty"`
	Type                 oneOrMore   `json:"type,omitempty"`
	Enum                 []string    `json:"enum,omitempty"`
	Format               string      `json:"format,omitempty"`
	ContentEncoding      string      `json:"contentEncoding,omitempty"`
	Minimum              *int64      `json:"minimum,omitempty"`
	Maximum              *int64      `json:"maximum,omitempty"`
	Items                *document   `json:"items,omitempty"`
	MinItems             *int        `json:"minItems,omitempty"`
	MaxItems             *int        `json:"maxItems,omitempty"`
	Properties           *properties `json:"properties,omitempty"`
	Required             []string    `json:"required,omitempty"`
	AdditionalProperties *document   `json:"additionalProperties,omitempty"`

	own json.RawMessage // the whole schema, instead of the above
}

func typed(name string) *document { return &document{Type: []string{name}} }

// integer bounds what fits into t, as far as every JSON program can hold the
// bound itself.
func integer(t reflect.Type) *document {
	s := typed("integer")
	if t.Kind() >= reflect.Uint {
		s.Minimum = new(int64)
	}
	bits := t.Bits()
	if bits == 64 {
		return s
	}
	least, most := int64(math.MinInt64)>>(64-bits), int64(math.MaxInt64)>>(64-bits)
	if t.Kind() >= reflect.Uint {
		least, most = 0, 1<<bits-1
	}
	s.Minimum, s.Maximum = &least, &most
	return s
}

func nullable(s *document) *document {
	if len(s.Type) > 0 && !slices.Contains(s.Type, "null") {
		s.Type = append(s.Type, "null")
	}
	return s
}

func (s *document) withoutNull() *document {
	s.Type = slices.DeleteFunc(s.Type, func(t string) bool { return t == "null" })
	return s
}

// MarshalJSON writes s, or what its type says of itself.
func (s *document) MarshalJSON() ([]byte, error) {
	if s.own != nil {
		return s.own, nil
	}
	type plain document
	return marshal((*plain)(s))
}

// oneOrMore is written as a text when it holds one.
type oneOrMore []string

// MarshalJSON writes o.
func (o oneOrMore) MarshalJSON() ([]byte, error) {
	if len(o) == 1 {
		return marshal(o[0])
	}
	return marshal([]string(o))
}

// properties is an object whose members keep their order.
type properties struct {
	names   []string
	schemas []*document
}

func (p *properties) has(name string) bool { return slices.Contains(p.names, name) }

// MarshalJSON writes p.
func (p *properties) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, name := range p.names {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := marshal(name)
		if err != nil {
			return nil, err
		}
		value, err := marshal(p.schemas[i])
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}

// marshal is json.Marshal without the escapes for HTML.
func marshal[T any](v T) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

// Document renders the schema of T as a file: indented, with $schema, $id and a
// title, and a line feed at the end.
func Document[T any](id, title string) ([]byte, error) {
	s, err := derive(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	s.Schema, s.ID, s.Title = Draft, id, title
	raw, err := marshal(s)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// About returns what a schema says of itself: its title and its description.
func About(raw json.RawMessage) (title, description string) {
	var s struct{ Title, Description string }
	if json.Unmarshal(raw, &s) != nil {
		return "", "" // they are for people
	}
	return s.Title, s.Description
}
