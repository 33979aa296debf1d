package zmtp

import (
	"time"
)

// Type is the type of a socket, as RFC 23 spells it.
type Type string

// The types.
const (
	PUB    Type = "PUB"    // sends to whoever subscribed; receives nothing
	SUB    Type = "SUB"    // receives what it subscribed to; sends nothing
	XPUB   Type = "XPUB"   // PUB that receives subscriptions as messages: 1 or 0, then the topic
	XSUB   Type = "XSUB"   // SUB that may also send
	REQ    Type = "REQ"    // sends one request, receives its reply, and so on
	REP    Type = "REP"    // receives one request, sends its reply, and so on
	DEALER Type = "DEALER" // sends to its peers in turn, receives from all
	ROUTER Type = "ROUTER" // receives with the sender's identity as first frame, sends to the peer named by it
)

func (t Type) sendsIdentity() bool { return t == REQ || t == DEALER || t == ROUTER }

// Policy says what happens to a message for a peer whose queue is full.
type Policy string

// The policies.
const (
	DropNewest Policy = "drop_newest" // the message is dropped, for this peer
	DropOldest Policy = "drop_oldest" // the peer's oldest message is dropped
	Block      Policy = "block"       // Send waits until its context ends
	Disconnect Policy = "disconnect"  // the peer is disconnected; it will find a gap, not a delay
)

// Defaults and bounds of [Options].
const (
	DefaultQueue      = 1000     // messages, as libzmq's high-water mark
	DefaultBytes      = 16 << 20 // bytes
	DefaultMaxFrame   = 16 << 20
	DefaultMaxFrames  = 64 // real messages have three or four
	DefaultPeers      = 16_384
	DefaultHandshake  = 10 * time.Second
	DefaultHeartbeat  = 5 * time.Second
	DefaultFirstPause = 20 * time.Millisecond
	DefaultLastPause  = 2 * time.Second
	DefaultLinger     = 2 * time.Second

	// DefaultHandshakes is how many connections of one listener may be
	// shaking hands. One more pushes out the oldest, so that silent clients keep
	// nobody waiting: an honest one needs a millisecond.
	DefaultHandshakes = 256
)

// Options are the settings of a socket. The zero value is usable.
type Options struct {
	Security Mechanism         // default Null()
	Identity string            // of a REQ, DEALER or ROUTER: what ROUTER peers know it by; at most 255 bytes
	Metadata map[string]string // properties for the peer to see; names begin with "X-"

	SendQueue    int    // messages waiting for one peer; default DefaultQueue
	SendBytes    int    // bytes waiting for one peer; default DefaultBytes
	Policy       Policy // when either is reached; default DropNewest. Other types than PUB and XPUB know only Block
	ReceiveQueue int    // messages received from one peer and not taken; then reading stops. Default DefaultQueue
	ReceiveBytes int    // bytes likewise; default DefaultBytes
	MaxFrame     int    // bytes of a received frame and of a whole message; default DefaultMaxFrame
	MaxFrames    int    // frames of a received message; default DefaultMaxFrames

	Peers      int           // connections at a time; default DefaultPeers
	Handshakes int           // unfinished handshakes of one listener; default DefaultHandshakes
	Handshake  time.Duration // until a handshake must be done; default DefaultHandshake

	Heartbeat  time.Duration // between PINGs; default DefaultHeartbeat, negative none
	Silence    time.Duration // a peer that says nothing for so long is disconnected; default three heartbeats, negative never
	TTL        time.Duration // what our PINGs tell the peer: how long we may be silent; default Silence; negative or above 65.5 s for ever
	FirstPause time.Duration // bound of the pause before the first reconnection; default DefaultFirstPause
	LastPause  time.Duration // the bound doubles up to this; default DefaultLastPause
	Linger     time.Duration // Close waits so long for queues to empty; default DefaultLinger, negative not at all

	Verbose bool // XPUB: receive every subscription, not only the first of a topic

	// Monitor is called with what happens, from the goroutines of the engine: it
	// must not wait and not call the socket.
	Monitor func(Event)
}

// complete returns o with the defaults filled in.
func (o *Options) complete(t Type) (*Options, error) {
	var c Options
	if o != nil {
		c = *o
	}
	policy := Block
	if t == PUB || t == XPUB {
		policy = DropNewest
	}
	setDefault(&c.Policy, policy)
	setDefault(&c.SendQueue, DefaultQueue)
	setDefault(&c.SendBytes, DefaultBytes)
	setDefault(&c.ReceiveQueue, DefaultQueue)
	setDefault(&c.ReceiveBytes, DefaultBytes)
	setDefault(&c.MaxFrame, DefaultMaxFrame)
	setDefault(&c.MaxFrames, DefaultMaxFrames)
	setDefault(&c.Peers, DefaultPeers)
	setDefault(&c.Handshakes, DefaultHandshakes)
	setDefault(&c.Handshake, DefaultHandshake)
	setDefault(&c.Heartbeat, DefaultHeartbeat)
	setDefault(&c.FirstPause, DefaultFirstPause)
	setDefault(&c.LastPause, DefaultLastPause)
	setDefault(&c.Linger, DefaultLinger)
	if c.Heartbeat > 0 {
		setDefault(&c.Silence, 3*c.Heartbeat)
	}
	setDefault(&c.TTL, c.Silence)
	if c.Security == nil {
		c.Security = Null()
	}
	if c.Monitor == nil {
		c.Monitor = func(Event) {}
	}
	if c.Policy != Block && policy == Block {
		return nil, ErrUsage.With("policy %q: a %s socket knows only %s", c.Policy, t, Block)
	}
	return &c, c.check()
}

func (o *Options) check() error {
	switch o.Policy {
	case DropNewest, DropOldest, Block, Disconnect:
	default:
		return ErrUsage.With("policy %q: want %s, %s, %s or %s", o.Policy, DropNewest, DropOldest, Block, Disconnect)
	}
	if len(o.Identity) > maxIdentity || len(o.Identity) > 0 && o.Identity[0] == 0 {
		return ErrUsage.With("identity %q: at most %d bytes, not beginning with 0", o.Identity, maxIdentity)
	}
	for _, n := range []int{o.SendQueue, o.SendBytes, o.ReceiveQueue, o.ReceiveBytes, o.MaxFrame, o.MaxFrames, o.Peers, o.Handshakes} {
		if n < 0 {
			return ErrUsage.With("a bound of %d", n)
		}
	}
	return nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
