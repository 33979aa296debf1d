package zmqbus

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// What a forwarder says of itself when it shakes hands. Names of properties
// travel in any case and are kept in lower case.
const (
	propRole      = "X-Onex-Role"
	roleForwarder = "forwarder"
)

func isForwarder(e zmtp.Event) bool { return e.Metadata[strings.ToLower(propRole)] == roleForwarder }

// A Forwarder is the place where publishers and subscribers meet: one address,
// to which all connect. Foreign PUB, XPUB, SUB and XSUB sockets are welcome.
// Publishers and subscribers are told apart by the type of their socket.
type Forwarder struct {
	url     string
	options Options
	prefix  string
	in, out *zmtp.Socket
	log     *slog.Logger
	passing sync.WaitGroup // forward
	tasks   sync.WaitGroup
	passed  atomic.Uint64
	dropped atomic.Uint64
	refused atomic.Uint64

	mu      sync.Mutex
	members map[string]*member // by topic
	groups  []*group
}

// A group is the members of one name.
type group struct {
	name    string
	members []*member
	turn    int
}

// A member is one subscription of a group.
type member struct {
	topic  string // on which it gets its share
	group  string
	filter event.Filter
}

// Forward binds the address of o and forwards until Close. The address must be
// free; a socket file that nobody listens on is replaced.
func Forward(ctx context.Context, o Options) (*Forwarder, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	where, err := o.endpoint()
	if err != nil {
		return nil, err
	}
	security, err := o.Credentials.server()
	if err != nil {
		return nil, err
	}
	f := &Forwarder{prefix: o.Prefix, options: o, log: o.Log, members: map[string]*member{}}
	if err := f.open(o, security); err != nil {
		return nil, err
	}
	at, err := zmtp.Bind(ctx, where, f.in, f.out)
	if err != nil {
		_ = f.Close(ctx)
		return nil, coded(err, "%s", o.URL)
	}
	f.url = "zmq+" + at
	f.passing.Go(f.forward)
	f.tasks.Go(f.answer)
	return f, nil
}

func (f *Forwarder) open(o Options, security zmtp.Mechanism) (err error) {
	in, out := o.socket(security, zmtp.Block, f.monitor), o.socket(security, o.Policy, f.monitor)
	in.Metadata = map[string]string{propRole: roleForwarder}
	out.Metadata = in.Metadata
	if f.in, err = zmtp.New(zmtp.XSUB, in); err != nil {
		return err
	}
	if f.out, err = zmtp.New(zmtp.XPUB, out); err != nil {
		return err
	}
	// Everything is taken from publishers, so that a subscription is live as
	// soon as the forwarder knows of it.
	return f.in.Subscribe("")
}

// URL returns the address to connect to, with the port that was chosen for
// port 0.
func (f *Forwarder) URL() string { return f.url }

// Options returns options with which this process dials its own forwarder.
func (f *Forwarder) Options() Options {
	o := f.options
	o.URL, o.Bind = f.url, false
	if c := &o.Credentials; c.SecretKey != "" {
		own, _ := c.pair() // Forward has checked it
		c.ServerKey = own.Public.String()
	}
	return o
}

// Passed, Dropped and Refused return how many messages went through, how many
// were lost because a subscriber did not read, and how many connections were not
// let in.
func (f *Forwarder) Passed() uint64  { return f.passed.Load() }
func (f *Forwarder) Dropped() uint64 { return f.dropped.Load() }
func (f *Forwarder) Refused() uint64 { return f.refused.Load() }

// Close stops listening, sends what waits for at most Options.Linger, and ends
// all connections. It is idempotent.
func (f *Forwarder) Close(ctx context.Context) error {
	err := f.in.Close(ctx)
	f.passing.Wait() // what came in is queued to go out
	err = errors.Join(err, f.out.Close(ctx))
	f.tasks.Wait()
	return err
}

