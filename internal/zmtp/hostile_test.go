package zmtp_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// greeting is what a ZMTP peer says first.
func greeting(minor byte, mechanism string) []byte {
	g := make([]byte, 64)
	g[0], g[9], g[10], g[11] = 0xff, 0x7f, 3, minor
	copy(g[12:], mechanism)
	return g
}

func frame(flags byte, body string) []byte {
	return append([]byte{flags, byte(len(body))}, body...)
}

func command(name, data string) []byte {
	return frame(4, string(rune(len(name)))+name+data)
}

func property(name, value string) string {
	size := binary.BigEndian.AppendUint32(nil, uint32(len(value)))
	return string(rune(len(name))) + name + string(size) + value
}

// A raw is a peer made of bytes.
type raw struct {
	t    *testing.T
	conn net.Conn
}

func dialRaw(t *testing.T, where string, say ...[]byte) *raw {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(where, "tcp://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	r := &raw{t, conn}
	r.say(say...)
	return r
}

func (r *raw) say(what ...[]byte) {
	_, _ = r.conn.Write(bytes.Join(what, nil)) // a peer that has hung up is what some tests want
}

// hear reads exactly n bytes.
func (r *raw) hear(n int) []byte {
	r.t.Helper()
	_ = r.conn.SetReadDeadline(time.Now().Add(patience))
	b := make([]byte, n)
	if _, err := io.ReadFull(r.conn, b); err != nil {
		r.t.Fatalf("hearing %d bytes: %v", n, err)
	}
	return b
}

// hungUp waits until the other side hangs up.
func (r *raw) hungUp() {
	r.t.Helper()
	_ = r.conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, r.conn); errors.Is(err, context.DeadlineExceeded) {
		r.t.Fatalf("not hung up: %v", err)
	}
}

// subscriber returns a raw peer that has shaken hands as a SUB.
func rawSubscriber(t *testing.T, where string, minor byte) *raw {
	t.Helper()
	r := dialRaw(t, where, greeting(minor, "NULL"), command("READY", property("Socket-Type", "SUB")))
	r.hear(64)
	size := r.hear(2)[1]
	r.hear(int(size))
	return r
}

// TestHostilePeers says wrong things to a publisher. Each must cost the one who
// said it the connection, and nobody else anything.
func TestHostilePeers(t *testing.T) {
	hello := greeting(1, "NULL")
	ready := command("READY", property("Socket-Type", "SUB"))
	join := func(b ...[]byte) []byte { return bytes.Join(b, nil) }
	for _, tt := range []struct {
		name string
		say  []byte
		what zmtp.What
		want error
	}{
		{"http", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), zmtp.Refused, zmtp.ErrProtocol},
		{"greeting with a wrong signature", join([]byte{0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0}, hello[10:]), zmtp.Refused, zmtp.ErrProtocol},
		{"an old version", append([]byte{0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 2}, hello[11:]...), zmtp.Refused, zmtp.ErrProtocol},
		{"another mechanism", greeting(1, "CURVE"), zmtp.Refused, zmtp.ErrHandshake},
		{"a message instead of READY", join(hello, frame(0, "hi")), zmtp.Refused, zmtp.ErrProtocol},
		{"READY with a truncated property", join(hello, command("READY", "\x0bSocket-Type\x00\x00\x00\xffSUB")), zmtp.Refused, zmtp.ErrProtocol},
		{"READY with a truncated name", join(hello, command("READY", "\x40Socket")), zmtp.Refused, zmtp.ErrProtocol},
		{"READY without a type", join(hello, command("READY", "")), zmtp.Refused, zmtp.ErrHandshake},
		{"READY of the wrong type", join(hello, command("READY", property("Socket-Type", "PUB"))), zmtp.Refused, zmtp.ErrHandshake},
		{"ERROR", join(hello, command("ERROR", "\x03400")), zmtp.Refused, zmtp.ErrDenied},
		{"a command without a name", join(hello, frame(4, "")), zmtp.Refused, zmtp.ErrProtocol},
		{"a handshake of megabytes", join(hello, []byte{6, 0, 0, 0, 0, 0, 16, 0, 0}), zmtp.Refused, zmtp.ErrTooLarge},
		{"a frame of 32 TiB", join(hello, ready, []byte{2, 0, 0, 32, 0, 0, 0, 0, 0}), zmtp.Disconnected, zmtp.ErrTooLarge},
		{"a frame of 2^64-1 bytes", join(hello, ready, []byte{2}, bytes.Repeat([]byte{0xff}, 8)), zmtp.Disconnected, zmtp.ErrTooLarge},
		{"unknown flags", join(hello, ready, []byte{0x80, 0}), zmtp.Disconnected, zmtp.ErrProtocol},
		{"endless frames", join(hello, ready, bytes.Repeat(frame(1, "x"), 100)), zmtp.Disconnected, zmtp.ErrTooLarge},
		{"a ping without a TTL", join(hello, ready, command("PING", "")), zmtp.Disconnected, zmtp.ErrProtocol},
		{"a ping with a long context", join(hello, ready, command("PING", "\x00\x00"+strings.Repeat("c", 17))), zmtp.Disconnected, zmtp.ErrProtocol},
		{"a topic of 5000 bytes", join(hello, ready, longFrame("\x01"+strings.Repeat("t", 5000))), zmtp.Disconnected, zmtp.ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen recorder
			pub := open(t, zmtp.PUB, &zmtp.Options{Monitor: seen.record})
			where := bind(t, pub, "tcp://127.0.0.1:0")
			sub := open(t, zmtp.SUB, nil)
			subscribe(t, sub, "")
			connect(t, sub, where)
			soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
			dialRaw(t, where, tt.say).hungUp()
			soon.True(t, "event", func() bool { return seen.count(tt.what, tt.want) == 1 })
			send(t, pub, "still here")
			if got := receive(t, sub); got != "still here" {
				t.Errorf("received %q", got)
			}
		})
	}
}

