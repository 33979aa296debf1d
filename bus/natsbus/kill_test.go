package natsbus_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/soon"
)

// serve is a server process: it serves dir until it is killed, or told to end.
func serve(dir string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	s, err := natsd.Start(ctx, natsd.Options{Dir: dir, Socket: filepath.Join(dir, "s"), Log: quiet})
	fmt.Println(err)
	<-ctx.Done()
	if err := s.Close(context.Background()); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// A server process that is told to end leaves no socket, and its directory to
// the next one.
func TestSignalsLeaveNothing(t *testing.T) {
	dir, err := os.MkdirTemp("", "natsbus")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, s := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		server := spawn(t, dir)
		b := dial(t, natsbus.Options{URL: "unix://" + filepath.Join(dir, "s")})
		if _, err := b.Publish(t.Context(), "node_start.tester", fact(1)); err != nil {
			t.Error(err)
		}
		if err := server.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		if err := server.Wait(); err != nil {
			t.Errorf("%v: it ended with %v", s, err)
		}
		if _, err := os.Lstat(filepath.Join(dir, "s")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%v: the socket is there: %v", s, err)
		}
		b.Close(t.Context())
	}
}

// spawn starts a server process and returns when it serves.
func spawn(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "NATSBUS_TEST_SERVE="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "<nil>\n" {
		t.Fatalf("server process: %q, %v", line, err)
	}
	return cmd
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // says that it was killed
}

func fact(n int) event.Event {
	return event.New("tester-1", event.NodeStart{InputState: fmt.Appendf(nil, `{"n":%d}`, n)}, event.ID{})
}

// No event that was acknowledged is lost when the server is killed, again and
// again, while it is written to; and nobody has to do anything about it.
func TestKilledServerLosesNothing(t *testing.T) {
	dir, err := os.MkdirTemp("", "natsbus") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server := spawn(t, dir)
	defer func() { kill(t, server) }()
	b, err := natsbus.Dial(t.Context(), natsbus.Options{URL: "unix://" + filepath.Join(dir, "s"), Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close(context.Background())
	s, err := b.Subscribe(t.Context(), "node_start.*", &bus.Options{Class: bus.Durable, Name: "reader", AckWait: time.Second})
	if err != nil {
		t.Fatal(err)
	}

	acknowledged := make(chan event.ID, 10_000)
	ctx, stop := context.WithCancel(t.Context())
	published := make(chan struct{})
	go func() {
		defer close(published)
		for n := 0; ctx.Err() == nil; n++ {
			publishUntilAcknowledged(ctx, b, fact(n), acknowledged)
		}
	}()
	for range 3 {
		waitForMore(t, acknowledged, 20)
		kill(t, server)
		server = spawn(t, dir)
	}
	waitForMore(t, acknowledged, 20)
	stop()
	<-published

	missing := map[event.ID]bool{}
	for range len(acknowledged) {
		missing[<-acknowledged] = true
	}
	t.Logf("%d events acknowledged across three kills", len(missing))
	wait, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for len(missing) > 0 {
		d, err := s.Next(wait)
		if err != nil {
			t.Fatalf("%d acknowledged events are missing: %v", len(missing), err)
		}
		delete(missing, d.Event.ID)
		if err := d.Ack(wait); err != nil {
			t.Error(err)
		}
	}
	if h := b.Health(t.Context()); h.Reconnects != 3 {
		t.Errorf("%d reconnects, want 3", h.Reconnects)
	}
}

// publishUntilAcknowledged is what a careful publisher does.
func publishUntilAcknowledged(ctx context.Context, b bus.Bus, e event.Event, acknowledged chan<- event.ID) {
	for ctx.Err() == nil {
		attempt, cancel := context.WithTimeout(ctx, time.Second)
		_, err := b.Publish(attempt, event.NewSubject(e.Kind(), "tester"), e)
		cancel()
		if err == nil {
			acknowledged <- e.ID
			return
		}
	}
}

// waitForMore waits until n more events are acknowledged.
func waitForMore(t *testing.T, acknowledged chan event.ID, n int) {
	t.Helper()
	end := len(acknowledged) + n
	soon.True(t, fmt.Sprintf("%d events are acknowledged", end), func() bool { return len(acknowledged) >= end })
}
