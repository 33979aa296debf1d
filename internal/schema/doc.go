// Package schema checks JSON against JSON Schema 2020-12, and makes schemas
// from Go types. It is the one validator of ONEX: arguments and results, on
// every path, are checked by it.
//
//	v, err := schema.Compile(tool.Input)
//	err = v.Validate(arguments) // every violation, with its JSON Pointer
//
//	raw, err := schema.For[Request]() // the schema of a Go type
//
// Documents are read strictly: UTF-8, no duplicate keys, nothing after the
// value, at most 1 MiB and 64 levels. Numbers are compared exactly, not as
// floats. A schema stands alone: a $ref that leaves it is an error, never an
// access to a network or a file. Formats are asserted (date-time, date, time,
// duration, email, hostname, ipv4, ipv6, uri, uri-reference, uuid, regex,
// json-pointer, semver); patterns are Go regular expressions, whose time is
// linear in the text, and which have no look-around.
//
// Messages name places and types but never repeat a document's text, which may
// be secret. Validators are immutable and safe for concurrent use. A schema
// that multiplies its own alternatives can still make a check slow: whoever
// accepts contracts from strangers bounds the time of a call.
package schema
