package ipcbus

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// gather is how much waits for one guest before it is written although more is
// coming in.
const gather = 64 << 10

// A guest is a connection to the hub, seen from the hub. Its fields belong to
// the goroutine that serves it, unless they say otherwise.
type guest struct {
	hub  *hub
	name string
	out  *outbox // safe for all
	in   *frameReader

	subs    map[uint64]*liveSub
	readers map[uint64]*reader
	dirty   map[*outbox]struct{} // written to, not yet flushed
	last    *outbox              // the latest of dirty

	heard    atomic.Int64            // when something came last
	informed atomic.Bool             // it knows of routes, and must hear when they change
	waiting  map[uint64]*publication // the hub's blocked guards it
}

// errorFrame returns the frame that says err.
func errorFrame(err error) frame { return jsonFrame(kindError, 0, fault.ReportOf(err)) }

// serve greets the guest and does what it says until it leaves or errs.
func (g *guest) serve(ctx context.Context) {
	err := g.greet()
	for err == nil {
		if !g.in.more() {
			g.flush()
		}
		var f frame
		if f, err = g.in.next(); err == nil {
			err = g.handle(ctx, f)
		}
	}
	g.flush()
	if errors.Is(err, ErrFrame) {
		g.hub.stats.malformed.Add(1)
		g.hub.log.Warn("malformed frame; the connection is closed", "client", g.name, "error", err)
		_ = g.out.send(errorFrame(err))
		bye, cancel := context.WithTimeout(ctx, farewell)
		_ = g.out.drained(bye)
		cancel()
	} else if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		g.hub.log.Info("connection to a client lost", "client", g.name, "error", err)
	}
	g.out.fail(net.ErrClosed)
}

// greet exchanges HELLO and READY.
func (g *guest) greet() error {
	if err := g.out.conn.SetReadDeadline(time.Now().Add(g.hub.o.Handshake)); err != nil {
		return err
	}
	f, err := g.in.next()
	if err != nil {
		return err
	}
	if f.kind != kindHello {
		return ErrFrame.With("%s before HELLO", f.kind)
	}
	who, err := parseJSON[hello](f)
	if err != nil {
		return err
	}
	g.name = who.Name
	if err := g.out.send(jsonFrame(kindReady, 0, g.hub.welcome())); err != nil {
		return err
	}
	return g.out.conn.SetReadDeadline(time.Time{})
}

// flush writes what the frames handled so far have added for others.
func (g *guest) flush() {
	g.heard.Store(time.Now().UnixNano())
	for o := range g.dirty {
		o.flush()
	}
	clear(g.dirty)
	g.last = nil
	g.out.flush()
}

// touch remembers to flush o, or does it when n bytes are a good write.
func (g *guest) touch(o *outbox, n int) {
	if n >= gather {
		o.flush()
	}
	if g.last != o {
		g.dirty[o] = struct{}{}
		g.last = o
	}
}

// check asks a silent guest whether it is there, or gives it up.
func (g *guest) check(now time.Time, ping time.Duration) {
	switch silence := now.Sub(time.Unix(0, g.heard.Load())); {
	case silence > 2*ping:
		g.hub.log.Warn("client does not answer; the connection is closed", "client", g.name, "silence", silence)
		g.out.fail(bus.ErrUnavailable.With("silent for %v", silence))
	case silence > ping:
		_ = g.out.send(frame{kind: kindPing}) // one that is full has other signs of life to give
	}
}

// handle does what one frame asks. An error ends the connection.
func (g *guest) handle(ctx context.Context, f frame) error {
	switch f.kind {
	case kindEvent:
		return g.publish(ctx, f)
	case kindSubscribe:
		return g.subscribe(ctx, f)
	case kindUnsubscribe:
		g.unsubscribe(f.ref)
	case kindAck, kindNack:
		return g.settle(ctx, f)
	case kindCredit:
		return g.credit(f)
	case kindCancel:
		g.hub.giveUp(g, f.ref)
	case kindCount:
		return g.count(f)
	case kindDead:
		return g.dead(ctx, f)
	case kindLast:
		return g.lastKept(ctx, f)
	case kindRedrive:
		return g.redrive(ctx, f)
	case kindPing:
		return g.answer(frame{kind: kindPong, ref: f.ref})
	case kindPong:
	case kindBye:
		return g.answer(frame{kind: kindBye})
	case kindError:
		report, err := parseJSON[fault.Report](f)
		if err != nil {
			return err
		}
		return report.Err()
	default:
		return ErrFrame.With("%s from a client", f.kind)
	}
	return nil
}

// answer adds a frame for the guest. One that lets answers pile up is cut off,
// because they must not be lost.
func (g *guest) answer(f frame) error {
	_, err := g.out.add(f)
	if errors.Is(err, errFull) {
		return bus.ErrUnavailable.With("the client does not read its answers")
	}
	return err
}

func (g *guest) refuse(ref uint64, err error) error {
	return g.answer(jsonFrame(kindNack, ref, fault.ReportOf(err)))
}

func (g *guest) count(f frame) error {
	g.informed.Store(true)
	r, err := g.hub.route(f.body)
	if err != nil {
		return g.refuse(f.ref, err)
	}
	return g.answer(frame{kind: kindAck, ref: f.ref, body: numbers(uint64(r.size()), 0)})
}

// dead sends the oldest dead letters, then an ACK with how many there ever
// were, and what else is worth knowing of the hub.
func (g *guest) dead(ctx context.Context, f frame) error {
	var limit uint64
	if _, err := takeNumbers(f, &limit); err != nil {
		return err
	}
	letters, err := g.hub.ring.DeadLetters(ctx, int(min(limit, bus.MemoryDeadLetters)))
	if err != nil {
		return g.refuse(f.ref, err)
	}
	for _, l := range letters {
		text, err := event.Encode(l.Event)
		if err != nil {
			return err // it was decoded here
		}
		if err := g.out.await(ctx); err != nil {
			return err
		}
		if err := g.answer(jsonFrame(kindDead, f.ref, letter{
			Number: l.Number, Subject: l.Subject, Event: text, Sequence: l.Sequence, Consumer: l.Consumer,
			Attempts: l.Attempts, Reason: l.Reason, Time: l.Time,
		})); err != nil {
			return err
		}
	}
	return g.answer(frame{kind: kindAck, ref: f.ref, body: g.hub.figures(ctx)})
}

// leave ends what g has at the hub.
func (g *guest) leave() {
	for _, r := range g.readers {
		r.close()
	}
	g.hub.forget(g)
}
