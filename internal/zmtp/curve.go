package zmtp

import (
	"crypto/rand"
	"encoding/binary"

	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/nacl/secretbox"
)

// Prefixes of nonces (RFC 26). A short nonce is a prefix of 16 bytes and
// a counter, a long one a prefix of 8 bytes and 16 random ones.
const (
	nonceHello    = "CurveZMQHELLO---"
	nonceWelcome  = "WELCOME-"
	nonceCookie   = "COOKIE--"
	nonceInitiate = "CurveZMQINITIATE"
	nonceVouch    = "VOUCH---"
	nonceReady    = "CurveZMQREADY---"
	nonceClient   = "CurveZMQMESSAGEC"
	nonceServer   = "CurveZMQMESSAGES"
)

// Sizes of the handshake commands without their names (RFC 26).
const (
	keySize      = 32
	shortNonce   = 8
	longNonce    = 16
	helloPadding = 72
	helloSize    = 2 + helloPadding + keySize + shortNonce + 64 + box.Overhead
	cookieSize   = longNonce + 2*keySize + secretbox.Overhead
	welcomeSize  = longNonce + keySize + cookieSize + box.Overhead
	vouchSize    = longNonce + 2*keySize + box.Overhead

	// curveOverhead is what encryption adds to a frame.
	curveOverhead = 1 + 7 + shortNonce + 1 + box.Overhead
)

type nonce = [24]byte

func counted(prefix string, n uint64) *nonce {
	var out nonce
	copy(out[:], prefix)
	binary.BigEndian.PutUint64(out[16:], n)
	return &out
}

func long(prefix string, rest []byte) *nonce {
	var out nonce
	copy(out[:], prefix)
	copy(out[8:], rest)
	return &out
}

// random returns n random bytes; since Go 1.24 rand.Read never fails.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// CurveClient returns the client's side of CURVE (RFC 26): own is who we are,
// server the public key of whom we want to talk to. Everything is encrypted.
func CurveClient(own KeyPair, server Key) Mechanism { return curveClient{own, server} }

// CurveServer returns the server's side. Clients with a public key for which
// allow is true are let in; allow is called from many goroutines, and nil
// allows every client that knows our public key.
func CurveServer(own KeyPair, allow func(client Key) bool) Mechanism {
	return curveServer{own, allow}
}

// Keys returns an allow for [CurveServer] that lets these in.
func Keys(list ...Key) func(Key) bool {
	known := make(map[Key]bool, len(list))
	for _, k := range list {
		known[k] = true
	}
	return func(k Key) bool { return known[k] }
}

func publicKey(k Key) *[32]byte { return (*[32]byte)(&k) }

// precompute returns the key that two sides share.
func precompute(theirs, ours Key) *[32]byte {
	var shared [32]byte
	box.Precompute(&shared, publicKey(theirs), publicKey(ours))
	return &shared
}

func errBox(what string) error { return ErrDenied.With("%s cannot be decrypted: wrong key", what) }

// A curveCodec encrypts frames with the keys of one connection. Sealing and
// opening may go on at the same time, each from one goroutine.
type curveCodec struct {
	shared         *[32]byte
	sends, expects string // prefixes of nonces

	sent, seen uint64 // counters of nonces
	plain      []byte // scratch of seal
	slab       []byte // where open puts what it decrypts
}

func (c *curveCodec) seal(dst, batch []byte) []byte {
	for len(batch) > 0 {
		flags, body, rest, ok := cutFrame(batch)
		if !ok {
			return dst // cannot be: a batch is whole frames
		}
		batch = rest
		c.plain = append(append(c.plain[:0], curveFlags(flags)), body...)
		c.sent++
		dst = appendHeader(dst, 0, 1+len(cmdMessage)+shortNonce+len(c.plain)+box.Overhead)
		dst = binary.BigEndian.AppendUint64(appendName(dst, cmdMessage), c.sent)
		dst = box.SealAfterPrecomputation(dst, c.plain, counted(c.sends, c.sent), c.shared)
	}
	return dst
}

// In a CURVE message bit 0 is "more" and bit 1 is "command" (RFC 26).
func curveFlags(flags byte) byte {
	return flags&flagMore | flags&flagCommand>>1
}

func (c *curveCodec) open(_ byte, body []byte) (byte, []byte, error) {
	name, data, err := parseCommand(body)
	if err != nil || name != cmdMessage || len(data) < shortNonce+1+box.Overhead {
		return 0, nil, ErrProtocol.With("not a CURVE message, %d bytes", len(body))
	}
	n := binary.BigEndian.Uint64(data)
	if n <= c.seen {
		return 0, nil, ErrProtocol.With("CURVE nonce %d after %d", n, c.seen)
	}
	size := len(data) - shortNonce - box.Overhead
	if cap(c.slab)-len(c.slab) < size {
		c.slab = make([]byte, 0, max(slabSize, size))
	}
	at := len(c.slab)
	plain, ok := box.OpenAfterPrecomputation(c.slab[at:at], data[shortNonce:], counted(c.expects, n), c.shared)
	if !ok || plain[0]&^3 != 0 {
		return 0, nil, ErrProtocol.With("CURVE message %d cannot be decrypted", n)
	}
	c.seen = n
	c.slab = c.slab[:at+size]
	return plain[0]&flagMore | plain[0]&2<<1, plain[1:size:size], nil
}