func longFrame(body string) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{2}, uint64(len(body))), body...)
}

func TestSilentClientsKeepNobodyWaiting(t *testing.T) {
	var seen recorder
	pub := open(t, zmtp.PUB, &zmtp.Options{Handshakes: 10, Handshake: patience, Monitor: seen.record})
	where := bind(t, pub, "tcp://127.0.0.1:0")
	var silent []*raw
	for range 50 {
		silent = append(silent, dialRaw(t, where))
	}
	for i := range 5 {
		sub := open(t, zmtp.SUB, nil)
		subscribe(t, sub, "")
		connect(t, sub, where)
		soon.True(t, "subscription", func() bool { return pub.Subscribers("") == i+1 })
	}
	for _, r := range silent[:40] {
		r.hungUp() // pushed out by those who came later
	}
}

func TestAHandshakeTakesOnlySoLong(t *testing.T) {
	var seen recorder
	pub := open(t, zmtp.PUB, &zmtp.Options{Handshake: 30 * time.Millisecond, Monitor: seen.record})
	slow := dialRaw(t, bind(t, pub, "tcp://127.0.0.1:0"), greeting(1, "NULL")[:20])
	slow.hungUp()
	soon.True(t, "refusal", func() bool { return seen.count(zmtp.Refused, zmtp.ErrHandshake) == 1 })
}

func TestManyConnects(t *testing.T) {
	const connects = 10_000
	pub := open(t, zmtp.PUB, &zmtp.Options{Peers: 50})
	where := bind(t, pub, "tcp://127.0.0.1:0")
	for i := range connects {
		conn, err := net.Dial("tcp", strings.TrimPrefix(where, "tcp://"))
		if err != nil {
			t.Fatalf("connect %d: %v", i, err)
		}
		if i%2 == 0 {
			_, _ = conn.Write(greeting(1, "NULL"))
		}
		_ = conn.Close()
	}
	sub := open(t, zmtp.SUB, nil)
	subscribe(t, sub, "")
	connect(t, sub, where)
	soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
	soon.True(t, "others to be gone", func() bool { return pub.Peers() == 1 })
}

