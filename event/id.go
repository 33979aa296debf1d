package event

import (
	"encoding/binary"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// An ID is a UUID that names an event, a correlation or a lease. The zero ID
// means none; it is omitted from JSON by omitzero.
type ID [16]byte

// lastID is the time part of the newest ID of this process, in units of
// 1/4096 ms. It is the one variable of this package that changes: without it
// two IDs made within one clock tick would have no order.
var lastID atomic.Uint64

// NewID returns a UUIDv7 (RFC 9562, method 3: twelve bits of sub-millisecond
// time) that is greater than every ID this process made before. It is unique,
// not secret.
func NewID() ID {
	t := nextTick(time.Now())
	ms, sub, random := t>>12, t&0xfff, rand.Uint64()
	return ID{
		byte(ms >> 40), byte(ms >> 32), byte(ms >> 24), byte(ms >> 16), byte(ms >> 8), byte(ms),
		0x70 | byte(sub>>8), byte(sub),
		0x80 | byte(random>>56)&0x3f, byte(random >> 48), byte(random >> 40), byte(random >> 32),
		byte(random >> 24), byte(random >> 16), byte(random >> 8), byte(random),
	}
}

// nextTick returns now in ticks of 1/4096 ms, or the tick after the last one
// given when the clock has not moved on (or has moved back).
func nextTick(now time.Time) uint64 {
	ns := uint64(now.UnixNano())
	tick := ns/1e6<<12 | ns%1e6<<12/1e6
	for {
		last := lastID.Load()
		next := max(tick, last+1)
		if lastID.CompareAndSwap(last, next) {
			return next
		}
	}
}

// ParseID reads the canonical text of a UUID, 36 characters with hyphens; hex
// digits may be upper case.
func ParseID(s string) (ID, error) {
	id, ok := parseID(s)
	if !ok {
		return ID{}, ErrInvalidID.With("%q", clip(s))
	}
	return id, nil
}

func parseID[T string | []byte](s T) (id ID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, false
	}
	for i, at := range [...]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		hi, lo := unhex(s[at]), unhex(s[at+1])
		if hi > 15 || lo > 15 {
			return ID{}, false
		}
		id[i] = hi<<4 | lo
	}
	return id, true
}

// unhex returns the value of a hex digit, or 255.
func unhex(c byte) byte { return hexValues[c] - 1 }

// hexValues has the value of each hex digit, plus one.
var hexValues = [256]byte{
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'a': 11, 'b': 12, 'c': 13, 'd': 14, 'e': 15, 'f': 16,
	'A': 11, 'B': 12, 'C': 13, 'D': 14, 'E': 15, 'F': 16,
}

// IsZero reports whether id is none.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the canonical text of id, also of the zero ID.
func (id ID) String() string { return string(id.append(nil)) }

// append appends the canonical text of id.
func (id ID) append(dst []byte) []byte {
	dst = append(dst, zeroID...)
	id.put(dst[len(dst)-len(zeroID):])
	return dst
}

// put writes the canonical text of id, without its hyphens, over that of
// another one.
func (id *ID) put(text []byte) {
	_ = text[:len(zeroID)]
	second, third := hex8(binary.BigEndian.Uint32(id[4:])), hex8(binary.BigEndian.Uint32(id[8:]))
	binary.BigEndian.PutUint64(text[0:], hex8(binary.BigEndian.Uint32(id[0:])))
	binary.BigEndian.PutUint32(text[9:], uint32(second>>32))
	binary.BigEndian.PutUint32(text[14:], uint32(second))
	binary.BigEndian.PutUint32(text[19:], uint32(third>>32))
	binary.BigEndian.PutUint32(text[24:], uint32(third))
	binary.BigEndian.PutUint64(text[28:], hex8(binary.BigEndian.Uint32(id[12:])))
}

// hex8 returns the eight hex digits of v, the first one highest: it spreads the
// half bytes over a word and makes digits of all at once.
func hex8(v uint32) uint64 {
	x := uint64(v)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	letters := (x + ones*6) >> 4 & ones // 1 where the digit is beyond 9
	return x + ones*'0' + letters*('a'-'0'-10)
}

// MarshalText returns the canonical text, and nothing for the zero ID.
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return []byte{}, nil
	}
	return id.append(nil), nil
}

// UnmarshalText reads what MarshalText writes.
func (id *ID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID{}
		return nil
	}
	read, err := ParseID(string(text))
	if err == nil {
		*id = read
	}
	return err
}
