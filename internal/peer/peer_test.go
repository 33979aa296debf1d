package peer_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/omninode-ai/onex/internal/peer"
)

// recorder is a testing.TB that remembers how it ended.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Fatalf(string, ...any) { r.ended = "failed"; runtime.Goexit() }
func (r *recorder) Skipf(string, ...any)  { r.ended = "skipped"; runtime.Goexit() }

// end runs f with a recorder and returns how that ended.
func end(t *testing.T, f func(testing.TB)) string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.ended
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "a-peer")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n[ \"$2\" = 'import here' ]\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	if got := peer.Find(t, "a-peer"); got != program {
		t.Errorf("Find = %q, want %q", got, program)
	}
	for require, want := range map[string]string{"": "skipped", "1": "failed"} {
		t.Setenv("ONEX_REQUIRE_PEERS", require)
		if got := end(t, func(tb testing.TB) { peer.Find(tb, "no-such-peer") }); got != want {
			t.Errorf("ONEX_REQUIRE_PEERS=%q: a missing program %s the test, want %s", require, got, want)
		}
		if got := end(t, func(tb testing.TB) { peer.Module(tb, program, "absent") }); got != want {
			t.Errorf("ONEX_REQUIRE_PEERS=%q: a missing module %s the test, want %s", require, got, want)
		}
	}
	if got := end(t, func(tb testing.TB) { peer.Module(tb, program, "here") }); got != "" {
		t.Errorf("a module that is there: the test %s", got)
	}
}