func TestConnectionsAreBounded(t *testing.T) {
	var seen recorder
	pub := open(t, zmtp.PUB, &zmtp.Options{Peers: 2, Monitor: seen.record})
	where := bind(t, pub, "tcp://127.0.0.1:0")
	for range 2 {
		rawSubscriber(t, where, 1)
	}
	soon.True(t, "peers", func() bool { return pub.Peers() == 2 })
	dialRaw(t, where, greeting(1, "NULL"), command("READY", property("Socket-Type", "SUB"))).hungUp()
	soon.True(t, "refusal", func() bool { return seen.count(zmtp.Refused, zmtp.ErrLimit) == 1 })
}

// TestAStuckSubscriberHarmsNobody has one that never reads and one that does.
func TestAStuckSubscriberHarmsNobody(t *testing.T) {
	const count, size = 20_000, 1000
	for _, policy := range []zmtp.Policy{zmtp.DropNewest, zmtp.DropOldest, zmtp.Disconnect} {
		t.Run(string(policy), func(t *testing.T) {
			var seen recorder
			pub := open(t, zmtp.PUB, &zmtp.Options{Policy: policy, SendQueue: 100, Monitor: seen.record, Linger: -1, Heartbeat: -1})
			where := bind(t, pub, "tcp://127.0.0.1:0")
			stuck := rawSubscriber(t, where, 1)
			stuck.say(command("SUBSCRIBE", "m"))
			fast := open(t, zmtp.SUB, nil)
			subscribe(t, fast, "m")
			connect(t, fast, where)
			soon.True(t, "subscriptions", func() bool { return pub.Subscribers("m") == 2 })
			body := strings.Repeat("x", size)
			for i := range count {
				send(t, pub, fmt.Sprintf("m%d", i), body)
				if got, want := receive(t, fast), fmt.Sprintf("m%d|", i); !strings.HasPrefix(got, want) {
					t.Fatalf("message %d is %.20q", i, got)
				}
			}
			if d := pub.Depth(); d.Out > 2*100+64 || d.OutBytes > 1<<20 {
				t.Errorf("%d messages, %d bytes wait for one peer", d.Out, d.OutBytes)
			}
			if policy == zmtp.Disconnect {
				stuck.hungUp()
				soon.True(t, "disconnection", func() bool { return seen.count(zmtp.Disconnected, zmtp.ErrSlow) == 1 })
			} else if pub.Depth().Dropped < count/10 || seen.count(zmtp.Dropped, nil) == 0 {
				t.Errorf("%d drops, %d reports", pub.Depth().Dropped, seen.count(zmtp.Dropped, nil))
			}
		})
	}
}

// TestWhatIsDropped fills the queue of a peer that does not read. The oldest
// messages are those it gets in any case: the kernel has them already.
func TestWhatIsDropped(t *testing.T) {
	for policy, kept := range map[zmtp.Policy]bool{zmtp.DropNewest: false, zmtp.DropOldest: true} {
		pub := open(t, zmtp.PUB, &zmtp.Options{Policy: policy, SendQueue: 10, Linger: patience, Heartbeat: -1})
		stuck := rawSubscriber(t, bind(t, pub, "tcp://127.0.0.1:0"), 1)
		stuck.say(command("SUBSCRIBE", ""))
		soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
		big := strings.Repeat("x", 1<<20)
		send(t, pub, "first", big)
		for pub.Depth().Dropped < 5 {
			send(t, pub, "middle", big)
		}
		send(t, pub, "last")
		closed := make(chan error)
		go func() { closed <- pub.Close(context.Background()) }()
		all, _ := io.ReadAll(stuck.conn) // ends when the other side does
		if err := <-closed; err != nil {
			t.Errorf("%s: %v", policy, err)
		}
		if !bytes.Contains(all, []byte("first")) || bytes.Contains(all, []byte("last")) != kept {
			t.Errorf("%s: first kept %v, last kept %v, want true and %v", policy,
				bytes.Contains(all, []byte("first")), bytes.Contains(all, []byte("last")), kept)
		}
	}
}

