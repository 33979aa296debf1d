package natsdtest_test

import (
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/natsd/natsdtest"
)

func TestMain(m *testing.M) { natsdtest.VerifyMain(m) }

// A server that nobody closed is found, though some of its goroutines are forgiven.
func TestAnOpenServerIsFound(t *testing.T) {
	s, err := natsd.Start(t.Context(), natsd.Options{Profile: natsd.ProfileMemory, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	store(t, s)

	all, found := goleak.Find(), goleak.Find(natsdtest.Abandoned()...)
	if all == nil || found == nil {
		t.Fatalf("an open server was not found: %v", found)
	}
	for _, forgiven := range []string{"(*msgBlock).flushLoop", "(*fileStore).flushStreamStateLoop", "ats.Register.func1"} {
		if !strings.Contains(all.Error(), forgiven) {
			t.Errorf("the server has no %s any more: forgive none", forgiven)
		}
		if strings.Contains(found.Error(), forgiven) {
			t.Errorf("%s is not forgiven", forgiven)
		}
	}
}

type dialer func() (net.Conn, error)

func (d dialer) Dial(string, string) (net.Conn, error) { return d() }

// store stores a message in a stream that writes behind, as one of several servers does:
// such a stream has all the goroutines in question.
func store(t *testing.T, s *natsd.Server) {
	t.Helper()
	conn, err := nats.Connect("nats://127.0.0.1:1", nats.SetCustomDialer(dialer(s.Dial)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "S", Subjects: []string{"s"}, PersistMode: jetstream.AsyncPersistMode,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "s", nil); err != nil {
		t.Fatal(err)
	}
}
