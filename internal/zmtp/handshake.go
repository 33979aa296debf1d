package zmtp

import (
	"errors"
	"io"
	"slices"
)

// A party is what one side says of itself in a handshake.
type party struct {
	kind     Type
	identity string
	extra    map[string]string // properties of the application
}

func (p party) properties() properties {
	m := properties{}
	for name, value := range p.extra {
		m[name] = value
	}
	m[propType] = string(p.kind)
	if p.kind.sendsIdentity() {
		m[propIdentity] = p.identity
	}
	return m
}

// A greeter is what a handshake needs to know of our side.
type greeter struct {
	mechanism Mechanism
	first     *party                          // what we say at once; nil when it depends on the peer
	answer    func(peer party) (party, error) // what we say to a peer of this kind
}

// A session is the outcome of a handshake.
type session struct {
	peer  party
	minor byte // of the peer's ZMTP 3
	user  string
	codec codec // nil when frames travel as they are
}

// A codec encrypts what we send and decrypts what we receive.
type codec interface {
	// seal appends the frames of batch, encrypted, to dst.
	seal(dst, batch []byte) []byte
	// open decrypts a frame.
	open(flags byte, body []byte) (byte, []byte, error)
}

// A wire is the connection during the handshake.
type wire struct {
	in  *reader
	out io.Writer
}

func (w *wire) send(name string, data []byte) error {
	_, err := w.out.Write(appendCommand(nil, name, data))
	return err
}

// receive waits for the command called name.
func (w *wire) receive(name string) ([]byte, error) {
	flags, body, err := w.in.next()
	if err != nil {
		return nil, err
	}
	if flags != flagCommand {
		return nil, ErrProtocol.With("a message instead of %s", name)
	}
	got, data, err := parseCommand(body)
	switch {
	case err != nil:
		return nil, err
	case got == cmdError:
		return nil, ErrDenied.With("the peer says %q", parseReason(data))
	case got != name:
		return nil, ErrProtocol.With("command %q instead of %s", got, name)
	}
	return data, nil
}

// handshake greets, authenticates and exchanges metadata. A peer that we turn
// down is told so.
func handshake(w *wire, g greeter) (session, error) {
	limit := w.in.limit
	w.in.limit = maxHandshakeFrame
	defer func() { w.in.limit = limit }()
	if _, err := w.out.Write(greet(g.mechanism.name(), g.mechanism.server())); err != nil {
		return session{}, err
	}
	minor, err := w.greeting(g.mechanism.name())
	if err != nil {
		return session{}, err
	}
	s, err := g.mechanism.handshake(w, g)
	s.minor = minor
	if errors.Is(err, ErrDenied) || errors.Is(err, ErrHandshake) {
		_, _ = w.out.Write(errorCommand(reasonFor(err))) // the connection ends anyway
	}
	return s, err
}

// greeting reads the peer's, and hangs up at the first byte that is wrong.
func (w *wire) greeting(want string) (minor byte, err error) {
	var g []byte
	for _, n := range []int{1, offsetVersion - 1, greetingSize - offsetVersion} {
		part, err := w.in.exactly(n)
		if err != nil {
			return 0, err
		}
		g = append(g, part...)
		if err := checkSignature(g); err != nil {
			return 0, err
		}
	}
	minor, name, err := parseGreeting(g)
	if err == nil && name != want {
		err = ErrHandshake.With("the peer uses mechanism %q, we use %q", name, want)
	}
	return minor, err
}

// reasonFor returns what the peer is told; not more than it must know.
func reasonFor(err error) string {
	if errors.Is(err, ErrDenied) {
		return "400" // ZAP's status for wrong credentials, which libzmq understands
	}
	return "Invalid socket type"
}

// meet judges the peer's metadata and returns ours.
func (g greeter) meet(data []byte) (peer party, ours []byte, err error) {
	p, err := parseProperties(data)
	if err != nil {
		return party{}, nil, err
	}
	peer = party{kind: Type(p.get(propType)), identity: p.get(propIdentity), extra: p}
	if len(peer.identity) > maxIdentity {
		return party{}, nil, ErrTooLarge.With("identity of %d bytes, limit %d", len(peer.identity), maxIdentity)
	}
	mine, err := g.answer(peer)
	if err != nil {
		return peer, nil, err
	}
	return peer, mine.properties().appendTo(nil), nil
}

// announce returns what we say before we know the peer.
func (g greeter) announce() []byte {
	return g.first.properties().appendTo(nil)
}

// compatible reports whether sockets of types a and b can talk (RFC 23, 28-31).
func compatible(a, b Type) bool {
	switch a {
	case PUB, XPUB:
		return b == SUB || b == XSUB
	case SUB, XSUB:
		return b == PUB || b == XPUB
	case REQ:
		return b == REP || b == ROUTER
	case REP:
		return b == REQ || b == DEALER
	case DEALER:
		return slices.Contains([]Type{REP, DEALER, ROUTER}, b)
	case ROUTER:
		return slices.Contains([]Type{REQ, DEALER, ROUTER}, b)
	}
	return false
}
