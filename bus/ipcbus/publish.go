package ipcbus

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// cancelGrace bounds the wait for the hub's last word on a publication that was
// given up.
const cancelGrace = time.Second

// A target is a subject, checked, and what the hub said about it last.
type target struct {
	bus.Target
	interest atomic.Pointer[interest]
}

// interest is who wants a subject, as of an epoch.
type interest struct {
	epoch uint64
	count int
	wait  bool // a subscriber blocks: each event must be confirmed
}

// Publish implements [bus.Bus]. An event of a durable kind is in the hub's ring
// when it returns, and the receipt's Sequence is its number there. Another
// is on its way; Subscribers is then what the hub said last, which is exact except
// while subscriptions come and go.
func (b *Bus) Publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	r, err := b.publish(ctx, s, e)
	if err == nil && !r.Duplicate {
		b.meter.Published(e)
		if r.Subscribers == 0 && r.Sequence == 0 {
			b.meter.Unheard(s)
		}
	}
	return r, b.meter.SendFailed(s, err)
}

func (b *Bus) publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return bus.Receipt{}, err
	}
	t, err := b.target(s)
	if err != nil {
		return bus.Receipt{}, err
	}
	buf := b.buffers.Get().(*[]byte)
	defer b.buffers.Put(buf)
	text, err := t.Encode((*buf)[:0], e)
	if err != nil {
		return bus.Receipt{}, err
	}
	if cap(text) <= maxKeptBuffer {
		*buf = text
	}
	var fl flags
	if b.o.CompressAbove > 0 && len(text) > b.o.CompressAbove {
		text, fl = encoder().EncodeAll(text, nil), flagZstd
	}
	p := &post{id: e.ID, attempt: 1, subject: s, text: text}
	known := t.interest.Load()
	if t.Class == bus.Ephemeral && known != nil && !known.wait && known.epoch == b.epoch.Load() {
		_, _, err := b.post(ctx, 0, fl, p)
		return bus.Receipt{Class: bus.Ephemeral, Subscribers: known.count}, err
	}
	if t.Class == bus.Durable {
		fl |= flagRetained
	}
	return b.publishConfirmed(ctx, t, fl, p)
}

// target returns what is known of s.
func (b *Bus) target(s event.Subject) (*target, error) {
	b.mu.RLock()
	t, closed := b.targets[s], b.closed
	b.mu.RUnlock()
	if closed {
		return nil, bus.ErrClosed
	}
	if t != nil {
		return t, nil
	}
	parsed, err := bus.ParseTarget(s)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.targets) >= maxTargets {
		clear(b.targets)
	}
	t = &target{Target: parsed}
	b.targets[s] = t
	return t, nil
}

// post adds p to what goes to the hub, and returns over which link, and what
// waits for the answer when ref is not 0. While there is no room it waits.
func (b *Bus) post(ctx context.Context, ref uint64, fl flags, p *post) (l *link, r *request, err error) {
	for {
		if l, err = b.connected(ctx); err != nil {
			return nil, nil, err
		}
		if ref != 0 {
			if r, err = l.expect(ref); err != nil {
				continue // the link has just ended
			}
		}
		err = l.out.addPost(fl, ref, p)
		if errors.Is(err, errFull) {
			began := time.Now()
			err := l.out.await(ctx)
			b.meter.Waited(p.subject, 0, time.Since(began))
			if ctx.Err() != nil {
				return nil, nil, bus.ErrUnavailable.Wrap(err, "the hub does not keep up")
			}
			continue
		}
		if err != nil {
			continue
		}
		if ref != 0 {
			l.out.flush()
		} else {
			l.out.flushSoon()
		}
		return l, r, nil
	}
}

// publishConfirmed waits for what the hub says.
func (b *Bus) publishConfirmed(ctx context.Context, t *target, fl flags, p *post) (bus.Receipt, error) {
	epoch, ref := b.epoch.Load(), b.refs.Add(1)
	l, r, err := b.post(ctx, ref, fl|flagConfirm, p)
	if err != nil {
		return bus.Receipt{}, err
	}
	defer l.forget(ref)
	began := time.Now()
	f, err := b.verdict(ctx, l, r, ref)
	if errors.Is(err, bus.ErrQueueFull) {
		b.meter.Waited(t.Subject, 0, time.Since(began))
	}
	if err != nil {
		return bus.Receipt{}, err
	}
	var count, sequence, waited, limit uint64
	f.body, err = takeNumbers(f, &count, &sequence)
	if err != nil {
		return bus.Receipt{}, err
	}
	if _, err := takeNumbers(f, &waited, &limit); err == nil {
		b.meter.Waited(t.Subject, int(limit), time.Duration(waited))
	}
	receipt := bus.Receipt{
		Class: bus.Ephemeral, Sequence: sequence,
		Duplicate: f.flags&flagDuplicate != 0, Subscribers: int(count),
	}
	if !receipt.Duplicate {
		t.interest.Store(&interest{epoch, int(count), f.flags&flagWait != 0})
	}
	return receipt, nil
}

// verdict waits for the ACK or NACK of a publication. When ctx ends, the hub is
// asked for its last word, so that the outcome is known.
func (b *Bus) verdict(ctx context.Context, l *link, r *request, ref uint64) (frame, error) {
	select {
	case f := <-r.reply:
		return f, refusal(f)
	case <-l.ended:
		return b.orphan(l, r)
	case <-ctx.Done():
	}
	if l.out.send(frame{kind: kindCancel, ref: ref}) == nil {
		select {
		case f := <-r.reply:
			return f, refusal(f)
		case <-l.ended:
		case <-time.After(cancelGrace):
		}
	}
	return frame{}, ErrUnknown.Wrap(ctx.Err(), "publication %d", ref)
}

// orphan is the verdict when the link has ended.
func (b *Bus) orphan(l *link, r *request) (frame, error) {
	select {
	case f := <-r.reply: // it came before the end
		return f, refusal(f)
	default:
	}
	if b.isClosed() {
		return frame{}, bus.ErrClosed
	}
	return frame{}, ErrUnknown.Wrap(l.cause(), "connection lost")
}

// WaitForSubscribers waits until an event published on s would be handed to at
// least n live subscriptions; each group counts as one.
func (b *Bus) WaitForSubscribers(ctx context.Context, s event.Subject, n int) error {
	if _, err := b.target(s); err != nil {
		return b.meter.Failed(err)
	}
	for {
		b.mu.RLock()
		changed := b.changed
		b.mu.RUnlock()
		have, err := b.countSubscribers(ctx, s)
		if err == nil && have >= n {
			return nil
		}
		if errors.Is(err, bus.ErrClosed) || ctx.Err() != nil {
			return b.meter.Failed(errors.Join(err, ctx.Err()))
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return b.meter.Failed(ErrNobody.Wrap(ctx.Err(), "%s has %d subscriptions, not %d", s, have, n))
		}
	}
}

func (b *Bus) countSubscribers(ctx context.Context, s event.Subject) (int, error) {
	l, err := b.connected(ctx)
	if err != nil {
		return 0, err
	}
	f, _, err := l.ask(ctx, frame{kind: kindCount, ref: b.refs.Add(1), body: []byte(s)})
	if err != nil {
		return 0, err
	}
	var n uint64
	_, err = takeNumbers(f, &n)
	return int(n), err
}
