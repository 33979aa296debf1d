//go:build unix

package main

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/omninode-ai/onex/internal/peer"
)

// TestKilledRunsAreResumedOrRolledBack is the program with two kills of each mode.
func TestKilledRunsAreResumedOrRolledBack(t *testing.T) {
	peer.Find(t, "git")
	dir := t.TempDir()
	l := &lab{dir: dir, onex: filepath.Join(dir, "onex"), rnd: rand.New(rand.NewPCG(2, 0)), files: 30}
	if err := command(".", "go", "build", "-o", l.onex, "github.com/omninode-ai/onex/cmd/onex"); err != nil {
		t.Fatal(err)
	}
	for i := range 2 * len(modes()) {
		if err := l.round(modes()[i%len(modes())]); err != nil {
			t.Fatal(err)
		}
	}
	if l.torn > 0 {
		t.Errorf("%d files torn, left over or lost; they are named above", l.torn)
	}
	for name, c := range l.count {
		t.Logf("%s: %+v", name, *c)
	}
}
