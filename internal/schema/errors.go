package schema

import "github.com/omninode-ai/onex/fault"

// ErrSchema: an input or output schema of a contract is not a JSON Schema of
// draft 2020-12, or is larger than 256 KiB or 10000 values. The message names
// the keyword. Patterns are Go regular expressions, without look-around.
var ErrSchema = fault.New("ONEX_CONTRACT_021_SCHEMA_INVALID", fault.Invalid, "invalid schema").
	Hinted("write JSON Schema 2020-12; patterns have no look-ahead or look-behind")

// ErrRef: a $ref or $dynamicRef leaves its schema. Schemas stand alone, so that
// a contract means the same everywhere and checking it never opens a file or a
// connection. Copy what is referred to into $defs and refer to #/$defs/NAME.
var ErrRef = fault.New("ONEX_CONTRACT_022_REF_OUTSIDE", fault.Unsupported, "reference out of the schema").
	Hinted("copy it into $defs and refer to it as #/$defs/NAME")

// ErrUnsound: a contract contradicts itself: a schema does not compile, the
// input of a tool is not an object, an example does not keep its own schema, or
// an example expects an error that its tool does not declare.
var ErrUnsound = fault.New("ONEX_CONTRACT_023_UNSOUND", fault.Invalid, "the contract contradicts itself").
	Hinted("mend the example or the schema at the place that is named")

// ErrViolated: arguments or a result do not keep the schema of the contract.
// The message lists each violation with its JSON Pointer. onex describe TOOL
// prints the schema.
var ErrViolated = fault.New("ONEX_CONTRACT_041_VIOLATED", fault.Invalid, "does not keep the contract").
	Hinted("onex describe prints what the tool takes and gives")

// ErrDocument: what is to be checked is not one JSON value: the syntax is wrong,
// the text is not UTF-8, a key comes twice, something follows the value, or it
// is larger than 1 MiB, deeper than 64 levels, or holds a number of more than
// 400 digits.
var ErrDocument = fault.New("ONEX_CONTRACT_042_NOT_JSON", fault.Invalid, "not a JSON document")

// ErrType: a Go type has no JSON Schema: it is or contains a function, a
// channel, an interface, a time.Duration, or itself; or it writes its own JSON
// and does not say what that looks like.
var ErrType = fault.New("ONEX_CONTRACT_061_TYPE_UNSUPPORTED", fault.Unsupported, "no schema for the Go type").
	Hinted("use plain structs; json.RawMessage for any value, an integer ending in _ms for a duration")
