package main

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// TestMain lets the test binary be the processes that are killed.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		exit(play(role, os.Args[1], os.Args[2:]))
	}
	os.Exit(m.Run())
}

// A short torture: nothing that was acknowledged is lost, nothing is stored twice.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	kills := 12
	if testing.Short() {
		kills = 4
	}
	torment(t, kills, 0)
}

// The server is gone for a while: whoever used it sees reconnections, and nothing
// is lost.
func TestTheServerIsTakenAway(t *testing.T) {
	away := 2 * time.Second
	tt := torment(t, 0, away)
	for _, role := range []string{"publisher", "consumer"} {
		if h := tt.health[role]; h.Reconnects != 1 || h.Errors > 0 {
			t.Errorf("%s: health %+v, want one reconnection and no errors", role, h)
		}
	}
}

func torment(t *testing.T, kills int, away time.Duration) *torture {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dir, err := os.MkdirTemp("", "torture") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	tt := newTorture(dir, seed)
	defer tt.end()
	if err := tt.torment(kills, away); err != nil {
		t.Fatal(err)
	}
	if n := tt.missing(); n > 0 || len(tt.acknowledged) == 0 {
		t.Errorf("%d of %d acknowledged events were lost", n, len(tt.acknowledged))
	}
	return tt
}

// What the witnesses look for is found: a torture in which something is wrong
// fails.
func TestTheWitnessesSeeWhatIsWrong(t *testing.T) {
	tt := newTorture(t.TempDir(), 1)
	k := number{1, 2}
	tt.hear("publisher", []string{"acknowledged", "1", "2", "9", "false"})
	if tt.missing() != 1 {
		t.Errorf("%d missing, want 1", tt.missing())
	}
	tt.hear("consumer", []string{"delivered", "1", "2", idOf(1, k).String(), "1"})
	tt.hear("consumer", []string{"delivered", "1", "2", idOf(1, k).String(), "2"})
	if tt.missing() != 0 || tt.counts.again != 1 || len(tt.wrong) != 0 {
		t.Errorf("missing %d, again %d, wrong %v", tt.missing(), tt.counts.again, tt.wrong)
	}
	tt.hear("consumer", []string{"delivered", "1", "2", idOf(2, k).String(), "3"})
	if len(tt.wrong) != 1 {
		t.Error("another id is not noticed")
	}
	tt.hear("consumer", []string{"deliv"}) // cut off by a kill
}
