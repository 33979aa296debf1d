package zmqbus_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/internal/soon"
)

// A relay is a network between a bus and its forwarder that can break.
type relay struct {
	listener net.Listener
	tasks    sync.WaitGroup

	mu     sync.Mutex
	target string
	frozen chan struct{} // closed: bytes flow
	conns  []*pair
}

// A pair is one connection through a relay, from a client to the target.
type pair struct {
	near, far net.Conn

	mu     sync.Mutex
	said   []byte // the first bytes of the client, which say its kind of socket
	losing bool
	gone   int // bytes of the client that were lost
}

func (p *pair) cut() {
	_ = p.near.Close()
	_ = p.far.Close()
}

// lose lets nothing pass from now on, and both sides think that it does.
func (p *pair) lose() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.losing = true
}

func (p *pair) lost() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone > 0
}

func (p *pair) is(kind string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Contains(p.said, []byte(kind))
}

// heard takes what a side said, and reports whether it is lost.
func (p *pair) heard(from net.Conn, data []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	const greeting = 256
	if from == p.near && len(p.said) < greeting {
		p.said = append(p.said, data...)
	}
	if from == p.near && p.losing {
		p.gone += len(data)
	}
	return p.losing
}

func newRelay(t testing.TB, target string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, target: strings.TrimPrefix(target, "zmq+tcp://"), frozen: make(chan struct{})}
	close(r.frozen)
	r.tasks.Go(r.accept)
	t.Cleanup(func() {
		_ = l.Close()
		r.thaw()
		r.cut()
		r.tasks.Wait()
	})
	return r
}

func (r *relay) url() string { return "zmq+tcp://" + r.listener.Addr().String() }

func (r *relay) accept() {
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		target := r.target
		r.mu.Unlock()
		far, err := net.Dial("tcp", target)
		if err != nil {
			_ = c.Close()
			continue
		}
		r.mu.Lock()
		p := &pair{near: c, far: far}
		r.conns = append(r.conns, p)
		r.mu.Unlock()
		r.tasks.Go(func() { r.pass(p, c, far) })
		r.tasks.Go(func() { r.pass(p, far, c) })
	}
}

// pass carries bytes, and the end of one side to the other, while not frozen.
func (r *relay) pass(p *pair, from, to net.Conn) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		r.mu.Lock()
		flowing := r.frozen
		r.mu.Unlock()
		<-flowing
		if err == nil && !p.heard(from, buf[:n]) {
			_, err = to.Write(buf[:n])
		}
		if err != nil {
			_ = to.Close()
			return
		}
	}
}

// freeze loses nothing and delivers nothing: both sides think the other is there.
func (r *relay) freeze() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.frozen = make(chan struct{})
}

func (r *relay) thaw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.frozen:
	default:
		close(r.frozen)
	}
}

// cut closes all connections.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		c.cut()
	}
	r.conns = nil
}

// of returns the connection of the client's socket of a kind.
func (r *relay) of(t *testing.T, kind string) *pair {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.conns {
		if p.is(kind) {
			return p
		}
	}
	t.Fatalf("no connection of a %s", kind)
	return nil
}

func (r *relay) move(target string) {
	r.mu.Lock()
	r.target = strings.TrimPrefix(target, "zmq+tcp://")
	r.mu.Unlock()
	r.cut()
}

func awaitReturn(t *testing.T, back <-chan struct{}) {
	t.Helper()
	select {
	case <-back:
	case <-testContext(t).Done():
		t.Fatal("not reconnected")
	}
}

// TestAHalfOpenConnectionIsNoticed lets the network swallow everything, without
// a word to either side. Heartbeats tell both; afterwards all is as before.
func TestAHalfOpenConnectionIsNoticed(t *testing.T) {
	o := zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0", Heartbeat: 20 * time.Millisecond, HeartbeatTimeout: 300 * time.Millisecond, Handshake: 500 * time.Millisecond, ReconnectMax: 50 * time.Millisecond}
	f := forward(t, o)
	network := newRelay(t, f.URL())
	o.URL = network.url()
	b := dial(t, o)
	s := subscribe(t, b, "test_note.*", nil)
	near := dial(t, zmqbus.Options{URL: f.URL()})
	if err := near.WaitForSubscribers(testContext(t), noteSubject, 1); err != nil {
		t.Fatal(err)
	}
	back := b.Reconnected(t.Context())

	network.freeze()
	ctx := testContext(t)
	for b.Health(ctx).Connected || near.WaitForSubscribers(shortContext(t), noteSubject, 1) == nil {
		if ctx.Err() != nil {
			t.Fatal("nobody noticed")
		}
	}
	shows(t, b.Health(ctx).Detail)
	network.thaw()
	awaitReturn(t, back)
	publish(t, near, noteSubject, note(1))
	if got := next(t, s); got != `{"n":1}` {
		t.Errorf("received %s", got)
	}
	if h := b.Health(ctx); h.Reconnects != 1 {
		t.Errorf("%d reconnections counted", h.Reconnects)
	}
}

