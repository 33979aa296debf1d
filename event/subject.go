package event

import (
	"strings"

	"github.com/omninode-ai/onex/node"
)

// A Subject is where an event is published: "<kind in lower case>.<name of the
// publishing node>", or, directed to one receiver, "<kind>.<name>.<receiver>".
// Subjects are relative: a bus with a wire puts its configured prefix in front.
type Subject string

// Bounds of subjects and filters. They leave room for a prefix within the 255
// bytes that every backend's subjects can have.
const (
	MaxToken  = 64  // bytes of one token
	MaxFilter = 200 // bytes of a filter or subject
	maxTokens = 8
)

// NewSubject returns the subject for events of kind k from the node called from.
func NewSubject(k Kind, from node.Name) Subject {
	return Subject(k.Token() + "." + string(from))
}

// To returns s directed to one receiver: the id of a node's instance, or that
// which a caller listens on for answers.
func (s Subject) To(receiver string) Subject {
	kind, rest, _ := strings.Cut(string(s), ".")
	from, _, _ := strings.Cut(rest, ".")
	return Subject(kind + "." + from + "." + receiver)
}

// ParseSubject checks the form of a subject. Its error names what is wrong.
func ParseSubject(text string) (Subject, error) {
	if len(text) > MaxFilter {
		return "", ErrSubject.With("%q is longer than %d bytes", clip(text), MaxFilter)
	}
	tokens := strings.Split(text, ".")
	if len(tokens) != 2 && len(tokens) != 3 {
		return "", ErrSubject.With("%q has %d tokens, want kind.node or kind.node.receiver", text, len(tokens))
	}
	if kind := tokens[0]; kind != strings.ToLower(kind) || !Kind(strings.ToUpper(kind)).Valid() {
		return "", ErrSubject.With("%q: kind %q", text, kind)
	}
	for _, t := range tokens[1:] {
		if !validToken(t) {
			return "", ErrSubject.With("%q: token %q", text, t)
		}
	}
	return Subject(text), nil
}

// Kind returns the kind that s names.
func (s Subject) Kind() Kind {
	kind, _, _ := strings.Cut(string(s), ".")
	return Kind(strings.ToUpper(kind))
}

// From returns the name of the node that publishes on s.
func (s Subject) From() node.Name {
	_, rest, _ := strings.Cut(string(s), ".")
	from, _, _ := strings.Cut(rest, ".")
	return node.Name(from)
}

// Receiver returns whom s is directed to; empty when to nobody in particular.
func (s Subject) Receiver() string {
	_, rest, _ := strings.Cut(string(s), ".")
	_, receiver, _ := strings.Cut(rest, ".")
	return receiver
}

// validToken reports whether t can be one token of a subject: printable ASCII
// without dots and wildcards.
func validToken(t string) bool {
	if t == "" || len(t) > MaxToken {
		return false
	}
	for i := range len(t) {
		if c := t[i]; c <= ' ' || c > '~' || c == '.' || c == '*' || c == '>' {
			return false
		}
	}
	return true
}

// clip shortens a text that goes into an error message.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
