package natsbus_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/internal/soon"
)

// external starts a server such as an administrator would run, on TCP.
func external(t testing.TB, change func(*server.Options)) string {
	t.Helper()
	o := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, StoreDir: t.TempDir()}
	if change != nil {
		change(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("server is not ready")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return "nats://" + s.Addr().String()
}

func dial(t testing.TB, o natsbus.Options) *natsbus.Bus {
	t.Helper()
	o.Log = quiet
	b, err := natsbus.Dial(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(context.Background()) })
	return b
}

func TestConformanceWithoutJetStream(t *testing.T) {
	bustest.Run(t, bustest.Backend{Name: "nats", Start: func(t testing.TB) bustest.System {
		url := external(t, nil)
		connect := func() bus.Bus { return dial(t, natsbus.Options{URL: url}) }
		return bustest.System{Bus: connect(), Connect: connect}
	}})
}

func TestDialRefuses(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	locked := external(t, func(o *server.Options) { o.Authorization = "open sesame" })
	for _, tt := range []struct {
		o    natsbus.Options
		want error
	}{
		{natsbus.Options{URL: "nats://" + closed.Addr().String()}, bus.ErrUnavailable},
		{natsbus.Options{URL: "unix:///nowhere/at/all"}, bus.ErrUnavailable},
		{natsbus.Options{URL: locked}, bus.ErrDenied},
		{natsbus.Options{URL: locked, Credentials: natsbus.Credentials{Token: "wrong"}}, bus.ErrDenied},
		{natsbus.Options{URL: locked, Credentials: natsbus.Credentials{NKeySeedFile: "/nowhere"}}, bus.ErrDenied},
		{natsbus.Options{URL: "http://example.com"}, bus.ErrAddress},
		{natsbus.Options{URL: "localhost:4222"}, bus.ErrAddress},
		{natsbus.Options{URL: ""}, bus.ErrAddress},
		{natsbus.Options{URL: "nats://a,ftp://b"}, bus.ErrAddress},
		{natsbus.Options{URL: locked, Prefix: "a.*"}, bus.ErrAddress},
	} {
		tt.o.Log = quiet
		if _, err := natsbus.Dial(t.Context(), tt.o); !errors.Is(err, tt.want) {
			t.Errorf("Dial(%+v): %v, want %v", tt.o, err, tt.want)
		}
	}
	dial(t, natsbus.Options{URL: locked, Credentials: natsbus.Credentials{Token: "open sesame"}})
}

func TestPermissionsAreEnforcedWhereTheyCanBe(t *testing.T) {
	url := external(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "reader", Password: "secret", Permissions: &server.Permissions{
			Subscribe: &server.SubjectPermission{Allow: []string{"onex.events.node_start.*", "_INBOX.>"}},
		}}}
	})
	b := dial(t, natsbus.Options{URL: url, Credentials: natsbus.Credentials{User: "reader", Password: "secret"}})
	if _, err := b.Subscribe(t.Context(), "node_start.*", nil); err != nil {
		t.Errorf("what is allowed: %v", err)
	}
	if _, err := b.Subscribe(t.Context(), ">", nil); !errors.Is(err, bus.ErrDenied) {
		t.Errorf("what is not allowed: %v", err)
	}
}

func TestMalformedMessagesAreCounted(t *testing.T) {
	url := external(t, nil)
	b := dial(t, natsbus.Options{URL: url, Prefix: "acme.onex"})
	s, err := b.Subscribe(t.Context(), ">", nil)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if err := errors.Join(stranger.Publish("acme.onex.node_start.x", []byte("hello")), stranger.Flush()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Publish(t.Context(), "node_start.tester", fact(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.Dropped()[bus.DroppedMalformed]; got != 1 {
		t.Errorf("%d malformed messages counted, want 1", got)
	}
}

// Without a connection an ephemeral event fails at once; a durable one waits as
// long as its context allows, and is stored when the connection is back.
func TestPublishWhileDisconnected(t *testing.T) {
	back := newBackend(t)
	b := back.connect()
	defer b.Close(t.Context())
	back.stop()
	soon.True(t, "the loss is noticed", func() bool { return !b.Health(t.Context()).Connected })
	if _, err := b.Publish(t.Context(), "node_heartbeat_x.tester", note("NODE_HEARTBEAT_X")); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("ephemeral: %v", err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.Publish(soon, "node_start.tester", fact(1)); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("durable: %v", err)
	}
	if _, err := b.Subscribe(t.Context(), ">", nil); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("subscribing: %v", err)
	}
	failed := b.Health(t.Context()).Errors
	done := make(chan error, 1)
	go func() {
		patient, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		_, err := b.Publish(patient, "node_start.tester", fact(2))
		done <- err
	}()
	back.start()
	if err := <-done; err != nil {
		t.Errorf("durable, with patience: %v", err)
	}
	if h := b.Health(t.Context()); h.Errors != failed {
		t.Errorf("an outage that was outlasted counts as %d errors", h.Errors-failed)
	}
}

func TestClassesFollowTheServer(t *testing.T) {
	plain := dial(t, natsbus.Options{URL: external(t, nil)})
	stored := dial(t, natsbus.Options{URL: external(t, func(o *server.Options) { o.JetStream = true })})
	if got := plain.Classes(); !slices.Equal(got, []bus.Class{bus.Ephemeral}) {
		t.Errorf("without JetStream: %v", got)
	}
	if got := stored.Classes(); !slices.Equal(got, []bus.Class{bus.Ephemeral, bus.Durable}) {
		t.Errorf("with JetStream: %v", got)
	}
	if _, err := plain.DeadLetters(t.Context(), 1); !errors.Is(err, bus.ErrUnsupported) {
		t.Errorf("dead letters without JetStream: %v", err)
	}
}

// A server is found by its socket, and again after it was killed. Its end and its return
// are told in one loudness: who reads of the first must not wait in vain for the second.
func TestSocketIsFoundByURL(t *testing.T) {
	dir, err := os.MkdirTemp("", "natsbus")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server := spawn(t, dir)
	told := make(lines, 100)
	socket := "unix://" + filepath.Join(dir, "s")
	b, err := natsbus.Dial(t.Context(), natsbus.Options{URL: socket, Log: slog.New(slog.NewTextHandler(told, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close(t.Context())
	if h := b.Health(t.Context()); !h.Connected || h.Detail != socket {
		t.Errorf("health %+v", h)
	}
	kill(t, server)
	told.wait(t, "connection to the bus lost")
	server = spawn(t, dir)
	defer kill(t, server)
	told.wait(t, `connected to the bus again" server=`+socket)
}

// lines hands over what is written to it, line by line.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// wait returns when a line holds text.
func (l lines) wait(t *testing.T, text string) {
	t.Helper()
	for end := time.After(soon.Patience); ; {
		select {
		case line := <-l:
			if strings.Contains(line, text) {
				return
			}
		case <-end:
			t.Fatalf("nobody told: %s", text)
		}
	}
}
