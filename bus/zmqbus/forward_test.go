package zmqbus_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// shortContext is for what must not happen.
func shortContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestSubscriptionsSurviveTheForwarder(t *testing.T) {
	for transport, url := range urls(t) {
		t.Run(transport, func(t *testing.T) {
			f, err := zmqbus.Forward(t.Context(), zmqbus.Options{URL: url, Log: quiet()})
			if err != nil {
				t.Fatal(err)
			}
			var log notebook
			b, err := zmqbus.Dial(t.Context(), zmqbus.Options{URL: f.URL(), Log: log.log()})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := b.Close(testContext(t)); err != nil {
					t.Error(err)
				}
			}()
			s := subscribe(t, b, "test_note.*", nil)
			back := b.Reconnected(t.Context())
			for life := range 3 {
				publish(t, b, noteSubject, note(life))
				if got, want := next(t, s), fmt.Sprintf(`{"n":%d}`, life); got != want {
					t.Fatalf("received %s, want %s", got, want)
				}
				if err := f.Close(testContext(t)); err != nil {
					t.Fatal(err)
				}
				for b.Health(t.Context()).Connected {
					if testContext(t).Err() != nil {
						t.Fatal("still connected")
					}
				}
				if _, err := b.Publish(t.Context(), noteSubject, note(99)); !errors.Is(err, bus.ErrUnavailable) {
					t.Fatalf("publishing to nobody: %v", err)
				}
				if f, err = zmqbus.Forward(t.Context(), zmqbus.Options{URL: f.URL(), Log: quiet()}); err != nil {
					t.Fatal(err)
				}
				awaitReturn(t, back)
			}
			shows(t, log.String())
			if h := b.Health(t.Context()); h.Reconnects != 3 || !h.Connected {
				t.Errorf("health %+v", h)
			}
			if n := s.Dropped().Total(); n != 0 {
				t.Errorf("%d drops", n)
			}
			if err := f.Close(testContext(t)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestSymptomNobodyThere is "connection refused": nobody listens on the address.
func TestSymptomNobodyThere(t *testing.T) {
	url := "zmq+ipc://" + filepath.Join(t.TempDir(), "later")
	_, err := zmqbus.Dial(t.Context(), zmqbus.Options{URL: url, Wait: 50 * time.Millisecond, Log: quiet()})
	if !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("Dial: %v", err)
	}
	shows(t, message(err))
	_, err = zmqbus.Dial(t.Context(), zmqbus.Options{URL: "zmq+tcp://127.0.0.1:1", Wait: 50 * time.Millisecond, Log: quiet()})
	shows(t, message(err))
	b := dial(t, zmqbus.Options{URL: url, Wait: -1})
	back := b.Reconnected(t.Context())
	if _, err := b.Publish(t.Context(), noteSubject, note(1)); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("Publish: %v", err)
	}
	if _, err := b.Subscribe(t.Context(), "test_note.*", nil); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("Subscribe: %v", err)
	}
	forward(t, zmqbus.Options{URL: url})
	ctx := testContext(t)
	var s bus.Subscription
	for err = bus.ErrUnavailable; errors.Is(err, bus.ErrUnavailable) && ctx.Err() == nil; {
		s, err = b.Subscribe(ctx, "test_note.*", nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	publish(t, b, noteSubject, note(1))
	next(t, s)
	select {
	case <-back:
		t.Error("the first connection is told as a reconnection")
	default:
	}
}

// TestSymptomAddressInUse starts a second forwarder, and one beside a socket
// file that a killed one has left.
func TestSymptomAddressInUse(t *testing.T) {
	url := "zmq+ipc://" + filepath.Join(t.TempDir(), "bus")
	path := strings.TrimPrefix(url, "zmq+ipc://")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close()
	forward(t, zmqbus.Options{URL: url})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the socket: %v, %v", info.Mode(), err)
	}
	_, err = zmqbus.Forward(t.Context(), zmqbus.Options{URL: url, Log: quiet()})
	if !errors.Is(err, zmtp.ErrInUse) {
		t.Errorf("a second forwarder: %v", err)
	}
	shows(t, message(err))
}

func keys(t *testing.T) zmtp.KeyPair {
	t.Helper()
	k, err := zmtp.NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestSymptomRefused dials with good and bad credentials.
func TestSymptomRefused(t *testing.T) {
	server, client, stranger := keys(t), keys(t), keys(t)
	curve := func(own zmtp.KeyPair, server zmtp.Key) zmqbus.Credentials {
		return zmqbus.Credentials{PublicKey: own.Public.String(), SecretKey: own.Secret.String(), ServerKey: server.String()}
	}
	curveServer := zmqbus.Credentials{PublicKey: server.Public.String(), SecretKey: server.Secret.String(), AllowedKeys: []string{client.Public.String()}}
	for _, tt := range []struct {
		name         string
		theirs, ours zmqbus.Credentials
		want         error
	}{
		{"password", zmqbus.Credentials{User: "u", Password: "p"}, zmqbus.Credentials{User: "u", Password: "p"}, nil},
		{"wrong password", zmqbus.Credentials{User: "u", Password: "p"}, zmqbus.Credentials{User: "u", Password: "q"}, bus.ErrDenied},
		{"keys", curveServer, curve(client, server.Public), nil},
		{"a key that is not allowed", curveServer, curve(stranger, server.Public), bus.ErrDenied},
		{"another server's key", curveServer, curve(client, stranger.Public), bus.ErrDenied},
		{"no keys", curveServer, zmqbus.Credentials{}, bus.ErrUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0", Credentials: tt.theirs})
			b, err := zmqbus.Dial(t.Context(), zmqbus.Options{URL: f.URL(), Credentials: tt.ours, Wait: 2 * time.Second, Log: quiet()})
			if !errors.Is(err, tt.want) {
				t.Fatalf("Dial: %v, want %v", err, tt.want)
			}
			if err != nil {
				shows(t, message(err))
				return
			}
			s := subscribe(t, b, "test_note.*", nil)
			publish(t, b, noteSubject, note(1))
			next(t, s)
			if err := b.Close(testContext(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestBadOptions(t *testing.T) {
	const url = "zmq+tcp://127.0.0.1:0"
	good := keys(t)
	public, secret := good.Public.String(), good.Secret.String()
	for _, tt := range []struct {
		name string
		o    zmqbus.Options
		want error
	}{
		{"scheme", zmqbus.Options{URL: "tcp://127.0.0.1:1"}, bus.ErrAddress},
		{"transport", zmqbus.Options{URL: "zmq+udp://127.0.0.1:1"}, bus.ErrAddress},
		{"prefix", zmqbus.Options{URL: url, Prefix: "a.*"}, bus.ErrAddress},
		{"public key", zmqbus.Options{URL: url, Credentials: zmqbus.Credentials{PublicKey: "x", SecretKey: secret, ServerKey: public}}, bus.ErrDenied},
		{"a pair that is none", zmqbus.Options{URL: url, Credentials: zmqbus.Credentials{PublicKey: public, SecretKey: keys(t).Secret.String(), ServerKey: public}}, bus.ErrDenied},
		{"policy", zmqbus.Options{URL: url, Policy: zmtp.Block}, bus.ErrUnsupported},
		{"secret key", zmqbus.Options{URL: url, Credentials: zmqbus.Credentials{PublicKey: public, SecretKey: "x", ServerKey: public}}, bus.ErrDenied},
	} {
		if _, err := zmqbus.Dial(t.Context(), tt.o); !errors.Is(err, tt.want) {
			t.Errorf("Dial, %s: %v, want %v", tt.name, err, tt.want)
		}
		if _, err := zmqbus.Forward(t.Context(), tt.o); !errors.Is(err, tt.want) {
			t.Errorf("Forward, %s: %v, want %v", tt.name, err, tt.want)
		}
	}
	list := zmqbus.Options{URL: url, Credentials: zmqbus.Credentials{PublicKey: public, SecretKey: secret, AllowedKeys: []string{"x"}}}
	if _, err := zmqbus.Forward(t.Context(), list); !errors.Is(err, bus.ErrDenied) {
		t.Errorf("allowed key: %v", err)
	}
}

// TestOneProcessBindsForAll is the bus without a daemon: the first program is the
// place to which others connect.
func TestOneProcessBindsForAll(t *testing.T) {
	server, client := keys(t), keys(t)
	url := "zmq+ipc://" + filepath.Join(t.TempDir(), "bus")
	first := dial(t, zmqbus.Options{URL: url, Bind: true, Credentials: zmqbus.Credentials{
		SecretKey: server.Secret.String(), AllowedKeys: []string{client.Public.String()},
	}})
	other := dial(t, zmqbus.Options{URL: url, Credentials: zmqbus.Credentials{SecretKey: client.Secret.String(), ServerKey: server.Public.String()}})
	for _, pair := range [][2]*zmqbus.Bus{{first, other}, {other, first}} {
		s := subscribe(t, pair[0], "test_note.*", nil)
		publish(t, pair[1], noteSubject, note(1))
		if got := next(t, s); got != `{"n":1}` {
			t.Errorf("received %s", got)
		}
	}
	if _, err := zmqbus.Dial(t.Context(), zmqbus.Options{URL: url, Bind: true, Log: quiet()}); !errors.Is(err, zmtp.ErrInUse) {
		t.Errorf("a second to bind: %v", err)
	}
}

// TestSymptomDrops has a subscriber that does not read, beside one that does.
func TestSymptomDrops(t *testing.T) {
	var log notebook
	f, err := zmqbus.Forward(t.Context(), zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0", Queue: 100, Linger: -1, Log: log.log()})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close(t.Context()) // with the stuck one's messages, which are lost
	stuck := connected(t, zmtp.SUB, f)
	if err := stuck.Subscribe(""); err != nil {
		t.Fatal(err)
	}
	b := dial(t, zmqbus.Options{URL: f.URL()})
	s := subscribe(t, b, "test_note.*", nil)
	if err := b.WaitForSubscribers(testContext(t), noteSubject, 2); err != nil {
		t.Fatal(err)
	}
	big := note(0)
	big.Payload = event.Raw{Type: "TEST_NOTE", Data: []byte(`{"big":"` + strings.Repeat("x", 100_000) + `"}`)}
	for n := 0; f.Dropped() == 0; n++ {
		publish(t, b, noteSubject, big)
		if _, err := s.Next(testContext(t)); err != nil {
			t.Fatalf("event %d: %v", n, err)
		}
	}
	if n := s.Dropped().Total(); n != 0 {
		t.Errorf("the one that reads lost %d", n)
	}
	shows(t, log.String())
}

func TestWaitForSubscribers(t *testing.T) {
	f := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0"})
	b, other := dial(t, zmqbus.Options{URL: f.URL()}), dial(t, zmqbus.Options{URL: f.URL()})
	if err := b.WaitForSubscribers(shortContext(t), noteSubject, 1); !errors.Is(err, bus.ErrNobody) {
		t.Errorf("without subscribers: %v", err)
	}
	subscribe(t, other, "test_other.*", nil)
	if err := b.WaitForSubscribers(shortContext(t), noteSubject, 1); !errors.Is(err, bus.ErrNobody) {
		t.Errorf("with a subscriber to something else: %v", err)
	}
	subscribe(t, other, "test_note.*", nil)
	subscribe(t, b, "test_note.*", &bus.Options{Group: "g"})
	if err := b.WaitForSubscribers(testContext(t), noteSubject, 2); err != nil {
		t.Errorf("with a subscriber and a member: %v", err)
	}
	if err := b.WaitForSubscribers(shortContext(t), "test_note", 2); !errors.Is(err, bus.ErrNobody) {
		t.Errorf("a malformed subject: %v", err)
	}
	if _, err := b.CountSubscribers(t.Context(), "test_note"); !errors.Is(err, event.ErrSubject) {
		t.Errorf("counting on a malformed subject: %v", err)
	}
}

func TestAGroupGoesOnWithoutAMember(t *testing.T) {
	f := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0"})
	b := dial(t, zmqbus.Options{URL: f.URL()})
	gone, err := zmqbus.Dial(t.Context(), zmqbus.Options{URL: f.URL(), Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	group := &bus.Options{Group: "g"}
	subscribe(t, gone, "test_note.*", group)
	stays := subscribe(t, b, "test_note.*", group)
	if err := b.WaitForSubscribers(testContext(t), noteSubject, 2); err != nil {
		t.Fatal(err)
	}
	if err := gone.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	ctx := testContext(t)
	for ctx.Err() == nil && b.WaitForSubscribers(shortContext(t), noteSubject, 2) == nil {
		continue // until the forwarder has noticed
	}
	for n := range 10 {
		publish(t, b, noteSubject, note(n))
		if got, want := next(t, stays), fmt.Sprintf(`{"n":%d}`, n); got != want {
			t.Fatalf("received %s, want %s", got, want)
		}
	}
}

func TestPublishWaitsForTheForwarderToReturn(t *testing.T) {
	url := "zmq+ipc://" + filepath.Join(t.TempDir(), "bus")
	f, err := zmqbus.Forward(t.Context(), zmqbus.Options{URL: url, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	hasty := dial(t, zmqbus.Options{URL: url, Retry: 10 * time.Millisecond})
	patient := dial(t, zmqbus.Options{URL: url, Retry: patience})
	s := subscribe(t, patient, "test_note.*", nil)
	if err := f.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	for hasty.Health(t.Context()).Connected || patient.Health(t.Context()).Connected {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := hasty.Publish(t.Context(), noteSubject, note(1)); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("the hasty one: %v", err)
	}
	published := make(chan error)
	go func() {
		_, err := patient.Publish(context.Background(), noteSubject, note(2))
		published <- err
	}()
	forward(t, zmqbus.Options{URL: url})
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	// Publisher and subscriber come back one after the other: what goes out
	// first may find nobody.
	for s.Dropped().Total() == 0 {
		publish(t, patient, noteSubject, note(3))
		if d, err := s.Next(shortContext(t)); err == nil && d.Attempt == 1 {
			return
		}
	}
}

// The forwarder tells of those who left when nobody listens for them any more.
func TestDepartures(t *testing.T) {
	departed := make(chan string, 10)
	f := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0", Departed: func(r string) { departed <- r }})
	a, b := dial(t, zmqbus.Options{URL: f.URL()}), dial(t, zmqbus.Options{URL: f.URL()})
	subscribe(t, a, event.FilterTo("one"), nil)
	subscribe(t, a, event.FilterTo("both"), nil)
	subscribe(t, a, "test_note.*", nil)
	subscribe(t, b, event.FilterTo("both"), nil)
	for _, tt := range []struct {
		bus  *zmqbus.Bus
		want string
	}{{a, "one"}, {b, "both"}} {
		if err := tt.bus.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		select {
		case r := <-departed:
			if r != tt.want {
				t.Errorf("%q departed, want %q", r, tt.want)
			}
		case <-testContext(t).Done():
			t.Fatalf("%q did not depart", tt.want)
		}
	}
}
