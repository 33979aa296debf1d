package zmtp

import (
	"container/list"
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Pauses after a failed accept: out of descriptors passes, but not at once.
const (
	firstAcceptPause = 5 * time.Millisecond
	lastAcceptPause  = time.Second
)

// A listener accepts connections for one or more sockets.
type listener struct {
	net.Listener
	where   string
	sockets []*Socket // the first one's options rule
	tasks   sync.WaitGroup
	ctx     context.Context
	cancel  context.CancelFunc

	mu      sync.Mutex
	young   *list.List // of net.Conn: shaking hands, the oldest first
	closing bool
}

// Bind listens on an endpoint and returns it as peers can connect to it, with the
// port that was chosen for port 0. It may be called several times.
func (s *Socket) Bind(ctx context.Context, where string) (string, error) {
	return Bind(ctx, where, s)
}

// Bind listens on one endpoint for several sockets: a peer gets the first that
// its own type goes with. So a publisher and a subscriber can use one address.
// The first socket's security and limits on connections rule. The listener
// lives until the first of the sockets closes.
func Bind(ctx context.Context, where string, sockets ...*Socket) (string, error) {
	e, err := parseEndpoint(where)
	if err != nil {
		return "", err
	}
	if len(sockets) == 0 {
		return "", ErrUsage.With("bind without a socket")
	}
	raw, err := e.listen(ctx)
	if err != nil {
		return "", err
	}
	first := sockets[0]
	l := &listener{Listener: raw, where: e.at(raw).String(), sockets: sockets, young: list.New()}
	l.ctx, l.cancel = context.WithCancel(first.ctx)
	for i, s := range sockets {
		if err := s.adopt(l); err != nil {
			for _, done := range sockets[:i] {
				done.disown(l)
			}
			_ = raw.Close()
			return "", err
		}
	}
	l.tasks.Go(l.accept)
	first.options.Monitor(Event{What: Listening, Endpoint: l.where})
	return l.where, nil
}

func (s *Socket) adopt(l *listener) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.listeners[l.where] = l
	return nil
}

func (s *Socket) disown(l *listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l.where)
}

// Unbind stops listening on an endpoint that Bind returned. Connections stay.
func (s *Socket) Unbind(where string) error {
	s.mu.Lock()
	l := s.listeners[where]
	s.mu.Unlock()
	if l == nil {
		return ErrUsage.With("not bound to %q", where)
	}
	l.close()
	for _, s := range l.sockets {
		s.disown(l)
	}
	return nil
}

// close stops accepting and ends the handshakes. It is idempotent.
func (l *listener) close() {
	l.mu.Lock()
	l.closing = true
	for e := l.young.Front(); e != nil; e = e.Next() {
		_ = e.Value.(net.Conn).Close()
	}
	l.mu.Unlock()
	_ = l.Listener.Close()
	l.cancel()
	l.tasks.Wait()
}

func (l *listener) accept() {
	wait := firstAcceptPause
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			l.sockets[0].options.Monitor(Event{What: AcceptFailed, Endpoint: l.where, Err: err})
			pause(l.ctx, wait)
			wait = min(2*wait, lastAcceptPause)
			continue
		}
		wait = firstAcceptPause
		if e := l.admit(conn); e != nil {
			l.tasks.Go(func() { l.welcome(e) })
		}
	}
}

// admit remembers a connection that is to shake hands. When there are too many,
// the oldest has had its time.
func (l *listener) admit(conn net.Conn) *list.Element {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		_ = conn.Close()
		return nil
	}
	if l.young.Len() >= l.sockets[0].options.Handshakes {
		oldest := l.young.Front()
		_ = oldest.Value.(net.Conn).Close()
		l.young.Remove(oldest)
	}
	return l.young.PushBack(conn)
}

// grown forgets a connection that is done shaking hands.
func (l *listener) grown(e *list.Element) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.young.Remove(e)
}

// welcome shakes hands and gives the connection to the socket that it is for.
func (l *listener) welcome(e *list.Element) {
	conn := e.Value.(net.Conn)
	s := l.sockets[0]
	g := greeter{mechanism: s.options.Security, answer: func(p party) (party, error) {
		var err error
		if s, err = choose(l.sockets, p); err != nil {
			return party{}, err
		}
		return s.party(), nil
	}}
	first := s.party()
	if len(l.sockets) == 1 {
		g.first = &first
	}
	p, err := s.shake(l.ctx, conn, g, l.where)
	l.grown(e)
	if err != nil {
		l.sockets[0].options.Monitor(Event{What: Refused, Endpoint: l.where, Peer: remote(conn), Err: err})
		return
	}
	p.bind(s)
	if !s.start(p) {
		_ = conn.Close()
	}
}

// start runs p on the socket's account; it returns false when that is closed.
func (s *Socket) start(p *peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.tasks.Go(func() { _ = s.run(p) }) // the monitor has been told why it ended
	return true
}

// shake checks who is there and does the handshake, bounded in time.
func (s *Socket) shake(ctx context.Context, conn net.Conn, g greeter, where string) (*peer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Handshake)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	in := &reader{src: conn, limit: s.options.MaxFrame + curveOverhead}
	p := &peer{conn: conn, in: in, where: where, done: make(chan struct{})}
	err := checkUser(conn)
	if err == nil {
		p.session, err = handshake(&wire{in, conn}, g)
	}
	if err == nil && stop() {
		return p, nil
	}
	_ = conn.Close()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = ErrHandshake.Wrap(context.DeadlineExceeded, "not done after %v", s.options.Handshake)
	}
	return nil, err
}

// bind gives a peer to a socket.
func (p *peer) bind(s *Socket) {
	p.socket = s
	p.out = newOutbox(s.options, s.spare)
	p.intake = s.inbox.intake(p.done)
}
