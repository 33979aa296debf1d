package natsbus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

const (
	// window is how many deliveries are fetched ahead. It hides the round trip;
	// more would only age in our hands.
	window = 256

	// sharedWindow is window for a position that others read at, too: what one
	// of them has fetched the others cannot have.
	sharedWindow = 16

	// pullFor and pullBeat bound how long a pull that the server has forgotten
	// goes unnoticed: two beats. JetStream consumers have been seen to stand
	// still for 30 s with events waiting, with the client's defaults.
	pullFor  = 10 * time.Second
	pullBeat = time.Second

	// pullPause is the pause after a pull that failed, while disconnected.
	pullPause = 100 * time.Millisecond

	// lookEvery is how often a position is asked for its floor: what came after
	// it is delivered twice when the position must be made again.
	lookEvery = 10 * time.Second

	// abandoned is how long the server keeps a position without a Name that
	// nobody reads at: longer than any reconnection.
	abandoned = 5 * time.Minute

	// giveBack is how long a dead letter that could not be written waits.
	giveBack = time.Second
)

// A durableSub is a durable subscription. One goroutine pulls ahead of Next.
type durableSub struct {
	bus *Bus
	position
	name    string // for dead letters
	delete  bool   // the position ends with us
	o       bus.Options
	window  int
	cancel  context.CancelFunc // ends the goroutine
	done    chan struct{}      // closed when it has ended
	closing sync.Once
	ready   chan struct{} // a token: there may be something to take
	room    chan struct{} // a token: something was taken

	mu       sync.Mutex
	fetched  []jetstream.Msg
	lastSign time.Time // when somebody last took or settled a delivery
	closed   bool
	drops    bus.Drops
}

func (b *Bus) subscribeDurable(ctx context.Context, f event.Filter, o bus.Options) (bus.Subscription, error) {
	if b.js == nil {
		return nil, bus.ErrUnsupported.With("class %s: the server has no JetStream", o.Class)
	}
	s := &durableSub{
		bus: b, o: o, delete: o.Name == "" && o.Group == "", window: min(window, o.Queue),
		done: make(chan struct{}), ready: make(chan struct{}, 1), room: make(chan struct{}, 1),
		lastSign: time.Now(), drops: bus.Drops{},
	}
	switch {
	case o.MaxDeliver == 1:
		s.window = 1
	case !s.delete:
		s.window = min(s.window, sharedWindow)
	}
	if err := s.open(ctx, f); err != nil {
		return nil, err
	}
	ctx, s.cancel = context.WithCancel(context.Background())
	go s.pull(ctx)
	return s, b.add(s)
}

// pull keeps the window filled until ctx ends. Each pull stands alone, so that
// none can wait for an answer to another.
func (s *durableSub) pull(ctx context.Context) {
	defer close(s.done)
	for s.awaitRoom(ctx) && s.bus.awaitConnection(ctx) {
		before := s.bus.nc.Stats().Reconnects
		err := s.pullOnce(ctx)
		failed := err != nil && ctx.Err() == nil && !isAny(err, context.DeadlineExceeded, jetstream.ErrNoMessages)
		if failed {
			if s.bus.nc.IsConnected() && s.bus.nc.Stats().Reconnects == before { // else it shows as a reconnection
				s.bus.meter.Failed(err)
			}
			pauseFor(ctx, pullPause)
		}
		if failed || time.Since(s.looked) > lookEvery {
			s.look(ctx)
		}
	}
}

func (s *durableSub) pullOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pullFor)
	defer cancel()
	batch, err := s.consumer.Fetch(s.missing(), jetstream.FetchContext(ctx), jetstream.FetchHeartbeat(pullBeat))
	if err != nil {
		return err
	}
	return s.collect(batch)
}

func (s *durableSub) collect(batch jetstream.MessageBatch) error {
	alarm := time.NewTicker(s.renewal())
	defer alarm.Stop()
	for {
		select {
		case m, ok := <-batch.Messages():
			if !ok {
				return batch.Error()
			}
			s.mu.Lock()
			s.fetched = append(s.fetched, m)
			s.mu.Unlock()
			signal(s.ready)
		case <-alarm.C:
			s.renew()
		}
	}
}

