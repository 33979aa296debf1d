package interop_test

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/zmtp/interop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds one meeting on a loaded machine.
const patience = time.Minute

// interopCount is how many messages go each way; ONEX_INTEROP_COUNT=1000000 asks
// for the long run.
func interopCount(t *testing.T) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("ONEX_INTEROP_COUNT"), "5000"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestInteropWithLibzmq sends messages between us and libzmq, used from Python
// and from C, in every combination that users have. All must arrive, in order.
func TestInteropWithLibzmq(t *testing.T) {
	peers, err := interop.Find(t.Context(), t.TempDir())
	if err != nil {
		peer.Missing(t, err.Error())
	}
	count := interopCount(t)
	for _, m := range interop.Matrix() {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			r, err := m.Run(ctx, peers, count)
			if err != nil || r.Count != count || r.Disordered+r.Damaged > 0 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

// TestAMeetingThatFails holds that a run which cannot succeed says so, and leaves no
// process: a peer that is not there, one that says nothing or something else.
func TestAMeetingThatFails(t *testing.T) {
	script := func(text string) []string { return []string{peer.Find(t, "sh"), "-c", text} }
	for name, tt := range map[string]struct {
		peer []string
		want string // in the error
	}{
		"not there":    {[]string{"/nowhere/peer"}, "no such file"},
		"says nothing": {script("exit 0"), "the peer has ended"},
		"complains":    {script("echo no zmq here >&2; exit 3"), "no zmq here"},
		"not ready":    {script("echo hello; cat"), "input does not match format"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			m := interop.Meeting{Peer: interop.Pyzmq, Transport: "tcp", Mechanism: "null"}
			r, err := m.Run(ctx, interop.Peers{interop.Pyzmq: tt.peer}, 1)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%+v, %v; want an error with %q", r, err, tt.want)
			}
		})
	}
}

func TestADeafPeerEndsWithTheContext(t *testing.T) {
	deaf := interop.Peers{interop.Czmq: {peer.Find(t, "sh"), "-c", "echo ready tcp://127.0.0.1:1; cat"}}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if r, err := (interop.Meeting{Peer: interop.Czmq, Transport: "ipc", Mechanism: "curve"}).Run(ctx, deaf, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%+v, %v", r, err)
	}
}
