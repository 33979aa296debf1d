package ipcbus

import (
	"encoding/binary"
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// A post is the body of EVENT: one event on its way. The design calls it
// IpcEvent: the event's own text, wrapped in what is needed to route it without
// reading it.
type post struct {
	sequence uint64   // in the ring; 0 when it is not there
	id       event.ID // the event's
	attempt  int      // 1 for the first
	subject  event.Subject
	text     []byte // the event's wire form, perhaps compressed
}

// postHead is the size of a post before its subject.
const postHead = 8 + 16 + 2 + 2

func (p *post) size() int { return postHead + len(p.subject) + len(p.text) }

func (p *post) appendHead(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, p.sequence)
	dst = append(dst, p.id[:]...)
	dst = binary.BigEndian.AppendUint16(dst, uint16(min(p.attempt, 1<<16-1)))
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(p.subject)))
	return append(dst, p.subject...)
}

// routed is a post whose subject is not a string yet: the hub looks it up in a
// map, which needs none.
type routed struct {
	post
	subject []byte
}

func parsePost(body []byte) (routed, error) {
	if len(body) < postHead {
		return routed{}, ErrFrame.With("EVENT of %d bytes", len(body))
	}
	p := routed{post: post{
		sequence: binary.BigEndian.Uint64(body),
		id:       event.ID(body[8:24]),
		attempt:  int(binary.BigEndian.Uint16(body[24:])),
	}}
	n := int(binary.BigEndian.Uint16(body[26:]))
	if len(body) < postHead+n {
		return routed{}, ErrFrame.With("EVENT of %d bytes with a subject of %d", len(body), n)
	}
	p.subject, p.text = body[postHead:postHead+n], body[postHead+n:]
	return p, nil
}

// decode returns the event, which is checked here and nowhere before.
func (p *routed) decode(f flags) (event.Event, error) {
	text := p.text
	if f&flagZstd != 0 {
		var err error
		if text, err = decompress(text); err != nil {
			return event.Event{}, err
		}
	}
	return event.Decode(text)
}

// A hello introduces a client, the body of HELLO.
type hello struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`
}

// A welcome is the body of the READY that answers HELLO.
type welcome struct {
	Hub    string `json:"hub"` // unique to one life of one hub
	PID    int    `json:"pid"`
	PingMS int64  `json:"ping_ms"`
}

// An order is the body of SUBSCRIBE. Times are in nanoseconds, since 1970 or as
// a duration.
type order struct {
	Filter     string  `json:"filter"`
	Class      string  `json:"class"`
	Queue      int     `json:"queue"`
	Policy     string  `json:"policy"`
	Group      string  `json:"group,omitempty"`
	Start      string  `json:"start,omitempty"`
	Since      int64   `json:"since_ns,omitempty"`
	Sequence   uint64  `json:"sequence,omitempty"`
	AckWait    int64   `json:"ack_wait_ns,omitempty"`
	MaxDeliver int     `json:"max_deliver,omitempty"`
	Backoff    []int64 `json:"backoff_ns,omitempty"`
	Name       string  `json:"name,omitempty"`
}

func orderOf(f event.Filter, o bus.Options) order {
	r := order{
		Filter: string(f), Class: string(o.Class), Queue: o.Queue, Policy: string(o.Policy), Group: o.Group,
		Start: string(o.Start), Sequence: o.Sequence, AckWait: int64(o.AckWait), MaxDeliver: o.MaxDeliver, Name: o.Name,
	}
	if !o.Since.IsZero() {
		r.Since = o.Since.UnixNano()
	}
	for _, d := range o.Backoff {
		r.Backoff = append(r.Backoff, int64(d))
	}
	return r
}

// options returns what is ordered, complete and checked.
func (r order) options() (event.Filter, bus.Options, error) {
	o := bus.Options{
		Class: bus.Class(r.Class), Queue: r.Queue, Policy: bus.Policy(r.Policy), Group: r.Group,
		Start: bus.Start(r.Start), Sequence: r.Sequence, AckWait: time.Duration(r.AckWait), MaxDeliver: r.MaxDeliver, Name: r.Name,
	}
	if r.Since != 0 {
		o.Since = time.Unix(0, r.Since)
	}
	for _, d := range r.Backoff {
		o.Backoff = append(o.Backoff, time.Duration(d))
	}
	o, err := complete(&o)
	if err != nil {
		return "", o, err
	}
	f, err := event.ParseFilter(r.Filter)
	return f, o, err
}

// A letter is the body of DEAD from the hub: one dead letter.
type letter struct {
	Number   uint64          `json:"number"`
	Subject  event.Subject   `json:"subject"`
	Event    json.RawMessage `json:"event"`
	Sequence uint64          `json:"sequence"`
	Consumer string          `json:"consumer"`
	Attempts int             `json:"attempts"`
	Reason   string          `json:"reason"`
	Time     time.Time       `json:"time"`
}

func (l letter) deadLetter() (bus.DeadLetter, error) {
	e, err := event.Decode(l.Event)
	return bus.DeadLetter{
		Number: l.Number, Subject: l.Subject, Event: e, Sequence: l.Sequence, Consumer: l.Consumer,
		Attempts: l.Attempts, Reason: l.Reason, Time: l.Time,
	}, err
}

// jsonFrame returns a frame whose body is the JSON of v, one of the types here.
func jsonFrame[T hello | welcome | order | letter | fault.Report](k kind, ref uint64, v T) frame {
	body, err := json.Marshal(v)
	if err != nil {
		body = nil // they hold nothing that JSON cannot
	}
	return frame{kind: k, ref: ref, body: body}
}

func parseJSON[T hello | welcome | order | letter | fault.Report](f frame) (T, error) {
	var v T
	if err := json.Unmarshal(f.body, &v); err != nil {
		return v, ErrFrame.Wrap(err, "%s", f.kind)
	}
	return v, nil
}

// numbers returns the body that holds one or more numbers of 8 bytes.
func numbers(n ...uint64) []byte {
	var b []byte
	for _, v := range n {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	return b
}

// takeNumbers fills n from the front of f's body and returns the rest.
func takeNumbers(f frame, n ...*uint64) ([]byte, error) {
	if len(f.body) < 8*len(n) {
		return nil, ErrFrame.With("%s of %d bytes: want at least %d", f.kind, len(f.body), 8*len(n))
	}
	for i, v := range n {
		*v = binary.BigEndian.Uint64(f.body[8*i:])
	}
	return f.body[8*len(n):], nil
}
