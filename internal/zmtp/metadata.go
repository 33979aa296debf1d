package zmtp

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

// Names of properties (RFC 23).
const (
	propType     = "Socket-Type"
	propIdentity = "Identity"
)

// Bounds of a handshake. Real ones have two or three short properties.
const (
	maxProperties     = 32
	maxHandshakeFrame = 8 << 10
	maxIdentity       = 255 // RFC 23
)

// properties are the metadata that peers exchange when they meet. Names are
// compared without case and kept in lower case.
type properties map[string]string

func (p properties) get(name string) string { return p[strings.ToLower(name)] }

// appendTo appends the wire form of p, sorted by name.
func (p properties) appendTo(dst []byte) []byte {
	for _, name := range slices.Sorted(maps.Keys(p)) {
		dst = appendName(dst, name)
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(p[name])))
		dst = append(dst, p[name]...)
	}
	return dst
}

func parseProperties(data []byte) (properties, error) {
	p := properties{}
	for len(data) > 0 {
		n := int(data[0])
		if n == 0 || len(data) < 1+n+4 {
			return nil, ErrProtocol.With("truncated name of a property")
		}
		name := strings.ToLower(string(data[1 : 1+n]))
		size := binary.BigEndian.Uint32(data[1+n:])
		data = data[1+n+4:]
		if uint64(size) > uint64(len(data)) {
			return nil, ErrProtocol.With("property %q of %d bytes, %d left", name, size, len(data))
		}
		p[name] = string(data[:size])
		data = data[size:]
		if len(p) > maxProperties {
			return nil, ErrTooLarge.With("more than %d properties", maxProperties)
		}
	}
	return p, nil
}
