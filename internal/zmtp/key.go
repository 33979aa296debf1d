package zmtp

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"golang.org/x/crypto/nacl/box"
)

// A Key is a Curve25519 key, public or secret. Its text is Z85 (RFC 32), the
// form that libzmq and curve_keygen use: 40 characters.
type Key [32]byte

// A KeyPair is what a side of CURVE proves its identity with.
type KeyPair struct{ Public, Secret Key }

// NewKeyPair returns a new random pair.
func NewKeyPair() (KeyPair, error) {
	public, secret, err := box.GenerateKey(rand.Reader)
	if err != nil {
		return KeyPair{}, err
	}
	return KeyPair{Key(*public), Key(*secret)}, nil
}

const z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

// keyText is the length of a key in Z85: five characters for four bytes.
const keyText = len(Key{}) / 4 * 5

// String returns the key in Z85. Take care where secret keys are printed.
func (k Key) String() string {
	var out strings.Builder
	for i := 0; i < len(k); i += 4 {
		n := binary.BigEndian.Uint32(k[i:])
		for _, div := range [...]uint32{85 * 85 * 85 * 85, 85 * 85 * 85, 85 * 85, 85, 1} {
			out.WriteByte(z85[n/div%85])
		}
	}
	return out.String()
}

// ParseKey reads a key in Z85. Its error never holds the text.
func ParseKey(text string) (Key, error) {
	var k Key
	if len(text) != keyText {
		return k, ErrUsage.With("a key has %d characters (Z85), not %d", keyText, len(text))
	}
	for i := 0; i < keyText; i += 5 {
		var n uint64
		for j := i; j < i+5; j++ {
			digit := strings.IndexByte(z85, text[j])
			if digit < 0 {
				return Key{}, ErrUsage.With("character %d of a key is not Z85", j+1)
			}
			n = n*85 + uint64(digit)
		}
		if n > math.MaxUint32 {
			return Key{}, ErrUsage.With("characters %d to %d of a key are not Z85", i+1, i+5)
		}
		binary.BigEndian.PutUint32(k[i/5*4:], uint32(n))
	}
	return k, nil
}

// Format keeps secret keys out of logs: only %s and %v of a public key print it.
func (p KeyPair) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "{public %s}", p.Public) }
