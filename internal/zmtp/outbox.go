package zmtp

import (
	"context"
	"sync"
)

// chunkSize is how many bytes are written at once, and kept together. A stuck
// peer holds one chunk that cannot be taken back, beyond its queue.
const chunkSize = 64 << 10

// maxControl bounds the commands that wait for a peer which does not read;
// answers to its pings beyond that are not owed to it.
const maxControl = 64 << 10

// A chunk is messages in their wire form, one after the other.
type chunk struct {
	buf   []byte
	head  int   // buf[:head] has been dropped
	sizes []int // of the messages in buf
	first int   // sizes[:first] have been dropped
}

func (c *chunk) reset() {
	if cap(c.buf) > 2*chunkSize {
		c.buf = nil // a rare large message shall not be kept
	}
	c.buf, c.head, c.sizes, c.first = c.buf[:0], 0, c.sizes[:0], 0
}

func (c *chunk) count() int { return len(c.sizes) - c.first }

// An outbox is the queue of what is to be sent to one peer: bounded in messages
// and bytes, with a policy. Commands pass it by.
type outbox struct {
	maxMessages, maxBytes int
	policy                Policy
	spare                 *sync.Pool // of *chunk
	wake                  chan struct{}
	room                  chan struct{}
	done                  chan struct{} // closed by close

	mu              sync.Mutex
	control         []byte
	chunks          []*chunk // waiting; the last one is being filled
	messages, bytes int      // waiting and being written
	writing         int      // messages of the chunk that is being written
	idle            bool     // the writer waits for wake
	givers          int      // goroutines that wait for room
	closed          bool
	dropped         uint64
}

func newOutbox(o *Options, spare *sync.Pool) *outbox {
	return &outbox{
		maxMessages: o.SendQueue, maxBytes: o.SendBytes, policy: o.Policy, spare: spare,
		wake: make(chan struct{}, 1), room: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

// outcome says what became of a message given to an outbox.
type outcome int

const (
	queued   outcome = iota
	full             // not queued; under Block the caller may wait
	replaced         // queued, and older ones were dropped
	gone             // the peer is no more
)

// push queues a message in its wire form, or does what the policy says. It
// never waits.
func (o *outbox) push(wire []byte) outcome {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return gone
	}
	result := queued
	for !o.fits(len(wire)) {
		if o.policy != DropOldest || !o.dropOldest() {
			if o.policy != Block {
				o.dropped++
			}
			o.mu.Unlock()
			return full
		}
		result = replaced
	}
	o.put(wire)
	idle := o.idle
	o.idle = false
	more := o.givers > 0 && o.fits(0)
	o.mu.Unlock()
	if idle {
		signal(o.wake)
	}
	if more {
		signal(o.room) // tokens merge: whoever was woken wakes the next
	}
	return result
}

// fits reports whether there is room. A message larger than all room is let into
// an empty queue: it is within the limit of messages.
func (o *outbox) fits(size int) bool {
	return o.messages == 0 || o.messages < o.maxMessages && o.bytes+size <= o.maxBytes
}

func (o *outbox) dropOldest() bool {
	for len(o.chunks) > 0 {
		c := o.chunks[0]
		if c.count() > 0 {
			size := c.sizes[c.first]
			c.first++
			c.head += size
			o.messages--
			o.bytes -= size
			o.dropped++
			return true
		}
		o.chunks = o.chunks[1:]
		o.release(c)
	}
	return false
}

func (o *outbox) put(wire []byte) {
	var c *chunk
	if n := len(o.chunks); n > 0 && len(o.chunks[n-1].buf)+len(wire) <= chunkSize {
		c = o.chunks[n-1]
	} else {
		c = o.spare.Get().(*chunk)
		o.chunks = append(o.chunks, c)
	}
	c.buf = append(c.buf, wire...)
	c.sizes = append(c.sizes, len(wire))
	o.messages++
	o.bytes += len(wire)
}

func (o *outbox) release(c *chunk) {
	c.reset()
	o.spare.Put(c)
}

// command queues a command in its wire form. Those that answer the peer are
// left out when it does not read.
func (o *outbox) command(wire []byte, answer bool) {
	o.mu.Lock()
	if answer && len(o.control) > maxControl {
		o.mu.Unlock()
		return
	}
	o.control = append(o.control, wire...)
	idle := o.idle
	o.idle = false
	o.mu.Unlock()
	if idle {
		signal(o.wake)
	}
}

// awaitRoom waits until it is worth trying again to push so many bytes.
func (o *outbox) awaitRoom(ctx context.Context, size int) error {
	if !o.enqueue(size) {
		return nil
	}
	defer o.dequeue()
	select {
	case <-o.room:
	case <-o.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// enqueue counts somebody who waits for room, unless there is some by now: who
// only counted after looking would miss the token in between.
func (o *outbox) enqueue(size int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.fits(size) {
		return false
	}
	o.givers++
	return true
}

func (o *outbox) dequeue() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.givers--
}

// take returns what to write now: commands and at most one chunk. Both are nil
// when there is nothing; then wake will get a token.
func (o *outbox) take() (control []byte, c *chunk) {
	o.mu.Lock()
	defer o.mu.Unlock()
	control, o.control = o.control, nil
	for len(o.chunks) > 0 {
		c = o.chunks[0]
		o.chunks[0] = nil
		o.chunks = o.chunks[1:]
		if c.count() > 0 {
			o.writing = c.count()
			return control, c
		}
		o.release(c)
	}
	o.chunks = nil
	o.idle = len(control) == 0
	return control, nil
}

// written makes room for what c held.
func (o *outbox) written(c *chunk) {
	o.mu.Lock()
	o.messages -= c.count()
	o.bytes -= len(c.buf) - c.head
	o.writing = 0
	o.release(c)
	wake := o.givers > 0
	o.mu.Unlock()
	if wake {
		signal(o.room)
	}
}

// waiting returns how many messages have not been written.
func (o *outbox) waiting() (messages, bytes int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.messages, o.bytes
}

func (o *outbox) drops() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dropped
}

// close refuses further messages, wakes who waits, and returns how many messages
// were left.
func (o *outbox) close() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.closed = true
		close(o.done)
	}
	return o.messages
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
