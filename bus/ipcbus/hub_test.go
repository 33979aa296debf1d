//go:build unix

package ipcbus_test

import (
	"context"
	"errors"
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
	"github.com/omninode-ai/onex/internal/soon"
)

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
	more := func() {
		before := delivered.Load()
		soon.True(t, "100 more are delivered", func() bool { return delivered.Load() >= before+100 })
	}
	const kills = 5
	back := []<-chan struct{}{from.Reconnected(t.Context()), to.Reconnected(t.Context())}
	for range kills {
		more()
		hub.kill()
		hub = start(t, "hub", path)
		for _, c := range back {
			reconnected(t, c)
		}
	}
	more()
	cancel()
	load.Wait()
	for name, b := range map[string]*ipcbus.Bus{"publisher": from, "subscriber": to} {
		if h := b.Health(within(t)); h.Reconnects != kills || !h.Connected {
			t.Errorf("%s: health %+v, want %d reconnects", name, h, kills)
		}
	}
	t.Logf("%d published, %d delivered over %d kills", published.Load(), delivered.Load(), kills)
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
			backA, backB := a.Reconnected(t.Context()), b.Reconnected(t.Context())
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
	soon.True(t, "the child is forgotten", func() bool { return publish(t, b, note()).Subscribers == 0 })
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
	back := b.Reconnected(t.Context())
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

func TestWhereASocketMayBe(t *testing.T) {
	for mode, want := range map[os.FileMode]error{
		0o702: ipcbus.ErrDirectory, 0o720: ipcbus.ErrDirectory, 0o755: nil, 0o777 | os.ModeSticky: nil,
	} {
		path := socket(t)
		if err := os.Chmod(filepath.Dir(path), mode); err != nil {
			t.Fatal(err)
		}
		if want != nil {
			refusedWith(t, path, want)
		} else {
			dial(t, ipcbus.Options{Path: path})
		}
	}
	long := filepath.Join("/tmp", strings.Repeat("x", 100))
	for path, want := range map[string]error{
		"":               bus.ErrAddress,
		"@abstract":      bus.ErrAddress,
		"a\x00b":         bus.ErrAddress,
		long:             bus.ErrAddress,
		"/dev/null/sock": ipcbus.ErrDirectory,
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

// A process that is told to end leaves nothing: not the socket, not a status that
// says failure.
func TestSignalsLeaveNothing(t *testing.T) {
	for _, role := range []string{"hub", "client"} {
		for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			t.Run(role+"/"+s.String(), func(t *testing.T) {
				path := socket(t)
				p := start(t, role, path)
				dialHub(t, path).Close(within(t))
				if role == "client" { // it is a hub before it has subscribed
					p.await()
				}
				p.signal(s)
				if err := p.cmd.Wait(); err != nil {
					t.Errorf("it ended with %v", err)
				}
				if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("the socket is there: %v", err)
				}
			})
		}
	}
}

// A hub that is stopped is noticed, and so is that it goes on.
func TestAStoppedHub(t *testing.T) {
	path := socket(t)
	hub := start(t, "hub", path)
	dialHub(t, path)
	b := dial(t, ipcbus.Options{Path: path, NoHub: true, Ping: 100 * time.Millisecond})
	back := b.Reconnected(t.Context())
	hub.signal(syscall.SIGSTOP)
	soon.True(t, "the silence is noticed", func() bool { return !b.Health(within(t)).Connected })
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
	soon.True(t, "the child is given up", func() bool { return publish(t, b, note()).Subscribers == 0 })
	child.signal(syscall.SIGCONT)
	if err := b.WaitForSubscribers(within(t), "test_note.tester", 1); err != nil {
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

// With the lock gone, too, another process can become the hub. There are not two
// for long, and when the other ends there is one again.
func TestSocketAndLockRemoved(t *testing.T) {
	path := socket(t)
	b := dial(t, ipcbus.Options{Path: path})
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
	publish(t, late, note())
	next(t, s)
	child.kill()
	heard := make(chan error, 1)
	go func() {
		_, err := s.Next(within(t))
		heard <- err
	}()
	soon.True(t, "one is heard", func() bool {
		_, _ = late.Publish(within(t), "test_note.tester", note()) // what is lost with the hub is published again
		return len(heard) > 0
	})
	if err := <-heard; err != nil {
		t.Error(err)
	}
}

// The hub tells of those who left when nobody listens for them any more.
func TestDepartures(t *testing.T) {
	path := socket(t)
	departed := make(chan string, 10)
	b := dial(t, ipcbus.Options{Path: path, Departed: func(r string) { departed <- r }})
	child, twice := start(t, "client", path), dial(t, ipcbus.Options{Path: path})
	child.await()
	subscribe(t, twice, event.FilterTo("child"), nil)
	subscribe(t, twice, event.FilterTo("other"), nil)
	child.kill()
	soon.True(t, "the hub has noticed", func() bool { return publish(t, b, note()).Subscribers == 0 })
	if len(departed) > 0 {
		t.Errorf("%q departed, and somebody listens for it", <-departed)
	}
	if err := twice.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for range 2 {
		select {
		case r := <-departed:
			got[r] = true
		case <-within(t).Done():
			t.Fatal("nobody departed")
		}
	}
	if !got["child"] || !got["other"] {
		t.Errorf("departed: %v", got)
	}
}
