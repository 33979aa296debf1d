package zmqbus

import (
	"log/slog"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// Defaults of [Options].
const (
	// DefaultPrefix begins every subject on the wire.
	DefaultPrefix = "onex.events"

	// DefaultWait is how long Dial waits for somebody at the address.
	DefaultWait = 5 * time.Second

	// DefaultQueue and DefaultBytes bound what waits for one peer. A forwarder's
	// subscriber that is behind by more loses the oldest; a publisher waits.
	DefaultQueue = 65_536
	DefaultBytes = 64 << 20

	// MaxFrame bounds a received message: an event, and headers of later
	// versions.
	MaxFrame = event.MaxSize + 4<<10

	// maxFrames bounds the frames of a received message; there are two to four.
	maxFrames = 8

	// askTimeout bounds a question to the peer when the caller's context does
	// not.
	askTimeout = 5 * time.Second

	// firstConfirm and lastConfirm bound the wait for the answer to a question that may
	// have been lost with a connection, until it is asked again.
	firstConfirm = time.Second
	lastConfirm  = time.Minute
)

// Options say where the bus is and how to behave on it.
type Options struct {
	URL         string // zmq+tcp://host:port, zmq+ipc:///path or zmq+ipc://@name; required
	Prefix      string // of subjects; default DefaultPrefix
	Credentials Credentials

	// Wait is how long Dial waits for the peer; default DefaultWait. Negative
	// means not at all: the peer may come later, and until then Publish and
	// Subscribe return bus.ErrUnavailable.
	Wait time.Duration

	// Retry is how long Publish waits for a lost connection to return, trying
	// it again with growing, random pauses, before it returns
	// bus.ErrUnavailable; default not at all.
	Retry time.Duration

	// Plain publishes messages of two frames, subject and event, for foreign
	// programs that insist on it. Gaps in what we publish are then not counted.
	Plain bool

	// Unconfirmed lets Subscribe return without the peer's confirmation when it
	// is a foreign program that gives none within a tenth of a second.
	// Events published before the subscription has reached it are lost.
	Unconfirmed bool

	// Bind makes Dial listen on the address instead of connecting to it: a
	// [Forwarder] in this process, for as long as the bus is open. Others connect.
	Bind bool

	Queue        int         // messages waiting for one peer; default DefaultQueue
	Bytes        int         // bytes waiting for one peer; default DefaultBytes
	Policy       zmtp.Policy // of a forwarder, when a subscriber's queue is full; default drop_oldest. Block is unsupported: one would stop all
	ReceiveQueue int         // messages received from one peer and not taken; then reading stops; default 1000
	ReceiveBytes int         // bytes likewise; default 16 MiB
	MaxFrame     int         // bytes of a received message; default MaxFrame
	Connections  int         // of a forwarder, at a time; default 16384

	Heartbeat        time.Duration // between signs of life; default 5 s, negative none
	HeartbeatTimeout time.Duration // a peer silent for so long is lost; default three heartbeats, negative never
	HeartbeatTTL     time.Duration // a peer may take us for lost after so long; default HeartbeatTimeout
	Handshake        time.Duration // until a peer must have introduced itself; default 10 s
	ReconnectMin     time.Duration // bound of the first pause before connecting again; default 20 ms
	ReconnectMax     time.Duration // the bound doubles up to this; default 2 s
	Linger           time.Duration // Close waits so long for what is queued; default 2 s, negative not at all

	// Departed is called by a forwarder when the last one that listened to what is
	// directed to receiver does so no more: its connection ended, or it left. It
	// must not block. Default nobody.
	Departed func(receiver string)

	Log *slog.Logger // default slog.Default()
}

func (o Options) complete() (Options, error) {
	if o.Prefix == "" {
		o.Prefix = DefaultPrefix
	}
	if _, err := event.ParseFilter(o.Prefix); err != nil || strings.ContainsAny(o.Prefix, "*>") {
		return o, bus.ErrAddress.With("prefix %q", o.Prefix)
	}
	if o.Wait == 0 {
		o.Wait = DefaultWait
	}
	if o.Queue == 0 {
		o.Queue = DefaultQueue
	}
	if o.Bytes == 0 {
		o.Bytes = DefaultBytes
	}
	if o.Policy == "" {
		o.Policy = zmtp.DropOldest
	}
	if o.Policy == zmtp.Block {
		return o, bus.ErrUnsupported.With("policy %s: one subscriber that does not read would stop everybody", o.Policy)
	}
	if o.MaxFrame == 0 {
		o.MaxFrame = MaxFrame
	}
	if o.Departed == nil {
		o.Departed = func(string) {}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o, nil
}

// endpoint returns the address as ZeroMQ writes it.
func (o Options) endpoint() (string, error) {
	where, ok := strings.CutPrefix(o.URL, "zmq+")
	if !ok {
		return "", bus.ErrAddress.With("%q: want zmq+tcp://host:port or zmq+ipc:///path", o.URL)
	}
	return where, nil
}

// socket returns the settings of a socket.
func (o Options) socket(security zmtp.Mechanism, policy zmtp.Policy, monitor func(zmtp.Event)) *zmtp.Options {
	return &zmtp.Options{
		Security: security, Monitor: monitor,
		SendQueue: o.Queue, SendBytes: o.Bytes, Policy: policy, ReceiveQueue: o.ReceiveQueue, ReceiveBytes: o.ReceiveBytes,
		MaxFrame: o.MaxFrame, MaxFrames: maxFrames, Peers: o.Connections,
		Heartbeat: o.Heartbeat, Silence: o.HeartbeatTimeout, TTL: o.HeartbeatTTL, Handshake: o.Handshake,
		FirstPause: o.ReconnectMin, LastPause: o.ReconnectMax, Linger: o.Linger,
	}
}
