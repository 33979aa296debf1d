package event

import "time"

// Decode reads one event, strictly: keys match exactly, an object has no key
// twice, nothing follows, and the limits [MaxSize] and [MaxDepth] hold. Fields
// that the kind requires are there and have values that are allowed. The
// envelope has no other keys than ours; members of metadata that this version
// does not know are kept in Extra, and a whole kind that it does not know is
// [Raw]. JSON inside an event is returned byte for byte as it was validated.
//
// Every error has a code and names an offset or the JSON Pointer of a field.
// The event shares no memory with data.
func Decode(data []byte) (Event, error) {
	c := codec{mode: reading, data: data}
	var e Event
	if kind, ok := c.openUsual(&e); ok {
		e.Payload = c.metadata("metadata", kind, nil)
		c.end()
	} else {
		if err := check(data, 0); err != nil {
			return Event{}, err
		}
		if c.openRoot() {
			c.event(&e)
		}
	}
	if c.err != nil {
		return Event{}, c.err
	}
	e.Extra = c.extra
	return e, nil
}

// openUsual reads an envelope that is just as [appendEnvelope] writes it, and
// enters it at its metadata, which are checked then. Nearly all are. It returns
// false, having done nothing, when there is anything else to be said.
func (c *codec) openUsual(e *Event) (Kind, bool) {
	t := template{data: c.data}
	if len(c.data) > MaxSize || !t.text("{"+headOpen) {
		return "", false
	}
	var id, correlation, causation ID
	var node, kind, trace span
	var at time.Time
	t.id(&id)
	t.text(`","timestamp":"`)
	t.time(&at)
	t.text(`","node_id":"`)
	t.string(&node)
	t.text(kindOpen)
	t.string(&kind)
	t.text(correlationOpen)
	t.id(&correlation)
	if t.optional(causationOpen) {
		t.id(&causation)
	}
	if t.optional(traceOpen) {
		t.string(&trace)
	}
	t.text(`","metadata":`)
	metadata := between(t.at, len(c.data)-1)
	if !t.object() || check(c.data[metadata.from:metadata.to], 1) != nil {
		return "", false
	}
	c.share()
	k, name := Kind(c.cut(kind)), c.cut(node)
	if !k.Valid() || !validToken(name) {
		return "", false
	}
	*e = Event{
		SchemaVersion: SchemaVersion, ID: id, Time: at, NodeID: name,
		Correlation: correlation, Causation: causation, TraceParent: c.cut(trace),
	}
	c.push("", 0)
	c.members.push(member{key: between(t.at-len(`metadata":`), t.at-len(`":`)), value: metadata})
	return k, true
}

// share copies the text, if it is short, so that its strings can be cut from
// one copy.
func (c *codec) share() {
	if len(c.data) <= sharedText {
		c.str = string(c.data)
	}
}

// openRoot enters the object that is the whole text.
func (c *codec) openRoot() bool {
	c.share()
	r := walker{data: c.data}
	r.space()
	if root := between(r.at, len(c.data)); c.is('{', "", root) {
		c.push("", 0)
		c.readObject(root)
	}
	return c.err == nil
}

// UnmarshalJSON is [Decode].
func (e *Event) UnmarshalJSON(data []byte) error {
	read, err := Decode(data)
	if err == nil {
		*e = read
	}
	return err
}
