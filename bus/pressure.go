package bus

import (
	"time"

	"github.com/omninode-ai/onex/event"
)

const (
	// A queue is slow when it is filled to slowNumerator/slowDenominator, and
	// again only after it was half empty: a reader that barely keeps up is told
	// of once.
	slowNumerator, slowDenominator = 3, 4

	// leastSlow is the smallest queue that is told to be slow. A smaller one is
	// full whenever some events come at once; its drops say enough.
	leastSlow = 8

	// leastWait is what publishers must have waited in a second, in all, to be
	// told of: less is how a queue that blocks works.
	leastWait = 10 * time.Millisecond
)

// Retried notes that an event is delivered again to a subscriber, because it was
// not acknowledged before. The first attempt is none.
func (m *Meter) Retried(s event.Subject, id event.ID, subscriber string, attempt int) {
	if attempt > 1 && !s.Kind().Diagnostic() {
		m.journal.add(Note{What: HappenedRetry, Subject: s, Event: id, Subscriber: subscriber, Attempt: attempt, Count: 1})
	}
}

// Waited notes that a publisher waited for a queue that was full. Limit is 0 when
// the queue is not counted in events.
func (m *Meter) Waited(s event.Subject, limit int, d time.Duration) {
	if !s.Kind().Diagnostic() {
		m.journal.add(Note{What: HappenedBackpressure, Subject: s, Depth: limit, Limit: limit, Wait: d, Count: 1})
	}
}

// Slow notes that a subscription has not read most of what its queue holds. Lag
// is the age of the oldest event in it.
func (m *Meter) Slow(f event.Filter, subscriber string, depth, limit int, lag time.Duration) {
	m.journal.add(Note{
		What: HappenedSlow, Filter: f, Subscriber: subscriber, Depth: depth, Limit: limit, Wait: max(0, lag), Count: 1,
	})
}

// fell reports whether the queue has just become slow, by a delivery that is no
// diagnostic: else a slow reader of diagnostics would cause more of them. The
// caller holds mu.
func (q *Queue) fell(d *Delivery) bool {
	if q.slow || q.bound < leastSlow || q.filter == "" ||
		q.length < q.bound*slowNumerator/slowDenominator || d.Subject.Kind().Diagnostic() {
		return false
	}
	q.slow = true
	return true
}
