package registry

import (
	"testing"
	"time"

	"github.com/omninode-ai/onex/registry/lease"
)

// TestSleepDuringARepeatedSave: the time of a retry is past as soon as the retry
// begins, and must not keep the loop spinning until it ends.
func TestSleepDuringARepeatedSave(t *testing.T) {
	now := time.Now()
	l := &loop{s: NewState(nil), retry: retry{at: now.Add(-time.Second)}, ports: ports{table: &lease.Table{}}}
	if got := l.sleep(now); got != 0 {
		t.Errorf("a retry that is due waits %s", got)
	}
	l.saving = &batch{}
	if got := l.sleep(now); got < time.Minute {
		t.Errorf("the loop wakes after %s while the retry is under way", got)
	}
}
