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
	_, err := Encode(e)
	return err
}
