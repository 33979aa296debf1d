package event

import "github.com/omninode-ai/onex/fault"

// ErrTooLarge: an encoded event is longer than 1 MiB ([MaxSize]). Put large
// data into a file or a store and send a reference to it.
var ErrTooLarge = fault.New("ONEX_EVENT_001_TOO_LARGE", fault.Invalid, "event too large").
	Hinted("send a reference to the data instead of the data")

// ErrTooDeep: the JSON of an event is nested more than 64 levels deep
// ([MaxDepth]), counted from the envelope. Flatten the data.
var ErrTooDeep = fault.New("ONEX_EVENT_002_TOO_DEEP", fault.Invalid, "event nested too deeply")

// ErrSyntax: the bytes are not one JSON object in valid UTF-8 with nothing
// before or after it. The error gives the offset of the first wrong byte.
var ErrSyntax = fault.New("ONEX_EVENT_003_SYNTAX", fault.Invalid, "not a JSON event")

// ErrDuplicateKey: an object of the event has the same key twice, so that two
// readers could see two different events. The sender is at fault.
var ErrDuplicateKey = fault.New("ONEX_EVENT_004_DUPLICATE_KEY", fault.Invalid, "duplicate key")

// ErrUnknownKey: the envelope has a key that is not one of docs/events.md. Keys
// are matched exactly, case included. Data of your own belongs into metadata.
var ErrUnknownKey = fault.New("ONEX_EVENT_005_UNKNOWN_KEY", fault.Invalid, "unknown key in the envelope")

// ErrMissing: a field that the envelope or the event's kind requires is absent,
// null or empty. docs/events.md lists the fields of each kind.
var ErrMissing = fault.New("ONEX_EVENT_006_MISSING_FIELD", fault.Invalid, "missing field")

// ErrType: a field holds a JSON value of the wrong type, such as a string where
// a number is expected.
var ErrType = fault.New("ONEX_EVENT_007_FIELD_TYPE", fault.Invalid, "wrong type")

// ErrValue: a field holds a value that is not allowed there: an unknown word, a
// number out of range, a text that is too long. The error names what is allowed.
var ErrValue = fault.New("ONEX_EVENT_008_FIELD_VALUE", fault.Invalid, "value not allowed")

// ErrVersion: the event was written for a major version of the envelope that
// this program does not speak. Update the older of the two programs.
var ErrVersion = fault.New("ONEX_EVENT_009_SCHEMA_VERSION", fault.Unsupported, "unsupported schema_version").
	Hinted("update the older program; this one speaks " + SchemaVersion)

// ErrPayload: an event to be sent has no payload, or a pointer to a payload
// struct instead of the struct. It is a defect of the program that made it.
var ErrPayload = fault.New("ONEX_EVENT_010_PAYLOAD", fault.Invalid, "not a payload")

// ErrInvalidID: a text is not a UUID in its canonical form of 36 characters.
var ErrInvalidID = fault.New("ONEX_EVENT_021_INVALID_ID", fault.Invalid, "not a UUID")

// ErrSubject: a text is not a subject: <kind>.<node name>, or
// <kind>.<node name>.<receiver>, without wildcards.
var ErrSubject = fault.New("ONEX_EVENT_022_INVALID_SUBJECT", fault.Invalid, "invalid subject")

// ErrFilter: a text is not a filter. A filter is one to eight tokens separated
// by dots; "*" stands for one token and ">", at the end, for one or more.
var ErrFilter = fault.New("ONEX_EVENT_023_INVALID_FILTER", fault.Invalid, "invalid filter").
	Hinted(`"*" and ">" stand for whole tokens, and ">" only at the end`)

// ErrStateSize is a warning, and an error in strict mode: a state in an event
// is larger than 100 KB. Large states cost every subscriber.
var ErrStateSize = fault.New("ONEX_EVENT_041_STATE_SIZE", fault.Invalid, "state larger than recommended")

// ErrStateDepth is a warning, and an error in strict mode: a state in an event
// is nested more than ten levels deep.
var ErrStateDepth = fault.New("ONEX_EVENT_042_STATE_DEPTH", fault.Invalid, "state deeper than recommended")

// ErrExtra is a warning, and an error in strict mode: metadata holds a key that
// this version does not know for the event's kind. It is kept and passed on.
// Either it is misspelt, or the sender is newer.
var ErrExtra = fault.New("ONEX_EVENT_043_UNKNOWN_FIELD", fault.Invalid, "unknown field")

// ErrForeignNode is a warning, and an error in strict mode: a node speaks for
// another one; the envelope's node_id is not that of the announcement or beat.
var ErrForeignNode = fault.New("ONEX_EVENT_044_FOREIGN_NODE", fault.Invalid, "node_id differs from the sender's")

// ErrCloudEvent: a document is not a CloudEvent that can be read as an event of
// ours: version 1.0, structured JSON, with a UUID as id and a type of ours.
var ErrCloudEvent = fault.New("ONEX_EVENT_061_CLOUDEVENT", fault.Invalid, "not a CloudEvent of ours")
