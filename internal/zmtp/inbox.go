package zmtp

import (
	"context"
	"sync"
)

// An item is a message and whom it came from.
type item struct {
	msg  Message
	from *peer
}

// An inbox is the queue of what has been received, one bounded part for each
// peer. A full part stops the reading from that peer, and so, by the transport,
// the peer. The receiver takes one peer's part after the other, so that a
// talkative peer delays the others by no more than its bound.
type inbox struct {
	limit int           // messages that one peer may have waiting
	bytes int           // bytes of one peer
	done  chan struct{} // closed by close
	ready chan struct{}

	mu      sync.Mutex
	waiting []*intake // with something to take; the next one first
	source  *intake   // whose turn it is
	batch   []item    // what was taken from it
	at      int
	takers  int
	closed  bool
}

// An intake is one peer's part of an inbox. Its lock is the inbox's.
type intake struct {
	box   *inbox
	room  chan struct{}
	done  <-chan struct{} // closed when the peer ends
	items []item
	bytes int
	spare []item // the other of two buffers
}

// newInbox returns an inbox for so many messages and bytes of each peer. Half of
// them may wait while the other half is being received.
func newInbox(limit, bytes int) *inbox {
	return &inbox{limit: max(1, limit/2), bytes: max(1, bytes/2), done: make(chan struct{}), ready: make(chan struct{}, 1)}
}

func (b *inbox) intake(done <-chan struct{}) *intake {
	return &intake{box: b, room: make(chan struct{}, 1), done: done}
}

// put adds messages, waiting while the part is full. It returns false when the
// peer or the inbox ended meanwhile.
func (t *intake) put(items []item, size int) bool {
	b := t.box
	b.mu.Lock()
	for !b.closed && (len(t.items) >= b.limit || t.bytes >= b.bytes) {
		b.mu.Unlock()
		select {
		case <-t.room:
		case <-t.done:
			return false
		case <-b.done:
			return false
		}
		b.mu.Lock()
	}
	if b.closed {
		b.mu.Unlock()
		return false
	}
	if len(t.items) == 0 {
		b.waiting = append(b.waiting, t)
	}
	t.items = append(t.items, items...)
	t.bytes += size
	wake := b.takers > 0
	b.mu.Unlock()
	if wake {
		signal(b.ready)
	}
	return true
}

// next waits for a message.
func (b *inbox) next(ctx context.Context) (item, error) {
	b.mu.Lock()
	for b.at == len(b.batch) && !b.turn() {
		if b.closed {
			b.mu.Unlock()
			return item{}, ErrClosed
		}
		if err := b.await(ctx); err != nil {
			b.mu.Unlock()
			return item{}, err
		}
	}
	it := b.batch[b.at]
	b.batch[b.at] = item{}
	b.at++
	wake := b.takers > 0 && b.some()
	b.mu.Unlock()
	if wake {
		signal(b.ready)
	}
	return it, nil
}

func (b *inbox) some() bool { return b.at < len(b.batch) || len(b.waiting) > 0 }

// turn takes what the next peer has, and gives the last one its buffer back.
func (b *inbox) turn() bool {
	if b.source != nil {
		b.source.spare = b.batch[:0]
		b.source, b.batch, b.at = nil, nil, 0
	}
	if len(b.waiting) == 0 {
		return false
	}
	t := b.waiting[0]
	b.waiting[0] = nil
	b.waiting = b.waiting[1:]
	b.source, b.batch, b.at = t, t.items, 0
	t.items, t.spare, t.bytes = t.spare, nil, 0
	signal(t.room)
	return true
}

// await waits with the lock released.
func (b *inbox) await(ctx context.Context) error {
	b.takers++
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.takers--
		if b.takers > 0 && b.some() {
			signal(b.ready) // a token taken by one who then gave up belongs to the others
		}
	}()
	select {
	case <-b.ready:
	case <-b.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// depth returns how many messages wait.
func (b *inbox) depth() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.batch) - b.at
	for _, t := range b.waiting {
		n += len(t.items)
	}
	return n
}

func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.closed = true
		close(b.done)
	}
}