// awaitRoom waits until half of the window has been taken. It reports false when
// ctx has ended.
func (s *durableSub) awaitRoom(ctx context.Context) bool {
	alarm := time.NewTicker(s.renewal())
	defer alarm.Stop()
	for s.missing() <= s.window/2 && s.missing() < s.window {
		select {
		case <-s.room:
		case <-alarm.C:
			s.renew()
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}

func (s *durableSub) missing() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(0, s.window-len(s.fetched))
}

func (s *durableSub) renewal() time.Duration { return max(s.o.AckWait/3, time.Millisecond) }

// renew keeps what waits in our hands from being delivered again, as long as
// somebody takes from it: waiting behind others is not a failure.
func (s *durableSub) renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.lastSign) > s.o.AckWait {
		return
	}
	for _, m := range s.fetched {
		_ = m.InProgress() // at worst it comes again
	}
}

// Next implements [bus.Subscription].
func (s *durableSub) Next(ctx context.Context) (bus.Delivery, error) {
	for {
		m, more, err := s.take()
		if err != nil {
			return bus.Delivery{}, err
		}
		if more {
			signal(s.ready)
		}
		if m != nil {
			if d, ok := s.deliver(ctx, m); ok {
				return d, nil
			}
			continue
		}
		select {
		case <-s.ready:
		case <-s.done:
		case <-ctx.Done():
			return bus.Delivery{}, ctx.Err()
		}
	}
}

func (s *durableSub) take() (m jetstream.Msg, more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false, bus.ErrClosed
	}
	s.lastSign = time.Now()
	if len(s.fetched) == 0 {
		return nil, false, nil
	}
	m, s.fetched[0] = s.fetched[0], nil
	s.fetched = s.fetched[1:]
	signal(s.room)
	return m, len(s.fetched) > 0, nil
}

// deliver makes a delivery of m, unless it is not one any more.
func (s *durableSub) deliver(ctx context.Context, m jetstream.Msg) (bus.Delivery, bool) {
	meta, err := m.Metadata()
	if err != nil {
		s.bus.meter.Failed(err)
		return bus.Delivery{}, false
	}
	a := &acker{sub: s, msg: m, sequence: meta.Sequence.Stream, attempt: int(meta.NumDelivered)}
	e, err := event.Decode(m.Data())
	if err != nil {
		s.drop(bus.DroppedMalformed)
		s.bus.meter.Failed(m.TermWithReason(err.Error()))
		return bus.Delivery{}, false
	}
	a.id = e.ID
	if a.attempt > s.o.MaxDeliver {
		a.attempt = s.o.MaxDeliver
		s.bus.meter.Failed(a.bury(ctx, fmt.Sprintf("not acknowledged in %v, attempt %d of %d", s.o.AckWait, a.attempt, s.o.MaxDeliver)))
		return bus.Delivery{}, false
	}
	subject := s.bus.subject(m.Subject())
	s.bus.meter.Delivered(a.attempt)
	s.bus.meter.Retried(subject, e.ID, s.name, a.attempt)
	return bus.NewDelivery(subject, e, a.sequence, a.attempt, a), true
}

func (s *durableSub) drop(r bus.Reason) {
	s.mu.Lock()
	s.drops[r]++
	s.mu.Unlock()
	s.bus.meter.Dropped(r, 1)
}

// Dropped implements [bus.Subscription].
func (s *durableSub) Dropped() bus.Drops {
	s.mu.Lock()
	defer s.mu.Unlock()
	drops := bus.Drops{}
	for r, n := range s.drops {
		drops[r] = n
	}
	return drops
}

func (s *durableSub) depth() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.fetched)
}

func (s *durableSub) account() {}

// Close implements [bus.Subscription]. What was fetched and not taken is given
// back; a position of our own is deleted.
func (s *durableSub) Close() error {
	s.closing.Do(s.close)
	return nil
}

func (s *durableSub) close() {
	s.bus.remove(s)
	s.cancel()
	<-s.done
	s.mu.Lock()
	s.closed = true
	fetched := s.fetched
	s.fetched = nil
	s.mu.Unlock()
	for _, m := range fetched {
		_ = m.Nak() // else it comes again after AckWait
	}
	if s.bus.nc.IsConnected() {
		// The last pull ends its subscription a moment after it says that it has ended. What
		// the server handed to it after that would come again after AckWait only.
		_ = s.bus.nc.FlushTimeout(askTimeout)
	}
	if s.delete && s.bus.nc.IsConnected() {
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
		defer cancel()
		// One that cannot be deleted now ends by itself.
		_ = s.bus.js.DeleteConsumer(ctx, s.bus.streamName(), s.consumer.CachedInfo().Name)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func pauseFor(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
