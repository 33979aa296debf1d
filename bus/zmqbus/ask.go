package zmqbus

import (
	"context"
	"strconv"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// Bodies of messages on readiness topics.
const (
	readyEcho = "ready" // from the peer: it has all subscriptions before this one
	readyLoop = "loop"  // from ourselves: what we published before has come back
)

const (
	// unconfirmedWait is how long a foreign peer gets for the echo when it may be
	// missing.
	unconfirmedWait = 100 * time.Millisecond
)

// ask subscribes to a topic that is a question. Answers come on the channel,
// in order; end must be called.
func (b *Bus) ask(topic string) (answers <-chan string, end func(), err error) {
	c := make(chan string, 2) // an echo and a loop
	b.mu.Lock()
	b.questions[topic] = c
	b.mu.Unlock()
	end = func() {
		b.mu.Lock()
		delete(b.questions, topic)
		b.mu.Unlock()
		_ = b.sub.Unsubscribe(topic) // fails only when closed
	}
	if err := b.sub.Subscribe(topic); err != nil {
		end()
		return nil, nil, coded(err, "%q", topic)
	}
	return c, end, nil
}

// answered takes a message on a reserved topic.
func (b *Bus) answered(topic, body string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if body == readyLoop {
		for _, s := range b.subs {
			if s.ready == topic {
				s.live = true // what is received from now on was published after
			}
		}
	}
	select {
	case b.questions[topic] <- body:
	default: // nobody asks any more, or it was answered
	}
}

// ready waits until the peer has all subscriptions made before, and, with
// a forwarder, until everything that we published before has come back.
func (b *Bus) ready(ctx context.Context, topic string) error {
	answers, end, err := b.ask(topic)
	if err != nil {
		return err
	}
	defer end()
	if err := b.hear(ctx, answers); err != nil {
		return err
	}
	if !b.now().forwarder {
		b.answered(topic, readyLoop)
		return nil
	}
	if err := b.loop(ctx, topic); err != nil {
		return err
	}
	return b.hear(ctx, answers)
}

// loop sends ourselves a message, behind everything that we published.
func (b *Bus) loop(ctx context.Context, topic string) error {
	for {
		if err := b.until(ctx, b.usable); err != nil {
			return err
		}
		n, err := b.pub.Publish(ctx, zmtp.Message{[]byte(topic), []byte(readyLoop)})
		if err != nil || n > 0 {
			return coded(err, "%s", b.url)
		}
	}
}

// hear waits for one answer. A foreign peer may be unable to give it.
func (b *Bus) hear(ctx context.Context, answers <-chan string) error {
	var enough <-chan time.Time
	if s := b.now(); b.unconfirmed && !s.forwarder {
		timer := time.NewTimer(unconfirmedWait)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-answers:
		return nil
	case <-enough:
		return nil
	case <-b.done:
		return bus.ErrClosed
	case <-ctx.Done():
		return ErrNotReady.Wrap(ctx.Err(), "%s", b.url)
	}
}

// WaitForSubscribers is bus.WaitForSubscribers.
func (b *Bus) WaitForSubscribers(ctx context.Context, s event.Subject, n int) error {
	return bus.WaitForSubscribers(ctx, b, s, n)
}

// count returns how many connections want a topic.
func (b *Bus) count(ctx context.Context, topic string) (int, error) {
	switch state := b.now(); {
	case !state.forwarder && state.sub && !state.pub:
		return 0, bus.ErrUnsupported.With("%s is a foreign publisher, which takes no events", b.url)
	case !state.forwarder:
		return b.pub.Subscribers(topic), nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answers, end, err := b.ask(newTopic(topicCount) + "." + topic)
	if err != nil {
		return 0, err
	}
	defer end()
	select {
	case text := <-answers:
		return strconv.Atoi(text)
	case <-b.done:
		return 0, bus.ErrClosed
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// wonder asks the forwarder, in the background and once for each subject, whether
// anybody listens: a publisher behind it would otherwise never know that it
// speaks to nobody.
func (b *Bus) wonder(s event.Subject, topic string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	select {
	case b.wonders <- struct{}{}:
	default:
		return
	}
	b.tasks.Go(func() {
		defer func() { <-b.wonders }()
		if n, err := b.count(context.Background(), topic); err == nil && n == 0 { // ends by Close
			b.meter.Unheard(s)
			b.log.Info("bus: nobody listens", "backend", "zmq", "subject", s)
		}
	})
}
