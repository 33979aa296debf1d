package zmtp_test

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// interopCount is how many messages go each way; ONEX_INTEROP_COUNT=1000000 asks
// for the long run.
func interopCount(t *testing.T) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("ONEX_INTEROP_COUNT"), "20000"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A program is a running peer.
type program struct {
	lines *bufio.Scanner
	where string // its endpoint
}

// python starts testdata/peer.py, and waits until it is ready.
func python(t *testing.T, args ...string) *program {
	t.Helper()
	interpreter := peer.Find(t, "/usr/bin/python3")
	peer.Module(t, interpreter, "zmq")
	cmd := exec.CommandContext(t.Context(), interpreter, append([]string{"testdata/peer.py"}, args...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // which ends it
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("peer.py: %v", err)
		}
	})
	p := &program{lines: bufio.NewScanner(out)}
	fmt.Sscanf(p.line(t), "ready %s", &p.where)
	return p
}

func (p *program) line(t *testing.T) string {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatalf("peer.py ended: %v", p.lines.Err())
	}
	return p.lines.Text()
}

// A meeting is one cell of the matrix.
type meeting struct {
	transport, mechanism string
	weBind, weServe      bool // the server of the mechanism need not be who binds
	wePublish            bool
	heartbeat            int // of libzmq, in milliseconds
}

func (m meeting) String() string {
	return fmt.Sprintf("%s/%s/bind=%v/server=%v/publish=%v/heartbeat=%d", m.transport, m.mechanism, m.weBind, m.weServe, m.wePublish, m.heartbeat)
}

func matrix() []meeting {
	var all []meeting
	for _, transport := range []string{"tcp", "ipc"} {
		for _, mechanism := range []string{"null", "plain", "curve"} {
			for _, weBind := range []bool{true, false} {
				for _, wePublish := range []bool{true, false} {
					for _, heartbeat := range []int{0, 200} {
						all = append(all, meeting{transport, mechanism, weBind, wePublish, wePublish, heartbeat})
					}
				}
			}
		}
	}
	return all
}

// TestInteropWithLibzmq sends messages between us and libzmq, in every
// combination that users have. All of them must arrive, in order.
func TestInteropWithLibzmq(t *testing.T) {
	count := interopCount(t)
	for _, m := range matrix() {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			m.run(t, count)
		})
	}
}

func (m meeting) run(t *testing.T, count int) {
	const size = 100
	mechanism, keys, ours := m.secure(t)
	role, kind := "pub", zmtp.SUB
	if m.wePublish {
		role, kind = "sub", zmtp.XPUB
	}
	s := open(t, kind, &zmtp.Options{Security: ours, Policy: zmtp.Block, Heartbeat: patience})
	if kind == zmtp.SUB {
		subscribe(t, s, "t.")
	}
	side, where := "bind", "tcp://127.0.0.1:*"
	if m.transport == "ipc" {
		where = "ipc://" + filepath.Join(t.TempDir(), "z")
	}
	if m.weBind {
		side, where = "connect", bind(t, s, where)
	}
	p := python(t, role, side, where, strconv.Itoa(count), strconv.Itoa(size), mechanism, keys, strconv.Itoa(m.heartbeat))
	if !m.weBind {
		connect(t, s, p.where)
	}
	body := strings.Repeat("x", size)
	if !m.wePublish {
		for i := range count {
			if got, want := receive(t, s), fmt.Sprintf("t.%d|%s", i, body); got != want {
				t.Fatalf("message %d is %.40q, want %.40q", i, got, want)
			}
		}
		return
	}
	if got := receive(t, s); got != "\x01t." {
		t.Fatalf("subscription %q", got)
	}
	for i := range count {
		send(t, s, "t."+strconv.Itoa(i), body)
	}
	if got, want := p.line(t), fmt.Sprintf("received %d 0 0", count); got != want {
		t.Errorf("libzmq says %q, want %q", got, want)
	}
}

// secure returns the mechanism of either side.
func (m meeting) secure(t *testing.T) (theirs, keys string, ours zmtp.Mechanism) {
	server, client := newKeys(t), newKeys(t)
	plain, err := zmtp.PlainClient("admin", "secret")
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case m.mechanism == "plain" && m.weServe:
		return "plain-client", "", zmtp.PlainServer(zmtp.OneUser("admin", "secret"))
	case m.mechanism == "plain":
		return "plain-server", "", plain
	case m.mechanism == "curve" && m.weServe:
		return "curve-client", fmt.Sprint(client.Public, " ", client.Secret, " ", server.Public), zmtp.CurveServer(server, zmtp.Keys(client.Public))
	case m.mechanism == "curve":
		return "curve-server", fmt.Sprint(server.Public, " ", server.Secret, " ", client.Public), zmtp.CurveClient(client, server.Public)
	}
	return "null", "", zmtp.Null()
}
