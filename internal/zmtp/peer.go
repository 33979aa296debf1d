package zmtp

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// readBatch bounds how many messages are handed over at once.
const readBatch = 256

// dropInterval is how often drops for one peer are reported.
const dropInterval = time.Second

// goodbye is how long we wait, after our last message, for the peer to hang up.
// Closing at once could reset the connection and take back what is in flight.
const goodbye = 500 * time.Millisecond

// lastLook is how long we look for what a peer said that seems to be silent: what
// has arrived is read at once, and a disconnection can wait so long.
const lastLook = 50 * time.Millisecond

// A peer is one connection after its handshake.
type peer struct {
	session
	socket *Socket
	conn   net.Conn
	in     *reader
	intake *intake
	out    *outbox
	where  string        // our endpoint
	id     string        // what a ROUTER calls it
	done   chan struct{} // closed by end
	ttl    atomic.Int64  // of the peer's PING: how long we may be silent for it, and it for us

	reported uint64    // drops told to the monitor; of the goroutine that pushes
	report   time.Time // when

	mu     sync.Mutex
	topics topics // what it subscribed to
	ended  bool
	err    error // why
}

// serve runs the connection until it ends.
func (p *peer) serve() {
	var tasks sync.WaitGroup
	tasks.Go(p.write)
	if p.socket.options.Heartbeat > 0 {
		tasks.Go(p.beat)
	}
	p.end(p.read())
	tasks.Wait()
	p.reportDrops(true)
	p.socket.options.Monitor(p.event(Disconnected, p.reason()))
}

func (p *peer) event(w What, err error) Event {
	return Event{
		What: w, Endpoint: p.where, Peer: remote(p.conn), Type: p.peer.kind, Identity: p.peer.identity,
		User: p.user, Metadata: p.peer.extra, Err: err,
	}
}

func remote(c net.Conn) string {
	if a := c.RemoteAddr(); a != nil {
		return a.String()
	}
	return ""
}

// end closes the connection and wakes everybody; the first reason stays.
func (p *peer) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.ended, p.err = true, err
	close(p.done)
	p.out.close()
	_ = p.conn.Close()
}

func (p *peer) reason() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case errors.Is(p.err, os.ErrDeadlineExceeded):
		return ErrSilent.With("for %v", p.patience())
	case errors.Is(p.err, net.ErrClosed):
		return nil
	}
	return p.err
}

// patience returns how long the peer may be silent; 0 for ever.
func (p *peer) patience() time.Duration {
	own, theirs := p.socket.options.Silence, time.Duration(p.ttl.Load())
	if p.minor == 0 {
		own = 0 // ZMTP 3.0 has no PING: such a peer may have nothing to say
	}
	if own <= 0 || theirs > 0 && theirs < own {
		return theirs
	}
	return own
}

// read takes frames off the connection until it ends.
func (p *peer) read() error {
	b := batch{peer: p}
	for {
		flags, body, ok, err := p.in.cut()
		if err != nil {
			return err
		}
		if ok {
			if err := b.frame(flags, body); err != nil {
				return err
			}
			continue
		}
		if err := b.flush(); err != nil {
			return err
		}
		if err := p.hear(); err != nil {
			return err
		}
	}
}

// hear reads once, as long as the peer may be silent. When that time is over, it
// looks once more: it may be us who were stopped, and the peer has spoken
// meanwhile.
func (p *peer) hear() error {
	err := p.fill(p.patience())
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = p.fill(lastLook)
	}
	return err
}

// fill reads once within t; 0 is for ever.
func (p *peer) fill(t time.Duration) error {
	var deadline time.Time
	if t > 0 {
		deadline = time.Now().Add(t)
	}
	_ = p.conn.SetReadDeadline(deadline) // fails only when closed, as the read then does
	return p.in.fill()
}

// A batch collects frames to messages, and messages until it is worth handing
// them over.
type batch struct {
	peer  *peer
	slab  [][]byte // backs the messages
	from  int      // slab[from:] is the message that is not complete
	size  int      // its bytes
	items []item
	bytes int
}

// slabFrames is how many frames one allocation has room for.
const slabFrames = 512

func (b *batch) frame(flags byte, body []byte) (err error) {
	if c := b.peer.codec; c != nil {
		if flags, body, err = c.open(flags, body); err != nil {
			return err
		}
	}
	if flags&flagCommand != 0 {
		return b.command(body)
	}
	if err := b.add(body); err != nil || flags&flagMore != 0 {
		return err
	}
	m := Message(b.slab[b.from:len(b.slab):len(b.slab)])
	b.from = len(b.slab)
	size := b.size
	b.size = 0
	m, wanted, err := b.peer.socket.pattern.arrive(b.peer, m)
	if err != nil || !wanted {
		return err
	}
	b.items = append(b.items, item{m, b.peer})
	b.bytes += size
	if len(b.items) >= readBatch {
		return b.flush()
	}
	return nil
}

