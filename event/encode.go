package event

// Encode returns the wire form of e: one line of JSON, with the keys in the
// order of docs/events.md. It fails when e is not valid ([Event.Validate]).
func Encode(e Event) ([]byte, error) {
	return AppendTo(make([]byte, 0, sizeHint(e)), e)
}

// sizeHint guesses the encoded size, so that most events need one allocation.
func sizeHint(e Event) int {
	const envelope, payload = 360, 220
	switch p := e.Payload.(type) {
	case ToolProxyInvoke:
		return envelope + payload + len(p.Arguments)
	case ToolProxyResult:
		return envelope + payload + len(p.Result)
	case Raw:
		return envelope + len(p.Data)
	case NodeAnnounce, NodeDiscoveryResponse, ToolDiscoveryResponse:
		return 4 << 10
	}
	return envelope + payload
}

// AppendTo appends the wire form of e to dst. When it fails it returns dst as
// it was. Most kinds take no memory but what dst has.
func AppendTo(dst []byte, e Event) ([]byte, error) {
	c := codec{mode: writing, out: append(dst, '{'), extra: e.Extra}
	c.push("", 0)
	c.event(&e)
	c.whole(len(dst))
	if c.err != nil {
		return dst, c.err
	}
	return c.out, nil
}

// usual reports whether the envelope of e is valid and has nothing to escape or
// to doubt. Nearly all have; the others are visited field by field.
func usual(e *Event, k Kind) bool {
	return k != "" && e.SchemaVersion == SchemaVersion && !e.ID.IsZero() && !e.Correlation.IsZero() &&
		writable(e.Time) && plainToken(e.NodeID) && ascii(e.TraceParent) && ascii(string(k))
}

// What is the same in every envelope, with zeros where the values go.
const (
	headOpen = `"schema_version":"` + SchemaVersion + `","event_id":"`
	headTime = headOpen + zeroID + `","timestamp":"`
	head     = headTime + zeroTime + `","node_id":"`

	correlationOpen = `","correlation_id":"`
	causationOpen   = `","causation_id":"`

	kindOpen  = `","event_type":"`
	traceOpen = `","traceparent":"`

	longestEnvelope = head + kindOpen + correlationOpen + zeroID + causationOpen + zeroID + traceOpen + `"`

	zeroID = "00000000-0000-0000-0000-000000000000"
)

// appendEnvelope appends the fields of a usual envelope, which are those that
// [codec.event] visits, up to the metadata.
func appendEnvelope(out []byte, e *Event, k Kind) []byte {
	at := len(out)
	out = append(out, head...)
	e.ID.put(out[at+len(headOpen):])
	putTime(out[at+len(headTime):], e.Time)
	out = append(out, e.NodeID...)
	out = append(out, kindOpen...)
	out = append(out, k...)
	out = append(out, correlationOpen+zeroID...)
	e.Correlation.put(out[len(out)-len(zeroID):])
	if !e.Causation.IsZero() {
		out = append(out, causationOpen+zeroID...)
		e.Causation.put(out[len(out)-len(zeroID):])
	}
	if e.TraceParent != "" {
		out = append(out, traceOpen...)
		out = append(out, e.TraceParent...)
	}
	return append(out, '"')
}

// whole judges what only the whole event shows: its size and, when unknown
// members were put back, that none was lost and that all keys are unique.
func (c *codec) whole(start int) {
	size := len(c.out) - start
	switch {
	case c.err != nil:
	case size > MaxSize:
		c.err = ErrTooLarge.With("%d bytes, limit %d", size, MaxSize)
	case c.nputs < len(c.extra):
		c.err = ErrPayload.With("Extra has %d members, of which %d belong to no object of the payload", len(c.extra), len(c.extra)-c.nputs)
	case len(c.extra) > 0:
		c.err = check(c.out[start:], 0)
	}
}

// MarshalJSON is [Encode].
func (e Event) MarshalJSON() ([]byte, error) { return Encode(e) }

// Validate reports why e cannot be encoded: a required field is missing or a
// value is not allowed. It is nil for every event that [Decode] returned.
func (e Event) Validate() error {
	_, err := Measure(e)
	return err
}
