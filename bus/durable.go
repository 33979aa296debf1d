package bus

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/omninode-ai/onex/event"
)

// A consumer is a position in a store: what was read, and what of that is not
// settled. The store's mutex guards it.
type consumer struct {
	name   string
	filter event.Filter
	o      Options

	replay  []entry // to be read before what is at the cursor; for StartLast
	cursor  uint64  // sequence to read next
	pending map[uint64]*attempt
	due     time.Time // no pending attempt is due before; zero when there is none
	members int
	drops   Drops
}

// An attempt is a delivered event that was not acknowledged yet.
type attempt struct {
	entry
	n   int       // deliveries so far
	due time.Time // when it is to be delivered again
}

// take returns the delivery to make now. Without one it returns how long until
// there may be one; 0 means until something changes.
func (s *store) take(c *consumer, now time.Time) (Delivery, time.Duration, bool) {
	for {
		p := c.firstDue(now)
		if p == nil {
			break
		}
		if p.n >= c.o.MaxDeliver {
			s.bury(c, p, fmt.Sprintf("not acknowledged in %v, attempt %d of %d", c.o.AckWait, p.n, c.o.MaxDeliver))
			continue
		}
		return s.deliver(c, p, now), 0, true
	}
	if len(c.pending) < c.o.Queue {
		if e, ok := s.next(c); ok {
			p := &attempt{entry: e}
			c.pending[e.sequence] = p
			return s.deliver(c, p, now), 0, true
		}
	}
	if c.due.IsZero() {
		return Delivery{}, 0, false
	}
	return Delivery{}, c.due.Sub(now), false
}

func (s *store) deliver(c *consumer, p *attempt, now time.Time) Delivery {
	p.n++
	c.schedule(p, now.Add(c.o.AckWait))
	s.meter.Delivered(p.n)
	s.meter.Retried(p.subject, p.event.ID, c.name, p.n)
	return NewDelivery(p.subject, p.event, p.sequence, p.n, &settlement{s, c, p.sequence})
}

// schedule sets when p is due.
func (c *consumer) schedule(p *attempt, due time.Time) {
	p.due = due
	if c.due.IsZero() || due.Before(c.due) {
		c.due = due
	}
}

// firstDue returns the due attempt with the lowest sequence, or nil, and then
// c.due is exact.
func (c *consumer) firstDue(now time.Time) *attempt {
	if c.due.IsZero() || now.Before(c.due) {
		return nil
	}
	var first *attempt
	c.due = time.Time{}
	for _, p := range c.pending {
		if !now.Before(p.due) && (first == nil || p.sequence < first.sequence) {
			first = p
		}
		if c.due.IsZero() || p.due.Before(c.due) {
			c.due = p.due
		}
	}
	return first
}

// A settlement settles one delivery of a Memory.
type settlement struct {
	store    *store
	consumer *consumer
	sequence uint64
}

// settle calls f with the attempt, if it is not settled yet.
func (a *settlement) settle(f func(*attempt)) error {
	a.store.mu.Lock()
	defer a.store.mu.Unlock()
	if a.store.closed {
		return ErrClosed
	}
	if p := a.consumer.pending[a.sequence]; p != nil {
		f(p)
	}
	return nil
}

func (a *settlement) Ack(context.Context) error {
	return a.settle(func(p *attempt) {
		full := len(a.consumer.pending) == a.consumer.o.Queue
		delete(a.consumer.pending, p.sequence)
		if full {
			a.store.wake()
		}
	})
}

func (a *settlement) Nack(_ context.Context, after time.Duration) error {
	return a.settle(func(p *attempt) {
		c := a.consumer
		if p.n >= c.o.MaxDeliver {
			a.store.bury(c, p, fmt.Sprintf("refused, attempt %d of %d", p.n, c.o.MaxDeliver))
			return
		}
		if after <= 0 {
			after = c.o.Wait(p.n)
		}
		c.schedule(p, time.Now().Add(after))
		a.store.wake()
	})
}

func (a *settlement) Term(_ context.Context, reason string) error {
	return a.settle(func(p *attempt) { a.store.bury(a.consumer, p, reason) })
}

func (a *settlement) InProgress(context.Context) error {
	return a.settle(func(p *attempt) { a.consumer.schedule(p, time.Now().Add(a.consumer.o.AckWait)) })
}

// A durableSub reads at a consumer's position, alone or with others.
type durableSub struct {
	store    *store
	consumer *consumer
	done     chan struct{}
	once     sync.Once
}

func (d *durableSub) Next(ctx context.Context) (Delivery, error) {
	for {
		d.store.mu.Lock()
		if d.ended() {
			d.store.mu.Unlock()
			return Delivery{}, ErrClosed
		}
		delivery, wait, ok := d.store.take(d.consumer, time.Now())
		changed := d.store.changed
		d.store.mu.Unlock()
		if ok {
			return delivery, nil
		}
		if err := d.wait(ctx, changed, wait); err != nil {
			return Delivery{}, err
		}
	}
}

func (d *durableSub) wait(ctx context.Context, changed <-chan struct{}, atMost time.Duration) error {
	var alarm <-chan time.Time
	if atMost > 0 {
		t := time.NewTimer(atMost)
		defer t.Stop()
		alarm = t.C
	}
	select {
	case <-changed:
	case <-alarm:
	case <-d.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (d *durableSub) ended() bool {
	select {
	case <-d.done:
		return true
	default:
		return d.store.closed
	}
}

func (d *durableSub) Dropped() Drops {
	d.store.mu.Lock()
	defer d.store.mu.Unlock()
	return maps.Clone(d.consumer.drops)
}

// Close leaves the position; one without a name goes with its last reader.
func (d *durableSub) Close() error {
	d.once.Do(func() {
		close(d.done)
		d.store.mu.Lock()
		defer d.store.mu.Unlock()
		c := d.consumer
		c.members--
		if c.members == 0 && c.o.Name == "" {
			delete(d.store.consumers, c.name)
		}
	})
	return nil
}
