package schema

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/node"
)

// An Enum is a string type with a closed set of values, which become the enum
// of its schema.
type Enum interface{ Values() []string }

// A Schemed type writes its own JSON and says what that looks like.
type Schemed interface{ JSONSchema() json.RawMessage }

// For returns the schema of the JSON that encoding/json writes for T and reads
// into it. The same type always gives the same bytes.
//
//   - A struct is an object of its exported fields in their order, and no other
//     keys. A field is required unless its json tag has omitempty or omitzero.
//     A tag jsonschema:"text" describes it.
//   - A pointer may also be null, and so may a slice or a map, which are null in
//     Go when nobody made them; except where the tag has omitempty or omitzero.
//   - A string type with a method Values() []string is an enum ([Enum]).
//   - time.Time is a string of format date-time, []byte one in base64, a type
//     with MarshalText a string, and json.RawMessage any value.
//   - A type with MarshalJSON must have JSONSchema() json.RawMessage ([Schemed]).
//
// Everything else is an [ErrType] that names the field: functions, channels,
// complex numbers, interfaces, embedded pointers, recursive types, maps whose keys are not strings,
// and time.Duration, whose JSON is a bare number of nanoseconds.
func For[T any]() (json.RawMessage, error) {
	s, err := derive(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	return marshal(s)
}

func derive(t reflect.Type) (*document, error) {
	d := deriver{seen: map[reflect.Type]bool{}}
	s := d.schema(t, t.String())
	return s, d.err
}

// A deriver keeps the first error, so that its methods compose.
type deriver struct {
	seen map[reflect.Type]bool // the structs that are being described
	err  error
}

func (d *deriver) fail(at, format string, args ...any) *document {
	if d.err == nil {
		d.err = ErrType.With("%s "+format, append([]any{at}, args...)...)
	}
	return &document{}
}

// schema describes t, which was found at the place at, for messages.
func (d *deriver) schema(t reflect.Type, at string) *document {
	if s := d.wellKnown(t, at); s != nil {
		return s
	}
	switch t.Kind() {
	case reflect.Bool:
		return typed("boolean")
	case reflect.String:
		return typed("string")
	case reflect.Float32, reflect.Float64:
		return typed("number")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return integer(t)
	case reflect.Pointer:
		return nullable(d.schema(t.Elem(), at))
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &document{Type: []string{"string", "null"}, ContentEncoding: "base64"}
		}
		return nullable(&document{Type: []string{"array"}, Items: d.schema(t.Elem(), at+"[]")})
	case reflect.Array:
		n := t.Len()
		return &document{Type: []string{"array"}, Items: d.schema(t.Elem(), at+"[]"), MinItems: &n, MaxItems: &n}
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return d.fail(at, "is a map whose keys are not strings")
		}
		return nullable(&document{Type: []string{"object"}, AdditionalProperties: d.schema(t.Elem(), at+"[]")})
	case reflect.Struct:
		return d.object(t, at)
	}
	return d.fail(at, "is a %s", t.Kind())
}

// wellKnown describes types whose JSON does not follow from their kind.
func (d *deriver) wellKnown(t reflect.Type, at string) *document {
	switch t {
	case reflect.TypeFor[time.Time]():
		return &document{Type: []string{"string"}, Format: "date-time"}
	case reflect.TypeFor[time.Duration]():
		return d.fail(at, "is a time.Duration")
	case reflect.TypeFor[json.RawMessage]():
		return &document{}
	case reflect.TypeFor[json.Number]():
		return typed("number")
	case reflect.TypeFor[node.Manifest](), reflect.TypeFor[node.Contract](), reflect.TypeFor[node.Tool]():
		return typed("object") // docs/manifest-and-contract.md is their schema
	}
	if t.Kind() == reflect.Pointer {
		return nil // what it points to is described
	}
	switch {
	case t.Implements(reflect.TypeFor[Enum]()) && t.Kind() == reflect.String:
		s := typed("string")
		s.Enum = reflect.Zero(t).Interface().(Enum).Values()
		return s
	case t.Implements(reflect.TypeFor[Schemed]()):
		return &document{own: reflect.Zero(t).Interface().(Schemed).JSONSchema()}
	case writes[json.Marshaler](t):
		return d.fail(at, "writes its own JSON and has no method JSONSchema")
	case writes[encoding.TextMarshaler](t):
		return typed("string")
	}
	return nil
}

func writes[Marshaler any](t reflect.Type) bool {
	marshaler := reflect.TypeFor[Marshaler]()
	return t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler)
}

func (d *deriver) object(t reflect.Type, at string) *document {
	if d.seen[t] {
		return d.fail(at, "contains itself")
	}
	d.seen[t] = true
	defer delete(d.seen, t)
	s := typed("object")
	s.Properties = &properties{}
	s.AdditionalProperties = &document{own: json.RawMessage("false")}
	d.fields(s, t, at)
	return s
}

func (d *deriver) fields(s *document, t reflect.Type, at string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options := jsonName(f)
		switch {
		case name == "-" && options == "":
		case f.Anonymous && f.Tag.Get("json") == "" && f.Type.Kind() == reflect.Struct:
			d.fields(s, f.Type, at)
		case f.Anonymous && f.Tag.Get("json") == "" && f.Type.Kind() == reflect.Pointer:
			d.fail(at+"."+f.Name, "is an embedded pointer")
		case !f.IsExported():
		case s.Properties.has(name):
			d.fail(at, "has the key %q twice", name)
		default:
			d.property(s, f, name, strings.Split(options, ","), at+"."+f.Name)
		}
	}
}

func (d *deriver) property(s *document, f reflect.StructField, name string, options []string, at string) {
	if slices.Contains(options, "string") {
		d.fail(at, "has the option string in its json tag")
	}
	p := d.schema(f.Type, at)
	if slices.Contains(options, "omitempty") || slices.Contains(options, "omitzero") {
		p = p.withoutNull()
	} else {
		s.Required = append(s.Required, name)
	}
	if text := f.Tag.Get("jsonschema"); text != "" {
		p.Description = text
	}
	s.Properties.names = append(s.Properties.names, name)
	s.Properties.schemas = append(s.Properties.schemas, p)
}

// jsonName returns the key of a field and the options of its json tag.
func jsonName(f reflect.StructField) (name, options string) {
	name, options, found := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		name = f.Name
	}
	if found && options == "" {
		options = "," // `json:"-,"` names the key "-"
	}
	return name, options
}
