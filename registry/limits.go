package registry

import "time"

// Times of the default profile (local). A node beats [BeatsPerTTL] times per TTL,
// so that one lost beat is nothing, two make it suspect and three kill it.
const (
	// DefaultTTL is how long a node may be silent that named no TTL: that of the
	// profile [Local], one beat a second.
	DefaultTTL = 3 * time.Second

	// MinTTL and MaxTTL bound what a node may ask for; the acceptance says what
	// it got. Below, the beats of some nodes would outweigh all work; above, a
	// silent node would be offered for callers to wait on.
	MinTTL = 300 * time.Millisecond
	MaxTTL = 10 * time.Minute

	// BeatsPerTTL is how often a node should beat during its TTL.
	BeatsPerTTL = 3

	// Grace is what nodes known from before a restart of the registry get beyond
	// their TTL to be heard of: a host reconnects with backoff within 5 s.
	Grace = 5 * time.Second

	// Rejudge is how long the trust in a node that claims some may be out of date.
	// To verify two signatures takes a tenth of a millisecond.
	Rejudge = 30 * time.Second

	// Keep is how long dead and stopped nodes stay listed, for people who ask why.
	Keep = 10 * time.Minute

	// Slack is how late the registry may judge a silence. If it is later, it was
	// itself not running or not connected, and what it did not hear proves nothing.
	Slack = 250 * time.Millisecond
)

// Bounds of what the registry holds.
const (
	// MaxNodes bounds the instances that are known, dead ones included: at
	// usual sizes about half a gigabyte. Where dead ones fill it, those dead for
	// longest are forgotten before [Keep] is over.
	MaxNodes = 50_000

	// maxForgotten bounds those that are forgotten at once to make room.
	maxForgotten = MaxNodes / 100

	// MaxTools bounds the tools of one node. A contract of this size does not fit
	// one event anyway.
	MaxTools = 1000

	// MaxHistory bounds the changes kept per node; the oldest is forgotten.
	MaxHistory = 32

	// MaxReason bounds the reason of a change in bytes; the rest of a longer one,
	// such as an error that a node says goodbye with, is cut.
	MaxReason = 1 << 10

	// MaxRecord bounds one saved record in bytes. Stores must take it.
	MaxRecord = 1 << 20

	// MaxProviders bounds the providers of one tool in one answer, best first. It
	// keeps answers below the limit of an event; callers choose among the first.
	MaxProviders = 256

	// MaxBatch bounds the records that one save writes and so the acceptances
	// that it delays.
	MaxBatch = 1024

	// unsaved bounds the incarnations given but not yet saved: one batch being
	// written, one being gathered. A restart skips as many numbers, so that none
	// is given twice.
	unsaved = 2 * MaxBatch

	// maxLeap bounds how far an announcement's own last incarnation may push the
	// counter: far enough for a lost store, too short to exhaust the numbers.
	maxLeap = 1 << 32
)

// Sizes that keep answers below the 1 MiB of an event.
const (
	pageBudget  = 512 << 10 // one answer, by estimate
	entryBudget = 992 << 10 // one node alone, by estimate; the rest is the envelope's
	maxContent  = 960 << 10 // one node with its contract, which nothing can split
	fixedCost   = 512       // the fields of bounded length of one entry
	historyCost = 128       // the same, of one change
	escape      = 6         // bytes of JSON that one byte of a text may take: \u0000
)
