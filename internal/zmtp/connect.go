package zmtp

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// settled is how long a connection must have lasted for the next pause to be
// short again.
const settled = time.Second

// A link keeps one connection to an endpoint alive.
type link struct {
	where  string
	target endpoint
	ctx    context.Context // ended by Disconnect or Close: no further attempts
	cancel context.CancelFunc
	drop   context.Context // ended by Disconnect: the connection, too
	cut    context.CancelFunc
	done   chan struct{}
}

// Connect connects to an endpoint, and again whenever the connection is lost,
// until Disconnect or Close. It does not wait. Nobody need be there yet.
// Connecting twice to one endpoint is a mistake.
func (s *Socket) Connect(where string) error {
	e, err := parseEndpoint(where)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if s.links[where] != nil {
		return ErrUsage.With("connected to %q already", where)
	}
	l := &link{where: where, target: e, done: make(chan struct{})}
	l.drop, l.cut = context.WithCancel(s.ctx)
	l.ctx, l.cancel = context.WithCancel(l.drop)
	s.links[where] = l
	s.tasks.Go(func() {
		defer close(l.done)
		defer l.cut()
		s.keep(l)
	})
	return nil
}

// Disconnect ends a connection that Connect made. What waits in its queue is
// lost.
func (s *Socket) Disconnect(where string) error {
	s.mu.Lock()
	l := s.links[where]
	delete(s.links, where)
	s.mu.Unlock()
	if l == nil {
		return ErrUsage.With("not connected to %q", where)
	}
	l.cut()
	<-l.done
	return nil
}

// keep connects again and again.
func (s *Socket) keep(l *link) {
	attempt := 0
	for l.ctx.Err() == nil {
		began := time.Now()
		err := s.once(l)
		if l.ctx.Err() != nil {
			return
		}
		if time.Since(began) > settled {
			attempt = 0
		}
		s.options.Monitor(Event{What: Retrying, Endpoint: l.where, Err: err})
		pause(l.ctx, s.backoff(attempt, err))
		attempt++
	}
}

// backoff returns a random time up to a bound that doubles with the attempts:
// full jitter, so that the peers of one that returns do not come all at once.
// Who was turned down is not let in by asking often.
func (s *Socket) backoff(attempt int, err error) time.Duration {
	bound := s.options.LastPause
	refused := errors.Is(err, ErrDenied) || errors.Is(err, ErrHandshake) || errors.Is(err, ErrProtocol)
	if shift := min(attempt, 20); !refused && s.options.FirstPause<<shift < bound {
		bound = s.options.FirstPause << shift
	}
	if refused {
		return bound/2 + rand.N(bound/2+1)
	}
	return rand.N(bound + 1)
}

// once connects once, and returns when the connection has ended.
func (s *Socket) once(l *link) error {
	ctx, cancel := context.WithTimeout(l.ctx, s.options.Handshake)
	conn, err := l.target.dial(ctx)
	cancel()
	if err != nil {
		return err
	}
	first := s.party()
	p, err := s.shake(l.ctx, conn, greeter{mechanism: s.options.Security, first: &first, answer: s.meet}, l.where)
	if err != nil {
		if l.ctx.Err() == nil {
			s.options.Monitor(Event{What: Refused, Endpoint: l.where, Peer: remote(conn), Err: err})
		}
		return err
	}
	p.bind(s)
	defer context.AfterFunc(l.drop, func() { p.end(nil) })()
	return s.run(p)
}
