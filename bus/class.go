package bus

import (
	"slices"

	"github.com/omninode-ai/onex/event"
)

// Class is a delivery guarantee.
type Class string

// The classes.
const (
	Ephemeral Class = "ephemeral" // at most once
	Durable   Class = "durable"   // at least once, acknowledged

	// Retained is what Durable promises for as long as the process lives that
	// keeps the events, in its memory: when it ends, so do they, and no name or
	// sequence outlives it. Subscriptions only; events are never published in it.
	Retained Class = "retained"
)

// ClassOf returns the class in which an event on subject s is published: that of
// its kind, except that an event directed to one receiver is always ephemeral.
// Nobody but the receiver wants it, and the receiver is there or is not.
func ClassOf(s event.Subject) Class {
	if s.Receiver() == "" && s.Kind().Durable() {
		return Durable
	}
	return Ephemeral
}

// Has reports whether b has class c.
func Has(b Bus, c Class) bool { return slices.Contains(b.Classes(), c) }
