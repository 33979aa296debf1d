package zmtp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// The cases of this file are what libzmq's own tests check, said again for this
// engine: heartbeats, high-water marks, monitors, reconnection, binding again,
// CURVE, and subscriptions that are forwarded.

// TestHeartbeatsKeepQuietConnections lets peers with nothing to say beat at each
// other for many times their timeout.
func TestHeartbeatsKeepQuietConnections(t *testing.T) {
	for mechanism, sides := range security(t) {
		for _, pair := range [][2]zmtp.Type{{zmtp.PUB, zmtp.SUB}, {zmtp.ROUTER, zmtp.DEALER}, {zmtp.REP, zmtp.REQ}} {
			t.Run(fmt.Sprint(mechanism, pair), func(t *testing.T) {
				t.Parallel()
				var seen recorder
				o := zmtp.Options{Heartbeat: 20 * time.Millisecond, Silence: 2 * time.Second, Monitor: seen.record}
				here, there := o, o
				here.Security, there.Security = sides[0], sides[1]
				a, b := open(t, pair[0], &here), open(t, pair[1], &there)
				connect(t, b, bind(t, a, "tcp://127.0.0.1:0"))
				soon.True(t, "connection", func() bool { return seen.count(zmtp.Connected, nil) == 2 })
				<-time.After(2500 * time.Millisecond) // longer than anybody may be silent
				if n := seen.count(zmtp.Disconnected, nil); n > 0 {
					t.Errorf("%d disconnections: %v", n, &seen)
				}
			})
		}
	}
}

// TestAContextOfAnyLengthComesBack sends PINGs as RFC 37 allows them.
func TestAContextOfAnyLengthComesBack(t *testing.T) {
	pub := open(t, zmtp.PUB, &zmtp.Options{Heartbeat: -1})
	r := rawSubscriber(t, bind(t, pub, "tcp://127.0.0.1:0"), 1)
	for n := range 17 {
		context := strings.Repeat("c", n)
		want := command("PONG", context)
		r.say(command("PING", "\xff\xff"+context))
		if got := r.hear(len(want)); !bytes.Equal(got, want) {
			t.Errorf("context of %d bytes: heard %q", n, got)
		}
	}
}

// TestEveryMessageIsReceivedOrCounted fills a subscriber's queue, lets it read
// everything, and does so again: a full queue is no lasting state, and what was
// sent is what was received and what was dropped.
func TestEveryMessageIsReceivedOrCounted(t *testing.T) {
	for _, policy := range []zmtp.Policy{zmtp.DropNewest, zmtp.DropOldest} {
		t.Run(string(policy), func(t *testing.T) {
			pub := open(t, zmtp.PUB, &zmtp.Options{Policy: policy, SendQueue: 50, Linger: -1})
			sub := open(t, zmtp.SUB, &zmtp.Options{ReceiveQueue: 10})
			subscribe(t, sub, "")
			connect(t, sub, bind(t, pub, "tcp://127.0.0.1:0"))
			soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
			body := strings.Repeat("x", 50_000)
			sent, received := 0, 0
			for round := range 3 {
				before := pub.Depth().Dropped
				for pub.Depth().Dropped < before+20 {
					send(t, pub, "m", body)
					sent++
				}
				for uint64(received)+pub.Depth().Dropped < uint64(sent) {
					receive(t, sub)
					received++
				}
				send(t, pub, "end", fmt.Sprint(round)) // the queue is empty: it fits
				sent++
				if got, want := receive(t, sub), fmt.Sprint("end|", round); got != want {
					t.Fatalf("received %.20q, want %q", got, want)
				}
				received++
			}
		})
	}
}

