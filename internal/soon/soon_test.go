package soon_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omninode-ai/onex/internal/soon"
)

// A recorder is a testing.TB that remembers how it was ended.
type recorder struct {
	testing.TB
	ctx   context.Context
	fatal string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// wait runs True as a test of its own would, and returns how it ended.
func wait(ctx context.Context, t *testing.T, ok func() bool) string {
	r := &recorder{TB: t, ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		soon.True(r, "the sun rises", ok)
	}()
	<-done
	return r.fatal
}

func TestTrueWaitsNoLongerThanItMust(t *testing.T) {
	over, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		name  string
		ctx   context.Context
		at    time.Duration // when it becomes true
		takes time.Duration
		fatal string
	}{
		{name: "at once", ctx: over},
		{name: "later", ctx: t.Context(), at: 3 * time.Second, takes: 3 * time.Second},
		{name: "never", ctx: t.Context(), at: time.Hour, takes: soon.Patience + time.Millisecond, fatal: "waited in vain for 1m0s until: the sun rises"},
		{name: "too late", ctx: over, at: time.Hour, fatal: "the test was over before the sun rises"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				fatal := wait(c.ctx, t, func() bool { return time.Since(start) >= c.at })
				if fatal != c.fatal || time.Since(start) != c.takes {
					t.Errorf("after %s: %q, want %q after %s", time.Since(start), fatal, c.fatal, c.takes)
				}
			})
		})
	}
}
