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
	waiting map[event.ID]chan event.Event
}

// NewCaller returns a Caller on b that listens for answers directed to id, which
// nobody else may use: the id of a node's instance, or a new UUID. Close it.
func NewCaller(ctx context.Context, b Bus, id string) (*Caller, error) {
	sub, err := b.Subscribe(ctx, event.FilterTo(id), &Options{Queue: callerQueue})
	if err != nil {
		return nil, err
	}
	c := &Caller{bus: b, id: id, sub: sub, done: make(chan struct{}), waiting: map[event.ID]chan event.Event{}}
	go c.listen()
	return c, nil
}

// ID returns the id that answers are directed to.
func (c *Caller) ID() string { return c.id }

// Do publishes e on s, with the caller's id as its NodeID, and waits for the
// answer. When ctx's deadline passes first it returns [ErrNoAnswer], and it is
// not known whether e took effect; when ctx is canceled, its error.
func (c *Caller) Do(ctx context.Context, s event.Subject, e event.Event) (event.Event, error) {
	select {
	case <-c.done:
		return event.Event{}, ErrClosed
	default:
	}
	e.NodeID = c.id
	answer := c.expect(e.ID)
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
	answer := c.waiting[e.Causation]
	delete(c.waiting, e.Causation)
	c.mu.Unlock()
	if answer == nil {
		c.late.Add(1)
		return
	}
	answer <- e // has room for one, and is on the list for one
}

func (c *Caller) expect(id event.ID) <-chan event.Event {
	answer := make(chan event.Event, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[id] = answer
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
