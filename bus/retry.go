package bus

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// Defaults of [Retry].
const (
	// DefaultAttempts outlasts, with the default pauses, the restart of a server
	// on the same machine (about three seconds).
	DefaultAttempts = 8

	DefaultFirstPause   = 50 * time.Millisecond
	DefaultLongestPause = 2 * time.Second
)

// maxDoublings keeps a pause from overflowing when it is doubled: a millisecond
// doubled so often is a quarter of an hour.
const maxDoublings = 20

// ErrRetries is returned by [PublishRetrying] when the last attempt has failed
// like those before. Whether the event was published is as open as the error
// in the message leaves it; publishing it again is safe.
var ErrRetries = fault.New("ONEX_BUS_016_RETRIES_EXHAUSTED", fault.Unavailable, "gave up publishing").
	Hinted("see with `onex bus health` what is wrong, or allow more attempts (publish_attempts)")

// A Retry says how often, and after which pauses, a publication is tried again.
// The zero value has the defaults.
type Retry struct {
	Attempts int           // in all; default DefaultAttempts, 1 means no second one
	First    time.Duration // pause before the second attempt; the following double
	Longest  time.Duration // bound of the pauses
}

// PublishRetrying is Publish, again and again while the bus cannot be reached
// or leaves open whether it took the event, with pauses that double, up to
// a bound, and are random within it. The event keeps its ID, so that a bus that
// keeps events keeps it once; others may hand it over twice. A failure with another
// cause is returned at once.
func PublishRetrying(ctx context.Context, b Bus, s event.Subject, e event.Event, r *Retry) (Receipt, error) {
	var o Retry
	if r != nil {
		o = *r
	}
	setDefault(&o.Attempts, DefaultAttempts)
	setDefault(&o.First, DefaultFirstPause)
	setDefault(&o.Longest, DefaultLongestPause)
	for n := 1; ; n++ {
		receipt, err := b.Publish(ctx, s, e)
		if err == nil || !again(err) || ctx.Err() != nil {
			return receipt, err
		}
		if n >= o.Attempts {
			return receipt, ErrRetries.Wrap(err, "%s %s, attempt %d of %d", s, e.ID, n, o.Attempts)
		}
		select {
		case <-time.After(o.pause(n)):
		case <-ctx.Done():
			return receipt, err
		}
	}
}

// again reports whether a publication that ended in err may be tried again.
func again(err error) bool {
	switch fault.ClassOf(err) {
	case fault.Unavailable, fault.Timeout:
		return !errors.Is(err, ErrClosed)
	}
	return false
}

// pause returns a random time that doubles, at most, with each attempt.
func (r *Retry) pause(n int) time.Duration {
	bound := r.Longest
	if shift := n - 1; shift < maxDoublings && r.First<<shift < bound {
		bound = r.First << shift
	}
	return bound/2 + rand.N(bound/2+1)
}
