package ipcbus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

func note() event.Event {
	return event.New("tester-1", event.Raw{Type: "TEST_NOTE", Data: []byte(`{"n":1}`)}, event.ID{})
}

func fact() event.Event {
	return event.New("tester-1", event.NodeStart{InputState: []byte(`{"n":1}`)}, event.ID{})
}

func subscribe(t testing.TB, b bus.Bus, f event.Filter, o *bus.Options) bus.Subscription {
	t.Helper()
	s, err := b.Subscribe(within(t), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func publish(t testing.TB, b bus.Bus, e event.Event) bus.Receipt {
	t.Helper()
	r, err := b.Publish(within(t), event.NewSubject(e.Kind(), "tester"), e)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func next(t testing.TB, s bus.Subscription) bus.Delivery {
	t.Helper()
	d, err := s.Next(within(t))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func reconnected(t testing.TB, back <-chan struct{}) {
	t.Helper()
	select {
	case <-back:
	case <-within(t).Done():
		t.Fatal("not connected again")
	}
}

// While publishers publish and subscribers read, the hub is killed again and again.
// Everybody finds the next hub, everything is live again, and nobody ends.
func TestHubKilledUnderLoad(t *testing.T) {
	path := socket(t)
	hub := start(t, "hub", path)
	from, to := dialHub(t, path), dialHub(t, path)
	s := subscribe(t, to, "test_note.*", &bus.Options{Queue: bus.MaxQueue})
	var published, delivered atomic.Int64
	ctx, cancel := context.WithCancel(context.Background())
	var load sync.WaitGroup
	load.Go(func() {
		for ctx.Err() == nil {
			if _, err := from.Publish(ctx, "test_note.tester", note()); err == nil {
				published.Add(1)
			} else if c := fault.ClassOf(err); c != fault.Timeout && c != fault.Unavailable && c != fault.Canceled {
				t.Error(err)
			}
		}
	})
	load.Go(func() {
		for {
			if _, err := s.Next(ctx); err != nil {
				return
			}
			delivered.Add(1)
		}
	})
	const kills = 5
	back := []<-chan struct{}{from.Reconnected(), to.Reconnected()}
	for range kills {
		before := delivered.Load()
		for delivered.Load() < before+100 {
			pause(t)
		}
		hub.kill()
		hub = start(t, "hub", path)
		for _, c := range back {
			reconnected(t, c)
		}
	}
	before := delivered.Load()
	for delivered.Load() < before+100 {
		pause(t)
	}
	cancel()
	load.Wait()
	for name, b := range map[string]*ipcbus.Bus{"publisher": from, "subscriber": to} {
		if h := b.Health(within(t)); h.Reconnects != kills || !h.Connected {
			t.Errorf("%s: health %+v, want %d reconnects", name, h, kills)
		}
	}
	t.Logf("%d published, %d delivered over %d kills", published.Load(), delivered.Load(), kills)
}

// pause gives way while polling for what has no event of its own.
func pause(t testing.TB) {
	select {
	case <-time.After(time.Millisecond):
	case <-t.Context().Done():
		t.Fatal("the test has ended")
	}
}

// When the process that happens to be the hub ends, abruptly or not, another of
// the clients is the hub, and subscriptions that were there are live on it.
func TestAnotherClientTakesOver(t *testing.T) {
	for name, end := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "closed": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			path := socket(t)
			first := start(t, "client", path)
			first.await()
			a, b := dial(t, ipcbus.Options{Path: path}), dial(t, ipcbus.Options{Path: path})
			s := subscribe(t, b, "test_note.*", nil)
			backA, backB := a.Reconnected(), b.Reconnected()
			first.signal(end)
			reconnected(t, backA)
			reconnected(t, backB)
			if r := publish(t, a, note()); r.Subscribers != 1 {
				t.Errorf("handed to %d subscriptions, want 1", r.Subscribers)
			}
			next(t, s)
		})
	}
}

// A retained subscription gets what was published to the next hub before it was
// live there, and an event that was not acknowledged to a hub that lives.
func TestRetainedSubscriptionsGoOn(t *testing.T) {
	path := socket(t)
	hub := start(t, "hub", path)
	b := dialHub(t, path)
	s := subscribe(t, b, "node_start.*", &bus.Options{Class: ipcbus.Retained})
	publish(t, b, fact())
	first := next(t, s)
	back := b.Reconnected()
	hub.kill()
	start(t, "hub", path)
	reconnected(t, back)
	if err := first.Ack(within(t)); !errors.Is(err, ipcbus.ErrSettle) {
		t.Errorf("acknowledging to a hub that is gone: %v, want %v", err, ipcbus.ErrSettle)
	}
	second := fact()
	publish(t, b, second)
	if d := next(t, s); d.Event.ID != second.ID || d.Attempt != 1 || d.Class != ipcbus.Retained {
		t.Errorf("got %s, attempt %d, class %s", d.Event.ID, d.Attempt, d.Class)
	}
}

// A client that was cut off from a hub that lives gets again what it had not
// acknowledged, and what came meanwhile.
func TestRetainedSubscriptionsGoOnWhereTheyWere(t *testing.T) {
	for name, o := range map[string]bus.Options{"unnamed": {}, "named": {Name: "reader", AckWait: time.Second}} {
		t.Run(name, func(t *testing.T) {
			path := socket(t)
			hub := start(t, "hub", path)
			dialHub(t, path)
			b := dial(t, ipcbus.Options{Path: path, NoHub: true, Ping: 100 * time.Millisecond})
			o.Class = ipcbus.Retained
			s := subscribe(t, b, "node_start.*", &o)
			var ids []event.ID
			for range 3 {
				e := fact()
				publish(t, b, e)
				ids = append(ids, e.ID)
			}
			if err := next(t, s).Ack(within(t)); err != nil {
				t.Fatal(err)
			}
			next(t, s)
			back := b.Reconnected()
			hub.signal(syscall.SIGSTOP)
			for b.Health(within(t)).Connected {
				pause(t)
			}
			hub.signal(syscall.SIGCONT)
			reconnected(t, back)
			seen := map[event.ID]bool{}
			for !seen[ids[1]] || !seen[ids[2]] {
				d := next(t, s)
				seen[d.Event.ID] = true
				if err := d.Ack(within(t)); err != nil {
					t.Fatal(err)
				}
			}
			if seen[ids[0]] {
				t.Error("what was acknowledged came again")
			}
		})
	}
}

// A publisher that is faster than the hub waits; it does not fill its memory.
func TestAHubThatDoesNotKeepUp(t *testing.T) {
	path := socket(t)
	hub := start(t, "hub", path)
	b := dialHub(t, path)
	publish(t, b, note()) // from now on nothing is confirmed
	hub.signal(syscall.SIGSTOP)
	big := note()
	big.Payload = event.Raw{Type: "TEST_NOTE", Data: fmt.Appendf(nil, `{"x":%q}`, strings.Repeat("x", 1_000_000))}
	var err error
	n := 0
	for ; err == nil; n++ {
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		_, err = b.Publish(ctx, "test_note.tester", big)
		cancel()
	}
	if !errors.Is(err, bus.ErrUnavailable) || n > 20 {
		t.Errorf("publication %d: %v", n, err)
	}
	hub.signal(syscall.SIGCONT)
	publish(t, b, big)
}

// A client that dies takes nothing with it: its subscriptions are forgotten, and
// the others go on.
func TestClientKilled(t *testing.T) {
	path := socket(t)
	b := dial(t, ipcbus.Options{Path: path})
	child := start(t, "client", path)
	child.await()
	if err := b.WaitForSubscribers(within(t), "test_note.tester", 1); err != nil {
		t.Fatal(err)
	}
	child.kill()
	for ctx := within(t); ; pause(t) {
		r, err := b.Publish(ctx, "test_note.tester", note())
		if err != nil {
			t.Fatal(err)
		}
		if r.Subscribers == 0 {
			break
		}
	}
	s := subscribe(t, b, "test_note.*", nil)
	publish(t, b, note())
	next(t, s)
}

// The socket of a dead hub is in nobody's way.
func TestStaleSocket(t *testing.T) {
	path := socket(t)
	hub := start(t, "hub", path)
	dialHub(t, path).Close(within(t))
	hub.kill()
	if _, err := os.Lstat(path); err != nil {
		t.Fatal("the dead hub left no socket: ", err)
	}
	if _, err := ipcbus.Dial(within(t), ipcbus.Options{Path: path, NoHub: true, Handshake: 50 * time.Millisecond, Log: quiet}); fault.ClassOf(err) != fault.Unavailable {
		t.Errorf("without a hub: %v", err)
	}
	b := dial(t, ipcbus.Options{Path: path})
	s := subscribe(t, b, "test_note.*", nil)
	publish(t, b, note())
	next(t, s)
	if err := b.Close(within(t)); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Close of the last one the socket is there: %v", err)
	}
}

