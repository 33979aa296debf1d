package event

import (
	"encoding/json"
	"time"
)

// SchemaVersion is the version of the envelope that this package writes. It
// reads every 1.x.
const SchemaVersion = "1.0.0"

// An Event is one thing that happened, as it travels on a bus: an envelope and
// a typed [Payload]. Events are immutable once published.
type Event struct {
	SchemaVersion string    // of the envelope; "1.0.0"
	ID            ID        // UUIDv7; handlers are idempotent by it
	Time          time.Time // UTC, microseconds
	NodeID        string    // the instance that published it; one token of a subject
	Correlation   ID        // ties together everything that one request caused; never zero on the wire
	Causation     ID        // the event that caused this one; zero when none did
	TraceParent   string    // W3C trace context; empty when not traced
	Payload       Payload   // what happened; never nil in a valid event
	Extra         []Member  // members of metadata that this version does not know, kept for others
}

// A Member is a member of an object inside metadata that this version does not
// know. It is kept so that an event passes through older programs unharmed.
type Member struct {
	Path  string // JSON Pointer (RFC 6901) within metadata
	Value json.RawMessage
}

// New returns an event that nodeID publishes now. A zero correlation begins a
// new one, named like the event itself.
func New(nodeID string, p Payload, correlation ID) Event {
	e := Event{
		SchemaVersion: SchemaVersion,
		ID:            NewID(),
		Time:          time.Now().UTC().Truncate(time.Microsecond),
		NodeID:        nodeID,
		Correlation:   correlation,
		Payload:       p,
	}
	if correlation.IsZero() {
		e.Correlation = e.ID
	}
	return e
}

// Reply returns an event that nodeID publishes now because of request: with its
// correlation and trace, and with it as the cause.
func Reply(request Event, nodeID string, p Payload) Event {
	e := New(nodeID, p, request.Correlation)
	e.Causation, e.TraceParent = request.ID, request.TraceParent
	return e
}

// Kind returns the type of e's payload.
func (e Event) Kind() Kind {
	if e.Payload == nil {
		return ""
	}
	return e.Payload.Kind()
}
