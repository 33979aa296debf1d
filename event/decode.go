package event

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
	if err := check(data, 0); err != nil {
		return Event{}, err
	}
	c := codec{mode: reading, data: data}
	var e Event
	if c.openRoot() {
		c.event(&e)
	}
	if c.err != nil {
		return Event{}, c.err
	}
	e.Extra = c.extra
	return e, nil
}

// openRoot enters the object that is the whole text.
func (c *codec) openRoot() bool {
	if len(c.data) <= sharedText {
		c.str = string(c.data)
	}
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