// What is not a bus of ours stays where it is.
func TestTakenPath(t *testing.T) {
	t.Run("file", func(t *testing.T) {
		path := socket(t)
		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		refusedWith(t, path, ipcbus.ErrSocket)
		if got, err := os.ReadFile(path); string(got) != "precious" {
			t.Errorf("the file holds %q, %v", got, err)
		}
	})
	t.Run("another program", func(t *testing.T) {
		path := socket(t)
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			for c, err := l.Accept(); err == nil; c, err = l.Accept() {
				_, _ = c.Write([]byte("220 mail.example.org ESMTP ready, go ahead\r\n"))
				c.Close()
			}
		}()
		refusedWith(t, path, ipcbus.ErrFrame)
		ctx, cancel := context.WithCancel(within(t))
		defer cancel()
		if err := ipcbus.Serve(ctx, ipcbus.Options{Path: path, Log: quiet}); !errors.Is(err, ipcbus.ErrSocket) {
			t.Errorf("serving there: %v, want %v", err, ipcbus.ErrSocket)
		}
		if c, err := net.Dial("unix", path); err != nil {
			t.Errorf("its socket is gone: %v", err)
		} else {
			c.Close()
		}
	})
}

func refusedWith(t *testing.T, path string, want error) {
	t.Helper()
	if b, err := ipcbus.Dial(within(t), ipcbus.Options{Path: path, Log: quiet}); !errors.Is(err, want) {
		t.Errorf("dialing: %v, want %v", err, want)
		if b != nil {
			b.Close(within(t))
		}
	}
}

