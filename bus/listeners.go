package bus

import (
	"context"
	"sync"
)

// Listeners are those who asked a [Notifier] to be told. Every backend that is
// one has one. The zero value is ready, and safe for concurrent use.
type Listeners struct {
	mu     sync.Mutex
	closed bool
	all    map[chan struct{}]func() bool // what stops waiting for the end of its context
}

// Add returns a channel as [Notifier] describes it.
func (l *Listeners) Add(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		close(c)
		return c
	}
	if l.all == nil {
		l.all = map[chan struct{}]func() bool{}
	}
	l.all[c] = context.AfterFunc(ctx, func() { l.remove(c) })
	return c
}

func (l *Listeners) remove(c chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.all, c)
}

// Tell tells everybody. It does not wait for anyone.
func (l *Listeners) Tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.all {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Len returns how many there are.
func (l *Listeners) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.all)
}

// Close closes all channels, and those of later calls of Add.
func (l *Listeners) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for c, stop := range l.all {
		stop()
		close(c)
	}
	l.all = nil
}