func (f *Forwarder) monitor(e zmtp.Event) {
	switch e.What {
	case zmtp.Dropped:
		f.dropped.Add(e.Count)
		f.log.Warn("bus: a subscriber does not keep up", "peer", e.Peer, "dropped", e.Count)
	case zmtp.Refused, zmtp.AcceptFailed:
		f.refused.Add(1)
		f.log.Warn("bus: connection refused", "peer", e.Peer, "error", e.Err)
	case zmtp.Disconnected:
		level := slog.LevelDebug
		if ours := (*fault.Error)(nil); errors.As(e.Err, &ours) {
			level = slog.LevelWarn // it did what it must not, or nothing at all: we ended it
		}
		f.log.Log(context.Background(), level, "bus: peer disconnected", "peer", e.Peer, "type", e.Type, "error", e.Err)
	case zmtp.Connected:
		f.log.Debug("bus: peer connected", "peer", e.Peer, "type", e.Type, "user", e.User)
	case zmtp.Listening:
		f.log.Info("bus: listening", "backend", "zmq", "address", e.Endpoint)
	}
}

// forward passes messages on until Close.
func (f *Forwarder) forward() {
	ctx := context.Background() // ends by Close
	for {
		m, err := f.in.Receive(ctx)
		if err != nil {
			return
		}
		if len(m) < 2 {
			continue // no event, and nothing that we send
		}
		f.passed.Add(1)
		_ = f.out.Send(ctx, m) // fails only when closed, as Receive then does
		f.share(ctx, m)
	}
}

// answer deals with the subscriptions that are questions.
func (f *Forwarder) answer() {
	ctx := context.Background() // ends by Close
	for {
		m, err := f.out.Receive(ctx)
		if err != nil {
			return
		}
		if len(m) != 1 || len(m[0]) == 0 {
			continue
		}
		topic, on := string(m[0][1:]), m[0][0] == 1
		switch {
		case strings.HasPrefix(topic, topicGroup):
			f.join(topic, on)
		case !on:
			if r := receiverOf(f.prefix, topic); r != "" {
				f.options.Departed(r)
			}
		case on && strings.HasPrefix(topic, topicReady):
			_ = f.out.Send(ctx, zmtp.Message{m[0][1:], []byte(readyEcho)})
		case on && strings.HasPrefix(topic, topicCount):
			_ = f.out.Send(ctx, zmtp.Message{m[0][1:], strconv.AppendInt(nil, int64(f.count(topic)), 10)})
		}
	}
}

// count answers a question of the form topicCount, number, ".", topic.
func (f *Forwarder) count(question string) int {
	_, topic, _ := strings.Cut(strings.TrimPrefix(question, topicCount), ".")
	n := f.out.Subscribers(topic)
	subject, err := subjectOf(f.prefix, topic)
	if err != nil {
		return n
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.members {
		if m.filter.Match(subject) {
			n++
		}
	}
	return n
}

// join adds or removes a member. Its topic is topicGroup, number, ".", group,
// ".", filter.
func (f *Forwarder) join(topic string, on bool) {
	parts := strings.SplitN(strings.TrimPrefix(topic, topicGroup), ".", 3)
	if len(parts) != 3 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if on {
		f.members[topic] = &member{topic: topic, group: parts[1], filter: event.Filter(parts[2])}
	} else {
		delete(f.members, topic)
	}
	f.regroup()
}

func (f *Forwarder) regroup() {
	byName := map[string]*group{}
	f.groups = nil
	for _, m := range f.members {
		g := byName[m.group]
		if g == nil {
			g = &group{name: m.group}
			byName[m.group] = g
			f.groups = append(f.groups, g)
		}
		g.members = append(g.members, m)
	}
}

// share gives m to one member of each group that wants it.
func (f *Forwarder) share(ctx context.Context, m zmtp.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.groups) == 0 {
		return
	}
	subject, err := subjectOf(f.prefix, string(m[0]))
	if err != nil {
		return
	}
	for _, g := range f.groups {
		if to := g.next(subject); to != "" {
			_ = f.out.Send(ctx, append(zmtp.Message{[]byte(to)}, m...)) // fails only when closed
		}
	}
}

// next returns the topic of the member whose turn it is among those that want
// the subject.
func (g *group) next(s event.Subject) string {
	for range g.members {
		g.turn = (g.turn + 1) % len(g.members)
		if m := g.members[g.turn]; m.filter.Match(s) {
			return m.topic
		}
	}
	return ""
}
