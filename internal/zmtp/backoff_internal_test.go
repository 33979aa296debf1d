package zmtp

import (
	"errors"
	"testing"
	"time"
)

// TestPausesGrowAndDiffer looks at the pauses between attempts to connect.
func TestPausesGrowAndDiffer(t *testing.T) {
	o := &Options{FirstPause: 10 * time.Millisecond, LastPause: 300 * time.Millisecond}
	s, err := New(SUB, o)
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("connection refused")
	for attempt, bound := range []time.Duration{10, 20, 40, 80, 160, 300, 300, 300} {
		bound *= time.Millisecond
		seen, longest := map[time.Duration]bool{}, time.Duration(0)
		for range 200 {
			d := s.backoff(attempt, gone)
			seen[d] = true
			longest = max(longest, d)
		}
		if longest > bound || longest < bound/2 || len(seen) < 100 {
			t.Errorf("attempt %d: longest of 200 is %v, %d different ones, bound %v", attempt, longest, len(seen), bound)
		}
	}
	for range 200 {
		if d := s.backoff(0, ErrDenied); d < o.LastPause/2 || d > o.LastPause {
			t.Errorf("after a refusal: %v", d)
		}
	}
	if d := s.backoff(1_000_000, gone); d > o.LastPause {
		t.Errorf("after a million attempts: %v", d)
	}
}
