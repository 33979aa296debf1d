//go:build unix

package ipcbus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/event"
)

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
