// Package soon waits, in a test, for what has no event of its own: another
// process, a server's state, a counter.
//
//	soon.True(t, "the cluster has a leader", func() bool { return c.leader() >= 0 })
//
// Whoever waits for time to pass instead has a test that is slow on a fast
// machine and fails on a slow one. What a channel tells is waited for by the
// channel; what depends on time alone belongs into a bubble of testing/synctest,
// where True does as well. The package is for tests only.
package soon

import (
	"testing"
	"time"
)

const (
	// Patience is how long True waits: longer than any machine that works needs,
	// short enough that a test which hangs says what it waited for.
	Patience = time.Minute

	pause = time.Millisecond // between two looks
)

// True returns when ok is true, and ends the test when it is not within
// [Patience]; what says what was waited for, as a sentence. It belongs to the
// goroutine of the test, and ok is called there.
func True(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(Patience); !ok(); time.Sleep(pause) {
		if t.Context().Err() != nil {
			t.Fatalf("the test was over before %s", what)
		}
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s until: %s", Patience, what)
		}
	}
}
