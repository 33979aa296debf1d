package ipcbus

import (
	"bytes"
	"errors"
	"io"
	"net"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// WithPeer returns o with another check of who is at the other end.
func (o Options) WithPeer(check func(*net.UnixConn) error) Options {
	o.checkPeer = check
	return o
}

// SameUser is what the check decides by.
func SameUser(uid, pid, self int) error { return sameUser(uid, pid, self) }

// Cut ends the connection as a system would that loses it: without a word.
func (b *Bus) Cut() {
	b.mu.RLock()
	l := b.link
	b.mu.RUnlock()
	l.out.conn.Close()
}

// MaxPending is the bound of what waits for one connection.
const MaxPending = maxPending

// DecodeFrames reads frames and their bodies as hub and client do, until the end or
// an error, and returns what it read, written again.
func DecodeFrames(data []byte) ([]byte, error) {
	r := newFrameReader(bytes.NewReader(data))
	var again []byte
	for {
		f, err := r.next()
		if errors.Is(err, io.EOF) {
			return again, nil
		}
		if err == nil {
			err = decodeBody(f)
		}
		if err != nil {
			return again, err
		}
		again = f.appendTo(again)
	}
}

func decodeBody(f frame) error {
	var err error
	switch f.kind {
	case kindHello:
		_, err = parseJSON[hello](f)
	case kindReady:
		if f.ref == 0 {
			_, err = parseJSON[welcome](f)
		}
	case kindSubscribe:
		var o order
		if o, err = parseJSON[order](f); err == nil {
			_, _, err = o.options()
		}
	case kindEvent:
		var p routed
		if p, err = parsePost(f.body); err == nil {
			_, err = p.decode(f.flags)
		}
	case kindAck, kindNack, kindCredit, kindDropped:
		var n uint64
		_, err = takeNumbers(f, &n)
	case kindError:
		_, err = parseJSON[fault.Report](f)
	case kindDead:
		var l letter
		if l, err = parseJSON[letter](f); err == nil {
			_, err = l.deadLetter()
		}
	}
	return err
}

// FramesOfThePage returns the frames of docs/ipc.md.
func FramesOfThePage(text []byte) map[string][]byte {
	id, _ := event.ParseID("0197a3c0-5f00-7abc-8def-001122334455")
	const subject = "node_heartbeat.greeter"
	body := func(sequence uint64, subject event.Subject, text []byte) []byte {
		p := post{sequence: sequence, id: id, attempt: 1, subject: subject, text: text}
		return append(p.appendHead(nil), text...)
	}
	o, _ := (&bus.Options{}).Complete()
	frames := map[string]frame{
		"HELLO":                         jsonFrame(kindHello, 0, hello{"greeter", 4711}),
		"READY to HELLO":                jsonFrame(kindReady, 0, welcome{"0197a3c0-5f00-7abc-8def-00112233ffff", 4700, 5000}),
		"SUBSCRIBE":                     jsonFrame(kindSubscribe, 1, orderOf("node_heartbeat.*", o)),
		"READY to SUBSCRIBE":            {kind: kindReady, ref: 1},
		"EVENT with CONFIRM":            {kind: kindEvent, flags: flagConfirm, ref: 2, body: body(0, subject, text)},
		"ACK from the hub":              {kind: kindAck, ref: 2, body: numbers(1, 0)},
		"EVENT, delivered":              {kind: kindEvent, ref: 1, body: body(0, subject, text)},
		"EVENT, retained, compressed":   {kind: kindEvent, flags: flagRetained | flagZstd, ref: 3, body: body(7, "node_start.greeter", encoder().EncodeAll(text, nil))},
		"ACK from a client":             {kind: kindAck, ref: 3, body: numbers(7)},
		"NACK from a client, with TERM": {kind: kindNack, flags: flagTerm, ref: 3, body: append(numbers(7, 0), "no such tool"...)},
		"NACK from the hub":             jsonFrame(kindNack, 2, fault.ReportOf(bus.ErrQueueFull.With("1 others got the event"))),
		"CREDIT":                        {kind: kindCredit, ref: 3, body: numbers(1)},
		"DROPPED":                       droppedFrame(1, 15, bus.DroppedTransport),
		"PING":                          {kind: kindPing},
		"BYE":                           {kind: kindBye},
	}
	wire := map[string][]byte{}
	for name, f := range frames {
		wire[name] = f.appendTo(nil)
	}
	return wire
}