func (b *batch) add(body []byte) error {
	o := b.peer.socket.options
	b.size += len(body)
	if b.size > o.MaxFrame || len(b.slab)-b.from >= o.MaxFrames {
		return ErrTooLarge.With("message of more than %d bytes or %d frames", o.MaxFrame, o.MaxFrames)
	}
	if len(b.slab) == cap(b.slab) {
		next := make([][]byte, len(b.slab)-b.from, slabFrames+len(b.slab)-b.from)
		copy(next, b.slab[b.from:])
		b.slab, b.from = next, 0
	}
	b.slab = append(b.slab, body)
	return nil
}

// command deals with a command between or within messages. What subscribes or
// unsubscribes comes after the messages before it.
func (b *batch) command(body []byte) error {
	name, data, err := parseCommand(body)
	if err != nil {
		return err
	}
	p := b.peer
	switch name {
	case cmdPing:
		ttl, context, err := parsePing(data)
		if err != nil {
			return err
		}
		p.ttl.Store(int64(ttl))
		p.out.command(appendCommand(nil, cmdPong, context), true)
	case cmdSubscribe, cmdCancel:
		m, wanted, err := p.socket.pattern.subscribe(p, name == cmdSubscribe, data)
		if err != nil || !wanted {
			return err
		}
		b.items = append(b.items, item{m, p})
		b.bytes += len(data)
	case cmdError:
		return ErrProtocol.With("the peer says %q", parseReason(data))
	}
	return nil // PONG is heard by being read; unknown commands are ignored (RFC 37)
}

func (b *batch) flush() error {
	if len(b.items) == 0 {
		return nil
	}
	ok := b.peer.intake.put(b.items, b.bytes)
	clear(b.items)
	b.items, b.bytes = b.items[:0], 0
	if !ok {
		return net.ErrClosed
	}
	return nil
}

// write puts what is queued on the connection until it ends.
func (p *peer) write() {
	var sealed []byte
	for {
		control, c := p.out.take()
		if len(control) == 0 && c == nil {
			select {
			case <-p.out.wake:
				continue
			case <-p.done:
				return
			}
		}
		var err error
		if sealed, err = p.put(sealed, control, c); err != nil {
			p.end(err)
			return
		}
	}
}

// put writes commands and a chunk, encrypted where that was agreed.
func (p *peer) put(scratch, control []byte, c *chunk) ([]byte, error) {
	if c == nil {
		return scratch, p.send(&scratch, control)
	}
	err := error(nil)
	if len(control) > 0 {
		err = p.send(&scratch, control)
	}
	if err == nil {
		err = p.send(&scratch, c.buf[c.head:])
	}
	p.out.written(c)
	return scratch, err
}

func (p *peer) send(scratch *[]byte, data []byte) error {
	if p.codec != nil {
		*scratch = p.codec.seal((*scratch)[:0], data)
		data = *scratch
	}
	_, err := p.conn.Write(data)
	return err
}

// beat sends PINGs. They tell the peer how long it may wait for the next sign.
func (p *peer) beat() {
	o := p.socket.options
	tick := time.NewTicker(o.Heartbeat)
	defer tick.Stop()
	frame := ping(max(o.TTL, 0))
	for {
		select {
		case <-tick.C:
			if p.minor >= 1 {
				p.out.command(frame, true)
			}
		case <-p.done:
			return
		}
	}
}

// pushed looks after the result of a push.
func (p *peer) pushed(r outcome) {
	if r == queued || r == gone {
		return
	}
	if p.socket.options.Policy == Disconnect {
		messages, bytes := p.out.waiting()
		p.end(ErrSlow.With("%d messages, %d bytes waiting", messages, bytes))
	}
	p.reportDrops(false)
}

func (p *peer) reportDrops(last bool) {
	p.mu.Lock()
	dropped := p.out.drops()
	now := time.Now()
	n := dropped - p.reported
	if n == 0 || !last && now.Sub(p.report) < dropInterval {
		p.mu.Unlock()
		return
	}
	p.reported, p.report = dropped, now
	p.mu.Unlock()
	e := p.event(Dropped, nil)
	e.Count = n
	p.socket.options.Monitor(e)
}

// drain waits until everything queued has been written or until stop is closed,
// says goodbye and ends. It returns how many messages were left for a peer that
// was still there.
func (p *peer) drain(stop <-chan struct{}) int {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for n, _ := p.out.waiting(); n > 0; n, _ = p.out.waiting() {
		select {
		case <-tick.C:
			continue
		case <-p.done:
			return 0
		case <-stop:
		}
		break
	}
	left := p.out.close()
	if half, ok := p.conn.(interface{ CloseWrite() error }); ok && left == 0 && half.CloseWrite() == nil {
		select {
		case <-p.done: // the peer has read everything and hung up
		case <-time.After(goodbye):
		case <-stop:
		}
	}
	p.end(nil)
	return left
}