// TestALostQuestionIsAskedAgain brings back the connection that receives, while the one
// that sends takes everything and is dead without a word.
func TestALostQuestionIsAskedAgain(t *testing.T) {
	f := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0"})
	network := newRelay(t, f.URL())
	b := dial(t, zmqbus.Options{URL: network.url()})
	subscribe(t, b, "test_note.*", nil)
	back := b.Reconnected(t.Context())
	receives, sends := network.of(t, "SUB"), network.of(t, "PUB")
	sends.lose()
	receives.cut()
	soon.True(t, "the question is lost", sends.lost)
	sends.cut()
	awaitReturn(t, back)
}

// TestAForwarderThatMovesIsFound lets it restart on another port behind the same
// name.
func TestAForwarderThatMovesIsFound(t *testing.T) {
	first := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0"})
	network := newRelay(t, first.URL())
	b := dial(t, zmqbus.Options{URL: network.url()})
	s := subscribe(t, b, "test_note.*", nil)
	back := b.Reconnected(t.Context())
	second := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0"})
	network.move(second.URL())
	awaitReturn(t, back)
	other := dial(t, zmqbus.Options{URL: second.URL()})
	publish(t, other, noteSubject, note(2))
	if got := next(t, s); got != `{"n":2}` {
		t.Errorf("received %s", got)
	}
}

// TestStrangersHarmNobody lets many kinds of strangers come to a forwarder that
// works: silent ones, ones that speak something else, ones with wrong keys.
func TestStrangersHarmNobody(t *testing.T) {
	server, client, stranger := keys(t), keys(t), keys(t)
	f := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0", Handshake: 2 * time.Second, Credentials: zmqbus.Credentials{
		SecretKey: server.Secret.String(), AllowedKeys: []string{client.Public.String()},
	}})
	b := dial(t, zmqbus.Options{URL: f.URL(), Credentials: zmqbus.Credentials{SecretKey: client.Secret.String(), ServerKey: server.Public.String()}})
	s := subscribe(t, b, "test_note.*", nil)
	address := strings.TrimPrefix(f.URL(), "zmq+tcp://")
	const each = 20
	var conns []net.Conn
	for i := range each {
		for _, say := range []string{"", "GET / HTTP/1.1\r\n\r\n", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f", strings.Repeat("\xff", 200)} {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(c, say)
			conns = append(conns, c)
		}
		publish(t, b, noteSubject, note(i))
		if got, want := next(t, s), fmt.Sprintf(`{"n":%d}`, i); got != want {
			t.Fatalf("received %s, want %s", got, want)
		}
	}
	_, err := zmqbus.Dial(t.Context(), zmqbus.Options{URL: f.URL(), Log: quiet(), Credentials: zmqbus.Credentials{SecretKey: stranger.Secret.String(), ServerKey: server.Public.String()}})
	if !errors.Is(err, bus.ErrDenied) {
		t.Errorf("a stranger's key: %v", err)
	}
	for _, c := range conns {
		_, _ = io.Copy(io.Discard, c) // until it hangs up
		_ = c.Close()
	}
	for ctx := testContext(t); f.Refused() < 4*each+1; {
		if ctx.Err() != nil {
			t.Fatalf("%d refusals counted, want %d at least", f.Refused(), 4*each+1)
		}
	}
	if n := s.Dropped().Total(); n != 0 || b.Health(t.Context()).Reconnects != 0 {
		t.Errorf("%d drops, %d reconnections", n, b.Health(t.Context()).Reconnects)
	}
}