// Many processes' worth of clients that come at once elect one hub.
func TestRacingForTheHub(t *testing.T) {
	for range 10 {
		path := socket(t)
		const n = 8
		buses := make([]*ipcbus.Bus, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				b, err := ipcbus.Dial(within(t), ipcbus.Options{Path: path, Log: quiet})
				if err != nil {
					t.Error(err)
				}
				buses[i] = b
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		for _, b := range buses {
			subscribe(t, b, "test_note.*", nil)
		}
		if r := publish(t, buses[0], note()); r.Subscribers != n {
			t.Errorf("%d of %d subscriptions are at one hub", r.Subscribers, n)
		}
		for _, b := range buses {
			wg.Go(func() { b.Close(within(t)) })
		}
		wg.Wait()
	}
}

// Two hubs started for one socket are one hub, and one that waits for its turn.
func TestServeStandsBy(t *testing.T) {
	path := socket(t)
	first := start(t, "hub", path)
	b := dialHub(t, path)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- ipcbus.Serve(ctx, ipcbus.Options{Path: path, Log: quiet}) }()
	back := b.Reconnected()
	first.signal(syscall.SIGTERM)
	reconnected(t, back)
	s := subscribe(t, b, "test_note.*", nil)
	publish(t, b, note())
	next(t, s)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

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

func TestWhereASocketMayBe(t *testing.T) {
	open := filepath.Dir(socket(t))
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	long := filepath.Join("/tmp", strings.Repeat("x", 100))
	for path, want := range map[string]error{
		"":                          bus.ErrAddress,
		"@abstract":                 bus.ErrAddress,
		"a\x00b":                    bus.ErrAddress,
		long:                        bus.ErrAddress,
		filepath.Join(open, "sock"): ipcbus.ErrDirectory,
		"/dev/null/sock":            ipcbus.ErrDirectory,
	} {
		refusedWith(t, path, want)
	}
	path := filepath.Join(filepath.Dir(socket(t)), "new", "bus.sock")
	dial(t, ipcbus.Options{Path: path})
	for name, want := range map[string]os.FileMode{filepath.Dir(path): os.ModeDir | 0o700, path: os.ModeSocket | 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v, want %v (%v)", name, info.Mode(), want, err)
		}
	}
}

// A hub that is stopped is noticed, and so is that it goes on.
func TestAStoppedHub(t *testing.T) {
	path := socket(t)
	hub := start(t, "hub", path)
	dialHub(t, path)
	b := dial(t, ipcbus.Options{Path: path, NoHub: true, Ping: 100 * time.Millisecond})
	back := b.Reconnected()
	hub.signal(syscall.SIGSTOP)
	for b.Health(within(t)).Connected {
		pause(t)
	}
	hub.signal(syscall.SIGCONT)
	reconnected(t, back)
	publish(t, b, note())
}

