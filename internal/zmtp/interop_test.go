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
	"time"

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
	return start(t, interpreter, append([]string{"testdata/peer.py"}, args...)...)
}

func start(t *testing.T, name string, args ...string) *program {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
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
			t.Errorf("%s: %v", name, err)
		}
	})
	p := &program{lines: bufio.NewScanner(out)}
	fmt.Sscanf(p.line(t), "ready %s", &p.where)
	return p
}

func (p *program) line(t *testing.T) string {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatalf("the peer ended: %v", p.lines.Err())
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

// TestInteropWithCzmq is the same for those who use libzmq through czmq.
func TestInteropWithCzmq(t *testing.T) {
	program := filepath.Join(t.TempDir(), "czmq")
	cc := peer.Find(t, "cc")
	if out, err := exec.CommandContext(t.Context(), cc, "-O2", "testdata/czmq.c", "-o", program, "-lczmq").CombinedOutput(); err != nil {
		if os.Getenv("ONEX_REQUIRE_PEERS") == "1" {
			t.Fatalf("libczmq-dev is missing: %v\n%s", err, out)
		}
		t.Skipf("libczmq-dev is missing: %v", err)
	}
	count := interopCount(t)
	for _, role := range []string{"pub", "sub"} {
		for transport, where := range map[string]string{"tcp": "tcp://127.0.0.1:0", "ipc": "ipc://" + filepath.Join(t.TempDir(), role)} {
			t.Run(role+"/"+transport, func(t *testing.T) {
				kind := zmtp.SUB
				if role == "sub" {
					kind = zmtp.XPUB
				}
				s := open(t, kind, &zmtp.Options{Policy: zmtp.Block})
				if kind == zmtp.SUB {
					subscribe(t, s, "t.")
				}
				p := start(t, program, role, ">"+bind(t, s, where), strconv.Itoa(count))
				if kind == zmtp.SUB {
					for i := range count {
						if got, want := receive(t, s), fmt.Sprintf("t.%d|body", i); got != want {
							t.Fatalf("message %d is %q, want %q", i, got, want)
						}
					}
					return
				}
				receive(t, s) // its subscription
				for i := range count {
					send(t, s, "t."+strconv.Itoa(i), "body")
				}
				if got, want := p.line(t), fmt.Sprintf("received %d 0", count); got != want {
					t.Errorf("czmq says %q, want %q", got, want)
				}
			})
		}
	}
}

// TestQuestionsToAndFromLibzmq asks and answers in every pair of types.
func TestQuestionsToAndFromLibzmq(t *testing.T) {
	const count = 500
	interpreter := peer.Find(t, "/usr/bin/python3")
	peer.Module(t, interpreter, "zmq")
	for _, tt := range []struct {
		theirs string
		ours   zmtp.Type
	}{{"REQ", zmtp.REP}, {"REQ", zmtp.ROUTER}, {"REP", zmtp.REQ}, {"REP", zmtp.DEALER}, {"ROUTER", zmtp.REQ}, {"ROUTER", zmtp.DEALER}, {"DEALER", zmtp.ROUTER}, {"DEALER", zmtp.DEALER}} {
		t.Run(tt.theirs+"/"+string(tt.ours), func(t *testing.T) {
			s := open(t, tt.ours, nil)
			out := make(chan string)
			cmd := exec.CommandContext(t.Context(), interpreter, "testdata/ask.py", tt.theirs, bind(t, s, "tcp://127.0.0.1:0"), strconv.Itoa(count))
			go func() {
				b, err := cmd.CombinedOutput()
				out <- fmt.Sprint(strings.TrimSpace(string(b)), err)
			}()
			var id []byte
			if tt.theirs == "DEALER" { // which introduces itself
				m, err := s.Receive(testContext(t))
				if err != nil {
					t.Fatal(err)
				}
				id = m[0]
			}
			for i := range count {
				if tt.theirs == "REQ" {
					m, err := s.Receive(testContext(t))
					if err == nil {
						err = s.Send(testContext(t), m)
					}
					if err != nil {
						t.Fatal(err)
					}
					continue
				}
				question := message(strconv.Itoa(i), "x")
				switch tt.ours {
				case zmtp.DEALER:
					question = append(message(""), question...)
				case zmtp.ROUTER:
					question = append(zmtp.Message{id}, question...)
				}
				if err := s.Send(testContext(t), question); err != nil {
					t.Fatal(err)
				}
				if got := receive(t, s); got != text(question) {
					t.Fatalf("answer %q, want %q", got, text(question))
				}
			}
			if got, want := <-out, fmt.Sprintf("done %d<nil>", count); got != want {
				t.Errorf("python says %q, want %q", got, want)
			}
		})
	}
}

// TestLibzmqsHeartbeatsAreAnswered has a peer that hangs up after a second
// without an answer, and nothing else to hear.
func TestLibzmqsHeartbeatsAreAnswered(t *testing.T) {
	var seen recorder
	pub := open(t, zmtp.XPUB, &zmtp.Options{Heartbeat: -1, Monitor: seen.record})
	p := python(t, "sub", "connect", bind(t, pub, "tcp://127.0.0.1:0"), "1", "1", "null", "", "50")
	receive(t, pub)
	<-time.After(2500 * time.Millisecond)
	if n := seen.count(zmtp.Disconnected, nil); n > 0 {
		t.Errorf("disconnected %d times: %v", n, &seen)
	}
	send(t, pub, "t.0", "x")
	if got := p.line(t); got != "received 1 0 0" {
		t.Errorf("libzmq says %q", got)
	}
}