// TestAMonitorTellsTheWholeStory is a connection's life in its events.
func TestAMonitorTellsTheWholeStory(t *testing.T) {
	var there, here recorder
	pub := open(t, zmtp.PUB, &zmtp.Options{Monitor: there.record})
	sub := open(t, zmtp.SUB, &zmtp.Options{Monitor: here.record, FirstPause: time.Millisecond})
	subscribe(t, sub, "t")
	where := bind(t, pub, "tcp://127.0.0.1:0")
	connect(t, sub, where)
	soon.True(t, "subscription", func() bool { return there.count(zmtp.Subscribed, nil) == 1 })
	if err := sub.Unsubscribe("t"); err != nil {
		t.Fatal(err)
	}
	soon.True(t, "unsubscription", func() bool { return there.count(zmtp.Unsubscribed, nil) == 1 })
	if err := pub.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	soon.True(t, "attempts", func() bool { return here.count(zmtp.Retrying, nil) >= 2 })
	order := func(r *recorder) string {
		r.mu.Lock()
		defer r.mu.Unlock()
		var all []string
		for _, e := range r.events {
			all = append(all, string(e.What))
			if e.Endpoint != where {
				t.Errorf("%s at %q, want %q", e.What, e.Endpoint, where)
			}
		}
		return strings.Join(all, " ")
	}
	if got, want := order(&there), "listening connected subscribed unsubscribed disconnected"; got != want {
		t.Errorf("the publisher's: %s, want %s", got, want)
	}
	if got, want := order(&here), "connected disconnected retrying retrying"; !strings.HasPrefix(got, want) {
		t.Errorf("the subscriber's: %s, want %s", got, want)
	}
}

// TestBindAgain gives up an address and takes it again, with the same socket.
// The peer comes back by itself, with its subscription.
func TestBindAgain(t *testing.T) {
	for transport, where := range endpoints(t) {
		t.Run(transport, func(t *testing.T) {
			var seen recorder
			pub := open(t, zmtp.PUB, nil)
			sub := open(t, zmtp.SUB, &zmtp.Options{Monitor: seen.record})
			subscribe(t, sub, "")
			at := bind(t, pub, where)
			connect(t, sub, at)
			for life := range 3 {
				soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
				send(t, pub, fmt.Sprint(life))
				if got := receive(t, sub); got != fmt.Sprint(life) {
					t.Errorf("received %q in life %d", got, life)
				}
				if err := pub.Unbind(at); err != nil {
					t.Fatal(err)
				}
				if err := sub.Disconnect(at); err != nil {
					t.Fatal(err)
				}
				soon.True(t, "farewell", func() bool { return pub.Peers() == 0 })
				connect(t, sub, at) // nobody is there
				attempts := seen.count(zmtp.Retrying, nil)
				soon.True(t, "attempt", func() bool { return seen.count(zmtp.Retrying, nil) > attempts })
				bind(t, pub, at)
			}
		})
	}
}

