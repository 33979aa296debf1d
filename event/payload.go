package event

import "encoding/json"

// A Payload says what happened. The set is sealed: it is one of the structs of
// this package (the struct itself, never a pointer to it), or [Raw] for a kind
// that this version does not know.
type Payload interface {
	Kind() Kind
	payload() // seals the set
}

// Raw is the payload of an event whose kind this version does not know. It
// re-encodes to the same bytes.
type Raw struct {
	Type Kind
	Data json.RawMessage // a JSON object
}

// Kind returns the kind that was read.
func (r Raw) Kind() Kind { return r.Type }
func (Raw) payload()     {}
