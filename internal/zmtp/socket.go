package zmtp

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A Message is one or more frames.
type Message [][]byte

// A Socket is one end of any number of connections, of one [Type]. All its
// methods may be called from any goroutine at any time.
type Socket struct {
	kind    Type
	options *Options
	pattern pattern
	inbox   *inbox
	spare   *sync.Pool // of *chunk
	wires   sync.Pool  // of *[]byte: messages in their wire form
	tasks   sync.WaitGroup
	ctx     context.Context // ended by Close: of everything that the socket started
	cancel  context.CancelFunc

	mu        sync.Mutex
	closed    bool
	peers     map[*peer]struct{}
	listeners map[string]*listener
	links     map[string]*link
}

// A pattern is what makes a type of socket: whom messages go to, and which
// ones are taken.
type pattern interface {
	// attach and detach tell of a connection before its first and after its last
	// message.
	attach(*peer)
	detach(*peer)
	// arrive looks at a message, on the peer's goroutine, and returns what is to
	// be received of it, if anything.
	arrive(*peer, Message) (Message, bool, error)
	// subscribe deals with a subscription command in the same way.
	subscribe(p *peer, add bool, topic []byte) (Message, bool, error)
	// send sends m.
	send(context.Context, Message) error
	// receive returns what the application gets of an item, on its goroutine.
	receive(item) (Message, bool)
}

// New returns a socket without connections. Close it.
func New(t Type, o *Options) (*Socket, error) {
	options, err := o.complete(t)
	if err != nil {
		return nil, err
	}
	s := &Socket{
		kind: t, options: options,
		inbox: newInbox(options.ReceiveQueue, options.ReceiveBytes),
		spare: &sync.Pool{New: func() any { return new(chunk) }},
		peers: map[*peer]struct{}{}, listeners: map[string]*listener{}, links: map[string]*link{},
	}
	if s.pattern = newPattern(s); s.pattern == nil {
		return nil, ErrUsage.With("type %q", t)
	}
	s.wires.New = func() any { return new([]byte) }
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

func newPattern(s *Socket) pattern {
	switch s.kind {
	case PUB, XPUB:
		return &publisher{socket: s}
	case SUB, XSUB:
		return &subscriber{socket: s}
	case DEALER:
		return &dealer{socket: s}
	case ROUTER:
		return &router{socket: s, byID: map[string]*peer{}}
	case REQ:
		return &requester{dealer: dealer{socket: s}}
	case REP:
		return &replier{socket: s}
	}
	return nil
}

// Type returns the type of the socket.
func (s *Socket) Type() Type { return s.kind }

// Send sends m, which may be changed afterwards. PUB and XPUB send it to every
// peer that subscribed to a prefix of the first frame, and to nobody when there
// is none; what then happens when a peer's queue is full is the policy's
// decision. The other types wait for a peer with room until ctx ends.
func (s *Socket) Send(ctx context.Context, m Message) error {
	switch {
	case len(m) == 0:
		return ErrUsage.With("a message without frames")
	case s.ctx.Err() != nil:
		return ErrClosed
	}
	return s.pattern.send(ctx, m)
}

// Publish is Send for PUB and XPUB, and returns how many peers' queues took m.
// Errors speak of peers that did not, under the policy [Block].
func (s *Socket) Publish(ctx context.Context, m Message) (peers int, err error) {
	p, ok := s.pattern.(*publisher)
	switch {
	case !ok:
		return 0, ErrUsage.With("a %s socket does not publish", s.kind)
	case len(m) == 0:
		return 0, ErrUsage.With("a message without frames")
	case s.ctx.Err() != nil:
		return 0, ErrClosed
	}
	return p.publish(ctx, m)
}

// Receive waits for the next message. Its memory is the caller's; small messages
// share blocks of 128 KiB, so that who keeps one of many copies it. After
// Close it returns what is left, and then [ErrClosed].
func (s *Socket) Receive(ctx context.Context) (Message, error) {
	for {
		it, err := s.inbox.next(ctx)
		if err != nil {
			return nil, err
		}
		if m, ok := s.pattern.receive(it); ok {
			return m, nil
		}
	}
}

// Subscribe asks all present and future peers of a SUB or XSUB socket for
// messages whose first frame begins with topic. Subscriptions are counted.
func (s *Socket) Subscribe(topic string) error { return s.subscribe(topic, true) }

// Unsubscribe undoes one Subscribe.
func (s *Socket) Unsubscribe(topic string) error { return s.subscribe(topic, false) }

func (s *Socket) subscribe(topic string, add bool) error {
	sub, ok := s.pattern.(*subscriber)
	if !ok {
		return ErrUsage.With("a %s socket does not subscribe", s.kind)
	}
	if len(topic) > maxTopic {
		return ErrTooLarge.With("topic of %d bytes, limit %d", len(topic), maxTopic)
	}
	return sub.want(topic, add)
}

// Subscribers returns how many peers of a PUB or XPUB socket want messages that
// begin with topic.
func (s *Socket) Subscribers(topic string) int {
	if p, ok := s.pattern.(*publisher); ok {
		return p.count([]byte(topic))
	}
	return 0
}

// Peers returns how many connections there are.
func (s *Socket) Peers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.peers)
}

