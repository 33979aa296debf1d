package zmtp

import "crypto/subtle"

// A Mechanism authenticates peers and may encrypt what they say. It is one of
// [Null], [PlainClient], [PlainServer], [CurveClient] and [CurveServer]. Which
// side is the server does not depend on who binds.
type Mechanism interface {
	name() string
	server() bool
	handshake(w *wire, g greeter) (session, error)
}

// Null returns the mechanism that trusts everybody (RFC 23). It is the default.
func Null() Mechanism { return null{} }

type null struct{}

func (null) name() string { return "NULL" }
func (null) server() bool { return false }

// handshake sends READY at once, or, where our answer depends on the peer,
// after the peer's. The side that connects always speaks at once.
func (null) handshake(w *wire, g greeter) (session, error) {
	if g.first != nil {
		if err := w.send(cmdReady, g.announce()); err != nil {
			return session{}, err
		}
	}
	data, err := w.receive(cmdReady)
	if err != nil {
		return session{}, err
	}
	peer, ours, err := g.meet(data)
	if err == nil && g.first == nil {
		err = w.send(cmdReady, ours)
	}
	return session{peer: peer}, err
}

// PlainClient returns the client's side of PLAIN (RFC 24): user and password of
// at most 255 bytes each, readable by everybody on the way.
func PlainClient(user, password string) (Mechanism, error) {
	if len(user) > shortMost || len(password) > shortMost {
		return nil, ErrUsage.With("user and password of PLAIN have at most %d bytes", shortMost)
	}
	return plainClient{user, password}, nil
}

// PlainServer returns the server's side of PLAIN. Every peer is asked for user
// and password; check says whether they are good. It is called from many
// goroutines.
func PlainServer(check func(user, password string) bool) Mechanism { return plainServer{check} }

// OneUser returns a check for [PlainServer] that knows one user.
func OneUser(user, password string) func(user, password string) bool {
	return func(u, p string) bool {
		// Both are compared, in constant time, so that time tells nothing.
		a := subtle.ConstantTimeCompare([]byte(u), []byte(user))
		b := subtle.ConstantTimeCompare([]byte(p), []byte(password))
		return a&b == 1
	}
}

type plainClient struct{ user, password string }

func (plainClient) name() string { return "PLAIN" }
func (plainClient) server() bool { return false }

func (c plainClient) handshake(w *wire, g greeter) (session, error) {
	if err := w.send(cmdHello, appendName(appendName(nil, c.user), c.password)); err != nil {
		return session{}, err
	}
	if _, err := w.receive(cmdWelcome); err != nil {
		return session{}, err
	}
	if err := w.send(cmdInitiate, g.announce()); err != nil {
		return session{}, err
	}
	data, err := w.receive(cmdReady)
	if err != nil {
		return session{}, err
	}
	peer, _, err := g.meet(data)
	return session{peer: peer}, err
}

type plainServer struct {
	check func(user, password string) bool
}

func (plainServer) name() string { return "PLAIN" }
func (plainServer) server() bool { return true }

func (s plainServer) handshake(w *wire, g greeter) (session, error) {
	data, err := w.receive(cmdHello)
	if err != nil {
		return session{}, err
	}
	user, password, err := parseHello(data)
	if err != nil {
		return session{}, err
	}
	if !s.check(user, password) {
		return session{}, ErrDenied.With("user %q", user)
	}
	if err := w.send(cmdWelcome, nil); err != nil {
		return session{}, err
	}
	if data, err = w.receive(cmdInitiate); err != nil {
		return session{}, err
	}
	peer, ours, err := g.meet(data)
	if err != nil {
		return session{peer: peer}, err
	}
	return session{peer: peer, user: user}, w.send(cmdReady, ours)
}

func parseHello(data []byte) (user, password string, err error) {
	user, rest, ok := cutName(data)
	password, rest, ok2 := cutName(rest)
	if !ok || !ok2 || len(rest) > 0 {
		return "", "", ErrProtocol.With("HELLO of %d bytes", len(data))
	}
	return user, password, nil
}

func cutName(data []byte) (name string, rest []byte, ok bool) {
	if len(data) == 0 || int(data[0]) > len(data)-1 {
		return "", nil, false
	}
	n := 1 + int(data[0])
	return string(data[1:n]), data[n:], true
}
