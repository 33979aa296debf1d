package zmqbus

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// A subscription is a queue and what to look for.
type subscription struct {
	*bus.Queue
	bus    *Bus
	filter event.Filter
	group  string   // its topic as a member of a group; empty when in none
	topics []string // what it needs from the transport
	ready  string   // the topic that tells when it is live

	live    bool   // guarded by bus.mu, as what follows
	leaving bool   // the transport has been told
	since   uint64 // streams.news when it became live
}

func newTopic(kind string) string { return kind + strconv.FormatUint(rand.Uint64(), 36) }

// Subscribe implements [bus.Bus]. The policy block is unsupported, because
// publishers are elsewhere; groups need the forwarder of ONEX.
func (b *Bus) Subscribe(ctx context.Context, f event.Filter, o *bus.Options) (bus.Subscription, error) {
	s, err := b.subscribe(ctx, f, o)
	if err != nil {
		return nil, b.meter.Failed(err)
	}
	return s, nil
}

func (b *Bus) subscribe(ctx context.Context, f event.Filter, o *bus.Options) (*subscription, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	opts, err := o.Complete()
	if err != nil {
		return nil, err
	}
	if _, err := event.ParseFilter(string(f)); err != nil {
		return nil, err
	}
	if err := b.check(opts); err != nil {
		return nil, err
	}
	s := &subscription{
		Queue: bus.NewQueue(opts.Queue, opts.Policy, &b.meter).Named(f, opts), bus: b, filter: f,
		topics: prefixesOf(b.prefix, f), ready: newTopic(topicReady),
	}
	if opts.Group != "" {
		s.group = newTopic(topicGroup) + "." + opts.Group + "." + string(f)
		s.topics = []string{s.group}
	}
	if err := b.join(s); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if err := b.ready(ctx, s.ready); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// check refuses what this bus does not have.
func (b *Bus) check(o bus.Options) error {
	state := b.now()
	switch {
	case o.Class != bus.Ephemeral:
		return bus.ErrUnsupported.With("class %s: zmq stores nothing", o.Class)
	case o.Policy == bus.Block:
		return bus.ErrUnsupported.With("policy %s: the publisher is elsewhere", o.Policy)
	case !state.sub:
		return b.closedOr(b.unavailable(state))
	case o.Group != "" && !state.forwarder:
		return ErrForwarder.With("group %q at %s", o.Group, b.url)
	}
	return nil
}

func (b *Bus) closedOr(err error) error {
	if b.isClosed() {
		return bus.ErrClosed
	}
	return err
}

func (b *Bus) isClosed() bool {
	select {
	case <-b.done:
		return true
	default:
		return false
	}
}

// join puts s on the list and asks the transport for what it needs.
func (b *Bus) join(s *subscription) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return bus.ErrClosed
	}
	for i, topic := range s.topics {
		if err := b.sub.Subscribe(topic); err != nil {
			s.topics = s.topics[:i]
			b.release(s)
			return coded(err, "%s", s.filter)
		}
		b.wanted[topic]++
	}
	b.subs = append(b.subs, s)
	s.since = b.streams.news
	return nil
}

// release gives back what s needed from the transport.
func (b *Bus) release(s *subscription) {
	for _, topic := range s.topics {
		_ = b.sub.Unsubscribe(topic) // fails only when closed
		if b.wanted[topic]--; b.wanted[topic] == 0 {
			delete(b.wanted, topic)
		}
	}
	b.streams.forget(b.covered)
}

// covered reports whether somebody subscribed to the topic.
func (b *Bus) covered(topic string) bool {
	for prefix := range b.wanted {
		if strings.HasPrefix(topic, prefix) {
			return true
		}
	}
	return false
}

// leaveTimeout bounds the wait for the forwarder when a member of a group leaves.
const leaveTimeout = time.Second

