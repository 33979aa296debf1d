package zmqbus_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// A symptom is a row of the table in docs/zeromq.md: the test that it names
// reproduces it, and sees the words that it shows.
type symptom struct{ shown, test string }

func symptoms(t testing.TB) []symptom {
	t.Helper()
	page, err := os.ReadFile("../../docs/zeromq.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## Troubleshooting")
	table, _, _ = strings.Cut(table, "\n## ")
	var all []symptom
	for _, m := range regexp.MustCompile("(?m)^\\| (.*?) \\|.*\\| `(Test\\w+)` \\|$").FindAllStringSubmatch(table, -1) {
		all = append(all, symptom{m[1], m[2]})
	}
	return all
}

// shows checks that a text has all the words of one of the test's rows, in their order.
func shows(t testing.TB, text string) {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	var rows []string
	for _, s := range symptoms(t) {
		if s.test != name {
			continue
		}
		rows = append(rows, s.shown)
		if hasWords(text, s.shown) {
			return
		}
	}
	t.Errorf("docs/zeromq.md shows %q, this is %s", rows, text)
}

// hasWords looks for what a row has in backquotes; … stands for anything.
func hasWords(text, row string) bool {
	for _, quoted := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row, -1) {
		for _, words := range strings.Split(quoted[1], "…") {
			_, after, found := strings.Cut(text, strings.TrimSpace(words))
			if !found {
				return false
			}
			text = after
		}
	}
	return true
}

// message is an error as the program prints it.
func message(err error) string {
	r := fault.ReportOf(err)
	return fmt.Sprintf("%s\ncode: %s\nhint: %s", r.Message, r.Code, r.Hint)
}

// TestEverySymptomIsReproduced looks for the tests that the page names.
func TestEverySymptomIsReproduced(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var source bytes.Buffer
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	all := symptoms(t)
	for _, s := range all {
		if !strings.Contains(source.String(), "func "+s.test+"(") {
			t.Errorf("%s: there is no %s", s.shown, s.test)
		}
	}
	if len(all) < 14 {
		t.Errorf("the page has %d symptoms", len(all))
	}
}

// A notebook is a log that can be read while it is written.
type notebook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (n *notebook) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

func (n *notebook) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(n, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// await waits for words in the log.
func (n *notebook) await(t testing.TB, words string) {
	t.Helper()
	soon.True(t, fmt.Sprintf("the log has %q", words), func() bool { return strings.Contains(n.String(), words) })
}

// TestSymptomSomethingElseThere dials a port that belongs to another protocol.
func TestSymptomSomethingElseThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			_ = c.Close()
		}
	}()
	defer func() { _ = l.Close(); <-done }()
	_, err = zmqbus.Dial(t.Context(), zmqbus.Options{URL: "zmq+tcp://" + l.Addr().String(), Wait: 300 * time.Millisecond, Log: quiet()})
	if !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("Dial: %v", err)
	}
	shows(t, message(err))
}

// TestSymptomAddress has addresses that are none.
func TestSymptomAddress(t *testing.T) {
	for _, url := range []string{"zmq+tcp://127.0.0.1", "zmq+udp://127.0.0.1:5555", "zmq+ipc://"} {
		_, err := zmqbus.Dial(t.Context(), zmqbus.Options{URL: url, Log: quiet()})
		if !errors.Is(err, bus.ErrAddress) {
			t.Errorf("%s: %v", url, err)
		}
		shows(t, message(err))
	}
}

// TestSymptomNobodyListens publishes before the subscriber is there.
func TestSymptomNobodyListens(t *testing.T) {
	f := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0"})
	b := dial(t, zmqbus.Options{URL: f.URL()})
	shows(t, message(b.WaitForSubscribers(shortContext(t), noteSubject, 1)))
}

// TestSymptomTooLarge has a foreign program send more than an event may be.
func TestSymptomTooLarge(t *testing.T) {
	var log notebook
	f, err := zmqbus.Forward(t.Context(), zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0", Log: log.log()})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close(t.Context())
	pub := connected(t, zmtp.XPUB, f)
	if _, err := pub.Receive(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if err := pub.Send(t.Context(), zmtp.Message{[]byte(noteTopic), make([]byte, 2<<20)}); err != nil {
		t.Fatal(err)
	}
	log.await(t, "peer disconnected")
	shows(t, log.String())
}

// connected returns a foreign socket at a forwarder.
func connected(t testing.TB, kind zmtp.Type, f *zmqbus.Forwarder) *zmtp.Socket {
	t.Helper()
	s, err := zmtp.New(kind, &zmtp.Options{ReceiveQueue: 2, Linger: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(testContext(t)) })
	if err := s.Connect(strings.TrimPrefix(f.URL(), "zmq+")); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSymptomAnotherPrefix has a foreign program publish under another prefix: it
// is passed on, and no subscription of ours wants it.
func TestSymptomAnotherPrefix(t *testing.T) {
	f := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0"})
	b := dial(t, zmqbus.Options{URL: f.URL()})
	s := subscribe(t, b, "test_note.*", nil)
	pub := connected(t, zmtp.XPUB, f)
	if _, err := pub.Receive(testContext(t)); err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{"other.test_note.x", "onex.eventstest_note.x", noteTopic} {
		if err := pub.Send(t.Context(), zmtp.Message{[]byte(topic), encode(t, note(1))}); err != nil {
			t.Fatal(err)
		}
	}
	if got := next(t, s); got != `{"n":1}` || s.Dropped().Total() != 0 {
		t.Errorf("received %s, drops %v", got, s.Dropped())
	}
	if _, err := s.Next(shortContext(t)); err == nil {
		t.Error("something else came, too")
	}
	if n := f.Passed(); n < 3 {
		t.Errorf("%d passed on", n)
	}
}
