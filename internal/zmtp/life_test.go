package zmtp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/internal/zmtp"
)

func TestASubscriberFindsAPublisherThatReturns(t *testing.T) {
	for transport, where := range endpoints(t) {
		t.Run(transport, func(t *testing.T) {
			sub := open(t, zmtp.SUB, nil)
			subscribe(t, sub, "a")
			first := open(t, zmtp.PUB, nil)
			at := bind(t, first, where)
			connect(t, sub, at)
			for life := range 3 {
				pub := first
				if life > 0 {
					pub = open(t, zmtp.PUB, nil)
					bind(t, pub, at)
				}
				soon.True(t, "subscription", func() bool { return pub.Subscribers("a") == 1 })
				send(t, pub, fmt.Sprint("a", life))
				if got, want := receive(t, sub), fmt.Sprint("a", life); got != want {
					t.Fatalf("received %q, want %q", got, want)
				}
				if err := pub.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestNobodyNeedBeThereYet(t *testing.T) {
	where := "ipc://" + filepath.Join(t.TempDir(), "later")
	sub := open(t, zmtp.SUB, nil)
	subscribe(t, sub, "")
	connect(t, sub, where)
	pub := open(t, zmtp.PUB, nil)
	bind(t, pub, where)
	soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
}

// TestTwoEndpoints has one of two publishers restart elsewhere. The other one's
// messages still come, once each.
func TestTwoEndpoints(t *testing.T) {
	sub := open(t, zmtp.SUB, nil)
	subscribe(t, sub, "")
	a, b := open(t, zmtp.PUB, nil), open(t, zmtp.PUB, nil)
	atA, atB := bind(t, a, "tcp://127.0.0.1:0"), bind(t, b, "tcp://127.0.0.1:0")
	connect(t, sub, atA)
	connect(t, sub, atB)
	soon.True(t, "subscriptions", func() bool { return a.Subscribers("")+b.Subscribers("") == 2 })
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	moved := open(t, zmtp.PUB, nil)
	if err := sub.Disconnect(atA); err != nil {
		t.Fatal(err)
	}
	connect(t, sub, bind(t, moved, "tcp://127.0.0.1:0"))
	soon.True(t, "subscription", func() bool { return moved.Subscribers("") == 1 })
	send(t, b, "from b")
	if got := receive(t, sub); got != "from b" {
		t.Errorf("received %q", got)
	}
	send(t, moved, "from a")
	if got := receive(t, sub); got != "from a" {
		t.Errorf("received %q", got)
	}
	if err := sub.Disconnect(atA); !errors.Is(err, zmtp.ErrUsage) {
		t.Errorf("disconnecting twice: %v", err)
	}
}

func TestCloseSendsWhatIsQueued(t *testing.T) {
	const count = 900
	pub := open(t, zmtp.PUB, nil)
	sub := open(t, zmtp.SUB, &zmtp.Options{ReceiveQueue: 10})
	subscribe(t, sub, "")
	connect(t, sub, bind(t, pub, "tcp://127.0.0.1:0"))
	soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
	for i := range count {
		send(t, pub, fmt.Sprint(i), strings.Repeat("x", 1000))
	}
	closed := make(chan error)
	go func() { closed <- pub.Close(context.Background()) }()
	for i := range count {
		if got := receive(t, sub); !strings.HasPrefix(got, fmt.Sprint(i, "|")) {
			t.Fatalf("message %d is %.10q", i, got)
		}
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestCloseSaysWhatWasLost(t *testing.T) {
	pub := open(t, zmtp.PUB, &zmtp.Options{Policy: zmtp.Block, Linger: 20 * time.Millisecond})
	stuck := rawSubscriber(t, bind(t, pub, "tcp://127.0.0.1:0"), 1)
	stuck.say(command("SUBSCRIBE", ""))
	soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
	for range 15 {
		send(t, pub, strings.Repeat("x", 1<<20))
	}
	if err := pub.Close(t.Context()); !errors.Is(err, zmtp.ErrLinger) {
		t.Errorf("Close: %v", err)
	}
}

func TestClosedSockets(t *testing.T) {
	s := open(t, zmtp.XSUB, nil)
	received := make(chan error)
	go func() {
		_, err := s.Receive(context.Background())
		received <- err
	}()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := s.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	_, bindErr := s.Bind(t.Context(), "tcp://127.0.0.1:0")
	for call, err := range map[string]error{
		"Receive": <-received, "Send": s.Send(t.Context(), message("x")), "Subscribe": s.Subscribe("x"),
		"Bind": bindErr, "Connect": s.Connect("tcp://127.0.0.1:1"),
	} {
		if !errors.Is(err, zmtp.ErrClosed) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestUsage(t *testing.T) {
	sub, pub := open(t, zmtp.SUB, nil), open(t, zmtp.PUB, nil)
	bound := bind(t, pub, "tcp://127.0.0.1:0")
	_, publishErr := sub.Publish(t.Context(), message("x"))
	_, emptyErr := pub.Publish(t.Context(), nil)
	_, noneErr := zmtp.Bind(t.Context(), "tcp://127.0.0.1:0")
	_, typeErr := zmtp.New("PAIR", nil)
	_, policyErr := zmtp.New(zmtp.PUB, &zmtp.Options{Policy: "hope"})
	_, dealerErr := zmtp.New(zmtp.DEALER, &zmtp.Options{Policy: zmtp.DropOldest})
	_, boundErr := zmtp.New(zmtp.PUB, &zmtp.Options{SendQueue: -1})
	_, idErr := zmtp.New(zmtp.DEALER, &zmtp.Options{Identity: "\x00mine"})
	_, plainErr := zmtp.PlainClient(strings.Repeat("u", 256), "")
	connect(t, sub, bound)
	for what, err := range map[string]error{
		"sending on SUB": sub.Send(t.Context(), message("x")), "publishing on SUB": publishErr,
		"subscribing a PUB": pub.Subscribe("x"), "an empty message": pub.Send(t.Context(), nil),
		"an empty publication": emptyErr, "binding nothing": noneErr, "type": typeErr, "policy": policyErr, "policy of a DEALER": dealerErr,
		"a negative bound": boundErr, "a reserved identity": idErr, "a long user": plainErr,
		"unbinding what is not bound": pub.Unbind("tcp://127.0.0.1:1"), "connecting twice": sub.Connect(bound),
	} {
		if !errors.Is(err, zmtp.ErrUsage) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := sub.Subscribe(strings.Repeat("t", 5000)); !errors.Is(err, zmtp.ErrTooLarge) {
		t.Errorf("a long topic: %v", err)
	}
}

func TestEndpoints(t *testing.T) {
	s := open(t, zmtp.PUB, nil)
	for _, where := range []string{"", "tcp://", "tcp://host", "tcp://host:99999", "udp://127.0.0.1:1", "ipc://", "ipc://@", "127.0.0.1:5555", "ipc://a\x00b", "ipc:///" + strings.Repeat("p", 200)} {
		if _, err := s.Bind(t.Context(), where); !errors.Is(err, zmtp.ErrEndpoint) {
			t.Errorf("bind %q: %v", where, err)
		}
		if err := s.Connect(where); !errors.Is(err, zmtp.ErrEndpoint) {
			t.Errorf("connect %q: %v", where, err)
		}
	}
	if at := bind(t, s, "tcp://*:*"); !strings.HasPrefix(at, "tcp://[::]:") && !strings.HasPrefix(at, "tcp://0.0.0.0:") {
		t.Errorf("tcp://*:* is at %s", at)
	}
	if _, err := s.Bind(t.Context(), "ipc:///no/such/directory/socket"); !errors.Is(err, zmtp.ErrListen) {
		t.Errorf("a directory that is not there: %v", err)
	}
}

func TestUnbindStopsListening(t *testing.T) {
	pub := open(t, zmtp.PUB, nil)
	where := bind(t, pub, "tcp://127.0.0.1:0")
	r := rawSubscriber(t, where, 1)
	r.say(command("SUBSCRIBE", "w")) // one whose handshake is still under way may go with the listener
	soon.True(t, "subscription", func() bool { return pub.Subscribers("w") == 1 })
	if err := pub.Unbind(where); err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("tcp", strings.TrimPrefix(where, "tcp://")); err == nil {
		_ = c.Close()
		t.Error("still listening")
	}
	r.say(command("SUBSCRIBE", "x"))
	soon.True(t, "subscription of the connection that stays", func() bool { return pub.Subscribers("x") == 1 })
}

func TestSocketFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	where := "ipc://" + path
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, zmtp.PUB, nil)
	if _, err := other.Bind(t.Context(), where); !errors.Is(err, zmtp.ErrInUse) {
		t.Fatalf("a live socket: %v", err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close() // as if killed: the file stays
	bind(t, other, where)
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := open(t, zmtp.PUB, nil).Bind(t.Context(), where); !errors.Is(err, zmtp.ErrInUse) {
		t.Errorf("our own live socket: %v", err)
	}
	if err := other.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, zmtp.PUB, nil).Bind(t.Context(), where); !errors.Is(err, zmtp.ErrInUse) {
		t.Errorf("a file that is no socket: %v", err)
	}
}

// TestOneOfManyGetsTheAddress has many start at once beside a stale socket.
func TestOneOfManyGetsTheAddress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close()
	var mu sync.Mutex
	won := 0
	var all sync.WaitGroup
	for range 8 {
		s := open(t, zmtp.PUB, nil)
		all.Go(func() {
			_, err := s.Bind(context.Background(), "ipc://"+path)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, zmtp.ErrInUse) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won != 1 {
		t.Errorf("%d of 8 got it", won)
	}
}

func TestXPUBTellsOfSubscriptions(t *testing.T) {
	for _, verbose := range []bool{false, true} {
		pub := open(t, zmtp.XPUB, &zmtp.Options{Verbose: verbose})
		where := bind(t, pub, "tcp://127.0.0.1:0")
		a, b := open(t, zmtp.XSUB, nil), open(t, zmtp.SUB, nil)
		connect(t, a, where)
		connect(t, b, where)
		soon.True(t, "peers", func() bool { return pub.Peers() == 2 })
		want := []string{"\x01t"}
		send(t, a, "\x01t") // XSUB subscribes by message
		soon.True(t, "first", func() bool { return pub.Subscribers("t") == 1 })
		subscribe(t, b, "t")
		subscribe(t, b, "t") // again: nothing new
		soon.True(t, "second", func() bool { return pub.Subscribers("t") == 2 })
		if verbose {
			want = append(want, "\x01t")
		}
		if err := b.Unsubscribe("t"); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		soon.True(t, "one", func() bool { return pub.Subscribers("t") == 1 })
		if err := b.Unsubscribe("t"); err != nil {
			t.Fatal(err)
		}
		for _, w := range append(want, "\x00t") {
			if got := receive(t, pub); got != w {
				t.Errorf("verbose %v: received %q, want %q", verbose, got, w)
			}
		}
	}
}

func TestALostPeerUnsubscribes(t *testing.T) {
	pub := open(t, zmtp.XPUB, nil)
	r := rawSubscriber(t, bind(t, pub, "tcp://127.0.0.1:0"), 1)
	r.say(command("SUBSCRIBE", "t"))
	if got := receive(t, pub); got != "\x01t" {
		t.Errorf("received %q", got)
	}
	_ = r.conn.Close()
	if got := receive(t, pub); got != "\x00t" {
		t.Errorf("received %q", got)
	}
}

func TestXSUBSendsToXPUB(t *testing.T) {
	pub, sub := open(t, zmtp.XPUB, nil), open(t, zmtp.XSUB, nil)
	connect(t, sub, bind(t, pub, "tcp://127.0.0.1:0"))
	soon.True(t, "peer", func() bool { return sub.Peers() == 1 })
	send(t, sub, "hello", "publisher")
	if got := receive(t, pub); got != "hello|publisher" {
		t.Errorf("received %q", got)
	}
}

// TestOneAddressForTwoSockets has publishers and subscribers meet at one
// address, and go where they belong.
func TestOneAddressForTwoSockets(t *testing.T) {
	for mechanism, sides := range security(t) {
		t.Run(mechanism, func(t *testing.T) {
			o := &zmtp.Options{Security: sides[0]}
			in, out := open(t, zmtp.XSUB, o), open(t, zmtp.XPUB, o)
			subscribe(t, in, "")
			where, err := zmtp.Bind(t.Context(), "tcp://127.0.0.1:0", in, out)
			if err != nil {
				t.Fatal(err)
			}
			theirs := &zmtp.Options{Security: sides[1]}
			pub, sub := open(t, zmtp.PUB, theirs), open(t, zmtp.SUB, theirs)
			subscribe(t, sub, "t")
			connect(t, pub, where)
			connect(t, sub, where)
			soon.True(t, "both", func() bool { return pub.Subscribers("t") == 1 && out.Subscribers("t") == 1 })
			send(t, pub, "t", "1")
			m, err := in.Receive(testContext(t))
			if err != nil {
				t.Fatal(err)
			}
			if n, err := out.Publish(t.Context(), m); n != 1 || err != nil {
				t.Errorf("published to %d, %v", n, err)
			}
			if got := receive(t, sub); got != "t|1" {
				t.Errorf("received %q", got)
			}
		})
	}
}

func TestConcurrentUse(t *testing.T) {
	const senders, each = 8, 500
	pub := open(t, zmtp.PUB, &zmtp.Options{Policy: zmtp.Block, SendQueue: 16})
	sub := open(t, zmtp.SUB, &zmtp.Options{ReceiveQueue: 16})
	subscribe(t, sub, "")
	connect(t, sub, bind(t, pub, "tcp://127.0.0.1:0"))
	soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for range each {
				if err := pub.Send(context.Background(), message("t", "x")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	got := make(chan int, senders)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	left := senders * each
	for range senders {
		go func() {
			n := 0
			for ; ; n++ {
				if _, err := sub.Receive(ctx); err != nil {
					break
				}
				mu.Lock()
				left--
				if left == 0 {
					cancel()
				}
				mu.Unlock()
			}
			got <- n
		}()
	}
	all.Wait()
	total := 0
	for range senders {
		total += <-got
	}
	if total != senders*each {
		t.Errorf("received %d of %d", total, senders*each)
	}
}
