// Package jsonschema checks decoded JSON against JSON Schema 2020-12, and tells
// every violation with its place.
//
//	s, err := jsonschema.Compile(doc) // as a json.Decoder with UseNumber reads it
//	for _, v := range s.Validate(value) { fmt.Println(v.At, v.Text) }
//
// The whole of the draft is understood, and nothing of others: a schema stands
// alone, and what refers to something outside is an [*OutsideError]; only the
// metaschema itself may be referred to. Formats are asserted, those that are not
// known are kept by everything. contentEncoding and its like say nothing. Numbers
// are compared exactly. Patterns are Go regular expressions.
//
// Texts name types and what the schema wants, and never repeat a value. Nothing
// is compiled before the first schema is. Schemas are immutable and safe for
// concurrent use. The time of a check grows with the size of the value times
// that of the schema, unless its alternatives multiply.
package jsonschema
