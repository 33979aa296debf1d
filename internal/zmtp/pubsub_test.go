package zmtp_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/internal/zmtp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 60 * time.Second

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// open returns a socket that is closed with the test.
func open(t testing.TB, kind zmtp.Type, o *zmtp.Options) *zmtp.Socket {
	t.Helper()
	s, err := zmtp.New(kind, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) }) // messages left are the test's choice
	return s
}

func bind(t testing.TB, s *zmtp.Socket, where string) string {
	t.Helper()
	at, err := s.Bind(testContext(t), where)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func connect(t testing.TB, s *zmtp.Socket, where string) {
	t.Helper()
	if err := s.Connect(where); err != nil {
		t.Fatal(err)
	}
}

func subscribe(t testing.TB, s *zmtp.Socket, topic string) {
	t.Helper()
	if err := s.Subscribe(topic); err != nil {
		t.Fatal(err)
	}
}

func send(t testing.TB, s *zmtp.Socket, frames ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience) // not for the whole test: there are millions
	defer cancel()
	if err := s.Send(ctx, message(frames...)); err != nil {
		t.Fatalf("send %q: %v", frames, err)
	}
}

func message(frames ...string) zmtp.Message {
	var m zmtp.Message
	for _, f := range frames {
		m = append(m, []byte(f))
	}
	return m
}

func receive(t testing.TB, s *zmtp.Socket) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := s.Receive(ctx)
	if err != nil {
		t.Fatalf("receive: %v", err)
	}
	return text(m)
}

func text(m zmtp.Message) string {
	var frames []string
	for _, f := range m {
		frames = append(frames, string(f))
	}
	return strings.Join(frames, "|")
}

// A recorder is a monitor that remembers.
type recorder struct {
	mu     sync.Mutex
	events []zmtp.Event
}

func (r *recorder) record(e zmtp.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// count returns how many events say what, with an error like err when it is not
// nil.
func (r *recorder) count(what zmtp.What, err error) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, e := range r.events {
		if e.What == what && (err == nil || errors.Is(e.Err, err)) {
			n++
		}
	}
	return n
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Sprintf("%+v", r.events)
}

// security returns the two sides of each mechanism.
func security(t testing.TB) map[string][2]zmtp.Mechanism {
	t.Helper()
	server, client := newKeys(t), newKeys(t)
	plain, err := zmtp.PlainClient("admin", "secret")
	if err != nil {
		t.Fatal(err)
	}
	return map[string][2]zmtp.Mechanism{
		"null":  {zmtp.Null(), zmtp.Null()},
		"plain": {zmtp.PlainServer(zmtp.OneUser("admin", "secret")), plain},
		"curve": {zmtp.CurveServer(server, zmtp.Keys(client.Public)), zmtp.CurveClient(client, server.Public)},
	}
}

func newKeys(t testing.TB) zmtp.KeyPair {
	t.Helper()
	k, err := zmtp.NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// endpoints returns an address of each transport.
func endpoints(t testing.TB) map[string]string {
	return map[string]string{
		"tcp":      "tcp://127.0.0.1:0",
		"ipc":      "ipc://" + filepath.Join(t.TempDir(), "s"),
		"abstract": "ipc://@onex-test-" + strings.ReplaceAll(t.Name(), "/", "-"),
	}
}

func TestEveryMessageArrivesInOrder(t *testing.T) {
	const count = 20_000
	for transport, where := range endpoints(t) {
		for mechanism, sides := range security(t) {
			for _, publisherBinds := range []bool{true, false} {
				name := fmt.Sprintf("%s/%s/publisher_binds=%v", transport, mechanism, publisherBinds)
				t.Run(name, func(t *testing.T) {
					pub := open(t, zmtp.PUB, &zmtp.Options{Security: sides[0], Policy: zmtp.Block})
					sub := open(t, zmtp.SUB, &zmtp.Options{Security: sides[1]})
					subscribe(t, sub, "t")
					if publisherBinds {
						connect(t, sub, bind(t, pub, where))
					} else {
						connect(t, pub, bind(t, sub, where))
					}
					soon.True(t, "subscription", func() bool { return pub.Subscribers("t") == 1 })
					go func() {
						for i := range count {
							_ = pub.Send(t.Context(), message(fmt.Sprint("t", i), "body")) // what is missing fails below
						}
					}()
					for i := range count {
						if got, want := receive(t, sub), fmt.Sprintf("t%d|body", i); got != want {
							t.Fatalf("message %d is %q, want %q", i, got, want)
						}
					}
				})
			}
		}
	}
}