// A Depth says what waits in a socket's queues.
type Depth struct {
	Out, OutBytes int    // to be sent
	In            int    // to be received
	Dropped       uint64 // for the peers that are connected now
}

// Depth returns what waits.
func (s *Socket) Depth() Depth {
	d := Depth{In: s.inbox.depth()}
	for _, p := range s.all() {
		messages, bytes := p.out.waiting()
		d.Out += messages
		d.OutBytes += bytes
		d.Dropped += p.out.drops()
	}
	return d
}

func (s *Socket) all() []*peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*peer, 0, len(s.peers))
	for p := range s.peers {
		list = append(list, p)
	}
	return list
}

// Close ends the socket: no further connections, then what is queued is sent for
// at most Options.Linger or until ctx ends, then all connections end. Messages
// that could not be sent are lost; the error says how many. It is idempotent.
func (s *Socket) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.tasks.Wait()
		return nil
	}
	s.closed = true
	listeners, links := s.listeners, s.links
	s.mu.Unlock()
	for _, l := range listeners {
		l.close()
	}
	for _, l := range links {
		l.cancel() // no reconnection; what is connected stays for now
	}
	left := s.drain(ctx)
	s.cancel()
	s.inbox.close()
	s.tasks.Wait()
	if left > 0 {
		return ErrLinger.With("%d messages", left)
	}
	return nil
}

// drain ends all connections, each when its queue is empty or time is up.
func (s *Socket) drain(ctx context.Context) int {
	ctx, cancel := context.WithTimeout(ctx, max(s.options.Linger, 0))
	defer cancel()
	peers := s.all()
	left := make([]int, len(peers))
	var tasks sync.WaitGroup
	for i, p := range peers {
		tasks.Go(func() { left[i] = p.drain(ctx.Done()) })
	}
	tasks.Wait()
	total := 0
	for _, n := range left {
		total += n
	}
	return total
}

// attach counts a connection whose handshake is done, if there is room for it.
func (s *Socket) attach(p *peer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if len(s.peers) >= s.options.Peers {
		return ErrLimit.With("%d connections", len(s.peers))
	}
	s.peers[p] = struct{}{}
	return nil
}

// run serves p until its connection ends, and returns why it did.
func (s *Socket) run(p *peer) error {
	if err := s.attach(p); err != nil {
		_ = p.conn.Close()
		s.options.Monitor(p.event(Refused, err))
		return err
	}
	s.pattern.attach(p)
	s.options.Monitor(p.event(Connected, nil))
	p.serve()
	s.pattern.detach(p)
	s.mu.Lock()
	delete(s.peers, p)
	s.mu.Unlock()
	return p.reason()
}

// party returns what the socket says of itself to a peer, if they fit.
func (s *Socket) party() party {
	return party{kind: s.kind, identity: s.options.Identity, extra: s.options.Metadata}
}

// meet answers a peer, if it is one of a kind that we can talk to.
func (s *Socket) meet(p party) (party, error) {
	if !compatible(s.kind, p.kind) {
		return party{}, ErrHandshake.With("the peer is %q, we are %q", p.kind, s.kind)
	}
	return s.party(), nil
}

// encode returns m in its wire form in a buffer to be given back.
func (s *Socket) encode(m Message) *[]byte {
	w := s.wires.Get().(*[]byte)
	*w = appendMessage((*w)[:0], m)
	return w
}

func (s *Socket) release(w *[]byte) {
	if cap(*w) <= 2*chunkSize {
		s.wires.Put(w)
	}
}

// choose returns the socket that a peer of this kind wants to talk to.
func choose(sockets []*Socket, p party) (*Socket, error) {
	if i := slices.IndexFunc(sockets, func(s *Socket) bool { return compatible(s.kind, p.kind) }); i >= 0 {
		return sockets[i], nil
	}
	return nil, ErrHandshake.With("the peer is %q, for which there is no socket here", p.kind)
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
