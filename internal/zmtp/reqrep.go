package zmtp

import (
	"context"
	"slices"
	"sync"
)

// A dealer is the pattern of DEALER: messages go to the peers in turn.
type dealer struct {
	socket *Socket

	mu    sync.Mutex
	peers []*peer
	turn  int
	news  chan struct{} // closed when a peer comes; nil when nobody waits for that
}

func (d *dealer) attach(p *peer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.peers = append(d.peers, p)
	if d.news != nil {
		close(d.news)
		d.news = nil
	}
}

func (d *dealer) detach(p *peer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.peers = slices.DeleteFunc(d.peers, func(q *peer) bool { return q == p })
}

func (d *dealer) arrive(_ *peer, m Message) (Message, bool, error) { return m, true, nil }

func (d *dealer) subscribe(*peer, bool, []byte) (Message, bool, error) { return nil, false, nil }

func (d *dealer) receive(it item) (Message, bool) { return it.msg, true }

func (d *dealer) send(ctx context.Context, m Message) error {
	_, err := d.give(ctx, m)
	return err
}

// give sends m to the next peer with room, and waits for one.
func (d *dealer) give(ctx context.Context, m Message) (*peer, error) {
	wire := d.socket.encode(m)
	defer d.socket.release(wire)
	for {
		p, news := d.offer(*wire)
		if p != nil {
			return p, nil
		}
		if err := d.await(ctx, news, len(*wire)); err != nil {
			return nil, err
		}
	}
}

// offer tries every peer once. When none takes the message it returns the
// channel that tells of a new one.
func (d *dealer) offer(wire []byte) (*peer, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for range d.peers {
		d.turn = (d.turn + 1) % len(d.peers)
		p := d.peers[d.turn]
		if r := p.out.push(wire); r == queued || r == replaced {
			return p, nil
		}
	}
	if d.news == nil {
		d.news = make(chan struct{})
	}
	return nil, d.news
}

// await waits for a new peer, for room at the one whose turn it is, or for the
// end.
func (d *dealer) await(ctx context.Context, news <-chan struct{}, size int) error {
	var room, done <-chan struct{}
	d.mu.Lock()
	if len(d.peers) > 0 {
		out := d.peers[d.turn%len(d.peers)].out
		if !out.enqueue(size) {
			d.mu.Unlock()
			return nil
		}
		defer out.dequeue()
		room, done = out.room, out.done
	}
	d.mu.Unlock()
	select {
	case <-news:
	case <-room:
	case <-done:
	case <-d.socket.ctx.Done():
		return ErrClosed
	case <-ctx.Done():
		return ErrFull.Wrap(ctx.Err(), "%s socket", d.socket.kind)
	}
	return nil
}

// A router is the pattern of ROUTER: the first frame names the peer.
type router struct {
	socket *Socket

	mu   sync.Mutex
	byID map[string]*peer
}

// attach names the peer by its identity, or by five random bytes that begin with
// zero when it has none or another has it.
func (r *router) attach(p *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.id = p.peer.identity
	if _, taken := r.byID[p.id]; taken || p.id == "" {
		p.id = "\x00" + string(random(4))
	}
	r.byID[p.id] = p
}

func (r *router) detach(p *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byID, p.id)
}

func (r *router) arrive(_ *peer, m Message) (Message, bool, error) { return m, true, nil }

func (r *router) subscribe(*peer, bool, []byte) (Message, bool, error) { return nil, false, nil }

func (r *router) receive(it item) (Message, bool) {
	return append(Message{[]byte(it.from.id)}, it.msg...), true
}

func (r *router) send(ctx context.Context, m Message) error {
	if len(m) < 2 {
		return ErrUsage.With("a ROUTER's message needs an identity and a frame")
	}
	r.mu.Lock()
	p := r.byID[string(m[0])]
	r.mu.Unlock()
	if p == nil {
		return ErrUnroutable.With("%q", m[0])
	}
	return r.socket.sendTo(ctx, p, m[1:])
}

// sendTo sends m to one peer, waiting for room.
func (s *Socket) sendTo(ctx context.Context, p *peer, m Message) error {
	wire := s.encode(m)
	defer s.release(wire)
	for {
		switch p.out.push(*wire) {
		case gone:
			return ErrUnroutable.With("%q", p.id)
		case queued, replaced:
			return nil
		}
		if err := p.out.awaitRoom(ctx, len(*wire)); err != nil {
			return ErrFull.Wrap(err, "%q", p.id)
		}
	}
}

// A requester is the pattern of REQ: a dealer in lockstep. A reply that nobody
// waits for any more is dropped. A request may be given up by sending another.
type requester struct {
	dealer

	state   sync.Mutex
	waiting *peer // who has been asked
}

func (r *requester) send(ctx context.Context, m Message) error {
	p, err := r.give(ctx, append(Message{nil}, m...))
	if err != nil {
		return err
	}
	r.state.Lock()
	r.waiting = p
	r.state.Unlock()
	return nil
}

func (r *requester) receive(it item) (Message, bool) {
	r.state.Lock()
	defer r.state.Unlock()
	if it.from != r.waiting || len(it.msg) < 2 || len(it.msg[0]) != 0 {
		return nil, false
	}
	r.waiting = nil
	return it.msg[1:], true
}

// A replier is the pattern of REP: each request is replied to before the next is
// received.
type replier struct {
	socket *Socket

	mu       sync.Mutex
	asker    *peer
	envelope Message // identities and the empty frame
}

func (r *replier) attach(*peer) {}
func (r *replier) detach(*peer) {}

// arrive drops what has no envelope.
func (r *replier) arrive(_ *peer, m Message) (Message, bool, error) {
	return m, envelope(m) > 0 && envelope(m) < len(m), nil
}

// envelope returns how many frames the envelope of m has: those up to the empty
// one; 0 when there is none.
func envelope(m Message) int {
	return slices.IndexFunc(m, func(f []byte) bool { return len(f) == 0 }) + 1
}

func (r *replier) subscribe(*peer, bool, []byte) (Message, bool, error) { return nil, false, nil }

func (r *replier) receive(it item) (Message, bool) {
	n := envelope(it.msg)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asker, r.envelope = it.from, it.msg[:n:n]
	return it.msg[n:], true
}

func (r *replier) send(ctx context.Context, m Message) error {
	r.mu.Lock()
	p, e := r.asker, r.envelope
	r.asker, r.envelope = nil, nil
	r.mu.Unlock()
	if p == nil {
		return ErrUsage.With("a REP socket replies to a request; there is none")
	}
	return r.socket.sendTo(ctx, p, slices.Concat(e, m))
}
