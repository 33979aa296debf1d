package zmtp

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// First byte of a subscription in a message (RFC 29): ZMTP 3.0, XPUB and XSUB.
const (
	subOff = 0
	subOn  = 1
)

// A publisher is the pattern of PUB and XPUB.
type publisher struct {
	socket *Socket

	mu    sync.RWMutex
	peers []*peer // their topics are guarded by this lock, too
	all   topics  // of all peers
}

func (s *publisher) attach(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers = append(s.peers, p)
}

// detach takes back the peer's subscriptions; an XPUB is told of those that
// nobody has any more.
func (s *publisher) detach(p *peer) {
	s.mu.Lock()
	s.peers = slices.DeleteFunc(s.peers, func(q *peer) bool { return q == p })
	var items []item
	for topic := range p.topics.counts {
		if _, last := s.all.remove(topic); last && s.socket.kind == XPUB {
			items = append(items, item{subscription(subOff, topic), p})
		}
	}
	p.topics = topics{}
	s.mu.Unlock()
	if len(items) > 0 {
		// The peer's own part of the inbox has ended with it.
		s.socket.inbox.intake(nil).put(items, 0)
	}
}

func subscription(op byte, topic string) Message {
	return Message{append([]byte{op}, topic...)}
}

// arrive takes subscriptions in the form of messages.
func (s *publisher) arrive(p *peer, m Message) (Message, bool, error) {
	if len(m) == 1 && len(m[0]) > 0 && m[0][0] <= subOn {
		return s.subscribe(p, m[0][0] == subOn, m[0][1:])
	}
	return m, s.socket.kind == XPUB, nil // RFC 29: XPUB receives other messages as they are
}

func (s *publisher) subscribe(p *peer, add bool, data []byte) (Message, bool, error) {
	topic := string(data)
	if len(topic) > maxTopic {
		return nil, false, ErrTooLarge.With("topic of %d bytes, limit %d", len(topic), maxTopic)
	}
	s.mu.Lock()
	news, err := s.change(p, add, topic)
	s.mu.Unlock()
	if err != nil {
		return nil, false, err
	}
	what, op := Subscribed, byte(subOn)
	if !add {
		what, op = Unsubscribed, subOff
	}
	e := p.event(what, nil)
	e.Topic = topic
	s.socket.options.Monitor(e)
	return subscription(op, topic), s.socket.kind == XPUB && (news || s.socket.options.Verbose && add), nil
}

// change reports whether the topic is new to, or gone from, the whole socket.
func (s *publisher) change(p *peer, add bool, topic string) (news bool, err error) {
	if !add {
		if known, last := p.topics.remove(topic); !known || !last {
			return false, nil
		}
		_, last := s.all.remove(topic)
		return last, nil
	}
	if p.topics.len() >= maxTopics {
		return false, ErrLimit.With("%d subscriptions of one peer", maxTopics)
	}
	if !p.topics.add(topic) {
		return false, nil
	}
	return s.all.add(topic), nil
}

func (s *publisher) count(topic []byte) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, p := range s.peers {
		if p.topics.match(topic) {
			n++
		}
	}
	return n
}

// publish gives m to every peer that wants it. Nobody waits for another: those with
// room get it first, and only then the sender waits for the full ones, if that is
// the policy.
func (s *publisher) publish(ctx context.Context, m Message) (peers int, err error) {
	wire := s.socket.encode(m)
	defer s.socket.release(wire)
	var late []*peer
	s.mu.RLock()
	for _, p := range s.peers {
		if !p.topics.match(m[0]) {
			continue
		}
		r := p.out.push(*wire)
		if r == full && p.out.policy == Block {
			late = append(late, p)
			continue
		}
		if r == queued || r == replaced {
			peers++
		}
		p.pushed(r)
	}
	s.mu.RUnlock()
	for _, p := range late {
		one := p.insist(ctx, *wire)
		if one == nil {
			peers++
		}
		err = errors.Join(err, one)
	}
	return peers, err
}

func (s *publisher) send(ctx context.Context, m Message) error {
	_, err := s.publish(ctx, m)
	return err
}

// insist waits until the peer has room.
func (p *peer) insist(ctx context.Context, wire []byte) error {
	for {
		switch p.out.push(wire) {
		case gone:
			return ErrUnroutable.With("%s", p.where)
		case queued, replaced:
			return nil
		}
		if err := p.out.awaitRoom(ctx, len(wire)); err != nil {
			return ErrFull.Wrap(err, "%s", p.where)
		}
	}
}

func (s *publisher) receive(it item) (Message, bool) { return it.msg, true }

// A subscriber is the pattern of SUB and XSUB.
type subscriber struct {
	socket *Socket

	mu     sync.RWMutex
	peers  []*peer
	wanted topics
}

func (s *subscriber) attach(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers = append(s.peers, p)
	var wire []byte
	for _, topic := range s.wanted.sorted() {
		wire = p.appendSubscription(wire, true, topic)
	}
	p.out.command(wire, false)
}

func (s *subscriber) detach(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers = slices.DeleteFunc(s.peers, func(q *peer) bool { return q == p })
}

// want changes what is subscribed to.
func (s *subscriber) want(topic string, add bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket.ctx.Err() != nil {
		return ErrClosed
	}
	var news bool
	if add {
		news = s.wanted.add(topic)
	} else {
		_, news = s.wanted.remove(topic)
	}
	if news {
		for _, p := range s.peers {
			p.out.command(p.appendSubscription(nil, add, topic), false)
		}
	}
	return nil
}

// appendSubscription appends it in the form that the peer understands: a command
// since ZMTP 3.1, a message before.
func (p *peer) appendSubscription(dst []byte, add bool, topic string) []byte {
	name, op := cmdSubscribe, byte(subOn)
	if !add {
		name, op = cmdCancel, subOff
	}
	if p.minor >= 1 {
		return appendCommand(dst, name, []byte(topic))
	}
	return appendMessage(dst, subscription(op, topic))
}

// arrive drops what is not wanted: what was on its way when we unsubscribed.
func (s *subscriber) arrive(_ *peer, m Message) (Message, bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return m, s.wanted.match(m[0]), nil
}

func (s *subscriber) subscribe(*peer, bool, []byte) (Message, bool, error) { return nil, false, nil }

// send is XSUB's: subscriptions are remembered, other messages go to all peers.
func (s *subscriber) send(ctx context.Context, m Message) error {
	switch {
	case s.socket.kind == SUB:
		return ErrUsage.With("a SUB socket does not send")
	case len(m) == 1 && len(m[0]) > 0 && m[0][0] <= subOn:
		return s.socket.subscribe(string(m[0][1:]), m[0][0] == subOn)
	}
	wire := s.socket.encode(m)
	defer s.socket.release(wire)
	s.mu.RLock()
	peers := slices.Clone(s.peers)
	s.mu.RUnlock()
	var errs error
	for _, p := range peers {
		errs = errors.Join(errs, p.insist(ctx, *wire))
	}
	return errs
}

func (s *subscriber) receive(it item) (Message, bool) { return it.msg, true }
