package zmtp

import "bytes"

// The greeting (RFC 37): signature 10, version 2, mechanism 20, as-server 1,
// filler 31.
const (
	greetingSize  = 64
	versionMajor  = 3
	versionMinor  = 1
	offsetVersion = 10
	offsetName    = 12
	offsetServer  = 32
)

func greet(mechanism string, server bool) []byte {
	g := make([]byte, greetingSize)
	g[0], g[9] = 0xff, 0x7f
	g[offsetVersion], g[offsetVersion+1] = versionMajor, versionMinor
	copy(g[offsetName:offsetServer], mechanism)
	if server {
		g[offsetServer] = 1
	}
	return g
}

// parseGreeting returns the minor version and the mechanism of a peer.
func parseGreeting(g []byte) (minor byte, mechanism string, err error) {
	if err := checkSignature(g); err != nil {
		return 0, "", err
	}
	if g[offsetVersion] < versionMajor {
		return 0, "", ErrProtocol.With("version %d.%d, want 3.0 or later", g[offsetVersion], g[offsetVersion+1])
	}
	minor = g[offsetVersion+1]
	if g[offsetVersion] > versionMajor {
		minor = versionMinor // a newer peer speaks to us as we do
	}
	name, _, _ := bytes.Cut(g[offsetName:offsetServer], []byte{0})
	return minor, string(name), nil
}

// checkSignature looks at the first ten bytes, or as many as there are.
func checkSignature(g []byte) error {
	if len(g) > 0 && g[0] != 0xff || len(g) > 9 && g[9]&1 == 0 {
		return ErrProtocol.With("signature % x", g[:min(len(g), 10)])
	}
	return nil
}
