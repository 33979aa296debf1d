package zmqbus

import (
	"crypto/subtle"
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

	// askTimeout bounds a question to the peer when the caller's context does
	// not.
	askTimeout = 5 * time.Second
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

	Queue     int           // messages waiting for one peer; default DefaultQueue
	Bytes     int           // bytes waiting for one peer; default DefaultBytes
	Heartbeat time.Duration // between signs of life; default 5 s, a peer silent for three is lost; negative none
	Linger    time.Duration // Close waits so long for what is queued; default 2 s, negative not at all
	Log       *slog.Logger  // default slog.Default()
}

// Credentials prove who we are. Without any everybody is trusted who can reach
// the address. User and password mean PLAIN, keys mean CURVE; keys are written
// in Z85, as libzmq's curve_keygen prints them.
type Credentials struct {
	User, Password string

	PublicKey, SecretKey string   // ours; required for CURVE
	ServerKey            string   // Dial: the public key of the forwarder
	AllowedKeys          []string // Forward: the public keys of clients; empty lets in all who know ours
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
		Security: security, Policy: policy, SendQueue: o.Queue, SendBytes: o.Bytes, Monitor: monitor,
		Heartbeat: o.Heartbeat, Linger: o.Linger,
		MaxFrame: event.MaxSize + 4<<10, MaxFrames: 8, // an event, and headers of later versions
	}
}

func (c Credentials) client() (zmtp.Mechanism, error) {
	switch {
	case c.SecretKey != "" || c.ServerKey != "":
		own, err := c.pair()
		if err != nil {
			return nil, err
		}
		server, err := zmtp.ParseKey(c.ServerKey)
		if err != nil {
			return nil, bus.ErrDenied.Wrap(err, "server key")
		}
		return zmtp.CurveClient(own, server), nil
	case c.User != "":
		return zmtp.PlainClient(c.User, c.Password)
	}
	return zmtp.Null(), nil
}

func (c Credentials) server() (zmtp.Mechanism, error) {
	switch {
	case c.SecretKey != "":
		own, err := c.pair()
		if err != nil {
			return nil, err
		}
		allow, err := c.allow()
		return zmtp.CurveServer(own, allow), err
	case c.User != "":
		return zmtp.PlainServer(zmtp.OneUser(c.User, c.Password)), nil
	}
	return zmtp.Null(), nil
}

func (c Credentials) pair() (zmtp.KeyPair, error) {
	public, err := zmtp.ParseKey(c.PublicKey)
	if err != nil {
		return zmtp.KeyPair{}, bus.ErrDenied.Wrap(err, "public key")
	}
	secret, err := zmtp.ParseKey(c.SecretKey)
	if err != nil {
		return zmtp.KeyPair{}, bus.ErrDenied.Wrap(err, "secret key")
	}
	return zmtp.KeyPair{Public: public, Secret: secret}, nil
}

// allow returns nil when every client is allowed.
func (c Credentials) allow() (func(zmtp.Key) bool, error) {
	if len(c.AllowedKeys) == 0 {
		return nil, nil
	}
	var keys []zmtp.Key
	for _, text := range c.AllowedKeys {
		k, err := zmtp.ParseKey(text)
		if err != nil {
			return nil, bus.ErrDenied.Wrap(err, "allowed key")
		}
		keys = append(keys, k)
	}
	return func(k zmtp.Key) bool {
		found := 0
		for _, known := range keys { // all are compared, so that time tells nothing
			found |= subtle.ConstantTimeCompare(k[:], known[:])
		}
		return found == 1
	}, nil
}
