package busbench

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// ErrLost is returned when events that were sent did not arrive. The bus, or the
// machine, cannot keep up with a sender that waits for it: a defect, or a machine
// that is starved.
var ErrLost = fault.New("ONEX_BUS_090_BENCH_LOST", fault.Unavailable, "events were lost while measuring").
	Hinted("measure again on a machine with less to do; if it stays, look at `onex bus health`")

// EventSize is the size of the wire form of an event that is sent, in bytes:
// that of a usual call.
const EventSize = 300

// A Conduit carries events, or as many bytes, in one direction. One goroutine
// sends at a time, or more when it says so; one receives.
type Conduit interface {
	// Send sends one event. It may keep it until Flush.
	Send(context.Context) error

	// Flush sees to it that what was sent is on its way.
	Flush() error

	// Receive waits for one event.
	Receive(context.Context) error

	// Close wakes all who wait, and is idempotent.
	Close() error
}

// onBus is a conduit over a bus.
type onBus struct {
	from    bus.Bus
	sub     bus.Subscription
	subject event.Subject
	e       event.Event
	durable bool
}

// sequence makes the subjects of conduits different.
type sequence struct{ n atomic.Uint64 }

// Subjects makes the conduits of one measurement independent.
type Subjects struct {
	run string
	seq sequence
}

// NewSubjects returns subjects that no other measurement uses.
func NewSubjects() *Subjects { return &Subjects{run: event.NewID().String()[24:]} }

func (s *Subjects) next(k event.Kind) event.Subject {
	return event.NewSubject(k, node.Name(fmt.Sprintf("bench_%s_%d", s.run, s.seq.n.Add(1))))
}

// Event returns an event that is published in class c, of [EventSize] bytes.
func Event(c bus.Class) (event.Event, error) {
	filled := func(n int) event.Event {
		text := fmt.Appendf(nil, `{"text":%q}`, strings.Repeat("x", n))
		if c == bus.Durable {
			return event.New("bench", event.NodeStart{InputState: text}, event.ID{})
		}
		return event.New("bench", event.Raw{Type: "BUS_BENCH", Data: text}, event.ID{})
	}
	empty, err := event.Encode(filled(0))
	if err != nil {
		return event.Event{}, err
	}
	return filled(EventSize - len(empty)), nil
}

// OnBus returns a conduit from one bus value to another, which may be the same.
// Durable events are stored before Send returns, and acknowledged by Receive;
// they may be sent by many goroutines.
func OnBus(ctx context.Context, s *Subjects, from, to bus.Bus, c bus.Class) (Conduit, error) {
	e, err := Event(c)
	if err != nil {
		return nil, err
	}
	o := &bus.Options{Class: c, Queue: 4 * inFlight}
	subject := s.next(e.Kind())
	sub, err := to.Subscribe(ctx, event.Filter(subject), o)
	if err != nil {
		return nil, err
	}
	return &onBus{from: from, sub: sub, subject: subject, e: e, durable: c == bus.Durable}, nil
}

func (c *onBus) Send(ctx context.Context) error {
	e := c.e
	if c.durable {
		e.ID = event.NewID() // else it is stored once
	}
	_, err := c.from.Publish(ctx, c.subject, e)
	return err
}

func (c *onBus) Flush() error { return nil }

func (c *onBus) Receive(ctx context.Context) error {
	d, err := c.sub.Next(ctx)
	if err != nil || !c.durable {
		return err
	}
	return d.Ack(ctx)
}

func (c *onBus) Close() error { return c.sub.Close() }
