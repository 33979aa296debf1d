package bus

import (
	"cmp"
	"context"
	"maps"
	"sync"
	"time"

	"github.com/omninode-ai/onex/event"
)

// firstRing is the size of a queue's first ring. Most subscriptions never hold
// more, and a ring of the full bound costs some hundred kilobytes.
const firstRing = 16

// A Queue is a bounded queue of deliveries with a policy, the heart of every
// ephemeral [Subscription]. Backends push what arrives; the subscriber pulls.
// Any number of goroutines may do both.
type Queue struct {
	bound  int
	policy Policy
	meter  *Meter
	filter event.Filter // of the subscription; empty when it has no name
	name   string
	done   chan struct{} // closed by Close
	ready  chan struct{} // a token: there is a delivery and somebody waits for one
	room   chan struct{} // a token: there is room and somebody waits for it

	mu             sync.Mutex
	ring           []Delivery // length is a power of two
	head, length   int
	takers, givers int // waiting in Next and in Push
	slow           bool
	closed         bool
	drops          Drops
}

// NewQueue returns a queue of at most bound deliveries. Drops and deliveries
// are counted in m, too, when it is not nil.
func NewQueue(bound int, p Policy, m *Meter) *Queue {
	if m == nil {
		m = new(Meter)
	}
	return &Queue{
		bound: bound, policy: p, meter: m,
		done: make(chan struct{}), ready: make(chan struct{}, 1), room: make(chan struct{}, 1),
		drops: Drops{},
	}
}

// Named says whose queue this is, before it is used: the filter, and the name or
// group, of a subscription. It is told when it is slow ([Meter.Slow]); one that
// has no name is not.
func (q *Queue) Named(f event.Filter, o Options) *Queue {
	q.filter, q.name = f, cmp.Or(o.Name, o.Group, string(f))
	return q
}

// Push adds d, or does what the policy says. It waits only under [Block]; when
// ctx ends first it counts the drop and returns [ErrQueueFull]. Pushing to a
// closed queue returns [ErrClosed] and counts nothing.
func (q *Queue) Push(ctx context.Context, d Delivery) error {
	var waited time.Time
	q.mu.Lock()
	for q.length == q.bound && !q.closed {
		switch q.policy {
		case DropNewest:
			q.drop(DroppedNewest)
			q.mu.Unlock()
			return nil
		case DropOldest:
			q.take()
			q.drop(DroppedOldest)
		default:
			if waited.IsZero() {
				waited = time.Now()
			}
			if err := q.awaitRoom(ctx); err != nil {
				q.drop(DroppedBlocked)
				q.mu.Unlock()
				q.meter.Waited(d.Subject, q.bound, time.Since(waited))
				return err
			}
		}
	}
	if q.closed {
		q.mu.Unlock()
		return ErrClosed
	}
	q.put(d)
	fell, depth, oldest := q.fell(&d), q.length, q.ring[q.head].Event.Time
	wakeTaker := q.takers > 0
	wakeGiver := q.givers > 0 && q.length < q.bound
	q.mu.Unlock()
	if wakeTaker {
		signal(q.ready)
	}
	if wakeGiver {
		signal(q.room) // tokens merge: whoever was woken wakes the next
	}
	if !waited.IsZero() {
		q.meter.Waited(d.Subject, q.bound, time.Since(waited))
	}
	if fell {
		q.meter.Slow(q.filter, q.name, depth, q.bound, time.Since(oldest))
	}
	return nil
}

// awaitRoom waits with the lock released. It returns nil when it is worth
// looking again.
func (q *Queue) awaitRoom(ctx context.Context) error {
	q.givers++
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		q.givers--
	}()
	select {
	case <-q.room:
	case <-q.done:
	case <-ctx.Done():
		return ErrQueueFull.Wrap(ctx.Err(), "%d events", q.bound)
	}
	return nil
}

// Next waits for the oldest delivery and removes it; see [Subscription].
func (q *Queue) Next(ctx context.Context) (Delivery, error) {
	q.mu.Lock()
	for q.length == 0 {
		if q.closed {
			q.mu.Unlock()
			return Delivery{}, ErrClosed
		}
		if err := q.awaitDelivery(ctx); err != nil {
			q.mu.Unlock()
			return Delivery{}, err
		}
	}
	d := q.take()
	wakeTaker := q.length > 0 && q.takers > 0
	wakeGiver := q.givers > 0
	q.mu.Unlock()
	if wakeTaker {
		signal(q.ready)
	}
	if wakeGiver {
		signal(q.room)
	}
	q.meter.Delivered(d.Attempt)
	return d, nil
}

// awaitDelivery waits with the lock released.
func (q *Queue) awaitDelivery(ctx context.Context) error {
	q.takers++
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		q.takers--
		if q.takers > 0 && q.length > 0 {
			signal(q.ready) // a token taken by one who then gave up belongs to the others
		}
	}()
	select {
	case <-q.ready:
	case <-q.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// Drop counts n events lost before they reached the queue.
func (q *Queue) Drop(r Reason, n uint64) {
	q.mu.Lock()
	q.drops[r] += n
	q.mu.Unlock()
	q.meter.Dropped(r, n)
}

// Dropped returns the drops so far.
func (q *Queue) Dropped() Drops {
	q.mu.Lock()
	defer q.mu.Unlock()
	return maps.Clone(q.drops)
}

// Len returns how many deliveries wait.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.length
}

// Close refuses further deliveries and wakes everybody. What the queue holds can
// still be read.
func (q *Queue) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.closed = true
		close(q.done)
	}
	return nil
}

func (q *Queue) put(d Delivery) {
	if q.length == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+q.length)&(len(q.ring)-1)] = d
	q.length++
}

func (q *Queue) take() Delivery {
	slot := &q.ring[q.head]
	d := *slot
	*slot = Delivery{} // lets go of the payload
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.length--
	if q.length <= q.bound/2 {
		q.slow = false
	}
	return d
}

func (q *Queue) grow() {
	ring := make([]Delivery, max(firstRing, 2*len(q.ring)))
	n := copy(ring, q.ring[q.head:])
	copy(ring[n:], q.ring[:q.head])
	q.ring, q.head = ring, 0
}

func (q *Queue) drop(r Reason) {
	q.drops[r]++
	q.meter.Dropped(r, 1)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
