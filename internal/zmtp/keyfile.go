package zmtp

import (
	"crypto/ecdh"
	"strings"
)

// PublicOf returns the public key that belongs to a secret one.
func PublicOf(secret Key) Key {
	k, err := ecdh.X25519().NewPrivateKey(secret[:])
	if err != nil {
		return Key{} // cannot be: every 32 bytes are a secret key
	}
	return Key(k.PublicKey().Bytes())
}

// ParsePublicKey and ParseSecretKey read a key from the text of a file: the key
// alone, what curve_keygen prints, or a certificate of czmq or pyzmq. Their
// errors never hold the text.
func ParsePublicKey(text string) (Key, error) { return parseKeyFile(text, "public") }

// ParseSecretKey is ParsePublicKey for the secret key.
func ParseSecretKey(text string) (Key, error) { return parseKeyFile(text, "secret") }

func parseKeyFile(text, which string) (Key, error) {
	text = strings.TrimSpace(text)
	if len(text) == keyText {
		return ParseKey(text)
	}
	heading := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch name, value, ok := strings.Cut(line, "="); {
		case strings.HasPrefix(line, "=="):
			heading = strings.Contains(strings.ToLower(line), which+" key")
		case heading && len(line) == keyText:
			return ParseKey(line)
		case ok && strings.TrimSpace(name) == which+"-key":
			return ParseKey(strings.Trim(strings.TrimSpace(value), `"`))
		}
	}
	return Key{}, ErrUsage.With("no %s key in %d bytes: want %d characters (Z85), or a file by curve_keygen, czmq or pyzmq", which, len(text), keyText)
}