func TestBlockWaitsForRoomUntilTheContextEnds(t *testing.T) {
	pub := open(t, zmtp.PUB, &zmtp.Options{Policy: zmtp.Block, SendQueue: 4, Linger: -1, Heartbeat: -1})
	stuck := rawSubscriber(t, bind(t, pub, "tcp://127.0.0.1:0"), 1)
	stuck.say(command("SUBSCRIBE", ""))
	soon.True(t, "subscription", func() bool { return pub.Subscribers("") == 1 })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	sent := 0
	var err error
	for err == nil {
		if err = pub.Send(ctx, message("m", strings.Repeat("x", 1<<20))); err == nil {
			sent++
		}
	}
	if !errors.Is(err, zmtp.ErrFull) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("after %d messages: %v", sent, err)
	}
	go func() { _, _ = io.Copy(io.Discard, stuck.conn) }() // it reads at last
	send(t, pub, "m")
}

func TestASilentPeerIsDisconnected(t *testing.T) {
	var seen recorder
	pub := open(t, zmtp.PUB, &zmtp.Options{Heartbeat: 10 * time.Millisecond, Monitor: seen.record})
	where := bind(t, pub, "tcp://127.0.0.1:0")
	half := rawSubscriber(t, where, 1) // says nothing more, as a half-open connection
	half.hungUp()
	soon.True(t, "disconnection", func() bool { return seen.count(zmtp.Disconnected, zmtp.ErrSilent) == 1 })
}

func TestPeersOfZMTP30AreServed(t *testing.T) {
	pub := open(t, zmtp.XPUB, &zmtp.Options{Heartbeat: 10 * time.Millisecond})
	old := rawSubscriber(t, bind(t, pub, "tcp://127.0.0.1:0"), 0)
	old.say(frame(0, "\x01news"))
	if got := receive(t, pub); got != "\x01news" {
		t.Errorf("subscription %q", got)
	}
	<-time.After(100 * time.Millisecond) // many heartbeats, none of which it would understand
	send(t, pub, "news", "x")
	if got, want := old.hear(9), append(frame(1, "news"), frame(0, "x")...); !bytes.Equal(got, want) {
		t.Errorf("heard % x, want % x", got, want)
	}
	old.say(frame(0, "\x00news"))
	if got := receive(t, pub); got != "\x00news" {
		t.Errorf("unsubscription %q", got)
	}
}

func TestPingIsAnswered(t *testing.T) {
	pub := open(t, zmtp.PUB, &zmtp.Options{Heartbeat: -1})
	r := rawSubscriber(t, bind(t, pub, "tcp://127.0.0.1:0"), 1)
	r.say(command("PING", "\x00\x01context"))
	if got, want := r.hear(14), command("PONG", "context"); !bytes.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
	r.hungUp() // its TTL was a tenth of a second, and it said no more
}

func TestCredentialsAreChecked(t *testing.T) {
	server, client, stranger := newKeys(t), newKeys(t), newKeys(t)
	plain := func(user, password string) zmtp.Mechanism {
		m, err := zmtp.PlainClient(user, password)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	curve := zmtp.CurveServer(server, zmtp.Keys(client.Public))
	users := zmtp.PlainServer(zmtp.OneUser("admin", "secret"))
	for _, tt := range []struct {
		name         string
		theirs, ours zmtp.Mechanism
		want         error
	}{
		{"wrong password", users, plain("admin", "guess"), zmtp.ErrDenied},
		{"wrong user", users, plain("root", "secret"), zmtp.ErrDenied},
		{"an unknown key", curve, zmtp.CurveClient(stranger, server.Public), zmtp.ErrDenied},
		{"another server's key", curve, zmtp.CurveClient(client, stranger.Public), zmtp.ErrDenied},
		{"no credentials", curve, zmtp.Null(), zmtp.ErrHandshake},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var there, here recorder
			pub := open(t, zmtp.PUB, &zmtp.Options{Security: tt.theirs, Monitor: there.record})
			sub := open(t, zmtp.SUB, &zmtp.Options{Security: tt.ours, Monitor: here.record, LastPause: 20 * time.Millisecond})
			connect(t, sub, bind(t, pub, "tcp://127.0.0.1:0"))
			soon.True(t, "refusal", func() bool { return there.count(zmtp.Refused, tt.want) > 0 && here.count(zmtp.Retrying, nil) > 1 })
			if n := there.count(zmtp.Connected, nil); n > 0 {
				t.Errorf("%d connections", n)
			}
		})
	}
}
