package zmtp_test

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/zmtp"
	"github.com/omninode-ai/onex/internal/zmtp/interop"
)

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
	peers, err := interop.Find(t.Context(), t.TempDir())
	if err != nil {
		peer.Missing(t, err.Error())
	}
	p, err := interop.Start(t.Context(), peers[interop.Pyzmq], "sub", "connect", bind(t, pub, "tcp://127.0.0.1:0"), "1", "1", "null", "", "50")
	if err != nil {
		t.Fatal(err)
	}
	receive(t, pub)
	<-time.After(2500 * time.Millisecond)
	if n := seen.count(zmtp.Disconnected, nil); n > 0 {
		t.Errorf("disconnected %d times: %v", n, &seen)
	}
	send(t, pub, "t.0", "x")
	if got, err := p.Line(); got != "received 1 0 0" {
		t.Errorf("libzmq says %q, %v", got, err)
	}
	if err := p.End(); err != nil {
		t.Error(err)
	}
}
