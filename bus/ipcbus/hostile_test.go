package ipcbus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// rawClient connects and greets as the page says.
func rawClient(t testing.TB, path string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := c.Write(raw(1, 0, 0, `{"name":"raw","pid":1}`)); err != nil {
		t.Fatal(err)
	}
	if f := readFrame(t, c); f[4] != 2 {
		t.Fatalf("HELLO is answered by % x", f)
	}
	return c
}

func readFrame(t testing.TB, c net.Conn) []byte {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1<<17)
	n, err := readRaw(c, buf)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{0, 0, 0, 0}, buf[:n]...)
}

// Whoever sends what is not a frame is told, counted and cut off; nobody else
// notices.
func TestMalformedFramesAtTheHub(t *testing.T) {
	path := socket(t)
	b := dial(t, ipcbus.Options{Path: path})
	s := subscribe(t, b, "test_note.*", nil)
	for name, data := range malformed() {
		t.Run(name, func(t *testing.T) {
			c := rawClient(t, path)
			if _, err := c.Write(data); err != nil {
				t.Fatal(err)
			}
			if err := c.(*net.UnixConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if f := readFrame(t, c); f[4] != 10 {
				t.Errorf("answered by kind %d, want ERROR", f[4])
			}
			if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("after ERROR: %d bytes, %v", n, err)
			}
		})
	}
	publish(t, b, note())
	next(t, s)
}

// An event that is none is dropped by who gets it, and counted.
func TestMalformedEvent(t *testing.T) {
	path := socket(t)
	b := dial(t, ipcbus.Options{Path: path})
	s := subscribe(t, b, "test_note.*", nil)
	c := rawClient(t, path)
	for _, f := range [][]byte{raw(5, 0, 0, rawEvent("test_note.a", "{}")), raw(5, 1, 0, rawEvent("test_note.a", "not zstd"))} {
		if _, err := c.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Write(raw(5, 0, 0, rawEvent("test_note.a", `{"schema_version":"1.0.0","event_id":"0197a3c0-5f00-7abc-8def-001122334455","timestamp":"2026-11-22T09:52:06.129238Z","node_id":"raw","event_type":"TEST_NOTE","correlation_id":"0197a3c0-5f00-7abc-8def-001122334455","metadata":{}}`))); err != nil {
		t.Fatal(err)
	}
	if d := next(t, s); d.Event.NodeID != "raw" {
		t.Errorf("delivered %+v", d.Event)
	}
	if got := s.Dropped()[bus.DroppedMalformed]; got != 2 {
		t.Errorf("%d dropped as malformed, want 2", got)
	}
}

// A client that does not read costs the others nothing, and what it lost is
// counted exactly.
func TestAClientThatDoesNotRead(t *testing.T) {
	path := socket(t)
	b := dial(t, ipcbus.Options{Path: path, Ping: time.Hour}) // it does not answer PING either
	stuck := rawClient(t, path)
	if _, err := stuck.Write(raw(3, 0, 1, `{"filter":"test_note.tester","class":"ephemeral","queue":10,"policy":"drop_oldest"}`)); err != nil {
		t.Fatal(err)
	}
	if f := readFrame(t, stuck); f[4] != 2 {
		t.Fatalf("SUBSCRIBE is answered by % x", f)
	}
	s := subscribe(t, b, "test_note.other", nil)
	big := note()
	big.Payload = event.Raw{Type: "TEST_NOTE", Data: fmt.Appendf(nil, `{"x":%q}`, strings.Repeat("x", 100_000))}
	const n = 2 * ipcbus.MaxPending / 100_000
	for range n {
		publish(t, b, big)
		if _, err := b.Publish(within(t), "test_note.other", note()); err != nil {
			t.Fatal(err)
		}
		next(t, s)
	}
	if s.Dropped().Total() > 0 {
		t.Errorf("the other lost %v", s.Dropped())
	}
	delivered, lost := 0, 0
	for delivered+lost < n {
		f := readFrame(t, stuck)[4:]
		switch f[0] {
		case 5:
			delivered++
		case 16:
			lost += int(f[19])
		}
	}
	if delivered+lost != n || lost == 0 {
		t.Errorf("%d delivered + %d lost, published %d", delivered, lost, n)
	}
}

// Only processes of our own user are let in, and we go to nobody else's hub.
func TestAnotherUser(t *testing.T) {
	stranger := func(*net.UnixConn) error { return ipcbus.SameUser(1000, 4711, 1001) }
	path := socket(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- ipcbus.Serve(ctx, ipcbus.Options{Path: path, Log: quiet}.WithPeer(stranger)) }()
	var err error
	for {
		if _, err = ipcbus.Dial(within(t), ipcbus.Options{Path: path, NoHub: true, Log: quiet}); !errors.Is(err, bus.ErrUnavailable) {
			break
		}
	}
	if !errors.Is(err, ipcbus.ErrPeer) || fault.ClassOf(err) != fault.Denied {
		t.Errorf("dialing a hub that takes us for somebody else: %v, want %v", err, ipcbus.ErrPeer)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	dial(t, ipcbus.Options{Path: path})
	if _, err := ipcbus.Dial(within(t), ipcbus.Options{Path: path, Log: quiet}.WithPeer(stranger)); !errors.Is(err, ipcbus.ErrPeer) {
		t.Errorf("dialing the hub of somebody else: %v, want %v", err, ipcbus.ErrPeer)
	}
	if err := ipcbus.SameUser(1000, 4711, 1000); err != nil {
		t.Error(err)
	}
}

// Whatever a client sends, the hub goes on and lets go of it.
func FuzzHub(f *testing.F) {
	for _, wire := range ipcbus.FramesOfThePage([]byte(heartbeat)) {
		f.Add(wire)
	}
	f.Add(slices.Concat(
		raw(3, 0, 1, `{"filter":">","class":"ephemeral","queue":1,"policy":"block"}`),
		raw(5, 2, 2, rawEvent("test_note.a", heartbeat)), raw(5, 2, 3, rawEvent("test_note.a", heartbeat)),
		raw(13, 0, 3, ""), raw(12, 0, 1, "\x00\x00\x00\x00\x00\x00\x00\x05"), raw(4, 0, 1, ""),
	))
	f.Add(slices.Concat(
		raw(3, 0, 1, `{"filter":">","class":"retained","queue":1,"policy":"block","start":"all"}`),
		raw(12, 0, 1, "\x00\x00\x00\x00\x00\x00\x00\x05"), raw(17, 0, 2, "\x00\x00\x00\x00\x00\x00\x00\x05"),
		raw(14, 0, 3, "test_note.a"), raw(11, 0, 0, ""),
	))
	path := socket(f)
	b := dial(f, ipcbus.Options{Path: path})
	s := subscribe(f, b, "test_note.tester", nil)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := rawClient(t, path)
		if _, err := c.Write(data); err == nil {
			_ = c.(*net.UnixConn).CloseWrite() // it may be closed already
		}
		_, _ = io.Copy(io.Discard, c) // until the hub hangs up
		c.Close()
		publish(t, b, note())
		next(t, s)
	})
}
