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
	if c.err == nil {
		c.err = wholeErr(c.out[len(dst):], e.Extra)
	}
	if c.err != nil {
		return dst, c.err
	}
	return c.out, nil
}

// wholeErr judges what only the whole event shows: its size and, when foreign
// members were put back, whether their keys are still unique.
func wholeErr(text []byte, extra []Member) error {
	if len(text) > MaxSize {
		return ErrTooLarge.With("%d bytes, limit %d", len(text), MaxSize)
	}
	if len(extra) > 0 {
		return check(text, 0)
	}
	return nil
}

// MarshalJSON is [Encode].
func (e Event) MarshalJSON() ([]byte, error) { return Encode(e) }

// Validate reports why e cannot be encoded: a required field is missing or a
// value is not allowed. It is nil for every event that [Decode] returned.
func (e Event) Validate() error {
	_, err := Encode(e)
	return err
}
