package bus

import "github.com/omninode-ai/onex/event"

// A Target is a subject that has been looked at once: backends keep one per
// subject they publish on, because publishing is hot and parsing is not free.
type Target struct {
	Subject event.Subject
	Kind    event.Kind
	Class   Class
}

// ParseTarget checks s and returns what it says.
func ParseTarget(s event.Subject) (Target, error) {
	if _, err := event.ParseSubject(string(s)); err != nil {
		return Target{}, err
	}
	return Target{Subject: s, Kind: s.Kind(), Class: ClassOf(s)}, nil
}

// Encode appends the wire form of e to dst. It refuses an event of another kind
// than the target's ([ErrMismatch]) and one that is invalid or too large.
// Backends encode with it, so that all refuse the same.
func (t Target) Encode(dst []byte, e event.Event) ([]byte, error) {
	if k := e.Kind(); k != t.Kind {
		return dst, t.mismatch(k)
	}
	return event.AppendTo(dst, e)
}

// Measure refuses what Encode refuses, without encoding, and returns a bound
// of the encoded size: see [event.Measure].
func (t Target) Measure(e event.Event) (int, error) {
	if k := e.Kind(); k != t.Kind {
		return 0, t.mismatch(k)
	}
	return event.Measure(e)
}

func (t Target) mismatch(k event.Kind) error {
	return ErrMismatch.With("subject %q, event of kind %q", t.Subject, k)
}