// A hub ends the connection of a client that has stopped, and takes it back.
func TestAStoppedClient(t *testing.T) {
	path := socket(t)
	b := dial(t, ipcbus.Options{Path: path, Ping: 200 * time.Millisecond})
	child := start(t, "client", path)
	child.await()
	child.signal(syscall.SIGSTOP)
	for publish(t, b, note()).Subscribers > 0 {
		pause(t)
	}
	child.signal(syscall.SIGCONT)
	if err := b.WaitForSubscribers(within(t), "test_note.tester", 1); err != nil {
		t.Error(err)
	}
}

func TestWaitForSubscribers(t *testing.T) {
	path := socket(t)
	a, b := dial(t, ipcbus.Options{Path: path}), dial(t, ipcbus.Options{Path: path})
	short, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := a.WaitForSubscribers(short, "test_note.tester", 1); !errors.Is(err, ipcbus.ErrNobody) {
		t.Errorf("with nobody there: %v, want %v", err, ipcbus.ErrNobody)
	}
	done := make(chan error, 1)
	go func() { done <- a.WaitForSubscribers(within(t), "test_note.tester", 3) }()
	for _, group := range []string{"", "workers", "workers", "others"} { // a group counts once
		subscribe(t, b, "test_note.*", &bus.Options{Group: group})
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := a.WaitForSubscribers(within(t), "test_note", 1); !errors.Is(err, event.ErrSubject) {
		t.Errorf("of a subject that is none: %v", err)
	}
}

// With the policy block a publisher in another connection waits for room, and goes
// on when there is some.
func TestBlockAcrossConnections(t *testing.T) {
	path := socket(t)
	from, to := dial(t, ipcbus.Options{Path: path}), dial(t, ipcbus.Options{Path: path})
	publish(t, from, note()) // nobody listens: the next needs no confirmation
	s := subscribe(t, to, "test_note.*", &bus.Options{Queue: 4, Policy: bus.Block})
	other := subscribe(t, from, "test_note.*", nil)
	const n = 500
	done := make(chan error, 1)
	go func() {
		for range n {
			if _, err := from.Publish(within(t), "test_note.tester", note()); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for range n {
		next(t, s)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s.Dropped().Total()+other.Dropped().Total() > 0 {
		t.Errorf("dropped %v and %v", s.Dropped(), other.Dropped())
	}
	for range 4 {
		publish(t, from, note())
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := from.Publish(within(t), "test_note.tester", note())
		waiting <- err
	}()
	s.Close() // who waits for a subscription that ends goes on
	if err := <-waiting; err != nil {
		t.Error(err)
	}
}

// No descriptor is left by connections that ended.
func TestNoDescriptorIsLeft(t *testing.T) {
	count := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("no /proc here")
		}
		return len(all)
	}
	round := func() {
		path := socket(t)
		a, b := dial(t, ipcbus.Options{Path: path}), dial(t, ipcbus.Options{Path: path})
		subscribe(t, b, "test_note.*", nil)
		publish(t, a, note())
		a.Close(within(t))
		b.Close(within(t))
	}
	round()
	before := count()
	for range 20 {
		round()
	}
	if after := count(); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

// Somebody tidies up the directory of the socket: those who are connected stay, and
// those who come find the hub again.
func TestSocketRemoved(t *testing.T) {
	path := socket(t)
	b := dial(t, ipcbus.Options{Path: path})
	s := subscribe(t, b, "test_note.*", nil)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	late := dial(t, ipcbus.Options{Path: path, NoHub: true})
	publish(t, late, note())
	next(t, s)
}

// With the lock gone, too, another process becomes the hub. There must not be two
// for long.
func TestSocketAndLockRemoved(t *testing.T) {
	path := socket(t)
	b := dial(t, ipcbus.Options{Path: path})
	back := b.Reconnected()
	s := subscribe(t, b, "test_note.*", nil)
	for _, name := range []string{path, path + ".lock"} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	child := start(t, "client", path)
	child.await()
	late := dial(t, ipcbus.Options{Path: path})
	if err := late.WaitForSubscribers(within(t), "test_note.tester", 2); err != nil {
		t.Fatal(err)
	}
	select {
	case <-back: // the child was first; else our own hub was
	default:
	}
	publish(t, late, note())
	next(t, s)
}

// Work that one member of a group has no room for goes to another that has.
func TestBlockedGroup(t *testing.T) {
	path := socket(t)
	b := dial(t, ipcbus.Options{Path: path})
	o := &bus.Options{Group: "workers", Policy: bus.Block, Queue: 1}
	full, idle := subscribe(t, b, "test_note.*", o), subscribe(t, b, "test_note.*", o)
	publish(t, b, note())
	publish(t, b, note())
	next(t, idle)
	for range 3 {
		publish(t, b, note())
		next(t, idle)
	}
	next(t, full)
}
