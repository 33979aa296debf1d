package docstringgenerator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Bounds of what is shown of one schema. What lies deeper, or comes later, is left to
// the schema itself.
const (
	maxDepth  = 8
	maxFields = 500
	maxSteps  = 20_000 // parts of the schema that are looked at: alternatives multiply
)

// A field is one line about a value in a document.
type field struct {
	name     string // as in files[].path
	kind     string
	about    string
	required bool
}

// A spec is a schema, as far as it is shown.
type spec struct {
	Ref         string                     `json:"$ref"`
	Type        json.RawMessage            `json:"type"`
	Description string                     `json:"description"`
	Enum        []json.RawMessage          `json:"enum"`
	Const       json.RawMessage            `json:"const"`
	Default     json.RawMessage            `json:"default"`
	Format      string                     `json:"format"`
	Pattern     string                     `json:"pattern"`
	Properties  json.RawMessage            `json:"properties"`
	Required    []string                   `json:"required"`
	Items       json.RawMessage            `json:"items"`
	Additional  json.RawMessage            `json:"additionalProperties"`
	Definitions map[string]json.RawMessage `json:"$defs"`
	AnyOf       []json.RawMessage          `json:"anyOf"`
	OneOf       []json.RawMessage          `json:"oneOf"`
	AllOf       []json.RawMessage          `json:"allOf"`
	Examples    []json.RawMessage          `json:"examples"`

	Minimum   json.RawMessage `json:"minimum"`
	Maximum   json.RawMessage `json:"maximum"`
	MinLength json.RawMessage `json:"minLength"`
	MaxLength json.RawMessage `json:"maxLength"`
	MinItems  json.RawMessage `json:"minItems"`
	MaxItems  json.RawMessage `json:"maxItems"`
}

func specOf(raw json.RawMessage) spec {
	var s spec
	_ = json.Unmarshal(raw, &s) // true, false, and what is written in another way, have nothing to show
	return s
}

// A walk collects the fields of one schema.
type walk struct {
	definitions map[string]json.RawMessage
	fields      []field
	open        []string // references that are being followed
	steps       int
}

// fieldsOf returns the fields of the documents that a schema allows, in its order.
func fieldsOf(raw json.RawMessage) []field {
	root := specOf(raw)
	w := walk{definitions: root.Definitions}
	w.into("", raw, 0)
	return w.fields
}

func examplesOf(raw json.RawMessage) []json.RawMessage { return specOf(raw).Examples }

// into adds the fields below a value.
func (w *walk) into(name string, raw json.RawMessage, depth int) {
	s, done := w.resolve(raw)
	defer done()
	if w.steps++; depth > maxDepth || w.steps > maxSteps || len(w.fields) >= maxFields {
		return
	}
	var all map[string]json.RawMessage
	_ = json.Unmarshal(s.Properties, &all) // what is no object has no keys
	for _, key := range keysOf(s.Properties) {
		w.add(strings.TrimPrefix(name+"."+key, "."), all[key], slices.Contains(s.Required, key), depth)
	}
	if isSchema(s.Additional) {
		w.add(strings.TrimPrefix(name+".*", "."), s.Additional, false, depth)
	}
	for _, part := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		w.into(name, part, depth+1)
	}
	if isSchema(s.Items) {
		w.into(name+"[]", s.Items, depth+1)
	}
}

// add adds a field, and what is below it.
func (w *walk) add(name string, raw json.RawMessage, required bool, depth int) {
	if len(w.fields) >= maxFields || slices.ContainsFunc(w.fields, func(f field) bool { return f.name == name }) {
		return
	}
	s, done := w.resolve(raw)
	w.fields = append(w.fields, field{name, w.kind(s), describe(s), required})
	done()
	w.into(name, raw, depth+1)
}

// resolve returns a schema, or the one that it refers to within the document. A
// reference that leads back to itself is not followed again.
func (w *walk) resolve(raw json.RawMessage) (s spec, done func()) {
	s = specOf(raw)
	name, local := strings.CutPrefix(s.Ref, "#/$defs/")
	if !local || slices.Contains(w.open, s.Ref) || w.definitions[name] == nil {
		return s, func() {}
	}
	w.open = append(w.open, s.Ref)
	referred := specOf(w.definitions[name])
	referred.Description = cmp.Or(s.Description, referred.Description)
	return referred, func() { w.open = w.open[:len(w.open)-1] }
}

// kind says what a value may be.
func (w *walk) kind(s spec) string {
	if len(s.Enum) > 0 {
		return "one of " + values(s.Enum)
	}
	if s.Const != nil {
		return string(s.Const)
	}
	types := typesOf(s.Type)
	if isSchema(s.Items) {
		items, done := w.resolve(s.Items)
		inner := w.kind(items)
		done()
		for i, t := range types {
			if t == "array" {
				types[i] = "array of " + inner
			}
		}
	}
	kind := cmp.Or(strings.Join(types, " or "), strings.TrimPrefix(s.Ref, "#/$defs/"), "anything")
	if s.Format != "" {
		kind += " (" + s.Format + ")"
	}
	return kind
}

func typesOf(raw json.RawMessage) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	var many []string
	_ = json.Unmarshal(raw, &many) // else anything
	return many
}

// describe joins the description and the limits.
func describe(s spec) string {
	var parts []string
	if s.Description != "" {
		parts = append(parts, s.Description)
	}
	for _, limit := range []struct {
		words string
		value json.RawMessage
	}{
		{"default", s.Default}, {"at least", s.Minimum}, {"at most", s.Maximum},
		{"at least this many characters:", s.MinLength}, {"at most this many characters:", s.MaxLength},
		{"at least this many items:", s.MinItems}, {"at most this many items:", s.MaxItems},
	} {
		if limit.value != nil {
			parts = append(parts, limit.words+" "+string(limit.value))
		}
	}
	if s.Pattern != "" {
		parts = append(parts, "matches "+s.Pattern)
	}
	return strings.Join(parts, "; ")
}

func values(all []json.RawMessage) string {
	var texts []string
	for _, v := range all {
		var s string
		if json.Unmarshal(v, &s) != nil {
			s = string(v)
		}
		texts = append(texts, s)
	}
	return strings.Join(texts, ", ")
}

// isSchema reports whether raw says something of a value: true and false do not.
func isSchema(raw json.RawMessage) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte{'{'}) }

// none says what there is when a schema has no fields.
func none(raw json.RawMessage) string {
	s := specOf(raw)
	w := walk{definitions: s.Definitions}
	if kind := w.kind(s); kind != "object" {
		return fmt.Sprintf("%s.", cell(kind))
	}
	return "None."
}

// keysOf returns the keys of an object in the order in which they are written.
func keysOf(raw json.RawMessage) []string {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var keys []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return keys
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return keys
		}
		keys = append(keys, key.(string)) // keys of JSON are strings
	}
	return keys
}
