package ipcbus

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

const (
	// maxPending bounds the bytes that wait to be written to one connection:
	// some ten thousand events, or eight of the largest. A client that leaves more
	// unread loses events, and is told how many.
	maxPending = 8 << 20

	// firstPending is the first size of a buffer: some events.
	firstPending = 2 << 10

	// keptPending is the size of a buffer that a connection keeps; a larger one
	// goes when slackBatches in a row would have fitted in an eighth of it.
	keptPending  = 64 << 10
	slackBatches = 1000

	// rapid is the time between two writes below which it pays to let the
	// writer gather some: about what waking it costs.
	rapid = 10 * time.Microsecond
)

// errFull says that an outbox has no room. It never leaves the package.
var errFull = errors.New("outbox is full")

// An outbox is what waits to be written to a connection: frames, end to end.
// Whoever adds one writes it at once when nobody else is writing and the
// connection has room; what is left the writer's goroutine takes, as much as there
// is in one system call. Adding never blocks.
type outbox struct {
	conn  *net.UnixConn
	raw   syscall.RawConn
	began time.Time
	kick  chan struct{} // a token: there is something for the writer
	done  chan struct{} // closed by fail

	mu      sync.Mutex
	pending []byte
	spare   []byte
	taken   []byte        // from pending, and could not be written at once
	written int           // of taken
	busy    bool          // somebody writes, or the writer will; they see to all that is pending
	last    time.Duration // when somebody flushed soon, since began
	slack   int           // batches in a row that were small for their memory
	room    chan struct{} // closed when the outbox has been emptied; nil when nobody waits
	err     error

	attempt attempt // only for who set busy
}

// An attempt is one write that does not wait. It is a value of the outbox, so
// that a write allocates nothing.
type attempt struct {
	data []byte
	n    int
	err  error
	do   func(fd uintptr) bool
}

func newOutbox(c *net.UnixConn) (*outbox, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	o := &outbox{conn: c, raw: raw, began: time.Now(), kick: make(chan struct{}, 1), done: make(chan struct{})}
	o.attempt.do = o.attempt.write
	return o, nil
}

// add appends a frame and returns how much waits; [errFull] when it has no
// room, the connection's error when that is broken. What was added goes out with
// the next flush.
func (o *outbox) add(f frame) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.check(headerSize + len(f.body)); err != nil {
		return 0, err
	}
	o.reserve(headerSize + len(f.body))
	o.pending = f.appendTo(o.pending)
	return len(o.pending), nil
}

// send adds a frame and flushes.
func (o *outbox) send(f frame) error {
	_, err := o.add(f)
	o.flush()
	return err
}

// addPost appends an EVENT.
func (o *outbox) addPost(fl flags, ref uint64, p *post) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := p.size()
	if err := o.check(headerSize + n); err != nil {
		return err
	}
	o.reserve(headerSize + n)
	o.pending = appendHeader(o.pending, kindEvent, fl, ref, n)
	o.pending = append(p.appendHead(o.pending), p.text...)
	return nil
}

func (o *outbox) check(n int) error {
	if o.err != nil {
		return o.err
	}
	if len(o.pending) > 0 && len(o.pending)+n > maxPending {
		return errFull
	}
	return nil
}

// reserve makes room for n bytes more. It doubles, which append does not do for
// what is large: what was copied while it grew cost more than what was added.
func (o *outbox) reserve(n int) {
	if has := len(o.pending); cap(o.pending)-has < n {
		larger := make([]byte, has, max(firstPending, 2*cap(o.pending), has+n))
		copy(larger, o.pending)
		o.pending = larger
	}
}

// await waits for room.
func (o *outbox) await(ctx context.Context) error {
	o.mu.Lock()
	if len(o.pending) == 0 || o.err != nil {
		defer o.mu.Unlock()
		return o.err
	}
	if o.room == nil {
		o.room = make(chan struct{})
	}
	room := o.room
	o.mu.Unlock()
	o.flush()
	select {
	case <-room:
		return nil
	case <-o.done:
		return o.broken()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// flush writes what is pending, or sees to it that somebody does.
func (o *outbox) flush() { o.write(false) }

// flushSoon is flush for those who add one frame at a time: when they come in
// rapid succession, the writer gathers them.
func (o *outbox) flushSoon() { o.write(true) }

func (o *outbox) write(gather bool) {
	o.mu.Lock()
	if o.busy || len(o.pending) == 0 || o.err != nil {
		o.mu.Unlock()
		return
	}
	o.busy = true
	if gather {
		now := time.Since(o.began)
		hot := now-o.last < rapid
		o.last = now
		if hot {
			o.mu.Unlock()
			signal(o.kick)
			return
		}
	}
	batch := o.take()
	o.mu.Unlock()
	n, err := o.tryWrite(batch)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err != nil:
		o.failLocked(err)
	case n < len(batch):
		o.taken, o.written = batch, n
		signal(o.kick)
	case len(o.pending) > 0:
		o.keep(batch)
		signal(o.kick)
	default:
		o.keep(batch)
		o.busy = false
	}
}

// take returns what is pending. The caller has set busy.
func (o *outbox) take() []byte {
	batch := o.pending
	o.pending, o.spare = o.spare[:0], nil
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
	return batch
}

// keep keeps a written batch's memory for the next one, unless it has been much
// too large for a while.
func (o *outbox) keep(batch []byte) {
	if cap(batch) <= max(keptPending, 8*len(batch)) {
		o.slack = 0
	} else if o.slack++; o.slack > slackBatches {
		o.slack = 0
		return
	}
	if cap(batch) > cap(o.spare) {
		o.spare = batch[:0]
	}
}

// run writes what others leave, until fail. It is the writer's goroutine.
func (o *outbox) run() {
	for {
		select {
		case <-o.kick:
		case <-o.done:
			return
		}
		for {
			o.mu.Lock()
			batch, n := o.taken, o.written // all of it, so that its memory is kept
			o.taken, o.written = nil, 0
			if n == len(batch) {
				batch, n = o.take(), 0
			}
			if len(batch) == 0 || o.err != nil {
				o.busy = false
				o.mu.Unlock()
				break
			}
			o.mu.Unlock()
			_, err := o.conn.Write(batch[n:])
			o.mu.Lock()
			if err != nil {
				o.failLocked(err)
			}
			o.keep(batch)
			o.mu.Unlock()
		}
	}
}

// drained waits until all that was added has been handed to the system.
func (o *outbox) drained(ctx context.Context) error {
	for {
		o.flush()
		o.mu.Lock()
		idle, err := !o.busy && len(o.pending) == 0, o.err
		o.mu.Unlock()
		if idle || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// fail ends the outbox and the connection. The first error stays.
func (o *outbox) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failLocked(err)
}

func (o *outbox) failLocked(err error) {
	if o.err != nil {
		return
	}
	o.err = err
	o.pending, o.taken = nil, nil
	close(o.done)
	_ = o.conn.Close() // nobody is left who could be told
}

func (o *outbox) broken() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