// TestSubscriptionsAreForwarded has an XSUB and an XPUB in the middle, as
// proxies do: what all have unsubscribed from is unsubscribed from upstream, and
// not before.
func TestSubscriptionsAreForwarded(t *testing.T) {
	pub, front, back := open(t, zmtp.XPUB, nil), open(t, zmtp.XSUB, nil), open(t, zmtp.XPUB, nil)
	connect(t, front, bind(t, pub, "tcp://127.0.0.1:0"))
	at := bind(t, back, "ipc://"+filepath.Join(t.TempDir(), "back"))
	forward := func() {
		t.Helper()
		m, err := back.Receive(testContext(t))
		if err == nil {
			err = front.Send(testContext(t), m)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	a, b := open(t, zmtp.SUB, nil), open(t, zmtp.SUB, nil)
	for _, s := range []*zmtp.Socket{a, b} {
		subscribe(t, s, "t")
		connect(t, s, at)
	}
	forward()
	if got := receive(t, pub); got != "\x01t" {
		t.Fatalf("upstream hears %q", got)
	}
	soon.True(t, "both", func() bool { return back.Subscribers("t") == 2 })
	send(t, pub, "t", "1")
	m, err := front.Receive(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := back.Publish(t.Context(), m); n != 2 || err != nil {
		t.Errorf("passed on to %d, %v", n, err)
	}
	for _, s := range []*zmtp.Socket{a, b} {
		if err := s.Unsubscribe("t"); err != nil {
			t.Fatal(err)
		}
	}
	forward() // one message for the two of them
	if got := receive(t, pub); got != "\x00t" {
		t.Errorf("upstream hears %q", got)
	}
}

// TestHostileCurveClients say wrong things in a CURVE handshake, to which they
// need no key.
func TestHostileCurveClients(t *testing.T) {
	server := newKeys(t)
	hello := func(size int, version byte) []byte {
		body := make([]byte, size)
		if size > 0 {
			body[0] = version
		}
		return command("HELLO", string(body))
	}
	for _, tt := range []struct {
		name string
		say  [][]byte
		want error
	}{
		{"an empty HELLO", [][]byte{hello(0, 0)}, zmtp.ErrProtocol},
		{"a short HELLO", [][]byte{hello(193, 1)}, zmtp.ErrProtocol},
		{"a long HELLO", [][]byte{hello(195, 1)}, zmtp.ErrProtocol},
		{"another version", [][]byte{hello(194, 9)}, zmtp.ErrProtocol},
		{"a HELLO for another server", [][]byte{hello(194, 1)}, zmtp.ErrDenied},
		{"INITIATE without HELLO", [][]byte{command("INITIATE", strings.Repeat("i", 200))}, zmtp.ErrProtocol},
		{"READY without HELLO", [][]byte{command("READY", property("Socket-Type", "SUB"))}, zmtp.ErrProtocol},
		{"a message without HELLO", [][]byte{frame(0, "let me in")}, zmtp.ErrProtocol},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen recorder
			pub := open(t, zmtp.PUB, &zmtp.Options{Security: zmtp.CurveServer(server, nil), Monitor: seen.record})
			r := dialRaw(t, bind(t, pub, "tcp://127.0.0.1:0"), append([][]byte{greeting(1, "CURVE")}, tt.say...)...)
			r.hungUp()
			soon.True(t, "refusal", func() bool { return seen.count(zmtp.Refused, tt.want) == 1 })
			if pub.Peers() != 0 {
				t.Error("it was let in")
			}
		})
	}
}

// TestAServerThatSaysNothing accepts connections and does not answer: the
// handshake's time bounds the wait, and the next attempt finds one that does.
func TestAServerThatSaysNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var seen recorder
	sub := open(t, zmtp.SUB, &zmtp.Options{Handshake: 50 * time.Millisecond, LastPause: 10 * time.Millisecond, Monitor: seen.record})
	subscribe(t, sub, "")
	connect(t, sub, "tcp://"+l.Addr().String())
	soon.True(t, "refusal", func() bool { return seen.count(zmtp.Refused, zmtp.ErrHandshake) > 1 })
	_ = l.Close()
	pub := open(t, zmtp.PUB, nil)
	bind(t, pub, "tcp://"+l.Addr().String())
	soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
}

// TestASlowReaderGetsEverything takes a byte at a time, under the policy that
// waits for it, beside one that reads fast.
func TestASlowReaderGetsEverything(t *testing.T) {
	pub := open(t, zmtp.PUB, &zmtp.Options{SendQueue: 1000, Heartbeat: -1})
	where := bind(t, pub, "tcp://127.0.0.1:0")
	slow := rawSubscriber(t, where, 1)
	slow.say(command("SUBSCRIBE", ""))
	fast := open(t, zmtp.SUB, nil)
	subscribe(t, fast, "")
	connect(t, fast, where)
	soon.True(t, "subscriptions", func() bool { return pub.Subscribers("") == 2 })
	for i := range 200 {
		send(t, pub, fmt.Sprintf("%03d", i))
		if got, want := receive(t, fast), fmt.Sprintf("%03d", i); got != want {
			t.Fatalf("the fast one received %q, want %q", got, want)
		}
	}
	var got []byte
	for range 200 * 5 {
		got = append(got, slow.hear(1)...)
	}
	for i := range 200 {
		if want := frame(0, fmt.Sprintf("%03d", i)); !bytes.Equal(got[5*i:5*i+5], want) {
			t.Fatalf("message %d is % x", i, got[5*i:5*i+5])
		}
	}
}

// TestAnAbstractNameIsGoneWithItsOwner binds it again at once, and not while
// somebody has it.
func TestAnAbstractNameIsGoneWithItsOwner(t *testing.T) {
	where := endpoints(t)["abstract"]
	first, second := open(t, zmtp.PUB, nil), open(t, zmtp.PUB, nil)
	bind(t, first, where)
	if _, err := second.Bind(t.Context(), where); !errors.Is(err, zmtp.ErrInUse) {
		t.Errorf("while it is taken: %v", err)
	}
	if err := first.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	bind(t, second, where)
}
