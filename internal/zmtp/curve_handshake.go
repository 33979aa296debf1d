package zmtp

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/nacl/secretbox"
)

type curveClient struct {
	own      KeyPair
	serverID Key
}

func (curveClient) name() string { return "CURVE" }
func (curveClient) server() bool { return false }

func (c curveClient) handshake(w *wire, g greeter) (session, error) {
	short, err := NewKeyPair()
	if err != nil {
		return session{}, err
	}
	if err := w.send(cmdHello, c.hello(short)); err != nil {
		return session{}, err
	}
	data, err := w.receive(cmdWelcome)
	if err != nil {
		return session{}, err
	}
	server, cookie, err := c.readWelcome(data, short)
	if err != nil {
		return session{}, err
	}
	shared := precompute(server, short.Secret)
	if err := w.send(cmdInitiate, c.initiate(short, server, cookie, shared, g.announce())); err != nil {
		return session{}, err
	}
	if data, err = w.receive(cmdReady); err != nil {
		return session{}, err
	}
	codec := &curveCodec{shared: shared, sends: nonceClient, expects: nonceServer, sent: 2}
	plain, err := codec.openReady(data)
	if err != nil {
		return session{}, err
	}
	peer, _, err := g.meet(plain)
	return session{peer: peer, codec: codec, user: c.serverID.String()}, err
}

func (c curveClient) hello(short KeyPair) []byte {
	data := make([]byte, 2+helloPadding, helloSize)
	data[0] = 1 // version 1.0
	data = append(data, short.Public[:]...)
	data = binary.BigEndian.AppendUint64(data, 1)
	return box.Seal(data, make([]byte, 64), counted(nonceHello, 1), publicKey(c.serverID), publicKey(short.Secret))
}

func (c curveClient) readWelcome(data []byte, short KeyPair) (server Key, cookie []byte, err error) {
	if len(data) != welcomeSize {
		return Key{}, nil, ErrProtocol.With("WELCOME of %d bytes", len(data))
	}
	plain, ok := box.Open(nil, data[longNonce:], long(nonceWelcome, data[:longNonce]), publicKey(c.serverID), publicKey(short.Secret))
	if !ok {
		return Key{}, nil, errBox("WELCOME")
	}
	return Key(plain[:keySize]), plain[keySize:], nil
}

func (c curveClient) initiate(short KeyPair, server Key, cookie []byte, shared *[32]byte, metadata []byte) []byte {
	n := random(longNonce)
	vouch := box.Seal(n, append(bytes.Clone(short.Public[:]), c.serverID[:]...), long(nonceVouch, n), publicKey(server), publicKey(c.own.Secret))
	plain := append(append(bytes.Clone(c.own.Public[:]), vouch...), metadata...)
	data := binary.BigEndian.AppendUint64(bytes.Clone(cookie), 2)
	return box.SealAfterPrecomputation(data, plain, counted(nonceInitiate, 2), shared)
}

func (c *curveCodec) openReady(data []byte) ([]byte, error) {
	if len(data) < shortNonce+box.Overhead {
		return nil, ErrProtocol.With("READY of %d bytes", len(data))
	}
	n := binary.BigEndian.Uint64(data)
	plain, ok := box.OpenAfterPrecomputation(nil, data[shortNonce:], counted(nonceReady, n), c.shared)
	if !ok {
		return nil, errBox("READY")
	}
	c.seen = n
	return plain, nil
}

type curveServer struct {
	own   KeyPair
	allow func(Key) bool
}

func (curveServer) name() string { return "CURVE" }
func (curveServer) server() bool { return true }

func (s curveServer) handshake(w *wire, g greeter) (session, error) {
	data, err := w.receive(cmdHello)
	if err != nil {
		return session{}, err
	}
	client, err := s.readHello(data)
	if err != nil {
		return session{}, err
	}
	short, err := NewKeyPair()
	if err != nil {
		return session{}, err
	}
	welcome, cookie := s.welcome(client, short)
	if err := w.send(cmdWelcome, welcome); err != nil {
		return session{}, err
	}
	if data, err = w.receive(cmdInitiate); err != nil {
		return session{}, err
	}
	codec := &curveCodec{shared: precompute(client, short.Secret), sends: nonceServer, expects: nonceClient, sent: 1}
	identity, metadata, err := s.readInitiate(data, codec, cookie, client, short)
	if err != nil {
		return session{}, err
	}
	peer, ours, err := g.meet(metadata)
	if err != nil {
		return session{peer: peer}, err
	}
	ready := box.SealAfterPrecomputation(binary.BigEndian.AppendUint64(nil, 1), ours, counted(nonceReady, 1), codec.shared)
	return session{peer: peer, codec: codec, user: identity.String()}, w.send(cmdReady, ready)
}

func (s curveServer) readHello(data []byte) (client Key, err error) {
	const keyAt = 2 + helloPadding
	const nonceAt = keyAt + keySize
	if len(data) != helloSize || data[0] != 1 {
		return Key{}, ErrProtocol.With("HELLO of %d bytes", len(data))
	}
	client = Key(data[keyAt:nonceAt])
	n := binary.BigEndian.Uint64(data[nonceAt:])
	plain, ok := box.Open(nil, data[nonceAt+shortNonce:], counted(nonceHello, n), publicKey(client), publicKey(s.own.Secret))
	if !ok || !bytes.Equal(plain, make([]byte, 64)) {
		return Key{}, errBox("HELLO")
	}
	return client, nil
}

// welcome makes the WELCOME and returns the cookie in it. We keep the state of
// a handshake ourselves, so that the cookie is only compared, never opened: it
// is sealed with a key that nobody keeps.
func (s curveServer) welcome(client Key, short KeyPair) (data, cookie []byte) {
	n := random(longNonce)
	state := append(bytes.Clone(client[:]), short.Secret[:]...)
	cookie = secretbox.Seal(bytes.Clone(n), state, long(nonceCookie, n), (*[32]byte)(random(keySize)))
	n = random(longNonce)
	plain := append(bytes.Clone(short.Public[:]), cookie...)
	return box.Seal(n, plain, long(nonceWelcome, n), publicKey(client), publicKey(s.own.Secret)), cookie
}

func (s curveServer) readInitiate(data []byte, c *curveCodec, cookie []byte, client Key, short KeyPair) (identity Key, metadata []byte, err error) {
	if len(data) < cookieSize+shortNonce+box.Overhead+keySize+vouchSize || !bytes.Equal(data[:cookieSize], cookie) {
		return Key{}, nil, ErrProtocol.With("INITIATE of %d bytes, or with another cookie", len(data))
	}
	data = data[cookieSize:]
	n := binary.BigEndian.Uint64(data)
	plain, ok := box.OpenAfterPrecomputation(nil, data[shortNonce:], counted(nonceInitiate, n), c.shared)
	if !ok {
		return Key{}, nil, errBox("INITIATE")
	}
	identity = Key(plain[:keySize])
	vouch := plain[keySize : keySize+vouchSize]
	want := append(bytes.Clone(client[:]), s.own.Public[:]...)
	said, ok := box.Open(nil, vouch[longNonce:], long(nonceVouch, vouch[:longNonce]), publicKey(identity), publicKey(short.Secret))
	if !ok || !bytes.Equal(said, want) {
		return Key{}, nil, errBox("the vouch")
	}
	if s.allow != nil && !s.allow(identity) {
		return Key{}, nil, ErrDenied.With("client key %s", identity)
	}
	c.seen = n
	return identity, plain[keySize+vouchSize:], nil
}
