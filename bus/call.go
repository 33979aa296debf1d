package bus

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// callerQueue bounds the answers that wait for a Caller to look at them. A
// Caller only hands them on, so that it is never long; a thousand callers
// waiting at once are expected, some of them for answers of several parts.
const callerQueue = 8 * DefaultQueue

// A Caller asks questions and gets the answers. A question is any event; its
// answer is an event directed to the caller whose Causation is the question's
// ID ([Answer] makes one). The first answer counts. One Caller serves any number
// of goroutines over one subscription.
type Caller struct {
	bus  Bus
	id   string
	sub  Subscription
	done chan struct{} // closed when the loop has ended
	late atomic.Uint64

	mu      sync.Mutex
	waiting map[event.ID]question
}

// A question waits for its answer.
type question struct {
	answer chan event.Event
	hear   func(event.Event) // what comes before the answer; nil for nobody listens
}

// NewCaller returns a Caller on b that listens for answers directed to id, which
// nobody else may use: the id of a node's instance, or a new UUID. Close it.
func NewCaller(ctx context.Context, b Bus, id string) (*Caller, error) {
	sub, err := b.Subscribe(ctx, event.FilterTo(id), &Options{Queue: callerQueue})
	if err != nil {
		return nil, err
	}
	c := &Caller{bus: b, id: id, sub: sub, done: make(chan struct{}), waiting: map[event.ID]question{}}
	go c.listen()
	return c, nil
}

// ID returns the id that answers are directed to.
func (c *Caller) ID() string { return c.id }

// Do publishes e on s, with the caller's id as its NodeID, and waits for the
// answer. When ctx's deadline passes first it returns [ErrNoAnswer], and it is
// not known whether e took effect; when ctx is canceled, its error.
func (c *Caller) Do(ctx context.Context, s event.Subject, e event.Event) (event.Event, error) {
	return c.DoHearing(ctx, s, e, nil)
}

// DoHearing is Do for a caller that wants to hear what is directed to it before
// the answer: progress and log entries. hear is called for each, in order, from
// one goroutine, and must not wait for anything; never after DoHearing returned
// an answer.
func (c *Caller) DoHearing(ctx context.Context, s event.Subject, e event.Event, hear func(event.Event)) (event.Event, error) {
	select {
	case <-c.done:
		return event.Event{}, ErrClosed
	default:
	}
	e.NodeID = c.id
	answer := c.expect(e.ID, hear)
	defer c.forget(e.ID)
	if _, err := c.bus.Publish(ctx, s, e); err != nil {
		return event.Event{}, err
	}
	select {
	case a := <-answer:
		return a, nil
	case <-c.done:
		return event.Event{}, ErrClosed
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return event.Event{}, ErrNoAnswer.Wrap(ctx.Err(), "%s %s", s, e.ID)
	}
	return event.Event{}, ctx.Err()
}

// Late returns how many answers came when nobody waited for them any more, or
// twice. They were dropped.
func (c *Caller) Late() uint64 { return c.late.Load() }

// Close ends the caller; Do returns [ErrClosed]. It is idempotent.
func (c *Caller) Close() error {
	err := c.sub.Close()
	<-c.done
	return err
}

func (c *Caller) listen() {
	defer close(c.done)
	for {
		d, err := c.sub.Next(context.Background()) // ends by Close
		if err != nil {
			return
		}
		c.resolve(d.Event)
	}
}

func (c *Caller) resolve(e event.Event) {
	c.mu.Lock()
	q, waits := c.waiting[e.Causation]
	if !interim(e.Kind()) {
		delete(c.waiting, e.Causation)
	}
	c.mu.Unlock()
	switch {
	case interim(e.Kind()) && q.hear != nil:
		q.hear(e)
	case interim(e.Kind()): // nobody listens, or not any more
	case !waits:
		c.late.Add(1)
	default:
		q.answer <- e // has room for one, and is on the list for one
	}
}

// interim reports whether events of a kind come before an answer and are none.
func interim(k event.Kind) bool {
	return k == event.KindToolProxyProgress || k == event.KindStructuredLog
}

func (c *Caller) expect(id event.ID, hear func(event.Event)) <-chan event.Event {
	answer := make(chan event.Event, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[id] = question{answer, hear}
	return answer
}

func (c *Caller) forget(id event.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
}

// Answer publishes p as the answer to request: directed to request.NodeID,
// caused by request, with its correlation and trace. It comes from the node
// named from, whose instance is self.
func Answer(ctx context.Context, b Bus, from node.Name, request event.Event, self string, p event.Payload) error {
	to := event.NewSubject(p.Kind(), from).To(request.NodeID)
	_, err := b.Publish(ctx, to, event.Reply(request, self, p))
	return err
}