// Close implements [bus.Subscription]. A member of a group stays until the
// forwarder gives it no further share: what is given to one that has left would
// be lost.
func (s *subscription) Close() error {
	b := s.bus
	b.mu.Lock()
	joined := slices.Contains(b.subs, s) && !s.leaving
	if joined {
		s.leaving = true
		b.release(s)
	}
	b.mu.Unlock()
	if joined && s.group != "" {
		ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
		defer cancel()
		_ = b.ready(ctx, newTopic(topicReady)) // fails with the connection, which ends all shares
	}
	b.mu.Lock()
	if i := slices.Index(b.subs, s); i >= 0 {
		b.subs = slices.Delete(b.subs, i, i+1)
	}
	b.mu.Unlock()
	return s.Queue.Close()
}

// receive takes messages until Close.
func (b *Bus) receive() {
	for {
		m, err := b.sub.Receive(context.Background()) // ends by Close
		if err != nil {
			return
		}
		b.take(m)
	}
}

// take deals with one message. It is [topic][header][event] from one of us,
// [topic][event] from a foreign program, and has the member's topic in front
// when it is one's share of a group's.
func (b *Bus) take(m zmtp.Message) {
	topic := string(m[0])
	switch {
	case strings.HasPrefix(topic, topicGroup) && len(m) > 1:
		b.deliver(topic, string(m[1]), m[len(m)-1], header{})
	case strings.HasPrefix(topic, reserved):
		b.answered(topic, string(m[len(m)-1]))
	case len(m) == 2:
		b.deliver("", topic, m[1], header{})
	case len(m) >= 3:
		h, err := parseHeader(m[1])
		if err != nil {
			b.malformed("", topic)
			return
		}
		b.deliver("", topic, m[2], h)
	default:
		b.malformed("", topic)
	}
}

// deliver gives an event to the subscriptions that want it: those of no group, or
// the one whose share it is.
func (b *Bus) deliver(group, topic string, body []byte, h header) {
	subject, err := subjectOf(b.prefix, topic)
	if err != nil {
		b.malformed(group, topic)
		return
	}
	if h.sequence > 0 && b.gap(topic, subject, h) {
		return
	}
	to := b.matching(group, subject)
	if len(to) == 0 {
		return
	}
	e, err := event.Decode(body)
	if err == nil && e.Kind() != subject.Kind() {
		err = bus.ErrMismatch
	}
	if err != nil {
		b.malformed(group, topic)
		return
	}
	for _, s := range to {
		// The policies that are left never wait and never fail but on a closed queue.
		_ = s.Push(context.Background(), bus.Delivery{Subject: subject, Event: e, Attempt: 1, Class: bus.Ephemeral})
	}
}

// matching returns the live subscriptions that want a subject.
func (b *Bus) matching(group string, subject event.Subject) []*subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	var to []*subscription
	for _, s := range b.subs {
		if s.live && s.group == group && s.filter.Match(subject) {
			to = append(to, s)
		}
	}
	return to
}

// gap counts what is missing before an event as dropped by the transport, for
// those who would have got it. It reports whether the event itself came before.
func (b *Bus) gap(topic string, subject event.Subject, h header) (late bool) {
	b.mu.Lock()
	missing, since, late := b.streams.see(topic, h)
	var lost []*subscription
	if missing > 0 {
		for _, s := range b.subs {
			if s.live && s.group == "" && s.since <= since && s.filter.Match(subject) {
				lost = append(lost, s)
			}
		}
	}
	b.mu.Unlock()
	for _, s := range lost {
		s.Drop(bus.DroppedTransport, missing)
	}
	if len(lost) > 0 {
		b.log.Warn("bus: events lost on the way", "backend", "zmq", "subject", subject, "count", missing)
	}
	return late
}

// malformed counts a message that is no event, for those who would have got it.
func (b *Bus) malformed(group, topic string) {
	b.meter.Failed(bus.ErrMalformed.With("%q", topic))
	subject, err := subjectOf(b.prefix, topic)
	if err != nil {
		return
	}
	for _, s := range b.matching(group, subject) {
		s.Drop(bus.DroppedMalformed, 1)
	}
}
