package zmtp

import (
	"encoding/binary"
	"time"
)

// Names of commands (RFC 37, and RFC 24 and 26 for the handshakes).
const (
	cmdReady     = "READY"
	cmdError     = "ERROR"
	cmdHello     = "HELLO"
	cmdWelcome   = "WELCOME"
	cmdInitiate  = "INITIATE"
	cmdSubscribe = "SUBSCRIBE"
	cmdCancel    = "CANCEL"
	cmdPing      = "PING"
	cmdPong      = "PONG"
	cmdMessage   = "MESSAGE" // CURVE: an encrypted frame
)

// maxContext is the longest context of a PING (RFC 37).
const maxContext = 16

// ttlUnit is the unit of a PING's TTL (RFC 37).
const ttlUnit = 100 * time.Millisecond

// appendCommand appends a command frame to dst.
func appendCommand(dst []byte, name string, data []byte) []byte {
	dst = appendHeader(dst, flagCommand, 1+len(name)+len(data))
	return append(appendName(dst, name), data...)
}

func appendName(dst []byte, name string) []byte {
	return append(append(dst, byte(len(name))), name...)
}

// maxTTL is the longest TTL that we send. libzmq 4.3 multiplies it by a hundred in
// 16 bits: from three minutes it makes 49 seconds, and hangs up.
const maxTTL = (1<<16 - 1) / 100 * ttlUnit

// parseCommand splits the body of a command frame.
func parseCommand(body []byte) (name string, data []byte, err error) {
	if len(body) == 0 || int(body[0]) > len(body)-1 || body[0] == 0 {
		return "", nil, ErrProtocol.With("command without a name, %d bytes", len(body))
	}
	n := 1 + int(body[0])
	return string(body[1:n]), body[n:], nil
}

// ping returns the frame of a PING. The TTL is rounded up to tenths of seconds;
// one above maxTTL is left out, for a shorter one might end before our next PING.
func ping(ttl time.Duration) []byte {
	if ttl > maxTTL {
		ttl = 0
	}
	tenths := (ttl + ttlUnit - 1) / ttlUnit
	return appendCommand(nil, cmdPing, binary.BigEndian.AppendUint16(nil, uint16(tenths)))
}

func parsePing(data []byte) (ttl time.Duration, context []byte, err error) {
	if len(data) < 2 || len(data) > 2+maxContext {
		return 0, nil, ErrProtocol.With("PING of %d bytes", len(data))
	}
	return time.Duration(binary.BigEndian.Uint16(data)) * ttlUnit, data[2:], nil
}

// parseReason reads the text of an ERROR command.
func parseReason(data []byte) string {
	if len(data) == 0 || int(data[0]) > len(data)-1 {
		return "no reason given"
	}
	return string(data[1 : 1+int(data[0])])
}

// errorCommand returns the frame of an ERROR.
func errorCommand(reason string) []byte {
	reason = reason[:min(len(reason), shortMost)]
	return appendCommand(nil, cmdError, appendName(nil, reason))
}
