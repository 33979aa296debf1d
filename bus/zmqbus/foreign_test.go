package zmqbus_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// note returns an event that carries n.
func note(n int) event.Event {
	return event.New("tester-1", event.Raw{Type: "TEST_NOTE", Data: fmt.Appendf(nil, `{"n":%d}`, n)}, event.ID{})
}

const noteSubject event.Subject = "test_note.tester"

const noteTopic = "onex.events.test_note.tester"

func encode(t testing.TB, e event.Event) []byte {
	t.Helper()
	b, err := event.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func subscribe(t testing.TB, b *zmqbus.Bus, f event.Filter, o *bus.Options) bus.Subscription {
	t.Helper()
	s, err := b.Subscribe(testContext(t), f, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func publish(t testing.TB, b *zmqbus.Bus, s event.Subject, e event.Event) bus.Receipt {
	t.Helper()
	r, err := b.Publish(testContext(t), s, e)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// next returns the data of the next event.
func next(t testing.TB, s bus.Subscription) string {
	t.Helper()
	d, err := s.Next(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return string(d.Event.Payload.(event.Raw).Data)
}

// script returns a Python program of docs/zeromq.md, by its name.
func script(t *testing.T, name string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/zeromq.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(string(page), "```python\n# "+name+"\n")
	if !ok {
		t.Fatalf("docs/zeromq.md has no program %s", name)
	}
	code, _, _ = strings.Cut(code, "```")
	return code
}

func python(t *testing.T, code, where string, args ...string) *exec.Cmd {
	t.Helper()
	interpreter := peer.Find(t, "/usr/bin/python3")
	peer.Module(t, interpreter, "zmq")
	cmd := exec.CommandContext(t.Context(), interpreter, append([]string{"-c", code, strings.TrimPrefix(where, "zmq+")}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd
}

// urls returns an address of each transport.
func urls(t *testing.T) map[string]string {
	return map[string]string{
		"tcp": "zmq+tcp://127.0.0.1:0",
		"ipc": "zmq+ipc://" + filepath.Join(t.TempDir(), "bus"),
	}
}

// TestTheScriptsOfThePage runs the programs of docs/zeromq.md against a forwarder.
func TestTheScriptsOfThePage(t *testing.T) {
	for transport, url := range urls(t) {
		t.Run(transport, func(t *testing.T) {
			f := forward(t, zmqbus.Options{URL: url})
			b := dial(t, zmqbus.Options{URL: f.URL()})

			s := subscribe(t, b, "test_note.*", nil)
			if err := python(t, script(t, "publish.py"), f.URL(), "7").Run(); err != nil {
				t.Fatal(err)
			}
			if got := next(t, s); got != `{"text": "7"}` {
				t.Errorf("from python: %s", got)
			}

			sub := python(t, script(t, "subscribe.py"), f.URL())
			out, err := sub.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := sub.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = sub.Process.Kill(); _ = sub.Wait() }() // it never ends by itself
			if err := b.WaitForSubscribers(testContext(t), noteSubject, 2); err != nil {
				t.Fatal(err)
			}
			e := note(8)
			publish(t, b, noteSubject, e)
			line := bufio.NewScanner(out)
			line.Buffer(nil, 1<<20)
			if want := noteTopic + " " + string(encode(t, e)); !line.Scan() || line.Text() != want {
				t.Errorf("python prints %q, want %q", line.Text(), want)
			}
		})
	}
}

// foreign returns a socket of another program, bound.
func foreign(t testing.TB, kind zmtp.Type) (s *zmtp.Socket, url string) {
	t.Helper()
	s, err := zmtp.New(kind, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(testContext(t)) })
	where, err := s.Bind(testContext(t), "tcp://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return s, "zmq+" + where
}

// echo answers readiness topics, as docs/zeromq.md asks an XPUB to, until the
// socket closes.
func echo(t testing.TB, s *zmtp.Socket) {
	done := make(chan struct{})
	t.Cleanup(func() { _ = s.Close(testContext(t)); <-done })
	go func() {
		defer close(done)
		for {
			m, err := s.Receive(testContext(t))
			if err != nil {
				return
			}
			if strings.HasPrefix(string(m[0]), "\x01\xffrdy.") {
				_ = s.Send(t.Context(), zmtp.Message{m[0][1:], []byte("ready")})
			}
		}
	}()
}

func TestDirectlyToAForeignSubscriber(t *testing.T) {
	s, url := foreign(t, zmtp.SUB)
	if err := s.Subscribe("onex.events.test_note."); err != nil {
		t.Fatal(err)
	}
	b := dial(t, zmqbus.Options{URL: url})
	if err := b.WaitForSubscribers(testContext(t), noteSubject, 1); err != nil {
		t.Fatal(err)
	}
	e := note(1)
	if r := publish(t, b, noteSubject, e); r.Subscribers != 1 {
		t.Errorf("receipt %+v", r)
	}
	m, err := s.Receive(testContext(t))
	if err != nil || len(m) != 3 || string(m[0]) != noteTopic || !cmp.Equal(m[2], encode(t, e)) {
		t.Errorf("received %q, %v", m, err)
	}
	if h := b.Health(t.Context()); !h.Connected || !strings.Contains(h.Detail, "nothing can be received") {
		t.Errorf("health %+v", h)
	}
	if _, err := b.Subscribe(testContext(t), "test_note.*", nil); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("subscribing to a subscriber: %v", err)
	}
}

func TestPlainMessagesHaveTwoFrames(t *testing.T) {
	s, url := foreign(t, zmtp.SUB)
	if err := s.Subscribe(""); err != nil {
		t.Fatal(err)
	}
	b := dial(t, zmqbus.Options{URL: url, Plain: true})
	if err := b.WaitForSubscribers(testContext(t), noteSubject, 1); err != nil {
		t.Fatal(err)
	}
	e := note(1)
	publish(t, b, noteSubject, e)
	if m, err := s.Receive(testContext(t)); err != nil || len(m) != 2 || !cmp.Equal(m[1], encode(t, e)) {
		t.Errorf("received %q, %v", m, err)
	}
}

// TestSymptomFirstEventsMissing is the slow joiner: a plain PUB confirms nothing.
func TestSymptomFirstEventsMissing(t *testing.T) {
	s, url := foreign(t, zmtp.PUB)
	b := dial(t, zmqbus.Options{URL: url, Unconfirmed: true})
	sub := subscribe(t, b, "test_note.*", nil) // returns although nothing was confirmed
	for s.Subscribers(noteTopic) == 0 {
		// A plain PUB program cannot know this, and would lose what it sends now.
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Send(t.Context(), zmtp.Message{[]byte(noteTopic), encode(t, note(3))}); err != nil {
		t.Fatal(err)
	}
	if got := next(t, sub); got != `{"n":3}` {
		t.Errorf("received %s", got)
	}
}

func TestAPeerThatCannotConfirmIsAnError(t *testing.T) {
	_, url := foreign(t, zmtp.PUB)
	b := dial(t, zmqbus.Options{URL: url})
	ctx := shortContext(t)
	_, err := b.Subscribe(ctx, "test_note.*", nil)
	if !errors.Is(err, zmqbus.ErrNotReady) {
		t.Errorf("Subscribe: %v", err)
	}
	shows(t, message(err))
	if err := b.WaitForSubscribers(testContext(t), noteSubject, 1); !errors.Is(err, bus.ErrUnsupported) {
		t.Errorf("waiting for subscribers of a publisher: %v", err)
	}
}

func TestDirectlyToAForeignPublisher(t *testing.T) {
	s, url := foreign(t, zmtp.XPUB)
	echo(t, s)
	b := dial(t, zmqbus.Options{URL: url})
	sub := subscribe(t, b, "test_note.*", nil)
	if _, err := b.Subscribe(testContext(t), "test_note.*", &bus.Options{Group: "g"}); !errors.Is(err, zmqbus.ErrForwarder) {
		t.Errorf("a group: %v", err)
	}
	header := func(epoch, sequence uint64) []byte {
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64([]byte{1}, epoch), sequence)
	}
	send := func(frames ...[]byte) {
		t.Helper()
		if err := s.Send(t.Context(), frames); err != nil {
			t.Fatal(err)
		}
	}
	topic := []byte(noteTopic)
	send(topic, header(1, 5), encode(t, note(5)))  // the first that is seen: no gap
	send(topic, header(1, 6), encode(t, note(6)))  // the next
	send(topic, header(1, 9), encode(t, note(9)))  // two are missing
	send(topic, header(1, 9), encode(t, note(9)))  // twice
	send(topic, header(2, 1), encode(t, note(1)))  // a publisher that began anew
	send(topic, header(2, 4), encode(t, note(4)))  // two are missing
	send(topic, []byte("short"), []byte(`{}`))     // not a header
	send(topic, []byte(`{"this is": "no event"}`)) // two frames
	send(topic)                                    // one frame
	send([]byte("onex.events.test_other.tester"), encode(t, note(0)))
	send(topic, encode(t, note(10)))
	var got []string
	for range 6 {
		got = append(got, next(t, sub))
	}
	want := []string{`{"n":5}`, `{"n":6}`, `{"n":9}`, `{"n":1}`, `{"n":4}`, `{"n":10}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	shows(t, fmt.Sprint(sub.Dropped()))
	if diff := cmp.Diff(bus.Drops{bus.DroppedTransport: 4, bus.DroppedMalformed: 3}, sub.Dropped()); diff != "" {
		t.Errorf("drops (-want +got):\n%s", diff)
	}
	if h := b.Health(t.Context()); h.Errors != 4 || h.Backend != "zmq" {
		t.Errorf("health %+v, want 4 errors: the group, and what is malformed", h)
	}
}

// TestASubscriberThatChangesItsMind subscribes more often than any queue is long.
func TestASubscriberThatChangesItsMind(t *testing.T) {
	s, url := foreign(t, zmtp.SUB)
	b := dial(t, zmqbus.Options{URL: url})
	for n := range 5000 {
		topic := fmt.Sprint("onex.events.test_note.t", n)
		if err := errors.Join(s.Subscribe(topic), s.Unsubscribe(topic)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Subscribe("onex.events.test_note."); err != nil {
		t.Fatal(err)
	}
	if err := b.WaitForSubscribers(testContext(t), noteSubject, 1); err != nil {
		t.Error(err)
	}
}
