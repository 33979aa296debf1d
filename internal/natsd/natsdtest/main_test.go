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

// A server that nobody closed is found, though one of its goroutines is forgiven.
func TestAnOpenServerIsFound(t *testing.T) {
	s, err := natsd.Start(t.Context(), natsd.Options{Profile: natsd.ProfileMemory, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	store(t, s)

	const forgiven = "created by github.com/nats-io/nats-server/v2/server.(*msgBlock).spinUpFlushLoopLocked"
	if all := goleak.Find(); all == nil || !strings.Contains(all.Error(), forgiven) {
		t.Fatal("a server that stores a message has no such goroutine any more: forgive none")
	}
	switch found := goleak.Find(natsdtest.Abandoned()); {
	case found == nil:
		t.Error("an open server was not found")
	case strings.Contains(found.Error(), forgiven):
		t.Error("the goroutine is not forgiven")
	}
}

type dialer func() (net.Conn, error)

func (d dialer) Dial(string, string) (net.Conn, error) { return d() }

// store stores a message in a stream that writes behind, as one of several servers does:
// such a stream has the goroutine in question.
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
