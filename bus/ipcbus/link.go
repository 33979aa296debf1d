package ipcbus

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// maxSubjects bounds the subjects that a link remembers as strings.
const maxSubjects = 4096

// errHubLeft says that the hub said BYE.
var errHubLeft = errors.New("the hub has ended")

// A link is one connection of a client to a hub.
type link struct {
	out      *outbox
	in       *frameReader
	hub      welcome
	bus      *Bus
	subjects map[string]event.Subject // of the reader's goroutine
	heard    atomic.Int64
	tasks    sync.WaitGroup
	ended    chan struct{} // closed when nothing more will come

	mu      sync.Mutex
	waiting map[uint64]*request
	err     error // why it ended
}

// A request waits for a frame of the same number.
type request struct {
	letters []bus.DeadLetter // of DEAD, before the reply
	reply   chan frame       // has room for one, and gets one at most
}

// byeRef is the number under which Close waits for the hub's BYE.
const byeRef = 0

// dial connects to a hub that is there, and greets it.
func (b *Bus) dial(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, b.o.Handshake)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", b.o.Path)
	if err != nil {
		return nil, err
	}
	l, err := b.greet(ctx, conn.(*net.UnixConn))
	if err != nil {
		conn.Close()
		return nil, err
	}
	l.tasks.Go(l.out.run)
	l.tasks.Go(l.read)
	return l, nil
}

// greet exchanges HELLO and READY.
func (b *Bus) greet(ctx context.Context, conn *net.UnixConn) (*link, error) {
	if err := b.o.checkPeer(conn); err != nil {
		return nil, err
	}
	out, err := newOutbox(conn)
	if err != nil {
		return nil, err
	}
	l := &link{
		out: out, in: newFrameReader(conn), bus: b, subjects: map[string]event.Subject{},
		ended: make(chan struct{}), waiting: map[uint64]*request{},
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // wakes the reading below
	defer stop()
	who := jsonFrame(kindHello, 0, hello{Name: b.o.Name, PID: os.Getpid()})
	if _, err := conn.Write(who.appendTo(nil)); err != nil {
		return nil, bus.ErrUnavailable.Wrap(err, "%s", b.o.Path)
	}
	f, err := l.in.next()
	switch {
	case ctx.Err() != nil:
		return nil, bus.ErrUnavailable.Wrap(ctx.Err(), "the hub at %s does not answer", b.o.Path)
	case err != nil:
		return nil, bus.ErrUnavailable.Wrap(err, "greeting the hub at %s", b.o.Path)
	case f.kind == kindError:
		return nil, reported(f)
	case f.kind != kindReady:
		return nil, ErrFrame.With("%s in answer to HELLO", f.kind)
	}
	if l.hub, err = parseJSON[welcome](f); err != nil {
		return nil, err
	}
	if !stop() { // the deadline is being set
		return nil, bus.ErrUnavailable.Wrap(ctx.Err(), "the hub at %s does not answer", b.o.Path)
	}
	l.heard.Store(time.Now().UnixNano())
	return l, nil
}

// reported returns the error that a NACK or ERROR carries.
func reported(f frame) error {
	r, err := parseJSON[fault.Report](f)
	if err != nil {
		return err
	}
	if err := r.Err(); err != nil {
		return err
	}
	return ErrFrame.With("%s without an error", f.kind)
}

// ask sends f and waits for its answer: the frame, the error that NACK carries,
// or why there is none.
func (l *link) ask(ctx context.Context, f frame) (frame, *request, error) {
	r, err := l.expect(f.ref)
	if err != nil {
		return frame{}, nil, err
	}
	defer l.forget(f.ref)
	if err := l.out.send(f); err != nil {
		return frame{}, nil, err
	}
	select {
	case answer := <-r.reply:
		return answer, r, refusal(answer)
	case <-l.ended:
		return frame{}, nil, l.cause()
	case <-ctx.Done():
		return frame{}, nil, ctx.Err()
	}
}

func refusal(f frame) error {
	if f.kind == kindNack {
		return reported(f)
	}
	return nil
}

func (l *link) expect(ref uint64) (*request, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return nil, l.err
	}
	r := &request{reply: make(chan frame, 1)}
	l.waiting[ref] = r
	return r, nil
}

func (l *link) forget(ref uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, ref)
}

// answer gives f to whoever waits for it.
func (l *link) answer(f frame) {
	f.body = append([]byte(nil), f.body...)
	l.mu.Lock()
	r := l.waiting[f.ref]
	delete(l.waiting, f.ref)
	l.mu.Unlock()
	if r != nil {
		r.reply <- f
	}
}

func (l *link) cause() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// end closes the connection and waits for the goroutines.
func (l *link) end(err error) {
	l.out.fail(err)
	l.tasks.Wait()
}

// read deals with what comes until the connection ends.
func (l *link) read() {
	var err error
	for err == nil {
		if !l.in.more() {
			l.heard.Store(time.Now().UnixNano())
			l.out.flush()
		}
		var f frame
		if f, err = l.in.next(); err == nil {
			err = l.handle(f)
		}
	}
	if errors.Is(err, ErrFrame) {
		_ = l.out.send(errorFrame(err)) // the hub may be beyond reading it
	}
	l.mu.Lock()
	l.err = err
	l.mu.Unlock()
	l.out.fail(err)
	close(l.ended)
}

func (l *link) handle(f frame) error {
	switch f.kind {
	case kindEvent:
		return l.deliver(f)
	case kindAck, kindNack, kindReady:
		l.answer(f)
	case kindRoutes:
		l.bus.routesChanged()
	case kindDropped:
		var n uint64
		reason, err := takeNumbers(f, &n)
		if err != nil {
			return err
		}
		if s := l.bus.sub(f.ref); s != nil {
			s.drop(bus.Reason(reason), n)
		}
	case kindDead:
		return l.letter(f)
	case kindPing:
		_, err := l.out.add(frame{kind: kindPong, ref: f.ref})
		return err
	case kindPong:
	case kindBye:
		f.ref = byeRef
		l.answer(f)
		return errHubLeft
	case kindError:
		return reported(f)
	default:
		return ErrFrame.With("%s from the hub", f.kind)
	}
	return nil
}

func (l *link) deliver(f frame) error {
	p, err := parsePost(f.body)
	if err != nil {
		return err
	}
	s := l.bus.sub(f.ref)
	if s == nil {
		return nil // it was closed while the event was on its way
	}
	subject, ok := l.subjects[string(p.subject)]
	if !ok {
		subject = event.Subject(p.subject)
		if len(l.subjects) >= maxSubjects {
			clear(l.subjects)
		}
		l.subjects[string(subject)] = subject
	}
	e, err := p.decode(f.flags)
	if err != nil {
		s.drop(bus.DroppedMalformed, 1)
		_ = l.bus.meter.Failed(bus.ErrMalformed.Wrap(err, "on %s", subject))
		return nil
	}
	s.receive(l, bus.Delivery{Subject: subject, Event: e, Sequence: p.sequence, Attempt: p.attempt, Class: bus.Ephemeral})
	return nil
}

func (l *link) letter(f frame) error {
	one, err := parseJSON[letter](f)
	if err != nil {
		return err
	}
	d, err := one.deadLetter()
	if err != nil {
		return ErrFrame.Wrap(err, "DEAD")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.waiting[f.ref]; r != nil {
		r.letters = append(r.letters, d)
	}
	return nil
}
