package zmqbus

import (
	"bytes"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omninode-ai/onex/internal/zmtp"
)

// A confirmation is a bus without a network: the test says which connections are made,
// and what is answered.
type confirmation struct {
	*Bus
	t *testing.T

	mu  sync.Mutex
	log bytes.Buffer
}

func (c *confirmation) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.Write(p)
}

// logged returns how often words are in the log.
func (c *confirmation) logged(words string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Count(c.log.String(), words)
}

// reconnecting returns a bus whose subscriber has just come back.
func reconnecting(t *testing.T) *confirmation {
	t.Helper()
	c := &confirmation{t: t}
	o, err := Options{URL: "zmq+tcp://127.0.0.1:1", Log: slog.New(slog.NewTextHandler(c, nil))}.complete()
	if err != nil {
		t.Fatal(err)
	}
	c.Bus = newBus(o)
	if c.pub, err = zmtp.New(zmtp.PUB, o.socket(nil, zmtp.Block, c.watchPub)); err != nil {
		t.Fatal(err)
	}
	if c.sub, err = zmtp.New(zmtp.XSUB, o.socket(nil, zmtp.Block, c.watchSub)); err != nil {
		t.Fatal(err)
	}
	c.tasks.Go(c.recover)
	c.watchSub(zmtp.Event{What: zmtp.Connected})
	c.watchSub(zmtp.Event{What: zmtp.Connected})
	return c
}

// question returns the topic that is asked now.
func (c *confirmation) question() string {
	c.t.Helper()
	synctest.Wait()
	c.Bus.mu.Lock()
	defer c.Bus.mu.Unlock()
	if len(c.questions) != 1 {
		c.t.Fatalf("%d questions are asked, want 1", len(c.questions))
	}
	return slices.Collect(maps.Keys(c.questions))[0]
}

func (c *confirmation) end() {
	c.t.Helper()
	if err := c.Close(c.t.Context()); err != nil {
		c.t.Error(err)
	}
}

// TestAConnectionThatIsMadeIsAskedAtOnce: the question before went out on a connection
// that was dead already, and its answer is waited for long.
func TestAConnectionThatIsMadeIsAskedAtOnce(t *testing.T) {
	for name, watch := range map[string]func(*confirmation, zmtp.Event){
		"publisher":  func(c *confirmation, e zmtp.Event) { c.watchPub(e) },
		"subscriber": func(c *confirmation, e zmtp.Event) { c.watchSub(e) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := reconnecting(t)
				defer c.end()
				time.Sleep(40 * time.Second) // of the bubble: the sixth question waits from 31 s to 63 s
				before, at := c.question(), time.Now()
				watch(c, zmtp.Event{What: zmtp.Connected})
				if c.question() == before || !time.Now().Equal(at) {
					t.Errorf("after %s the question is the same as before", time.Since(at))
				}
				if n := c.logged("again, not confirmed"); n != 5 {
					t.Errorf("%d questions are told to have had no answer, want 5", n)
				}
			})
		})
	}
}

// TestConnectedAgainIsToldOnce: the subscriber comes back twice before it is confirmed.
func TestConnectedAgainIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := reconnecting(t)
		defer c.end()
		c.question()
		c.watchSub(zmtp.Event{What: zmtp.Connected})
		c.answered(c.question(), readyEcho)
		synctest.Wait()
		c.Bus.mu.Lock()
		open := len(c.questions)
		c.Bus.mu.Unlock()
		if n := c.logged("connected again"); n != 1 || open != 0 {
			t.Errorf("told %d times, and %d questions are open; want 1 and 0", n, open)
		}
	})
}

// TestClosingWhileNothingIsConfirmedIsNoWarning closes the bus on purpose.
func TestClosingWhileNothingIsConfirmedIsNoWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := reconnecting(t)
		c.question()
		c.end()
		if c.logged("level=WARN") > 0 {
			t.Errorf("warned: %s", c.log.String())
		}
	})
}
